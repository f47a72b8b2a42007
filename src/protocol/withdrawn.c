/* SPDX-License-Identifier: Apache-2.0 */
/* Which publications were withdrawn: a bit for each position of the order, so that whoever goes along it passes over a
 * run of them in a few steps, however long it is. A bit says "withdrawn" for ever, of one publication: it stands beside
 * the lap that it belongs to, and what stands for another lap says nothing. Without its bit a withdrawn publication
 * costs a step.
 * A word: lap:48 | bits:16. Above each level of words is another, a bit for each word that is full, up to one word. A
 * kill between a full word and the level above leaves a bit out, which costs steps too.
 */
#include "protocol/withdrawn.h"

#include "protocol/deferred.h"

#define BITS 16u
#define ALL ((UINT64_C(1) << BITS) - 1)

static uint64_t lap_of(const sr__view_t *view, uint64_t sequence)
{
    return ((sequence >> view->withdrawn_shift) + 1) & (UINT64_MAX >> BITS);
}

/* The word of `level` that has `sequence`, and which bit of it. */
static sr__word_t *word_at(const sr__view_t *view, uint32_t level, uint64_t sequence, uint32_t *bit)
{
    uint64_t index = (sequence & ((UINT64_C(1) << view->withdrawn_shift) - 1)) >> 4 * level;
    *bit = (uint32_t)(index % BITS);
    return &view->withdrawn[level][index / BITS];
}

/* What a full word of `level` has: less than BITS bits at the top. */
static uint64_t full(const sr__view_t *view, uint32_t level)
{
    uint64_t bits = UINT64_C(1) << view->withdrawn_shift >> 4 * level;
    return bits < BITS ? (UINT64_C(1) << bits) - 1 : ALL;
}

/* [withdrawn.mark] Marks a publication as withdrawn. After the slot's word says so, and after it was
 * deferred, if it is. */
void sr__withdrawn_mark(sr__view_t *view, uint64_t sequence)
{
    uint64_t lap = lap_of(view, sequence);
    for (uint32_t level = 0; level < view->withdrawn_levels; level++) {
        uint32_t bit;
        sr__word_t *word = word_at(view, level, sequence, &bit);
        uint64_t seen, bits;
        do {
            seen = sr__load(word);
            if (seen >> BITS > lap) /* a later lap has the word */
                return;
            bits = (seen >> BITS == lap ? seen & ALL : 0) | UINT64_C(1) << bit;
        } while (seen != (lap << BITS | bits) && !sr__cas(word, seen, lap << BITS | bits));
        if (bits != full(view, level))
            return;
    }
}

/* The first one from `t` on that is not known to be withdrawn; the next lap's first one, if all to there are. Up
 * from the end of a word that is full to there, down where one is not: at most twice as many steps as there are
 * levels, and as few instructions a step as can be, since the levels grow with the ring. */
static uint64_t skip_in_lap(const sr__view_t *view, uint64_t t)
{
    uint64_t all = UINT64_C(1) << view->withdrawn_shift, at = t & (all - 1); /* a bit of `level` */
    uint64_t withdrawn = lap_of(view, t) << BITS | ALL;
    uint32_t level = 0, top = view->withdrawn_levels - 1;
    for (;;) {
        uint64_t rest = sr__load(&view->withdrawn[level][at / BITS]) ^ withdrawn, here = rest >> at % BITS;
        if (here == 0) {
            at = at / BITS + 1;
            level++;
            if (at < all >> 4 * level)
                continue;
            break;
        }
        if (rest <= ALL) /* else it is of another lap */
            at += sr__lowest_bit(here);
        if (level == 0)
            return (t & ~(all - 1)) + at;
        if (level == top && at >= all >> 4 * level)
            break;
        level--;
        at *= BITS;
    }
    return (t | (all - 1)) + 1;
}

/* [withdrawn.skip] Passes a run of publications that were withdrawn. The first one from `from` on that is
 * not known to be withdrawn; at most `limit`, if that lies above. */
uint64_t sr__withdrawn_skip(const sr__view_t *view, uint64_t from, uint64_t limit)
{
    uint64_t t = from, within = (UINT64_C(1) << view->withdrawn_shift) - 1;
    while (t < limit) {
        uint64_t next_lap = (t | within) + 1;
        t = skip_in_lap(view, t);
        if (t != next_lap)
            break;
    }
    return t < limit || limit < from ? t : limit;
}

/* Could a word of any level hold this, with the order's end there? Bits without a round are nobody's. */
bool sr__withdrawn_may_be(const sr__view_t *view, uint64_t word, uint64_t end)
{
    uint64_t lap = word >> BITS;
    if (lap == 0)
        return word == 0;
    return end > 0 && lap <= lap_of(view, end - 1);
}

/* What is withdrawn and not deferred is out of the walk: on behind a run of that. */
uint64_t sr__walk_skip(sr__view_t *view, uint64_t t)
{
    uint64_t to = sr__withdrawn_skip(view, t, sr__load(&view->state->tail)), deferred;
    /* After the look at what is withdrawn: whoever withdraws it defers it before that. */
    return to > t && sr__deferred_find(view, t, &deferred) && deferred < to ? deferred : to;
}
