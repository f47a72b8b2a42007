/* SPDX-License-Identifier: Apache-2.0 */
/* Sleeping on a word of the segment as FreeBSD can: _umtx_op, for words that processes share. */
#include <sys/types.h>

#include <errno.h>
#include <limits.h>
#include <sys/umtx.h>
#include <time.h>

#include "posix/posix_internal.h"

#define NS_PER_S UINT64_C(1000000000)

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

void sr__posix_wait(sr__waits_t *waits, _Atomic uint32_t *word, uint32_t expected, uint64_t timeout_ns)
{
    uint64_t now = sr__posix_clock_ns();
    uint64_t until = timeout_ns < INT64_MAX - now ? now + timeout_ns : INT64_MAX;
    struct _umtx_time time = {
        ._timeout = {.tv_sec = (time_t)(until / NS_PER_S), .tv_nsec = (long)(until % NS_PER_S)},
        ._flags = UMTX_ABSTIME, /* a point in time, so that a wait goes on after a signal */
        ._clockid = CLOCK_MONOTONIC,
    };

    (void)waits;
    while (_umtx_op((void *)word, UMTX_OP_WAIT_UINT, expected, (void *)sizeof time, &time) != 0 &&
           errno == EINTR)
        ;
}

/* The system sleeps on one word. */
bool sr__posix_wait_any(const sr__sleep_t *sleeps, uint32_t count, uint64_t timeout_ns)
{
    (void)sleeps, (void)count, (void)timeout_ns;
    return false;
}

void sr__posix_wake(sr__waits_t *waits, _Atomic uint32_t *word, const _Atomic uint64_t *waiters,
                    uint32_t words)
{
    int number = errno; /* may be called from a signal handler */

    (void)waits, (void)waiters, (void)words;
    (void)_umtx_op((void *)word, UMTX_OP_WAKE, INT_MAX, NULL, NULL);
    errno = number;
}
