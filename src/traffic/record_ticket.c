/* SPDX-License-Identifier: Apache-2.0 */
/* Records by ticket. The ticket names the block by its writer and its number, and the record by the record's number: the
 * block is held, and the walk along its headers finds the record or nothing.
 */
#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "protocol/counters.h"
#include "protocol/freed.h"
#include "protocol/hold.h"
#include "protocol/record_find.h"
#include "traffic/copy_check.h"
#include "traffic/record_ticket.h"
#include "traffic/slots.h"
#include "traffic/verify.h"

int sr__block_refused(const slotring_t *ring, uint64_t sequence)
{
    return sr__error(SLOTRING_E_INVALID,
                     "sequence %" PRIu64
                     " of ring \"%s\" is a slot with records, and each record has a ticket of "
                     "its own: this ticket names none",
                     sequence, ring->member.view.header.name);
}

/* The thread's last error, for a block that could not be held, or has no such record. */
static int refused(slotring_t *ring, uint32_t slot, int code)
{
    if (code == SLOTRING_E_CORRUPT)
        return code;
    if (code != SLOTRING_E_BUSY)
        return sr__hold_refused(&ring->member, slot, code);
    return sr__error(
        code,
        "the records in slot %u cannot be held now: a thread of this process was stopped while it "
        "released one; once that thread goes on, they can",
        slot);
}

/* In the order, a block has a sequence. */
static uint64_t sequence_of(const sr__view_t *view, uint32_t slot)
{
    const sr__slot_t *s = sr__slot(view, slot);
    for (uint32_t turn = 0; turn < SR__LOOP_LIMIT; turn++) {
        uint64_t w = sr__load(&s->word), sequence = sr__load(&s->sequence);
        if (!sr__is_being_written(view, slot, w, sequence))
            return sequence;
        if (sr__load(&s->word) == w)
            return SR__NO_SEQUENCE;
    }
    return SR__NO_SEQUENCE;
}

static void fill(slotring_t *ring, const slotring_ticket_t *ticket, uint64_t place, uint64_t header,
                 slotring_slot_t *slot)
{
    sr__view_t *view = &ring->member.view;
    uint32_t index = ticket->slot;
    sr__record_for_reading(sr__block_bytes(view, index), place, header, slot);
    slot->offset = index * view->payload_stride + place + SR__RECORD_HEADER;
    slot->sequence = sequence_of(view, index);
    slot->index = index;
    sr__slot_producer(sr__slot(view, index), slot);
    slot->number = ticket->sequence;
    slot->writer = sr__content_writer(ticket->flags);
    slot->ticket = *ticket;
}

int sr__record_acquire(slotring_t *ring, const slotring_ticket_t *ticket, slotring_slot_t *slot)
{
    slotring_ticket_t own = *ticket; /* it may lie inside *slot */
    uint64_t key[2], place, header;
    /* [record_ticket.take] Holds the block of the ticket, and finds the record in it. */
    int failed = sr__hold_block_open(&ring->member, own.slot, own.flags, key);
    if (failed)
        return refused(ring, own.slot, failed);
    failed = sr__record_find(&ring->member, own.slot, own.sequence, &place, &header);
    if (failed) {
        sr__hold_close(&ring->member, own.slot, key);
        return refused(ring, own.slot, failed);
    }
    fill(ring, &own, place, header, slot);
    slot->internal[0] = SR__SLOT_READING;
    slot->internal[1] = ring->slot_mark;
    slot->internal[2] = key[0];
    slot->internal[3] = key[1];
    sr__count(&ring->member, SR__BYTES_READ, slot->length);
    return 0;
}

int sr__record_compare(const sr__view_t *view, const slotring_ticket_t *ticket, const sr__summed_t *summed,
                       const void *buffer, bool has_sum, uint64_t noted)
{
    slotring_slot_t what = {.index = ticket->slot, .length = summed->length};
    what.writer = sr__content_writer(ticket->flags);
    what.number = summed->number;
    what.tag = summed->tag;
    what.time_ns = summed->time;
    return has_sum ? sr__compare_sum(view, &what, buffer, noted) : sr__no_sum(&what);
}

int sr__record_copy(slotring_t *ring, const slotring_ticket_t *ticket, void *buffer, uint64_t size,
                    slotring_slot_t *info)
{
    uint64_t place, header;
    uint32_t held;
    int failed = sr__hold_block(&ring->member, ticket->slot, ticket->flags, &held);
    if (failed)
        return refused(ring, ticket->slot, failed);
    failed = sr__record_find(&ring->member, ticket->slot, ticket->sequence, &place, &header);
    if (failed) {
        sr__hold_drop(&ring->member, held);
        return refused(ring, ticket->slot, failed);
    }
    uint64_t length = sr__record_length(header);
    failed = sr__copy_check(buffer, size, length);
    if (info) {
        memset(info, 0, offsetof(slotring_slot_t, reserved));
        fill(ring, ticket, place, header, info);
        sr__copy_info(info);
    }
    if (!failed && length > 0)
        memcpy(buffer, sr__block_bytes(&ring->member.view, ticket->slot) + place + SR__RECORD_HEADER,
               (size_t)length);
    bool has_sum = (header & SR__RECORD_HAS_SUM) != 0;
    sr__summed_t summed = {.length = length, .number = ticket->sequence};
    sr__record_read_rest(sr__block_bytes(&ring->member.view, ticket->slot), place, header, &summed.time,
                         &summed.tag);
    uint64_t noted =
        has_sum ? sr__record_sum(sr__block_bytes(&ring->member.view, ticket->slot), place, header) : 0;
    sr__hold_drop(&ring->member, held);
    if (failed)
        return failed;
    sr__count(&ring->member, SR__BYTES_READ, length);
    return sr__has_sums(&ring->member.view)
               ? sr__record_compare(&ring->member.view, ticket, &summed, buffer, has_sum, noted)
               : 0;
}

int sr__record_free(slotring_t *ring, const slotring_ticket_t *ticket)
{
    uint64_t place, header;
    uint32_t slot = ticket->slot, held;
    int failed = sr__hold_block(&ring->member, slot, ticket->flags, &held);
    if (failed)
        return refused(ring, slot, failed);
    failed = sr__record_find(&ring->member, slot, ticket->sequence, &place, &header);
    if (!failed)
        failed = sr__freed_mark(&ring->member, slot, place);
    sr__hold_drop(&ring->member, held); /* reclaims the block if it is retired and nobody else holds it */
    return failed ? refused(ring, slot, failed) : 0;
}
