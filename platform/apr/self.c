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

#include "apr_internal.h"
#include "common/frozen.h"

typedef struct process {
    char state;
    long threads;
    unsigned long long start_time; /* clock ticks since boot */
} process_t;

static long own_pid(void)
{
    return (long)getpid(); /* APR has no word for it */
}

static bool look_at(long pid, process_t *process)
{
    char path[64], text[1024];

    /* Not /proc/PID/stat: some emulators make up their own process's. */
    snprintf(path, sizeof(path), "/proc/%ld/task/%ld/stat", pid, pid);
    sr__apr_read_text(path, text, sizeof(text));
    const char *after_name = strrchr(text, ')'); /* the name may itself have parentheses and blanks */
    /* state, then 16 fields that do not matter, num_threads, itrealvalue, starttime */
    return after_name &&
           sscanf(after_name + 1,
                  " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %ld %*s %llu",
                  &process->state, &process->threads, &process->start_time) == 3;
}

static uint64_t own_namespace(void)
{
    apr_finfo_t info;
    apr_pool_t *pool = sr__apr_pool();
    uint64_t number = 0;

    if (pool && apr_stat(&info, "/proc/self/ns/pid", APR_FINFO_INODE, pool) == APR_SUCCESS)
        number = (uint64_t)info.inode;
    if (pool)
        apr_pool_destroy(pool);
    return number;
}

/* Is /proc this process's own PID namespace's? */
static bool proc_is_ours(void)
{
    char text[32];

    sr__apr_read_text("/proc/self/stat", text, sizeof(text));
    return strtol(text, NULL, 10) == own_pid();
}

void sr__apr_self(sr__self_t *self)
{
    process_t process;
    char name[64];

    memset(self, 0, sizeof(*self));
    self->pid = (uint64_t)own_pid();
    self->pid_namespace = own_namespace();
    if (proc_is_ours() && look_at(own_pid(), &process))
        self->start_time = process.start_time;
#ifndef WIN32
    self->uid = (uint64_t)sr__apr_user_own();
#endif
    sr__apr_read_text("/proc/self/comm", name, sizeof(name));
    name[strcspn(name, "\n")] = '\0';
    snprintf(self->name, sizeof(self->name), "%.*s", SLOTRING_CLIENT_NAME_MAX, *name ? name : "?");
}

static uint32_t ask_system(long pid)
{
    apr_proc_t process;

    memset(&process, 0, sizeof(process));
    process.pid = (pid_t)pid;
#ifdef ESRCH
    if (apr_proc_kill(&process, 0) == ESRCH)
        return SLOTRING_LIFE_DEAD;
#endif
    return SLOTRING_LIFE_UNKNOWN;
}

uint32_t sr__apr_life(uint64_t pid, uint64_t pid_namespace, uint64_t start_time)
{
    process_t process;

    if (pid == 0 || pid > INT_MAX || pid_namespace != own_namespace())
        return SLOTRING_LIFE_UNKNOWN;
    if (!proc_is_ours() || !look_at((long)pid, &process))
        return ask_system((long)pid);
    if (start_time != 0 && start_time != process.start_time)
        return SLOTRING_LIFE_DEAD; /* the number is another process's by now */
    switch (process.state) {
    case 'Z': /* also said of a process whose first thread has ended before the others */
    case 'X':
    case 'x':
        return process.threads > 1 ? SLOTRING_LIFE_RUNNING : SLOTRING_LIFE_DEAD;
    case 'T':
    case 't':
        return SLOTRING_LIFE_STOPPED;
    case 'S':
    case 'D':
        return sr__is_frozen((long)pid) ? SLOTRING_LIFE_FROZEN : SLOTRING_LIFE_RUNNING;
    default:
        return SLOTRING_LIFE_RUNNING;
    }
}

uint32_t sr__apr_threads(void)
{
    process_t process;
    return proc_is_ours() && look_at(own_pid(), &process) && process.threads > 0 ? (uint32_t)process.threads
                                                                                 : 0;
}

/* 32 hexadecimal digits, with dashes between. */
void sr__apr_boot_id(uint8_t id[16])
{
    char text[64];
    size_t digits = 0;

    memset(id, 0, 16);
    sr__apr_read_text("/proc/sys/kernel/random/boot_id", text, sizeof(text));
    for (const char *at = text; *at && digits < 32; at++) {
        unsigned value;
        if (*at == '-')
            continue;
        if (sscanf((const char[]){*at, '\0'}, "%1x", &value) != 1)
            break;
        id[digits / 2] = (uint8_t)((unsigned)id[digits / 2] << 4 | value);
        digits++;
    }
    if (digits != 32)
        memset(id, 0, 16);
}
