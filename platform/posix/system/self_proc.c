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
#include <sys/stat.h>
#include <unistd.h>

#include "common/frozen.h"
#include "posix/posix_internal.h"

#define COMM_MAX 15 /* bytes of a name that the kernel keeps */

typedef struct process {
    char state;
    long threads;
    unsigned long long start_time; /* clock ticks since boot */
} process_t;

static bool read_text(const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "re");

    if (!file)
        return false;
    size_t got = fread(text, 1, size - 1, file);
    fclose(file);
    text[got] = '\0';
    return got > 0;
}

static bool look_at(long pid, process_t *process)
{
    char path[64], text[1024];

    /* Not /proc/PID/stat: some emulators make up their own process's. */
    snprintf(path, sizeof(path), "/proc/%ld/task/%ld/stat", pid, pid);
    if (!read_text(path, text, sizeof(text)))
        return false;
    const char *after_name = strrchr(text, ')'); /* the name may itself have parentheses and blanks */
    /* state, then 16 fields that do not matter, num_threads, itrealvalue, starttime */
    return after_name &&
           sscanf(after_name + 1,
                  " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %ld %*s %llu",
                  &process->state, &process->threads, &process->start_time) == 3;
}

static uint64_t own_namespace(void)
{
    struct stat status;
    return stat("/proc/self/ns/pid", &status) == 0 ? (uint64_t)status.st_ino : 0;
}

/* Is /proc this process's own PID namespace's? */
static bool proc_is_ours(void)
{
    char text[32];
    ssize_t size = readlink("/proc/self", text, sizeof(text) - 1);

    if (size <= 0)
        return false;
    text[size] = '\0';
    return strtol(text, NULL, 10) == (long)getpid();
}

static void own_name(char *name, size_t size)
{
    char comm[64] = "";

    if (read_text("/proc/self/comm", comm, sizeof(comm)))
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
    process_t process;

    memset(self, 0, sizeof(*self));
    self->pid = (uint64_t)getpid();
    self->pid_namespace = own_namespace();
    if (proc_is_ours() && look_at((long)getpid(), &process))
        self->start_time = process.start_time;
    self->uid = (uint64_t)geteuid();
    own_name(self->name, sizeof(self->name));
}

uint32_t sr__posix_life(uint64_t pid, uint64_t pid_namespace, uint64_t start_time)
{
    process_t process;

    if (pid == 0 || pid > INT_MAX || pid_namespace != own_namespace())
        return SLOTRING_LIFE_UNKNOWN;
    if (!proc_is_ours() || !look_at((long)pid, &process))
        return kill((pid_t)pid, 0) != 0 && errno == ESRCH ? SLOTRING_LIFE_DEAD : SLOTRING_LIFE_UNKNOWN;
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

uint32_t sr__posix_threads(void)
{
    process_t process;
    return proc_is_ours() && look_at((long)getpid(), &process) && process.threads > 0
               ? (uint32_t)process.threads
               : 0;
}

void sr__posix_boot_id(uint8_t id[16])
{
    char text[64];
    size_t digits = 0;

    memset(id, 0, 16);
    if (!read_text("/proc/sys/kernel/random/boot_id", text, sizeof(text)))
        return;
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
