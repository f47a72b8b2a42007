/* SPDX-License-Identifier: Apache-2.0 */
/* Time. APR's is the time of day, which is set back and forth: where the system has a clock that only goes forward, it
 * is that one. */
#include <apr_time.h>
#include <time.h>

#include "apr/apr_internal.h"

#define NS_PER_S UINT64_C(1000000000)

#ifdef CLOCK_MONOTONIC
uint64_t sr__apr_clock_ns(void)
{
    struct timespec time = {0, 0};

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_nsec;
}
#else
/* Stands still while the time of day is behind where it was: timeouts then last longer, and none ends early. */
uint64_t sr__apr_clock_ns(void)
{
    static _Atomic uint64_t latest;
    uint64_t now = (uint64_t)apr_time_now() * 1000, seen = atomic_load(&latest);

    while (now > seen && !atomic_compare_exchange_weak(&latest, &seen, now))
        ;
    return now > seen ? now : seen;
}
#endif

/* APR sleeps for whole microseconds, and a signal ends it: what is left is slept on. */
void sr__apr_sleep_ns(uint64_t duration_ns)
{
    uint64_t start = sr__apr_clock_ns(), slept = 0;
    bool let = sr__fork_let_others();

    while (slept < duration_ns) {
        uint64_t left = (duration_ns - slept + 999) / 1000;
        apr_sleep((apr_interval_time_t)(left < 1000000 ? left : 1000000));
        slept = sr__apr_clock_ns() - start;
    }
    sr__fork_go_on(let);
}
