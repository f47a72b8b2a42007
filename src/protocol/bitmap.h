/* SPDX-License-Identifier: Apache-2.0 */
/* Bitmaps in several levels of 64, to find a set bit at a cost that does not depend on how many there are. Of the free
 * slots (free_map.c), and of the publications that were deferred (deferred.c). Hints: what a bit leads to decides.
 *
 * Invariant at rest: what is to be found has its bit, and so has every word above it that is not zero.
 *   Setting:  what is to be found is there first, then its leaf bit, then the levels above one by one.
 *   Clearing: the leaf, by who took it or found nothing there, each followed by a second look at what it led to; an
 *             emptied word is taken out of the level above, followed by a second look at the word.
 * A setter that finds an upper bit still set may leave it: the clearer that is about to take it away looks at the
 * word below once more afterwards, and that look comes after the setter's store (all seq_cst, store-then-load on
 * both sides). A kill between clearing and second look hides things; repair sets every bit again that there has to be.
 */
#ifndef SR_BITMAP_H
#define SR_BITMAP_H

#include "base/atomics.h"
#include "base/compiler.h"

typedef struct sr__bitmap {
    sr__word_t *const *level;
    const uint32_t *words; /* of each level */
    uint32_t levels, bits;
} sr__bitmap_t;

/* Turns of a search. Each clears a stale bit or ends, unless somebody writes bits all the time. */
#define SR__BITMAP_TURNS (1u << 16)

/* Is there any bit? With none, this is all that a search costs. */
static inline bool sr__bitmap_any(sr__bitmap_t b)
{
    return sr__load(&b.level[b.levels - 1][0]) != 0;
}

/* Does a search find bit `index`: is it there, and all above it? */
static inline bool sr__bitmap_leads_to(sr__bitmap_t b, uint32_t index)
{
    for (uint32_t level = 0; level < b.levels; level++, index >>= 6)
        if (!(sr__load(&b.level[level][index >> 6]) >> (index & 63) & 1))
            return false;
    return true;
}

/* The bits of word `index` of `level` that there may be. */
static inline uint64_t sr__bitmap_domain(sr__bitmap_t b, uint32_t level, uint32_t index)
{
    uint64_t bits = level == 0 ? b.bits : b.words[level - 1], left = bits - (uint64_t)index * 64;
    return left >= 64 ? UINT64_MAX : (UINT64_C(1) << left) - 1;
}

/* Every bit, in a bitmap that nobody else has yet. */
static inline void sr__bitmap_fill(sr__bitmap_t b)
{
    for (uint32_t level = 0; level < b.levels; level++)
        for (uint32_t w = 0; w < b.words[level]; w++)
            sr__poke(&b.level[level][w], sr__bitmap_domain(b, level, w));
}

/* [bitmap.set] Sets bit `index` of `level`, and what is above it. Pairs with the second look in sr__bitmap_clear_up. */
static inline void sr__bitmap_mark(sr__bitmap_t b, uint32_t level, uint32_t index)
{
    for (; level < b.levels; level++, index >>= 6) {
        sr__word_t *word = &b.level[level][index >> 6];
        uint64_t bit = UINT64_C(1) << (index & 63);
        if (!(sr__load(word) & bit))
            atomic_fetch_or_explicit(word, bit, memory_order_seq_cst);
    }
}

/* True: its word is empty now; sr__bitmap_clear_up is due. */
static inline bool sr__bitmap_unmark(sr__bitmap_t b, uint32_t index)
{
    uint64_t bit = UINT64_C(1) << (index & 63);
    uint64_t before = atomic_fetch_and_explicit(&b.level[0][index >> 6], ~bit, memory_order_seq_cst);
    return (before & ~bit) == 0;
}

/* [bitmap.clear] Word `index` of `level` - 1 looked empty: takes its bit out of `level`, and so on upwards. */
static inline void sr__bitmap_clear_up(sr__bitmap_t b, uint32_t level, uint32_t index)
{
    for (; level < b.levels; level++, index >>= 6) {
        uint64_t bit = UINT64_C(1) << (index & 63);
        uint64_t before = atomic_fetch_and_explicit(&b.level[level][index >> 6], ~bit, memory_order_seq_cst);
        if (sr__load(&b.level[level - 1][index]) != 0) { /* the second look */
            sr__bitmap_mark(b, level, index);
            return;
        }
        if ((before & ~bit) != 0)
            return;
    }
}

enum {
    SR__BITMAP_NOTHING,
    SR__BITMAP_FOUND,
    SR__BITMAP_AGAIN /* a bit that led to nothing is gone now */
};

/* Bit `index` of `level` names nothing that there is: somebody wrote there. In nobody's way, but each search would come
 * to it. */
static inline int sr__bitmap_take_out(sr__bitmap_t b, uint32_t level, uint32_t index)
{
    atomic_fetch_and_explicit(&b.level[level][index >> 6], ~(UINT64_C(1) << (index & 63)),
                              memory_order_seq_cst);
    return SR__BITMAP_AGAIN;
}

/* [bitmap.find] The first bit at or after `from`, without wrapping. */
static inline int sr__bitmap_find_from(sr__bitmap_t b, uint32_t from, uint32_t *found)
{
    uint32_t position = from;
    for (uint32_t level = 0; level < b.levels; level++) {
        if (position >> 6 >= b.words[level])
            return SR__BITMAP_NOTHING;
        uint64_t bits = sr__load(&b.level[level][position >> 6]) & (UINT64_MAX << (position & 63));
        if (bits == 0) {
            position = (position >> 6) + 1;
            continue;
        }
        position = (position & ~UINT32_C(63)) | sr__lowest_bit(bits);
        while (level > 0) {
            /* a bit of an upper level leads to word `position` of the level below */
            if (position >= b.words[level - 1])
                return sr__bitmap_take_out(b, level, position);
            bits = sr__load(&b.level[level - 1][position]);
            if (bits == 0) {
                sr__bitmap_clear_up(b, level, position);
                return SR__BITMAP_AGAIN;
            }
            position = position << 6 | sr__lowest_bit(bits);
            level--;
        }
        *found = position;
        return position < b.bits ? SR__BITMAP_FOUND : sr__bitmap_take_out(b, 0, position);
    }
    return SR__BITMAP_NOTHING;
}

#endif
