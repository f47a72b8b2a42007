/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting by short sleeps, where no system call waits for a word of shared memory: nobody is woken, everybody looks. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include "posix/posix_internal.h"

#define SHORTEST_NS UINT64_C(50000)
#define LONGEST_NS UINT64_C(1000000)

static bool is_news(const sr__sleep_t *sleeps, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (atomic_load(sleeps[i].word) != sleeps[i].expected)
            return true;
    return false;
}

void sr__posix_nap_any(const sr__sleep_t *sleeps, uint32_t count, uint64_t timeout_ns)
{
    uint64_t start = sr__posix_clock_ns(), nap = SHORTEST_NS;

    while (!is_news(sleeps, count)) {
        uint64_t waited = sr__posix_clock_ns() - start;
        if (waited >= timeout_ns)
            return;
        sr__posix_sleep_ns(timeout_ns - waited < nap ? timeout_ns - waited : nap);
        nap = nap * 2 < LONGEST_NS ? nap * 2 : LONGEST_NS;
    }
}

void sr__posix_nap(_Atomic uint32_t *word, uint32_t expected, uint64_t timeout_ns)
{
    sr__posix_nap_any(&(sr__sleep_t){.word = word, .expected = expected}, 1, timeout_ns);
}
