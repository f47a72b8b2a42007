/* SPDX-License-Identifier: Apache-2.0 */
/* Processes as people see them: who this one is, and how another one seems to be. Never a proof of death. APR says
 * little of this; where there is /proc, it says the rest. */
#include <apr_signal.h>
#include <apr_thread_proc.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if APR_HAVE_UNISTD_H
#include <unistd.h>
#else
#include <process.h>
#endif

#include "apr/apr_internal.h"
#include "common/proc.h"

static long own_pid(void)
{
    return (long)getpid(); /* APR has no word for it */
}

void sr__apr_self(sr__self_t *self)
{
    sr__proc_t process;
    char name[64];

    memset(self, 0, sizeof *self);
    self->pid = (uint64_t)own_pid();
    self->pid_namespace = sr__proc_namespace();
    if (sr__proc_look(self->pid, &process))
        self->start_time = process.start_time;
#ifndef WIN32
    self->uid = (uint64_t)sr__apr_user_own();
#endif
    (void)sr__proc_text("/proc/self/comm", name, sizeof name);
    name[strcspn(name, "\n")] = '\0';
    snprintf(self->name, sizeof self->name, "%.*s", SLOTRING_CLIENT_NAME_MAX, *name ? name : "?");
}

static uint32_t ask_system(long pid)
{
    apr_proc_t process;

    memset(&process, 0, sizeof process);
    process.pid = (pid_t)pid;
#ifdef ESRCH
    if (apr_proc_kill(&process, 0) == ESRCH)
        return SLOTRING_LIFE_DEAD;
#endif
    return SLOTRING_LIFE_UNKNOWN;
}

uint32_t sr__apr_life(uint64_t pid, uint64_t pid_namespace, uint64_t start_time)
{
    sr__proc_t process;

    if (pid == 0 || pid > INT_MAX || pid_namespace != sr__proc_namespace())
        return SLOTRING_LIFE_UNKNOWN;
    return sr__proc_look(pid, &process) ? sr__proc_life(&process, pid, start_time) : ask_system((long)pid);
}

uint32_t sr__apr_threads(void)
{
    sr__proc_t process;

    return sr__proc_look((uint64_t)own_pid(), &process) && process.threads > 0 ? (uint32_t)process.threads
                                                                               : 0;
}

void sr__apr_boot_id(uint8_t id[16])
{
    sr__proc_boot_id(id);
}
