/* SPDX-License-Identifier: Apache-2.0 */
/* The gate: which publications lossless readers, present or future, may still need. And the end of the order. */
#include "protocol/gate.h"

#define STUCK_LIMIT 1024u

/* [gate.end] Finds the end of the order. One above the last publication, exactly: at some moment during the
 * call nothing was listed there. `tail` is a hint that lags by at most `lag`; its producer may be dead or
 * stopped, so what stands beyond it is walked over. */
uint64_t sr__published_end(const sr__view_t *view)
{
    uint64_t t = sr__load(&view->state->tail);
    uint32_t lapped = 0;
    for (uint32_t turn = 0; turn < SR__LOOP_LIMIT && lapped < STUCK_LIMIT; turn++) {
        enum sr__entry_age age = sr__entry_age(view, sr__load(sr__order_at(view, t)), t);
        if (age == SR__OLDER)
            return t;
        if (age == SR__CURRENT) {
            t++;
            continue;
        }
        uint64_t tail = sr__load(&view->state->tail); /* a whole lap went by */
        lapped = tail > t ? 0 : lapped + 1;           /* or the ring is damaged */
        t = tail;
    }
    return t;
}

#define GROUPS UINT64_C(0xffffffff) /* of the set's summary */
#define ONE_MORE (GROUPS + 1)

static uint64_t group_of(uint32_t subscription)
{
    return UINT64_C(1) << subscription / 128;
}

/* [gate.set] Puts a subscription into the set of those that hold producers back. Subscription `r` may gate
 * from now on: before it is ACTIVE, so that a gate that did not see it here saw an end at or below the one
 * where its reader starts. The count tells who is about to take the group out that somebody came. */
void sr__gates_add(sr__view_t *view, uint32_t r)
{
    sr__gates_t *set = &view->state->gates;
    atomic_fetch_or_explicit(&set->words[r / 64], UINT64_C(1) << r % 64, memory_order_seq_cst);
    for (;;) {
        uint64_t summary = sr__load(&set->summary);
        if (sr__cas(&set->summary, summary, (summary + ONE_MORE) | group_of(r)))
            return;
    }
}

/* [gate.clear] Takes a subscription out of that set. By who has subscription `r`, or in its name, before
 * the subscription is FREE: the bit is nobody else's until then. */
void sr__gates_remove(sr__view_t *view, uint32_t r)
{
    sr__gates_t *set = &view->state->gates;
    atomic_fetch_and_explicit(&set->words[r / 64], ~(UINT64_C(1) << r % 64), memory_order_seq_cst);
    for (;;) {
        uint64_t summary = sr__load(&set->summary);
        const sr__word_t *both = &set->words[r / 128 * 2];
        if (!(summary & group_of(r)) || sr__load(&both[0]) != 0 || sr__load(&both[1]) != 0)
            return;
        if (sr__cas(&set->summary, summary, (summary + ONE_MORE) & ~group_of(r)))
            return;
    }
}

/* A producer may revoke it meanwhile. */
bool sr__subscription_free(sr__view_t *view, uint32_t r, uint64_t word)
{
    uint64_t w = sr__load(&view->subscriptions[r].state);
    uint64_t free_word =
        sr__subscription_word(SR__SUBSCRIPTION_FREE, 0, 0, sr__subscription_generation(word));
    for (; sr__subscription_same(w, word); w = sr__load(&view->subscriptions[r].state))
        if (sr__cas(&view->subscriptions[r].state, w, free_word))
            return true;
    return false;
}

/* [gate.leave] Makes a subscription JOIN that is ACTIVE, before it leaves the set: a subscription that is ACTIVE and gates is in the
 * set at any time, also while its reader, or who repairs after that, is stopped. A producer may revoke it meanwhile. */
uint64_t sr__gates_leave(sr__view_t *view, uint32_t r, uint64_t word)
{
    for (uint64_t w = sr__load(&view->subscriptions[r].state); sr__subscription_same(w, word);
         w = sr__load(&view->subscriptions[r].state)) {
        uint64_t leaving = sr__subscription_word(SR__SUBSCRIPTION_JOIN, sr__subscription_owner(w),
                                                 sr__subscription_flags(w), sr__subscription_generation(w));
        if (sr__cas(&view->subscriptions[r].state, w, leaving))
            return leaving;
    }
    return word;
}

bool sr__gates_have(const sr__view_t *view, uint32_t r)
{
    const sr__gates_t *set = &view->state->gates;
    return (sr__load(&set->summary) & group_of(r)) && sr__load(&set->words[r / 64]) >> r % 64 & 1;
}

/* What holds producers back, one after the other: the subscriptions of the set. */
typedef struct gating {
    uint64_t groups, bits; /* of the set; not yet looked at */
    uint32_t word;         /* that `bits` are of; an odd one is the last of its group */
    uint32_t row, owner;   /* of what was found */
} gating_t;

static gating_t gating_begin(const sr__view_t *view)
{
    return (gating_t){.groups = sr__load(&view->state->gates.summary) & GROUPS, .word = 1};
}

/* The next one's cursor: what is at or above it is still needed. */
SR__INLINE bool gating_next(const sr__view_t *view, gating_t *g, uint64_t *cursor)
{
    for (;;) {
        while (g->bits == 0) {
            if (g->word % 2 == 0) {
                g->word++;
            } else if (g->groups != 0) {
                g->word = 2 * sr__lowest_bit(g->groups);
                g->groups &= g->groups - 1;
            } else {
                return false;
            }
            g->bits = sr__load(&view->state->gates.words[g->word]);
        }
        uint32_t subscription = g->word * 64 + sr__lowest_bit(g->bits);
        g->bits &= g->bits - 1;
        if (subscription >= view->subscription_count)
            continue;
        uint64_t state = sr__load(&view->subscriptions[subscription].state);
        if (!sr__subscription_gates(state))
            continue;
        g->row = subscription;
        g->owner = sr__subscription_owner(state);
        *cursor = sr__number(sr__load(&view->subscriptions[subscription].cursor));
        return true;
    }
}

/* Does anything hold producers back? */
bool sr__any_gate(const sr__view_t *view)
{
    gating_t gating = gating_begin(view);
    uint64_t cursor;
    return gating_next(view, &gating, &cursor);
}

#define LOOKS_LIMIT 64u /* then it is cheaper to wake for nothing */

/* [gate.past] Looks whether anything still holds producers back at `sequence`, or before: true if nothing does, or after
 * very many looks. Of several readers that move on from there, the last one to store its cursor finds that nothing does:
 * seq_cst, against the stores of the others. Who joins, leaves or is repaired wakes in any case. */
bool sr__gate_may_be_past(const sr__view_t *view, uint64_t sequence)
{
    gating_t gating = gating_begin(view);
    uint64_t cursor;
    for (uint32_t looks = 0; looks < LOOKS_LIMIT && gating_next(view, &gating, &cursor); looks++)
        if (cursor <= sequence)
            return false;
    return true;
}

uint32_t sr__gate_row(const sr__view_t *view, uint32_t *owner)
{
    gating_t gating = gating_begin(view);
    uint32_t row = UINT32_MAX;
    uint64_t lowest = UINT64_MAX, cursor;
    *owner = UINT32_MAX;
    while (gating_next(view, &gating, &cursor))
        if (cursor < lowest) {
            lowest = cursor;
            row = gating.row;
            *owner = gating.owner;
        }
    return row;
}

/* [gate.subscriptions] Computes the gate: the lowest cursor, or the end of the order. The end is loaded
 * BEFORE the subscriptions: a reader that joins later starts at or above it, so what is below is safe for
 * ever. Pairs with subscribe, which puts its subscription into the set and makes it ACTIVE before it loads
 * the end once more. */
uint64_t sr__gate(sr__member_t *member)
{
    sr__view_t *view = &member->view;
    uint64_t gate = sr__published_end(view), cursor;
    gating_t gating = gating_begin(view);
    bool gated = false;
    while (gating_next(view, &gating, &cursor)) {
        gated = true;
        gate = cursor < gate ? cursor : gate;
    }
    /* Relaxed load, release store: another thread that trusts this gate must also see what the readers' cursors,
     * loaded above, made visible; the acquire is in claim.c. The gate only grows; a lost race costs a look. */
    if (gate > atomic_load_explicit(&member->gate, memory_order_relaxed))
        atomic_store_explicit(&member->gate, gate, memory_order_release);
    atomic_store_explicit(&member->gated, gated, memory_order_relaxed);
    return gate;
}
