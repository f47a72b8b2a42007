/* SPDX-License-Identifier: Apache-2.0 */
/* Time: monotonic, the same for all processes of the machine. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <time.h>

#include "posix_internal.h"

#define NS_PER_S UINT64_C(1000000000)

static uint64_t now(clockid_t clock)
{
    struct timespec time = {0, 0};

    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_nsec;
}

uint64_t sr__posix_clock_ns(void)
{
    return now(CLOCK_MONOTONIC);
}

uint64_t sr__posix_coarse_clock_ns(void)
{
    return now(CLOCK_MONOTONIC_COARSE);
}

void sr__posix_sleep_ns(uint64_t duration_ns)
{
    struct timespec left = {.tv_sec = (time_t)(duration_ns / NS_PER_S),
                            .tv_nsec = (long)(duration_ns % NS_PER_S)};

    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
        ;
}
