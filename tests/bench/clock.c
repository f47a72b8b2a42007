/* SPDX-License-Identifier: Apache-2.0 */
/* The processor's own counter where there is one: the system's clock costs a third of what is measured here. */
#define _GNU_SOURCE
#include "bench.h"

#include <time.h>

#if defined(__x86_64__) || defined(__i386__)
#include <x86intrin.h>
#endif

static double ns_per_tick = 1.0;

static uint64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

uint64_t ticks_now(void)
{
#if defined(__x86_64__) || defined(__i386__)
    _mm_lfence();
    return __rdtsc();
#else
    return clock_ns();
#endif
}

double ticks_to_ns(uint64_t ticks)
{
    return (double)ticks * ns_per_tick;
}

void ticks_calibrate(void)
{
    uint64_t from_ns = clock_ns(), from = ticks_now(), to_ns;
    do
        to_ns = clock_ns();
    while (to_ns - from_ns < 50000000);
    ns_per_tick = (double)(to_ns - from_ns) / (double)(ticks_now() - from);
}
