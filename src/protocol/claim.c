/* SPDX-License-Identifier: Apache-2.0 */
/* Getting a slot to write into: a free one by the free map, else the oldest publication that may go, by the walk along
 * `order` from `frontier`; in a ring that keeps: the oldest one that was withdrawn and deferred.
 * A kill leaves: FREE with or without its bit in the free map (which repair sets again), CLAIMED(p) or RECLAIM(p),
 * which repair ends in p's name.
 */
#include "protocol/claim.h"
#include "base/error.h"
#include "base/probe.h"
#include "protocol/budget.h"
#include "protocol/counters.h"
#include "protocol/deferred.h"
#include "protocol/event.h"
#include "protocol/fill_order.h"
#include "protocol/free_map.h"
#include "protocol/gate.h"
#include "protocol/gather.h"
#include "protocol/recent.h"
#include "protocol/span.h"
#include "protocol/withdrawn.h"

enum {
    TAKEN = 1,
    NOTHING = 0,
    LOOK_AGAIN = 2,
    PASS = 3
};

/* [claim.start] Takes the number of the publication before out of the slot. The slot is mine now: no
 * publication. Release: whoever sees a later word also sees this; a reader that still sees the old word set
 * its hold bit after the look at `hold`, and will see a newer word. */
static void start_writing(sr__slot_t *s)
{
    atomic_store_explicit(&s->sequence, SR__NO_SEQUENCE, memory_order_release);
    /* What is written into the slot from now on, COMMIT among it, comes after the new word and sequence: pairs with an
     * observer's second look at them after its copy (copy.c), and with the load of COMMIT by who acquires (hold.c), who
     * must not see the sequence of the publication before with it. */
    atomic_thread_fence(memory_order_release);
}

/* [claim.map] Claims the slot that the free map names, or clears its bit. */
SR__INLINE int claim_from_map(sr__member_t *member, uint32_t slot, uint64_t *word)
{
    sr__view_t *view = &member->view;
    sr__slot_t *s = sr__slot(view, slot);
    uint64_t w = sr__load(&s->word);
    if (sr__slot_state(w) == SR__FREE) {
        uint64_t mine = sr__claimed(w, member->me);
        if (!sr__cas(&s->word, w, mine))
            return LOOK_AGAIN;
        if (sr__free_map_clear(view, slot)) /* at once, before anything else is done with the slot */
            sr__free_map_clear_up(view, slot);
        start_writing(s);
        *word = mine;
        return TAKEN;
    }
    bool emptied = sr__free_map_clear(view, slot);
    if (sr__slot_state(sr__load(&s->word)) == SR__FREE) { /* the second look */
        sr__free_map_set(view, slot);
        sr__wake(member, SR__SPACE_EVENT);
    } else if (emptied) {
        sr__free_map_clear_up(view, slot);
    }
    return LOOK_AGAIN;
}

SR__INLINE bool claim_free(sr__member_t *member, uint32_t *slot, uint64_t *word)
{
    sr__view_t *view = &member->view;
    uint32_t from = atomic_load_explicit(&member->write_index, memory_order_relaxed);
    if (from >= view->slot_count)
        from = 0;
    for (uint32_t turn = 0;
         turn < SR__LOOP_LIMIT && sr__free_map_any(view) && sr__free_map_find(view, from, slot); turn++) {
        if (claim_from_map(member, *slot, word) != TAKEN)
            continue;
        uint32_t next = sr__slot_after(view, *slot);
        atomic_store_explicit(&member->write_index, next, memory_order_relaxed);
        sr__prefetch_to_fill(view, sr__slot_after(view, next));
        return true;
    }
    return false;
}

/* In a ring with hot slots: the slot that became free last, whose bytes are still in the cache, most likely. Else the first
 * free one, so that slots which were not needed so far stay untouched. */
SR__APART bool claim_hot(sr__member_t *member, uint32_t *slot, uint64_t *word)
{
    sr__view_t *view = &member->view;
    for (uint32_t turn = 0; turn < SR__LOOP_LIMIT && sr__free_map_any(view); turn++) {
        if (!sr__recent_take(view, slot) && !sr__free_map_find(view, 0, slot))
            return false;
        if (claim_from_map(member, *slot, word) == TAKEN)
            return true;
    }
    return false;
}

/* What was withdrawn is counted there. */
static void count_reclaimed(sr__member_t *member, uint64_t w)
{
    if (sr__is_withdrawn(w))
        return;
    bool gated = atomic_load_explicit(&member->gated, memory_order_relaxed);
    sr__count(member, gated ? SR__RECYCLED : SR__OVERWRITTEN, 1);
}

/* [claim.reclaim] Claims the slot if nobody holds it, and retires it otherwise. RECLAIM(me) is set: look
 * who holds the slot. Nobody: it is mine. Somebody: retire it, so that the last holder reclaims it; and
 * look again, because that holder may have left before it could see the retired word. */
SR__INLINE int reclaim(sr__member_t *member, uint32_t slot, uint64_t w, uint64_t *word, uint64_t *content)
{
    sr__view_t *view = &member->view;
    sr__slot_t *s = sr__slot(view, slot);
    for (uint32_t turn = 0; turn < SR__LOOP_LIMIT; turn++) {
        if (!sr__is_held(view, s)) {
            uint64_t mine = sr__claimed(w, member->me);
            if (!sr__cas(&s->word, w, mine))
                return PASS; /* a reader reinstated it */
            start_writing(s);
            *content = sr__peek(&s->content);
            count_reclaimed(member, w);
            *word = mine;
            return TAKEN;
        }
        uint64_t retired = sr__retired(w);
        if (!sr__cas(&s->word, w, retired))
            return PASS;
        if (sr__is_held(view, s))
            return PASS; /* that holder comes here */
        w = sr__with_state(retired, SR__RECLAIM, member->me);
        if (!sr__cas(&s->word, retired, w))
            return PASS;
    }
    return PASS;
}

/* [claim.slot] Takes the slot of a publication that is to be overwritten, as RECLAIM. Publication `t` is
 * below the gate and listed in `slot`. */
SR__INLINE int try_listed(sr__member_t *member, uint32_t slot, uint64_t t, uint64_t *word, uint64_t *content)
{
    sr__slot_t *s = sr__slot(&member->view, slot);
    uint64_t w = sr__load(&s->word);
    if (sr__load(&s->sequence) != t)
        return PASS;
    if (!sr__is_committed(w) || sr__is_retired(w)) /* COMMIT with the number of its position is listed */
        return PASS;
    if (member->view.keep && !sr__is_withdrawn(w)) /* kept until free comes */
        return PASS;
    bool pinned = sr__pinner(w) != SR__NOBODY; /* retired until unpin reclaims it */
    uint64_t next = pinned ? sr__retired(w) : sr__with_state(w, SR__RECLAIM, member->me);
    if (!sr__cas(&s->word, w, next))
        return LOOK_AGAIN;
    int found = pinned ? PASS : reclaim(member, slot, next, word, content);
    if (sr__is_withdrawn(w)) /* it was deferred, and is out of the walk now */
        sr__deferred_clear(&member->view, t);
    return found;
}

/* [claim.frontier] Moves the frontier on. All below `t` is out of the walk for good: the frontier may
 * follow, not at every step, since every step would take its line away from the others. */
static void move_frontier(sr__view_t *view, uint64_t oldest, uint64_t t, uint32_t lag)
{
    if (t >= oldest + lag)
        sr__cas(&view->state->frontier, oldest, t);
}

/* May publication `t` go? Looks at the subscriptions once more if it lies at or above the gate known, once a walk. */
static bool below_gate(sr__member_t *member, uint64_t t, bool *fresh)
{
    /* Acquire: with a gate that another thread computed comes what the readers did before it. */
    if (t < atomic_load_explicit(&member->gate, memory_order_acquire))
        return true;
    if (*fresh)
        return false;
    *fresh = true;
    return t < sr__gate(member);
}

/* Publication `t` may not go, since somebody who reads holds producers back there. Or not any more: then it is looked at once
 * more, and so are the subscriptions. */
static int wait_for_readers(sr__member_t *member, uint64_t t, bool *fresh)
{
    if (!sr__budget_press(member, t))
        return NOTHING;
    *fresh = false;
    return LOOK_AGAIN;
}

/* The slot was the head of a span. It is mine, so nobody can have the message again. */
SR__APART int free_pieces(sr__member_t *member, uint32_t slot)
{
    sr__span_free_pieces(member, slot);
    sr__wake(member, SR__SPACE_EVENT);
    return 0;
}

/* A slot was taken in the place of a message. */
SR__INLINE int end_claim(sr__member_t *member, uint32_t slot, uint64_t content)
{
    return content & SR__SPAN ? free_pieces(member, slot) : 0;
}

/* [claim.deferred] Looks for a slot among the publications that were deferred. In a ring that keeps only
 * what was withdrawn goes, and of that only what a lossless reader still needed then was deferred. */
SR__APART int walk_deferred(sr__member_t *member, uint32_t *slot, uint64_t *word)
{
    sr__view_t *view = &member->view;
    bool fresh = false;
    uint64_t t, content;
    for (uint32_t turn = 0; turn < SR__LOOP_LIMIT; turn++) {
        if (!sr__deferred_find(view, sr__load(&view->state->frontier), &t))
            return SLOTRING_E_FULL;
        uint64_t entry = sr__load(sr__order_at(view, t));
        *slot = sr__entry_slot(view, entry);
        int found = PASS;
        if (sr__entry_age(view, entry, t) == SR__CURRENT && *slot < view->slot_count)
            found = below_gate(member, t, &fresh) ? try_listed(member, *slot, t, word, &content)
                                                  : wait_for_readers(member, t, &fresh);
        if (found == NOTHING)
            return SLOTRING_E_FULL;
        if (found == TAKEN)
            return end_claim(member, *slot, content);
        if (found == PASS) /* a bit that leads to nothing, or to what is out of the walk now */
            sr__deferred_clear(view, t);
    }
    return sr__error(SLOTRING_E_CORRUPT, "the walk along what was deferred makes no progress");
}

/* [claim.walk] Goes along the order for a slot that may be overwritten. E_FULL: nothing that may go.
 * Never steps over a publication that is gated. */
static int walk(sr__member_t *member, uint32_t *slot, uint64_t *word)
{
    sr__view_t *view = &member->view;
    bool fresh = false;
    uint64_t content, oldest = sr__load(&view->state->frontier);
    uint64_t t = atomic_load_explicit(&member->walked, memory_order_acquire);
    t = t > oldest ? t : oldest;
    for (uint32_t turn = 0; turn < SR__LOOP_LIMIT; turn++) {
        uint64_t entry = sr__load(sr__order_at(view, t));
        enum sr__entry_age age = sr__entry_age(view, entry, t);
        int found = age == SR__OLDER ? NOTHING : PASS;
        if (age == SR__CURRENT) {
            *slot = sr__entry_slot(view, entry);
            if (*slot >= view->slot_count)
                return sr__error(SLOTRING_E_CORRUPT, "the order names a slot past the last one, %u",
                                 view->slot_count - 1);
            found = below_gate(member, t, &fresh) ? try_listed(member, *slot, t, word, &content)
                                                  : wait_for_readers(member, t, &fresh);
        }
        if (found == LOOK_AGAIN)
            continue;
        if (found == NOTHING) {
            move_frontier(view, oldest, t, 1);
            return SLOTRING_E_FULL;
        }
        t++;
        if (found == PASS)
            t = sr__walk_skip(view, t);
        if (found == TAKEN) {
            /* Release, and acquire above: another thread that moves the frontier there moves it after what this one did
             * to the slots below. */
            atomic_store_explicit(&member->walked, t, memory_order_release);
            move_frontier(view, oldest, t, view->lag);
            sr__prefetch_listed(view, t + 2, sr__prefetch_to_fill);
            return end_claim(member, *slot, content);
        }
        if (t >= oldest + view->lag) {
            move_frontier(view, oldest, t, view->lag);
            oldest = sr__load(&view->state->frontier);
            t = t > oldest ? t : oldest;
        }
    }
    return sr__error(SLOTRING_E_CORRUPT, "the walk along the order makes no progress");
}

bool sr__claim_free(sr__member_t *member, uint32_t *slot, uint64_t *word)
{
    return member->view.hot ? claim_hot(member, slot, word) : claim_free(member, slot, word);
}

int sr__claim(sr__member_t *member, uint32_t *slot, uint64_t *word)
{
    if (member->view.hot ? claim_hot(member, slot, word) : claim_free(member, slot, word)) {
        SR__PROBE(claim, member->view.header.name, member->me, *slot);
        return 0;
    }
    int failed = member->view.keep ? walk_deferred(member, slot, word) : walk(member, slot, word);
    if (failed == SLOTRING_E_FULL)
        sr__gather_press(member);
    if (!failed)
        SR__PROBE(claim, member->view.header.name, member->me, *slot);
    return failed;
}
