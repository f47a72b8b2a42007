/* SPDX-License-Identifier: Apache-2.0 */
/* Publication: one CAS on `order` gives the sequence number and makes the slot visible to everyone.
 *
 * A kill leaves: CLAIMED(p), repaired to FREE; COMMIT(p) not listed, repaired to FREE: never published; COMMIT(p)
 * listed: published, and at rest like PUBLISHED. A writer's block is listed by repair instead of freed: block.c.
 * A kill while the oldest is retired leaves it retired and not reclaimed, or the frontier behind it: the next publication
 * goes on there. `tail` lags behind the end by up to `lag` at any time.
 */
#include "protocol/publish.h"
#include "base/error.h"
#include "base/probe.h"
#include "protocol/counters.h"
#include "protocol/reclaim.h"
#include "protocol/withdrawn.h"

/* [publish.retire] Retires what lies where the frontier stands. This publication needs that position of the order. The
 * message there is retired, so that whoever holds or keeps it reclaims its slot, and the frontier moves on. */
static void retire_oldest(sr__member_t *member, uint64_t t, uint32_t as)
{
    sr__view_t *view = &member->view;
    uint64_t to = sr__walk_skip(view, t);
    if (to > t) { /* all that is out of the walk already */
        sr__cas(&view->state->frontier, t, to);
        return;
    }
    uint64_t entry = sr__load(sr__order_at(view, t));
    uint32_t slot = sr__entry_slot(view, entry);
    if (sr__entry_age(view, entry, t) == SR__CURRENT && slot < view->slot_count)
        sr__retire(member, slot, t, as);
    sr__cas(&view->state->frontier, t, t + 1);
}

/* Turns in which neither `tail` nor `frontier` moved: a damaged ring. In a sound one the end is at most `lag` beyond
 * `tail`, and progress, one's own or another producer's, moves one of the two. */
#define STUCK_LIMIT 4096u

typedef struct sight {
    uint64_t tail, oldest;
    uint32_t turns;
} sight_t;

static bool is_stuck(sight_t *last, uint64_t tail, uint64_t oldest)
{
    bool same = last->tail == tail && last->oldest == oldest;
    *last = (sight_t){tail, oldest, same ? last->turns + 1 : 0};
    return last->turns > STUCK_LIMIT;
}

/* [publish.list] Finds the end of the order and lists the slot there. All below `t` is listed: below `tail`, below what
 * this handle saw listed, or walked over here. `tail` is moved on BEFORE a publication would be `lag` beyond it, so
 * the end never is. `as`: in whose name, the caller's own or, in repair, the dead one's. */
SR__INLINE int list_slot(sr__member_t *member, uint32_t slot, uint32_t as, uint64_t *sequence)
{
    sr__view_t *view = &member->view;
    sr__slot_t *s = sr__slot(view, slot);
    uint64_t length = view->order_mask + 1, t = atomic_load_explicit(&member->seen_end, memory_order_acquire);
    sight_t last = {0};
    for (;;) {
        uint64_t tail = sr__load(&view->state->tail), oldest = sr__load(&view->state->frontier);
        t = t > tail ? t : tail;
        sr__word_t *position = sr__order_at(view, t);
        uint64_t entry = sr__load(position);
        enum sr__entry_age age = sr__entry_age(view, entry, t);
        if (age == SR__CURRENT) {
            t++;
        } else if (age == SR__NEWER) {
            t = tail; /* a whole lap went by */
        } else if (t - tail >= view->lag) {
            sr__cas(&view->state->tail, tail, t);
        } else if (t >= length && oldest < t - length) {
            /* Each publication waited for `frontier` to pass its position: this far back it never is in a sound
             * ring, and would have to be moved on as many times as somebody likes to write there. */
            return sr__error(SLOTRING_E_CORRUPT,
                             "the oldest publication is said to be %llu, and the newest %llu",
                             (unsigned long long)oldest, (unsigned long long)t);
        } else if (t >= length && oldest == t - length) {
            retire_oldest(member, oldest, as);
        } else {
            /* [publish.number] Stores the number in the slot. Release is enough: it is read by those who
             * saw the entry (the CAS below), the word PUBLISHED (a later CAS), or who compare it with the
             * order and fail if it is not there yet. */
            atomic_store_explicit(&s->sequence, t, memory_order_release);
            /* [publish.order] Lists the slot in the order: the linearisation point. */
            if (sr__cas(position, entry, sr__entry(view, t, slot))) {
                /* Release, and acquire above: another thread that lists after it lists later for everybody. */
                atomic_store_explicit(&member->seen_end, t + 1, memory_order_release);
                *sequence = t;
                return 0;
            }
        }
        if (is_stuck(&last, tail, oldest))
            return sr__error(SLOTRING_E_CORRUPT, "the end of the order cannot be found");
    }
}

int sr__list(sr__member_t *member, uint32_t slot, uint32_t as, uint64_t *sequence)
{
    return list_slot(member, slot, as, sequence);
}

int sr__publish(sr__member_t *member, uint32_t slot, uint64_t claimed, uint64_t *sequence)
{
    sr__slot_t *s = sr__slot(&member->view, slot);
    uint64_t commit = sr__with_state(claimed, SR__COMMIT, member->me);
    /* [publish.commit] Says that the slot is complete. A CAS, so that two threads with copies of one slot
     * publish it once. A handle of one thread has no such rival: CLAIMED(p) is p's alone to change while p
     * lives, and the caller has just seen it there. Release is enough then: who must see COMMIT, or what
     * was written before, comes by the entry in the order, which a CAS releases. */
    if (member->one_thread)
        atomic_store_explicit(&s->word, commit, memory_order_release);
    else if (!sr__cas(&s->word, claimed, commit))
        return sr__error(SLOTRING_E_STATE,
                         "slot %u is not being written by this handle: published or aborted already", slot);
    int failed = list_slot(member, slot, member->me, sequence);
    if (failed)
        return failed;
    /* The word stays COMMIT. To change it now would take its line away from the readers, who are just coming for it. */
    sr__note_sequence(member, *sequence);
    SR__PROBE(publish, member->view.header.name, slot, *sequence);
    return 0;
}
