/* SPDX-License-Identifier: Apache-2.0 */
/* What a durable subscription with a window has acknowledged above its cursor: a bit for each of the 48 publications from the cursor
 * on, by the sequence modulo 48. The bit turns over when its publication is acknowledged: 1 says that it is in an even lap, 0 in an
 * odd one. So no bit is ever wiped, and the cursor moves over a bit without a change of its meaning.
 * The word is kept:1 | bits:48, numbered as a cursor (account.h). A word that is not kept says nothing. */
#ifndef SR_LAYOUT_ACKS_H
#define SR_LAYOUT_ACKS_H

#include <stdbool.h>
#include <stdint.h>

#define SR__ACKS_WINDOW 48u /* SLOTRING_WINDOW_ANY_ORDER */
#define SR__ACKS_KEPT (UINT64_C(1) << SR__ACKS_WINDOW)

static inline uint64_t sr__ack_bit(uint64_t sequence)
{
    return UINT64_C(1) << sequence % SR__ACKS_WINDOW;
}

/* acks: kept. sequence: from the cursor on, and less than the window above it. */
static inline bool sr__ack_is_set(uint64_t acks, uint64_t sequence)
{
    return ((acks & sr__ack_bit(sequence)) != 0) == (sequence / SR__ACKS_WINDOW % 2 == 0);
}

static inline bool sr__acks_have(uint64_t acks, uint64_t cursor, uint64_t sequence)
{
    return (acks & SR__ACKS_KEPT) && sequence >= cursor && sequence - cursor < SR__ACKS_WINDOW &&
           sr__ack_is_set(acks, sequence);
}

/* Each publication from `from` to before `to` is acknowledged, of a window from `from` on. */
static inline uint64_t sr__acks_with(uint64_t acks, uint64_t from, uint64_t to)
{
    for (uint64_t sequence = from; sequence < to; sequence++)
        if (!sr__ack_is_set(acks, sequence))
            acks ^= sr__ack_bit(sequence);
    return acks;
}

/* Nothing is acknowledged from the cursor on. */
static inline uint64_t sr__acks_fresh(uint64_t cursor)
{
    uint64_t acks = SR__ACKS_KEPT;
    for (uint64_t sequence = cursor; sequence < cursor + SR__ACKS_WINDOW; sequence++)
        if (sr__ack_is_set(acks, sequence))
            acks ^= sr__ack_bit(sequence);
    return acks;
}

static inline uint32_t sr__acks_count(uint64_t acks, uint64_t cursor, uint64_t to)
{
    uint32_t count = 0;
    for (uint64_t sequence = cursor; sequence < to && sequence - cursor < SR__ACKS_WINDOW; sequence++)
        count += sr__acks_have(acks, cursor, sequence);
    return count;
}

#endif
