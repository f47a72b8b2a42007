/* SPDX-License-Identifier: Apache-2.0 */
/* What a reader has had: its cursor, its account, and what it missed. */
#ifndef SR_LAYOUT_ACCOUNT_H
#define SR_LAYOUT_ACCOUNT_H

#include "layout/marks.h"

/* What a reader has had: account_at in protocol/seqlock.c. A durable subscription has two copies, of which the one with the
 * higher generation counts: who takes the subscription over prepares the other one, and stores its generation last. Any
 * other subscription has the first copy alone. */
typedef struct sr__account_words {
    sr__word_t start;
    sr__word_t missed;           /* total before the latest jump */
    sr__word_t passed_over;      /* that it does not want: total before the latest jump */
    sr__word_t jump_to;          /* cursor after the latest jump */
    sr__word_t jump_missed;      /* totals once that jump is made */
    sr__word_t jump_passed_over; /* … */
    sr__word_t pending;          /* history still to be delivered, once that jump is made */
    sr__word_t generation;       /* of the subscription, when its owner began this copy */
} sr__account_words_t;

/* -- cursors, and what a durable subscription has acknowledged of a writer: a number:52 | generation:12 -- */

#define SR__NUMBER_BITS 52
#define SR__NUMBER_MASK ((UINT64_C(1) << SR__NUMBER_BITS) - 1)
#define SR__NO_NUMBER SR__NUMBER_MASK /* of a writer: nothing was met yet */

static inline uint64_t sr__numbered(uint64_t number, uint32_t generation)
{
    return (number & SR__NUMBER_MASK) | (uint64_t)generation << SR__NUMBER_BITS;
}

static inline uint64_t sr__number(uint64_t word)
{
    return word & SR__NUMBER_MASK;
}

/* By how many generations is the word older? Negative: it is newer. */
static inline int32_t sr__generations_behind(uint64_t word, uint32_t generation)
{
    uint32_t behind = (generation - (uint32_t)(word >> SR__NUMBER_BITS)) & 0xfff;
    return behind < 0x800 ? (int32_t)behind : (int32_t)behind - 0x1000;
}

/* -- missed before: marks:24 | messages:40 -- */

static inline uint64_t sr__missed_before(uint64_t marks, uint64_t messages)
{
    return marks << 40 | (messages & SR__OTHERS_MAX);
}

/* After how many marks of runs it was noted. */
static inline uint64_t sr__missed_marks(uint64_t word)
{
    return word >> 40;
}

/* What was missed since, of `total`. The count in the word wraps. */
static inline uint64_t sr__missed_since(uint64_t word, uint64_t total)
{
    return (total - word) & SR__OTHERS_MAX;
}

/* -- `lost` of a subscription: told:1 | messages:63 -- */

#define SR__LOST_TOLD (UINT64_C(1) << 63)

static inline uint64_t sr__lost_messages(uint64_t word)
{
    return word & ~SR__LOST_TOLD;
}

#endif
