/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting where no system call waits for a word of shared memory. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include "posix/posix_internal.h"

int sr__posix_waits_open(sr__place_t *place, const uint8_t ring_id[16], uint32_t participant,
                         uint64_t incarnation, sr__waits_t **waits, slotring_error_t *error)
{
    (void)place, (void)ring_id, (void)participant, (void)incarnation, (void)error;
    *waits = NULL;
    return 0;
}

void sr__posix_waits_close(sr__waits_t *waits)
{
    (void)waits;
}

void sr__posix_wait(sr__waits_t *waits, _Atomic uint32_t *word, uint32_t expected, uint64_t timeout_ns)
{
    (void)waits;
    sr__posix_nap(word, expected, timeout_ns);
}

bool sr__posix_wait_any(const sr__sleep_t *sleeps, uint32_t count, uint64_t timeout_ns)
{
    sr__posix_nap_any(sleeps, count, timeout_ns);
    return true;
}

void sr__posix_wake(sr__waits_t *waits, _Atomic uint32_t *word, const _Atomic uint64_t *waiters,
                    uint32_t words)
{
    (void)waits, (void)word, (void)waiters, (void)words;
}
