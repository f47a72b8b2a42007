/* SPDX-License-Identifier: Apache-2.0 */
/* Sleeping on a word of the segment: futexes, without PRIVATE since the word is shared between processes. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "posix_internal.h"

#define NS_PER_S UINT64_C(1000000000)
#define WAIT_OP FUTEX_WAIT_BITSET /* takes a point in time, so that a wait goes on after a signal */
#define WAKE_OP FUTEX_WAKE

int sr__posix_waits_open(sr__place_t *place, const uint8_t ring_id[16], uint32_t participant,
                         uint64_t incarnation, sr__waits_t **waits, slotring_error_t *error)
{
    (void)place, (void)ring_id, (void)participant, (void)incarnation, (void)error;
    *waits = NULL; /* the word is all that is needed */
    return 0;
}

void sr__posix_waits_close(sr__waits_t *waits)
{
    (void)waits;
}

#ifdef SYS_futex_time64 /* 32-bit systems: the new call first, for the years from 2038 on */
static long futex_wait(_Atomic uint32_t *word, uint32_t expected, uint64_t until)
{
    const struct {
        int64_t seconds, nanoseconds;
    } time = {(int64_t)(until / NS_PER_S), (int64_t)(until % NS_PER_S)};
    long result = syscall(SYS_futex_time64, word, WAIT_OP, expected, &time, NULL, FUTEX_BITSET_MATCH_ANY);
#ifdef SYS_futex
    if (result != 0 && errno == ENOSYS) {
        uint64_t seconds = until / NS_PER_S;
        const struct {
            long seconds, nanoseconds;
        } old = {seconds < LONG_MAX ? (long)seconds : LONG_MAX, (long)(until % NS_PER_S)};
        result = syscall(SYS_futex, word, WAIT_OP, expected, &old, NULL, FUTEX_BITSET_MATCH_ANY);
    }
#endif
    return result;
}

static void futex_wake(_Atomic uint32_t *word)
{
    if (syscall(SYS_futex_time64, word, WAKE_OP, INT_MAX, NULL, NULL, 0) >= 0 || errno != ENOSYS)
        return;
#ifdef SYS_futex
    syscall(SYS_futex, word, WAKE_OP, INT_MAX, NULL, NULL, 0);
#endif
}
#else
static long futex_wait(_Atomic uint32_t *word, uint32_t expected, uint64_t until)
{
    const struct timespec time = {.tv_sec = (time_t)(until / NS_PER_S), .tv_nsec = (long)(until % NS_PER_S)};
    return syscall(SYS_futex, word, WAIT_OP, expected, &time, NULL, FUTEX_BITSET_MATCH_ANY);
}

static void futex_wake(_Atomic uint32_t *word)
{
    syscall(SYS_futex, word, WAKE_OP, INT_MAX, NULL, NULL, 0);
}
#endif

void sr__posix_wait(sr__waits_t *waits, _Atomic uint32_t *word, uint32_t expected, uint64_t timeout_ns)
{
    uint64_t now = sr__posix_clock_ns();
    uint64_t until = timeout_ns < INT64_MAX - now ? now + timeout_ns : INT64_MAX;

    (void)waits;
    bool let = sr__posix_fork_let_others();
    while (futex_wait(word, expected, until) != 0 && errno == EINTR)
        ;
    sr__posix_fork_go_on(let);
}

void sr__posix_wake(sr__waits_t *waits, _Atomic uint32_t *word, const _Atomic uint64_t *waiters,
                    uint32_t words)
{
    int number = errno; /* may be called from a signal handler */

    (void)waits, (void)waiters, (void)words;
    futex_wake(word);
    errno = number;
}
