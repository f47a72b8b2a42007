/* SPDX-License-Identifier: Apache-2.0 */
/* Tickets: what they must be like, and reading and freeing by them. */
#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "members/enter.h"
#include "protocol/counters.h"
#include "protocol/deferred.h"
#include "protocol/event.h"
#include "protocol/gate.h"
#include "protocol/hold.h"
#include "protocol/snapshot.h"
#include "protocol/withdrawn.h"
#include "traffic/record_ticket.h"
#include "traffic/slots.h"
#include "traffic/span.h"
#include "traffic/ticket.h"

static int enter(slotring_t *ring, const slotring_ticket_t *ticket)
{
    int failed = sr__enter(ring);
    return failed ? failed : sr__ticket_check(&ring->member.view, ticket);
}

/* What a writer published, or a span: a message, or a block, which has no ticket. */
SR__APART int of_writer(slotring_t *ring, const slotring_ticket_t *ticket, uint64_t content,
                        slotring_slot_t *slot)
{
    if (sr__content_kind(content) == SR__BLOCK)
        return sr__block_refused(ring, ticket->sequence);
    return sr__content_for_reading(ring, ticket->slot, ticket->sequence, content, SR__SLOT_READING, slot);
}

int slotring_acquire_for_read(slotring_t *ring, const slotring_ticket_t *ticket, slotring_slot_t *slot)
{
    if (!slot)
        return sr__error(SLOTRING_E_INVALID, "slot is NULL");
    int failed = enter(ring, ticket);
    if (failed)
        return failed;
    if (ticket->flags != 0) /* of a record: sr__ticket_check knows no other */
        return sr__record_acquire(ring, ticket, slot);
    slotring_ticket_t own = *ticket; /* it may lie inside *slot */
    uint64_t key[2];
    /* [ticket.take] Holds the publication of the ticket. */
    failed = sr__hold_open(&ring->member, own.slot, own.sequence, key);
    if (failed)
        return sr__hold_refused(&ring->member, own.slot, failed);
    uint64_t content = sr__peek(&sr__slot(&ring->member.view, own.slot)->content);
    if (content == SR__PLAIN_MESSAGE)
        failed = sr__slot_for_reading(ring, own.slot, own.sequence, SR__SLOT_READING, slot);
    else
        failed = of_writer(ring, &own, content, slot);
    if (failed) {
        sr__hold_close(&ring->member, own.slot, key);
        return failed;
    }
    slot->internal[2] = key[0];
    slot->internal[3] = key[1];
    sr__count(&ring->member, SR__BYTES_READ, slot->length);
    return 0;
}

int slotring_release(slotring_t *ring, slotring_slot_t *slot)
{
    int failed = sr__enter(ring);
    if (!failed)
        failed = sr__slot_check(ring, slot, SR__SLOT_READING);
    if (failed)
        return failed;
    if (!sr__hold_close(&ring->member, slot->index, &slot->internal[2]))
        return sr__plain(SLOTRING_E_NOT_HELD);
    sr__slot_give_back(slot);
    return 0;
}

/* [ticket.withdraw] Marks the word as withdrawn. The caller holds the slot, so the publication stays. 0, or E_STALE when the
 * publication was withdrawn before. */
static int mark_withdrawn(slotring_t *ring, uint32_t slot, uint64_t sequence)
{
    sr__slot_t *s = sr__slot(&ring->member.view, slot);
    uint64_t gate = atomic_load_explicit(&ring->member.gate, memory_order_acquire);
    if (sequence >= gate)
        gate = sr__gate(&ring->member);
    for (uint32_t turn = 0; turn < SR__LOOP_LIMIT; turn++) {
        uint64_t w = sr__load(&s->word);
        if (sr__slot_state(w) == SR__RECLAIM) {
            /* [ticket.reinstate] Takes the slot back from who is reclaiming it, as acquire does. */
            sr__cas(&s->word, w, sr__retired(w) + SR__VERSION_ONE);
            continue;
        }
        if (sr__is_withdrawn(w))
            return SLOTRING_E_STALE;
        uint64_t withdrawn = sr__with_state(w, SR__PUBLISHED, sr__pinner(w)) | SR__WITHDRAWN;
        if (sequence < gate)
            withdrawn |= SR__RETIRED; /* no lossless reader needs it: the last holder reclaims it */
        if (!sr__cas(&s->word, w, withdrawn))
            continue;
        /* [ticket.defer] Marks the publication as deferred, for who looks for a slot when those readers have passed. */
        if (!sr__is_retired(withdrawn))
            sr__deferred_mark(&ring->member.view, sequence);
        sr__withdrawn_mark(&ring->member.view, sequence);
        return 0;
    }
    return SLOTRING_E_CORRUPT;
}

int slotring_free(slotring_t *ring, const slotring_ticket_t *ticket)
{
    int failed = enter(ring, ticket);
    if (failed)
        return failed;
    if (ticket->flags != 0)
        return sr__record_free(ring, ticket);
    uint32_t slot = ticket->slot, held;
    failed = sr__hold_uncounted(&ring->member, slot, ticket->sequence, &held);
    if (failed)
        return sr__hold_refused(&ring->member, slot, failed);
    bool is_block = sr__is_block(sr__slot(&ring->member.view, slot));
    failed =
        is_block ? sr__block_refused(ring, ticket->sequence) : mark_withdrawn(ring, slot, ticket->sequence);
    sr__hold_drop(&ring->member, held); /* reclaims it if it is retired and nobody else holds it */
    if (is_block)
        return failed;
    if (failed) {
        sr__count(&ring->member, SR__STALE, 1);
        return sr__plain(failed);
    }
    sr__count(&ring->member, SR__FREES, 1);
    sr__wake(&ring->member, SR__SPACE_EVENT); /* a ring that keeps may reclaim it now */
    return 0;
}

/* A ticket for the message that is listed in the slot now. A look, not a hold: it may be stale when it is used. */
int sr__ticket_at(slotring_t *ring, uint32_t index, slotring_ticket_t *ticket)
{
    sr__view_t *view = &ring->member.view;
    if (!ticket || index >= view->slot_count)
        return sr__error(SLOTRING_E_INVALID, "slot %" PRIu32 " of %" PRIu32 " (0 is the first), ticket %s",
                         index, view->slot_count, ticket ? "given" : "NULL");
    sr__slot_t *s = sr__slot(view, index);
    for (uint32_t turn = 0; turn < SR__LOOP_LIMIT; turn++) {
        uint64_t w = sr__load(&s->word), sequence = sr__load(&s->sequence);
        bool is_block = sr__is_block(s);
        /* The system may copy for an observer while a word changes, and give parts of both values. */
        int failed = ring->member.observer ? sr__look_again(&ring->member, s, sizeof *s) : 0;
        if (failed)
            return failed;
        if (sr__load(&s->word) != w || sr__load(&s->sequence) != sequence)
            continue; /* word, sequence and content belong together */
        enum sr__presence presence = sr__presence(w, sequence, sequence);
        if (sequence == SR__NO_SEQUENCE || presence == SR__ABSENT ||
            (presence == SR__PRESENT_IF_LISTED && !sr__is_listed(view, sequence, index)))
            return sr__error(SLOTRING_E_NOT_READY, "slot %" PRIu32 " holds no publication", index);
        if (is_block)
            return sr__error(
                SLOTRING_E_INVALID,
                "slot %" PRIu32 " holds records: each has a ticket of its own, which readers get", index);
        sr__ticket_make(view, sequence, index, ticket);
        return 0;
    }
    return sr__plain(SLOTRING_E_NOT_READY);
}

int slotring_ticket_at(slotring_t *ring, uint32_t index, slotring_ticket_t *ticket)
{
    int failed = sr__enter_any(ring, 0);
    if (failed)
        return failed;
    if (ring->member.observer && index < ring->member.view.slot_count)
        failed = sr__snapshot_slot(&ring->member, index);
    return sr__leave_any(ring, failed ? failed : sr__ticket_at(ring, index, ticket));
}
