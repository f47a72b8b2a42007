/* SPDX-License-Identifier: Apache-2.0 */
/* Sleeping on a word of the segment: futexes, without PRIVATE since the word is shared between processes.
 *
 * 32-bit systems have two calls, the newer one for the years from 2038 on. A kernel may not know it (ENOSYS), and the
 * filter of a container that does not know it may refuse it, and the older one too, with any number at all. A call that
 * was refused is refused for good, so the next one is taken; without any the sleeper looks for itself. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "posix/posix_internal.h"

#define NS_PER_S UINT64_C(1000000000)
#define WAIT_OP FUTEX_WAIT_BITSET /* takes a point in time */
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

enum {
#ifdef SYS_futex_time64
    CALL_TIME64,
#endif
#ifdef SYS_futex
    CALL_FUTEX,
#endif
    CALLS
};

static _Atomic uint32_t refused; /* a bit for each: what is refused to one thread is refused to all */

static long futex(int call, _Atomic uint32_t *word, int operation, uint32_t value, uint64_t until)
{
#ifdef SYS_futex_time64
    const struct {
        int64_t seconds, nanoseconds;
    } wide = {(int64_t)(until / NS_PER_S), (int64_t)(until % NS_PER_S)};
    if (call == CALL_TIME64)
        return syscall(SYS_futex_time64, word, operation, value, &wide, NULL, FUTEX_BITSET_MATCH_ANY);
    uint64_t seconds = until / NS_PER_S;
    const struct {
        long seconds, nanoseconds;
    } time = {seconds < LONG_MAX ? (long)seconds : LONG_MAX, (long)(until % NS_PER_S)};
#else
    const struct timespec time = {.tv_sec = (time_t)(until / NS_PER_S), .tv_nsec = (long)(until % NS_PER_S)};
    (void)call;
#endif
#ifdef SYS_futex
    return syscall(SYS_futex, word, operation, value, &time, NULL, FUTEX_BITSET_MATCH_ANY);
#else
    (void)time;
    return -1;
#endif
}

/* Not an answer: EFAULT is one, of a word that somebody has cut off. */
static bool is_refusal(int number)
{
    return number != EAGAIN && number != EINTR && number != ETIMEDOUT && number != EFAULT;
}

static bool is_refused(int call)
{
    return (atomic_load_explicit(&refused, memory_order_relaxed) >> call & 1) != 0;
}

/* 0 or errno. */
static int sleep_on(int call, _Atomic uint32_t *word, uint32_t expected, uint64_t until)
{
    bool let = sr__fork_let_others();
    int number = futex(call, word, WAIT_OP, expected, until) == 0 ? 0 : errno;

    sr__fork_go_on(let);
    return number;
}

void sr__posix_wait(sr__waits_t *waits, _Atomic uint32_t *word, uint32_t expected, uint64_t timeout_ns)
{
    uint64_t now = sr__posix_clock_ns();
    uint64_t until = timeout_ns < INT64_MAX - now ? now + timeout_ns : INT64_MAX;

    (void)waits;
    for (int call = 0; call < CALLS; call++) {
        if (is_refused(call))
            continue;
        int number = sleep_on(call, word, expected, until);
        if (number == 0 || !is_refusal(number))
            return;
        atomic_fetch_or_explicit(&refused, UINT32_C(1) << call, memory_order_relaxed);
    }
    sr__posix_nap(word, expected, timeout_ns);
}

/* One number for it on every architecture but Alpha; C libraries and kernel headers may be older than the kernel (5.16). */
#if defined(SYS_futex_waitv)
#define WAITV SYS_futex_waitv
#elif !defined(__alpha__)
#define WAITV 449
#endif
#define WAITV_MAX 128u
#define WAITV_32_BITS 2u

#if defined(WAITV)
typedef struct waitv {
    uint64_t expected, word;
    uint32_t flags, reserved;
} waitv_t;

static _Atomic uint32_t waitv_refused;

/* 0 or errno. */
static int sleep_on_any(const sr__sleep_t *sleeps, uint32_t count, uint64_t until)
{
    waitv_t words[WAITV_MAX];
    const struct {
        int64_t seconds, nanoseconds;
    } time = {(int64_t)(until / NS_PER_S), (int64_t)(until % NS_PER_S)};

    for (uint32_t i = 0; i < count; i++)
        words[i] = (waitv_t){.expected = sleeps[i].expected,
                             .word = (uint64_t)(uintptr_t)sleeps[i].word,
                             .flags = WAITV_32_BITS};
    bool let = sr__fork_let_others();
    int number = syscall(WAITV, words, count, 0, &time, CLOCK_MONOTONIC) >= 0 ? 0 : errno;
    sr__fork_go_on(let);
    return number;
}

bool sr__posix_wait_any(const sr__sleep_t *sleeps, uint32_t count, uint64_t timeout_ns)
{
    uint64_t now = sr__posix_clock_ns();

    if (count > WAITV_MAX || atomic_load_explicit(&waitv_refused, memory_order_relaxed) != 0)
        return false;
    int number = sleep_on_any(sleeps, count, timeout_ns < INT64_MAX - now ? now + timeout_ns : INT64_MAX);
    if (number == ENOMEM) /* this once */
        return false;
    if (number == 0 || !is_refusal(number))
        return true;
    atomic_store_explicit(&waitv_refused, 1, memory_order_relaxed);
    return false;
}
#else
bool sr__posix_wait_any(const sr__sleep_t *sleeps, uint32_t count, uint64_t timeout_ns)
{
    (void)sleeps, (void)count, (void)timeout_ns;
    return false;
}
#endif

void sr__posix_wake(sr__waits_t *waits, _Atomic uint32_t *word, const _Atomic uint64_t *waiters,
                    uint32_t words)
{
    int number = errno; /* may be called from a signal handler */

    (void)waits, (void)waiters, (void)words;
    for (int call = 0; call < CALLS; call++)
        if (!is_refused(call) && (futex(call, word, WAKE_OP, INT_MAX, 0) >= 0 || !is_refusal(errno)))
            break;
    errno = number;
}
