/* SPDX-License-Identifier: Apache-2.0 */
/* Coverage that survives a kill. Linked into each program of the build that ci/coverage makes: the counters of gcov lie
 * in a file that all processes of the program share, forked or executed, so that one which is killed, or leaves by
 * _exit, loses nothing. Only a process that is asked to writes them out, as gcov does at exit. Built without coverage
 * itself, and linked with counters.ld and wraps of what gcov does at fork, exec and exit.
 *
 * gcov counts some ways through a function and concludes the others from their sum. A process that is killed between
 * two calls, at an arbitrary instruction, would falsify what is concluded. Such a victim counts apart (support/coverage.h),
 * and what it counted is kept only when it came to its end. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/coverage.h"

extern char coverage_counters_begin[], coverage_counters_end[]; /* counters.ld */

static size_t counters_size(void)
{
    return (size_t)(coverage_counters_end - coverage_counters_begin);
}

static void give_up(const char *what)
{
    fprintf(stderr, "coverage: %s: %s\n", what, strerror(errno));
    _exit(99);
}

__attribute__((constructor)) static void share_counters(void)
{
    const char *folder = getenv("COVERAGE_COUNTERS");
    char path[512];
    if (!folder)
        return;
    snprintf(path, sizeof path, "%s/%s", folder, program_invocation_short_name);
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    (void)fchmod(file, 0666); /* other users run the program, too; it is not theirs to change */
    if (file < 0 || ftruncate(file, (off_t)counters_size()) != 0)
        give_up(path);
    if (mmap(coverage_counters_begin, counters_size(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file,
             0) == MAP_FAILED)
        give_up("mmap");
    close(file);
    if (getenv("COVERAGE_WRITE"))
        exit(0); /* writes them; what the program does by itself, and for how long, does not matter */
}

void coverage_apart(void)
{
    if (mmap(coverage_counters_begin, counters_size(), PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
        give_up("mmap");
}

void coverage_collect(pid_t victim)
{
    char path[64];
    uint64_t *theirs = malloc(counters_size());
    snprintf(path, sizeof path, "/proc/%d/mem", (int)victim);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (theirs == NULL || file < 0 ||
        pread(file, theirs, counters_size(), (off_t)(uintptr_t)coverage_counters_begin) !=
            (ssize_t)counters_size())
        give_up(path);
    uint64_t *ours = (uint64_t *)(void *)coverage_counters_begin;
    for (size_t i = 0; i < counters_size() / sizeof *ours; i++)
        if (theirs[i] != 0)
            (void)__atomic_fetch_add(&ours[i], theirs[i], __ATOMIC_RELAXED);
    close(file);
    free(theirs);
}

/* gcov would empty the counters in each forked child, and write them at each exit and before each exec. */
void __real___gcov_exit(void);
void __wrap___gcov_exit(void);
void __wrap___gcov_dump(void);
void __wrap___gcov_reset(void);
void __wrap___gcov_reset_int(void);

void __wrap___gcov_exit(void)
{
    if (getenv("COVERAGE_WRITE"))
        __real___gcov_exit();
}

void __wrap___gcov_dump(void) {}

void __wrap___gcov_reset(void) {}

void __wrap___gcov_reset_int(void) {}
