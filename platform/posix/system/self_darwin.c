/* SPDX-License-Identifier: Apache-2.0 */
/* Processes as people see them, on macOS: who this one is, and how another one seems to be. Never a proof of death. */
#include <errno.h>
#include <libproc.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/proc.h>
#include <sys/sysctl.h>
#include <unistd.h>

#include "posix/posix_internal.h"

#define US_PER_S UINT64_C(1000000)

static bool look_at(pid_t pid, struct proc_bsdinfo *process)
{
    return proc_pidinfo(pid, PROC_PIDTBSDINFO, 0, process, (int)sizeof *process) == (int)sizeof *process;
}

static uint64_t start_of(const struct proc_bsdinfo *process) /* microseconds since 1970 */
{
    return process->pbi_start_tvsec * US_PER_S + process->pbi_start_tvusec;
}

void sr__posix_self(sr__self_t *self)
{
    struct proc_bsdinfo process;
    const char *name = getprogname();

    memset(self, 0, sizeof *self);
    self->pid = (uint64_t)getpid();
    self->uid = (uint64_t)geteuid();
    if (look_at(getpid(), &process))
        self->start_time = start_of(&process);
    snprintf(self->name, sizeof self->name, "%s", name ? name : "");
}

uint32_t sr__posix_life(uint64_t pid, uint64_t pid_namespace, uint64_t start_time)
{
    struct proc_bsdinfo process;

    if (pid == 0 || pid > INT_MAX || pid_namespace != 0)
        return SLOTRING_LIFE_UNKNOWN;
    if (!look_at((pid_t)pid, &process)) /* another user's may not be looked at, a zombie cannot */
        return kill((pid_t)pid, 0) != 0 && errno == ESRCH ? SLOTRING_LIFE_DEAD : SLOTRING_LIFE_UNKNOWN;
    if (start_time != 0 && start_time != start_of(&process))
        return SLOTRING_LIFE_DEAD; /* the number is another process's by now */
    if (process.pbi_status == SZOMB)
        return SLOTRING_LIFE_DEAD;
    return process.pbi_status == SSTOP ? SLOTRING_LIFE_STOPPED : SLOTRING_LIFE_RUNNING;
}

uint32_t sr__posix_threads(void)
{
    struct proc_taskinfo task;
    int size = proc_pidinfo(getpid(), PROC_PIDTASKINFO, 0, &task, (int)sizeof task);
    return size == (int)sizeof task && task.pti_threadnum > 0 ? (uint32_t)task.pti_threadnum : 0;
}

/* "kern.bootsessionuuid" is 32 hexadecimal digits with dashes. */
void sr__posix_boot_id(uint8_t id[16])
{
    char text[64] = "";
    size_t size = sizeof text - 1, digits = 0;

    memset(id, 0, 16);
    if (sysctlbyname("kern.bootsessionuuid", text, &size, NULL, 0) != 0)
        return;
    for (const char *at = text; *at && digits < 32; at++) {
        const char digit[2] = {*at, '\0'};
        if (*at == '-')
            continue;
        if (!strchr("0123456789abcdefABCDEF", *at))
            break;
        id[digits / 2] = (uint8_t)((unsigned)id[digits / 2] << 4 | (unsigned)strtoul(digit, NULL, 16));
        digits++;
    }
    if (digits != 32)
        memset(id, 0, 16);
}
