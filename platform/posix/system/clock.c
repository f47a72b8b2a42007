/* SPDX-License-Identifier: Apache-2.0 */
/* Time: monotonic, the same for all processes of the machine. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <time.h>

#include "posix/posix_internal.h"

#define NS_PER_S UINT64_C(1000000000)

/* The second of each pair is read faster, and runs with the first. */
#if defined( \
    __APPLE__) /* CLOCK_MONOTONIC counts microseconds there, and follows the time of day when that is set */
#define CLOCK CLOCK_MONOTONIC_RAW
#define COARSE_CLOCK CLOCK_MONOTONIC_RAW_APPROX
#elif defined(CLOCK_MONOTONIC_COARSE)
#define CLOCK CLOCK_MONOTONIC
#define COARSE_CLOCK CLOCK_MONOTONIC_COARSE
#elif defined(CLOCK_MONOTONIC_FAST)
#define CLOCK CLOCK_MONOTONIC
#define COARSE_CLOCK CLOCK_MONOTONIC_FAST
#else
#define CLOCK CLOCK_MONOTONIC
#define COARSE_CLOCK CLOCK_MONOTONIC
#endif

static uint64_t now(clockid_t clock)
{
    struct timespec time = {0, 0};

    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_nsec;
}

uint64_t sr__posix_clock_ns(void)
{
    return now(CLOCK);
}

uint64_t sr__posix_coarse_clock_ns(void)
{
    return now(COARSE_CLOCK);
}

void sr__posix_sleep_ns(uint64_t duration_ns)
{
    struct timespec left = {.tv_sec = (time_t)(duration_ns / NS_PER_S),
                            .tv_nsec = (long)(duration_ns % NS_PER_S)};

    bool let = sr__fork_let_others();
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        ;
    sr__fork_go_on(let);
}
