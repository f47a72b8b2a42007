/* SPDX-License-Identifier: Apache-2.0 */
/* Processes as people see them, on FreeBSD: who this one is, and how another one seems to be. Never a proof of death. */
#include <sys/param.h>

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysctl.h>
#include <sys/time.h>
#include <sys/user.h>
#include <unistd.h>

#include "posix/posix_internal.h"

#define US_PER_S UINT64_C(1000000)

static bool look_at(int pid, struct kinfo_proc *process)
{
    int name[4] = {CTL_KERN, KERN_PROC, KERN_PROC_PID, pid};
    size_t size = sizeof *process;

    return sysctl(name, 4, process, &size, NULL, 0) == 0 && size == sizeof *process && process->ki_pid == pid;
}

static uint64_t microseconds(const struct timeval *time)
{
    return (uint64_t)time->tv_sec * US_PER_S + (uint64_t)time->tv_usec;
}

/* A jail has processes of its own under numbers that all share: outside of it they may be unseen, and not dead. */
static uint64_t own_jail(void)
{
    struct kinfo_proc process;
    return look_at((int)getpid(), &process) ? (uint64_t)(unsigned)process.ki_jid : 0;
}

void sr__posix_self(sr__self_t *self)
{
    struct kinfo_proc process;
    const char *name = getprogname();

    memset(self, 0, sizeof *self);
    self->pid = (uint64_t)getpid();
    self->uid = (uint64_t)geteuid();
    if (look_at((int)getpid(), &process)) {
        self->pid_namespace = (uint64_t)(unsigned)process.ki_jid;
        self->start_time = microseconds(&process.ki_start);
    }
    snprintf(self->name, sizeof self->name, "%s", name ? name : "");
}

uint32_t sr__posix_life(uint64_t pid, uint64_t pid_namespace, uint64_t start_time)
{
    struct kinfo_proc process;

    if (pid == 0 || pid > INT_MAX || pid_namespace != own_jail())
        return SLOTRING_LIFE_UNKNOWN;
    if (!look_at((int)pid, &process))
        return kill((pid_t)pid, 0) != 0 && errno == ESRCH ? SLOTRING_LIFE_DEAD : SLOTRING_LIFE_UNKNOWN;
    if (start_time != 0 && start_time != microseconds(&process.ki_start))
        return SLOTRING_LIFE_DEAD; /* the number is another process's by now */
    if (process.ki_stat == SZOMB)
        return SLOTRING_LIFE_DEAD;
    return process.ki_stat == SSTOP ? SLOTRING_LIFE_STOPPED : SLOTRING_LIFE_RUNNING;
}

uint32_t sr__posix_threads(void)
{
    struct kinfo_proc process;
    return look_at((int)getpid(), &process) && process.ki_numthreads > 0 ? (uint32_t)process.ki_numthreads
                                                                         : 0;
}

/* The time of the boot would not do: it moves when the clock is set, and a ring of this boot would be refused. Older systems
 * have no id. */
void sr__posix_boot_id(uint8_t id[16])
{
    size_t size = 16;

    if (sysctlbyname("kern.boot_id", id, &size, NULL, 0) != 0 || size != 16)
        memset(id, 0, 16);
}
