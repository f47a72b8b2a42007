/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting: APR has nothing to wake another process with that a kill could not spoil, so sleepers look for themselves,
 * often at first and every millisecond in the end. The core has spun before. */
#include <apr_thread_proc.h>

#include "apr/apr_internal.h"

#define YIELDS 20
#define SHORTEST_SLEEP_NS UINT64_C(20000)
#define LONGEST_SLEEP_NS UINT64_C(1000000)

int sr__apr_waits_open(sr__place_t *place, const uint8_t ring_id[16], uint32_t participant,
                       uint64_t incarnation, sr__waits_t **waits, slotring_error_t *error)
{
    (void)place, (void)ring_id, (void)participant, (void)incarnation, (void)error;
    *waits = NULL; /* the word is all that is needed */
    return 0;
}

void sr__apr_waits_close(sr__waits_t *waits)
{
    (void)waits;
}

static bool is_news(const sr__sleep_t *sleeps, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (atomic_load_explicit(sleeps[i].word, memory_order_seq_cst) != sleeps[i].expected)
            return true;
    return false;
}

bool sr__apr_wait_any(const sr__sleep_t *sleeps, uint32_t count, uint64_t timeout_ns)
{
    uint64_t start = sr__apr_clock_ns(), nap = SHORTEST_SLEEP_NS;

    for (int i = 0; i < YIELDS && !is_news(sleeps, count); i++)
        sr__apr_yield();
    while (!is_news(sleeps, count)) {
        uint64_t waited = sr__apr_clock_ns() - start;
        if (waited >= timeout_ns)
            return true;
        sr__apr_sleep_ns(timeout_ns - waited < nap ? timeout_ns - waited : nap);
        nap += nap / 4; /* who has waited long is late by a quarter of that, up to the limit */
        if (nap > LONGEST_SLEEP_NS)
            nap = LONGEST_SLEEP_NS;
    }
    return true;
}

void sr__apr_wait(sr__waits_t *waits, _Atomic uint32_t *word, uint32_t expected, uint64_t timeout_ns)
{
    (void)waits;
    (void)sr__apr_wait_any(&(sr__sleep_t){.word = word, .expected = expected}, 1, timeout_ns);
}

void sr__apr_wake(sr__waits_t *waits, _Atomic uint32_t *word, const _Atomic uint64_t *waiters, uint32_t words)
{
    (void)waits, (void)word, (void)waiters, (void)words;
}
