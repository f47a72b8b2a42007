/* SPDX-License-Identifier: Apache-2.0 */
/* Processes as people see them, by /proc. Never a proof of death. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include "common/proc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if !defined(_WIN32)
#include <sys/stat.h>
#include <unistd.h>
#endif

#include "common/frozen.h"
#include "slotring/slotring.h"

#define OVERFLOW_USER 65534u /* of kernels that were not told otherwise, and where there is no such file */

#if defined(_WIN32)
bool sr__proc_text(const char *path, char *text, size_t size)
{
    (void)path, (void)size;
    *text = '\0';
    return false;
}

bool sr__proc_look(uint64_t pid, sr__proc_t *process)
{
    (void)pid, (void)process;
    return false;
}

uint64_t sr__proc_namespace(void)
{
    return 0;
}
#else
bool sr__proc_text(const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "re");

    *text = '\0';
    if (!file)
        return false;
    size_t got = fread(text, 1, size - 1, file);
    fclose(file);
    text[got] = '\0';
    return got > 0;
}

static bool look_at(long pid, sr__proc_t *process)
{
    char path[64], text[1024];

    /* Not /proc/PID/stat: some emulators make up their own process's. */
    snprintf(path, sizeof path, "/proc/%ld/task/%ld/stat", pid, pid);
    if (!sr__proc_text(path, text, sizeof text))
        return false;
    const char *after_name = strrchr(text, ')'); /* the name may itself have parentheses and blanks */
    /* state, then 16 fields that do not matter, num_threads, itrealvalue, starttime */
    return after_name &&
           sscanf(after_name + 1,
                  " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %ld %*s %llu",
                  &process->state, &process->threads, &process->start_time) == 3;
}

/* Is /proc this process's own PID namespace's? */
static bool proc_is_ours(void)
{
    char text[32];
    ssize_t size = readlink("/proc/self", text, sizeof text - 1);

    if (size <= 0)
        return false;
    text[size] = '\0';
    return strtol(text, NULL, 10) == (long)getpid();
}

bool sr__proc_look(uint64_t pid, sr__proc_t *process)
{
    return proc_is_ours() && look_at((long)pid, process);
}

uint64_t sr__proc_namespace(void)
{
    struct stat status;
    return stat("/proc/self/ns/pid", &status) == 0 ? (uint64_t)status.st_ino : 0;
}

#endif

uint32_t sr__proc_life(const sr__proc_t *process, uint64_t pid, uint64_t start_time)
{
    if (start_time != 0 && start_time != process->start_time)
        return SLOTRING_LIFE_DEAD; /* the number is another process's by now */
    switch (process->state) {
    case 'Z': /* also said of a process whose first thread has ended before the others */
    case 'X':
    case 'x':
        return process->threads > 1 ? SLOTRING_LIFE_RUNNING : SLOTRING_LIFE_DEAD;
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

void sr__proc_boot_id(uint8_t id[16])
{
    char text[64];
    size_t digits = 0;

    memset(id, 0, 16);
    if (!sr__proc_text("/proc/sys/kernel/random/boot_id", text, sizeof text))
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

uint32_t sr__proc_overflow_user(void)
{
    char text[32], *end;

    (void)sr__proc_text("/proc/sys/kernel/overflowuid", text, sizeof text);
    unsigned long user = strtoul(text, &end, 10);
    return end == text ? OVERFLOW_USER : (uint32_t)user;
}
