/* SPDX-License-Identifier: Apache-2.0 */
/* Repair after a participant, in its name: after its death by whoever holds the process mutex, at close by itself. Each
 * step is "if the word still names d, put its fixed successor", so a repairer that is killed is followed by another
 * that starts over; the incarnation becomes even last.
 */
#include "protocol/repair.h"
#include "base/probe.h"
#include "protocol/block.h"
#include "protocol/deferred.h"
#include "protocol/event.h"
#include "protocol/free_map.h"
#include "protocol/freed.h"
#include "protocol/gate.h"
#include "protocol/gather.h"
#include "protocol/group.h"
#include "protocol/holders.h"
#include "protocol/left.h"
#include "protocol/letters.h"
#include "protocol/passed.h"
#include "protocol/reclaim.h"
#include "protocol/seqlock.h"
#include "protocol/span.h"
#include "protocol/stream.h"
#include "protocol/token.h"

/* [repair.durable] Leaves a durable subscription to its next owner: it goes on gating, with the generation that it has. One
 * CAS, after the words that say who left it, which are right whoever is killed in between. */
static bool repair_durable(sr__member_t *member, uint32_t d, sr__subscription_t *subscription, uint64_t w)
{
    if (sr__subscription_state(w) != SR__SUBSCRIPTION_ACTIVE ||
        (sr__subscription_flags(w) & SR__SUBSCRIPTION_DURABLE) == 0)
        return false;
    sr__subscription_leave(member, subscription, w, d);
    return true;
}

/* [repair.subscriptions] Makes the subscriptions of the dead one FREE, but for those that are durable. */
static void repair_subscriptions(sr__member_t *member, uint32_t d, slotring_recovery_t *r)
{
    sr__view_t *view = &member->view;
    for (uint32_t i = 0; i < view->subscription_count; i++) {
        uint64_t w = sr__load(&view->subscriptions[i].state);
        if (sr__subscription_state(w) == SR__SUBSCRIPTION_FREE || sr__subscription_owner(w) != d)
            continue;
        if (repair_durable(member, d, &view->subscriptions[i], w))
            continue;
        if (sr__subscription_flags(w) & SR__SUBSCRIPTION_IN_SET) {
            w = sr__gates_leave(view, i, w);
            sr__gates_remove(view, i); /* before it can be another's */
        }
        r->readers += sr__subscription_free(view, i, w);
    }
}

/* What the dead one wrote records into. Before its slots: what is committed is published, and the slot is COMMIT then. */
static void repair_writers(sr__member_t *member, uint32_t d)
{
    sr__view_t *view = &member->view;
    for (uint32_t i = 0; i < sr__writers_high(view); i++) {
        sr__writer_t *row = &view->writers[i];
        uint64_t w = sr__load(&row->state);
        if (sr__writer_state(w) == SR__WRITER_FREE || sr__writer_owner(w) != d)
            continue;
        /* [repair.block] Seals and lists the block that the dead one had open. */
        sr__block_repair(member, row, d);
        /* [repair.writer] Makes the row FREE, after its block: until then a second repairer finds it. */
        sr__cas(&row->state, w, sr__writer_word(SR__WRITER_FREE, 0, sr__writer_generation(w)));
    }
}

/* Frees what the dead one had CLAIMED, with its pieces, if it is the head of a span. */
static void end_claim(sr__member_t *member, uint32_t slot, uint64_t w, slotring_recovery_t *r)
{
    sr__slot_t *s = sr__slot(&member->view, slot);
    if (sr__has_pieces(s))
        r->slots_freed += sr__span_free_pieces(member, slot);
    if (sr__cas(&s->word, w, sr__to_free(w)))
        r->slots_freed++;
}

/* [repair.reclaim] Ends a RECLAIM of the dead one. RECLAIM(d): FREE when nobody holds it, else retired,
 * never plain PUBLISHED: it may have left the walk. The head of a span is CLAIMED(d) before that, so that its pieces go
 * when no reader can come back to it. */
static void end_reclaim(sr__member_t *member, uint32_t slot, uint64_t w, slotring_recovery_t *r)
{
    sr__view_t *view = &member->view;
    sr__slot_t *s = sr__slot(view, slot);
    if (sr__is_held(view, s)) {
        sr__cas(&s->word, w, sr__retired(w));
    } else if (sr__has_pieces(s)) {
        uint64_t claimed = sr__claimed(w, sr__owner(w));
        if (sr__cas(&s->word, w, claimed))
            end_claim(member, slot, claimed, r);
    } else if (sr__cas(&s->word, w, sr__to_free(w))) {
        r->slots_freed++;
    }
}

/* Had d itself come to the end of this publication? */
static bool is_noted(const sr__view_t *view, uint32_t d, uint64_t sequence)
{
    uint64_t last = sr__peek(&view->participants[d].last_sequence);
    return last != SR__NO_SEQUENCE && sequence <= last;
}

/* [repair.commit] Ends a COMMIT of the dead one. COMMIT(d): listed: it is published. Not listed: it never
 * will be (appending it now could publish it twice); withdrawn, so that no forged ticket reads it and a
 * ring that keeps lets it go. */
static void end_commit(sr__member_t *member, uint32_t slot, uint64_t w, slotring_recovery_t *r)
{
    sr__view_t *view = &member->view;
    sr__slot_t *s = sr__slot(view, slot);
    uint64_t sequence = sr__load(&s->sequence);
    if (sequence != SR__NO_SEQUENCE && sr__is_listed(view, sequence, slot)) {
        sr__cas(&s->word, w, sr__with_state(w, SR__PUBLISHED, SR__NOBODY));
        if (!is_noted(view, sr__owner(w), sequence))
            r->published++;
        return;
    }
    uint64_t gone = sr__with_state(w, SR__RECLAIM, sr__owner(w)) | SR__RETIRED | SR__WITHDRAWN;
    if (sr__cas(&s->word, w, gone))
        end_reclaim(member, slot, gone, r);
}

/* [repair.hold] Clears the hold bit of the dead one. */
static void drop_bit(sr__member_t *member, uint32_t slot, uint32_t d, slotring_recovery_t *r)
{
    sr__word_t *hold = sr__hold_word(sr__slot(&member->view, slot), d / 64);
    uint64_t bit = UINT64_C(1) << d % 64;
    if (sr__load(hold) & bit) {
        atomic_fetch_and_explicit(hold, ~bit, memory_order_seq_cst);
        r->holds++;
    }
}

/* [repair.pin] Takes the pin of the dead one away. PUBLISHED, held by d by the word: others may retire or
 * free it meanwhile, so until it names d no more. */
static void drop_pin(sr__member_t *member, uint32_t slot, uint32_t d, slotring_recovery_t *r)
{
    sr__slot_t *s = sr__slot(&member->view, slot);
    for (uint32_t turn = 0; turn < SR__LOOP_LIMIT; turn++) {
        uint64_t w = sr__load(&s->word);
        if (sr__pinner(w) != d)
            return;
        if (sr__cas(&s->word, w, sr__unpinned(w))) {
            r->holds++;
            return;
        }
    }
}

/* [repair.freed] Looks at a block that the dead one held: it may have freed the last record, and not have looked. Before
 * the hold is dropped: until then a second repairer looks, too. */
static void look_if_held(sr__member_t *member, uint32_t slot, uint32_t d)
{
    sr__slot_t *s = sr__slot(&member->view, slot);
    if (sr__pinner(sr__load(&s->word)) == d || (sr__load(sr__hold_word(s, d / 64)) >> d % 64 & 1))
        sr__freed_look(member, slot, 0, d);
}

/* [repair.slot] One slot: d's own state, d's pin and hold bit, and a retired slot that nobody may be left to
 * reclaim. */
static void repair_slot(sr__member_t *member, uint32_t slot, uint32_t d, slotring_recovery_t *r)
{
    sr__slot_t *s = sr__slot(&member->view, slot);
    uint64_t w = sr__load(&s->word);
    if (sr__owner(w) == d && sr__slot_state(w) == SR__CLAIMED) {
        end_claim(member, slot, w, r);
    } else if (sr__owner(w) == d && sr__slot_state(w) == SR__RECLAIM) {
        end_reclaim(member, slot, w, r);
    } else if (sr__owner(w) == d && sr__slot_state(w) == SR__COMMIT) {
        end_commit(member, slot, w, r);
    }
    look_if_held(member, slot, d);
    drop_pin(member, slot, d, r);
    drop_bit(member, slot, d, r);
    /* [repair.retired] Reclaims a retired slot, whoever retired it. */
    w = sr__load(&s->word);
    if (sr__slot_state(w) == SR__PUBLISHED && sr__is_retired(w)) {
        sr__reclaim_retired(member, slot, d);
        if (sr__slot_state(sr__load(&s->word)) == SR__FREE)
            r->slots_freed++;
    } else if (sr__slot_state(w) == SR__PUBLISHED && sr__is_withdrawn(w)) {
        uint64_t sequence = sr__load(&s->sequence);
        /* [repair.deferred] Marks a withdrawn message as deferred: d may not have come to that. */
        if (sequence != SR__NO_SEQUENCE)
            sr__deferred_mark(&member->view, sequence);
    } else if (sr__slot_state(w) == SR__PIECE) {
        r->slots_freed += sr__span_free_orphan(member, slot);
    }
}

/* [repair.last] The last sequence that d published: its own note, or a later one still in a slot (the note may lag
 * by one). Only what is listed counts: a slot that d was publishing when it died has the number that it tried for. */
static uint64_t last_sequence(sr__member_t *member, uint32_t d)
{
    sr__view_t *view = &member->view;
    sr__participant_t *p = &view->participants[d];
    uint64_t last = sr__peek(&p->last_sequence);
    uint64_t mark = sr__producer(d, sr__load(&p->incarnation));
    for (uint32_t slot = 0; slot < view->slot_count; slot++) {
        sr__slot_t *s = sr__slot(view, slot);
        uint64_t sequence = sr__load(&s->sequence);
        if (sr__slot_state(sr__load(&s->word)) != SR__PUBLISHED || sr__peek(&s->producer) != mark ||
            sequence == SR__NO_SEQUENCE || !sr__is_listed(view, sequence, slot))
            continue;
        if (last == SR__NO_SEQUENCE || sequence > last)
            last = sequence;
    }
    return last;
}

void sr__repair_orphans(sr__member_t *member, slotring_recovery_t *recovery)
{
    const sr__view_t *view = &member->view;
    for (uint32_t slot = 0; slot < view->slot_count; slot++)
        if (sr__slot_state(sr__load(&sr__slot(view, slot)->word)) == SR__PIECE)
            recovery->slots_freed += sr__span_free_orphan(member, slot);
}

void sr__repair(sr__member_t *member, uint32_t d, enum sr__stream_phase as, slotring_recovery_t *recovery)
{
    sr__view_t *view = &member->view;
    sr__participant_t *p = &view->participants[d];
    slotring_recovery_t ignored = {0};
    slotring_recovery_t *r = recovery ? recovery : &ignored;
    uint64_t incarnation = sr__load(&p->incarnation);
    if (!sr__in_use(incarnation))
        return;
    SR__PROBE(repair, view->header.name, d, as == SR__DIED);
    sr__letters_repair(member, d, as == SR__DIED);
    sr__groups_repair(member, d); /* before its subscriptions: until then each group has a member in it */
    repair_subscriptions(member, d, r);
    repair_writers(member, d);
    for (uint32_t slot = 0; slot < view->slot_count; slot++)
        repair_slot(member, slot, d, r);
    if (view->hot)
        sr__free_passed(member, d); /* what the dead one alone had not passed */
    sr__token_repair(member, d);
    sr__forget_sleepers(member, d);
    if (as == SR__DIED && sr__stream_phase(sr__load(&p->stream)) == SR__STREAMING)
        sr__death_write(p, last_sequence(member, d), sr__peek(&p->proxy) == incarnation);
    sr__stream_close(member, d, as);
    /* [repair.map] Sets the bits of all free slots: d may have been between clearing a bit and its second look. */
    sr__free_map_refill(member, view->slot_count);
    sr__gather_repair(member);
    sr__wake_always(member, SR__PUBLISHED_EVENT);
    sr__wake_always(member, SR__SPACE_EVENT);
    sr__wake_always(member, SR__GATHERED_EVENT);
    /* [repair.done] Makes the entry of the dead one free, last of all. */
    sr__cas(&p->incarnation, incarnation, incarnation + 1);
    sr__participant_left(view, d);
}
