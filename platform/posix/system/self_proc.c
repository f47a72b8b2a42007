/* SPDX-License-Identifier: Apache-2.0 */
/* Processes as people see them: who this one is, and how another one seems to be. Never a proof of death. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/proc.h"
#include "posix/posix_internal.h"

#define COMM_MAX 15 /* bytes of a name that the kernel keeps */

static void own_name(char *name, size_t size)
{
    char comm[64] = "";

    if (sr__proc_text("/proc/self/comm", comm, sizeof comm))
        comm[strcspn(comm, "\n")] = '\0';
    /* The kernel cuts names; the program's own is longer, unless it was renamed since. */
    bool cut = strlen(comm) == COMM_MAX && strncmp(comm, program_invocation_short_name, COMM_MAX) == 0;
    const char *best = *comm && !cut ? comm : program_invocation_short_name;
    size_t length = strnlen(best, size - 1);
    memcpy(name, best, length);
    name[length] = '\0';
}

void sr__posix_self(sr__self_t *self)
{
    sr__proc_t process;

    memset(self, 0, sizeof *self);
    self->pid = (uint64_t)getpid();
    self->pid_namespace = sr__proc_namespace();
    if (sr__proc_look(self->pid, &process))
        self->start_time = process.start_time;
    self->uid = (uint64_t)geteuid();
    own_name(self->name, sizeof self->name);
}

uint32_t sr__posix_life(uint64_t pid, uint64_t pid_namespace, uint64_t start_time)
{
    sr__proc_t process;

    if (pid == 0 || pid > INT_MAX || pid_namespace != sr__proc_namespace())
        return SLOTRING_LIFE_UNKNOWN;
    if (sr__proc_look(pid, &process))
        return sr__proc_life(&process, pid, start_time);
    return kill((pid_t)pid, 0) != 0 && errno == ESRCH ? SLOTRING_LIFE_DEAD : SLOTRING_LIFE_UNKNOWN;
}

uint32_t sr__posix_threads(void)
{
    sr__proc_t process;

    return sr__proc_look((uint64_t)getpid(), &process) && process.threads > 0 ? (uint32_t)process.threads : 0;
}

void sr__posix_boot_id(uint8_t id[16])
{
    sr__proc_boot_id(id);
}
