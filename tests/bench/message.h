/* SPDX-License-Identifier: Apache-2.0 */
/* A 64-byte message whose eight words follow from its number: all of it is written, and all of it is checked. */
#ifndef SLOTRING_BENCH_MESSAGE_H
#define SLOTRING_BENCH_MESSAGE_H

#include "bench.h"

static inline void message_fill(void *data, uint64_t number)
{
    uint64_t *words = data;
    for (unsigned i = 0; i < BENCH_MESSAGE / 8; i++)
        words[i] = number * UINT64_C(0x9e3779b97f4a7c15) + i;
}

static inline void message_check(const slotring_slot_t *slot, uint64_t number)
{
    const uint64_t *words = slot->data;
    uint64_t wrong = slot->length ^ BENCH_MESSAGE;
    for (unsigned i = 0; i < BENCH_MESSAGE / 8; i++)
        wrong |= words[i] ^ (number * UINT64_C(0x9e3779b97f4a7c15) + i);
    if (wrong)
        fail("message %llu arrived with wrong content", (unsigned long long)number);
}

#endif
