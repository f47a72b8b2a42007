/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of messages without holding them for longer than the copy. A participant holds the publication meanwhile. An
 * observer cannot: it reads the slot's control line, the bytes, and the line again; if the publication is the same
 * both times, the bytes were its bytes, because a slot gets a new version before anything is written into it.
 */
#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "members/enter.h"
#include "protocol/counters.h"
#include "protocol/hold.h"
#include "protocol/snapshot.h"
#include "traffic/copy_check.h"
#include "traffic/record_ticket.h"
#include "traffic/slots.h"
#include "traffic/span.h"
#include "traffic/span_copy.h"
#include "traffic/ticket.h"
#include "traffic/verify.h"

static void fill_info(slotring_t *ring, const sr__slot_t *s, const slotring_ticket_t *ticket,
                      slotring_slot_t *info)
{
    if (!info)
        return;
    memset(info, 0, offsetof(slotring_slot_t, reserved));
    info->capacity = ring->member.view.slot_size;
    info->length = sr__peek(&s->length);
    info->offset = ticket->slot * ring->member.view.payload_stride;
    info->sequence = ticket->sequence;
    info->time_ns = sr__peek(&s->time);
    info->tag = sr__peek(&s->tag);
    info->index = ticket->slot;
    info->ticket = *ticket;
    info->number = SLOTRING_NO_NUMBER;
    info->writer = SLOTRING_NO_WRITER;
    info->pieces = 1;
    sr__slot_producer(s, info);
    uint64_t content = sr__peek(&s->content);
    if (sr__content_has_writer(content))
        sr__slot_writer(s, content, info);
    if (!sr__has_pieces(s) || !sr__length_fits(&ring->member.view, s, info->length))
        return;
    info->kind = SLOTRING_KIND_SPAN;
    info->pieces = (uint32_t)sr__slots_for(&ring->member.view, info->length);
    info->capacity = info->pieces * ring->member.view.slot_size;
}

/* The copy against the sum that the slot noted. */
SR__APART int compare(const sr__view_t *view, const slotring_ticket_t *ticket, uint32_t writer,
                      const sr__summed_t *summed, const void *buffer, uint64_t noted)
{
    slotring_slot_t what = {.index = ticket->slot, .sequence = ticket->sequence, .length = summed->length};
    what.writer = writer == SR__NO_WRITER ? SLOTRING_NO_WRITER : writer;
    what.number = summed->number;
    what.tag = summed->tag;
    what.time_ns = summed->time;
    return sr__compare_sum(view, &what, buffer, noted);
}

SR__APART int compare_observed(const sr__view_t *view, const slotring_ticket_t *ticket, const sr__slot_t *s,
                               const void *buffer)
{
    const sr__summed_t summed = sr__summed_of(s);
    return compare(view, ticket, sr__content_writer(sr__peek(&s->content)), &summed, buffer,
                   sr__peek(&s->sum));
}

static int copy_held(slotring_t *ring, const slotring_ticket_t *ticket, void *buffer, uint64_t size,
                     slotring_slot_t *info)
{
    sr__view_t *view = &ring->member.view;
    uint32_t held;
    int failed = sr__hold_uncounted(&ring->member, ticket->slot, ticket->sequence, &held);
    if (failed)
        return sr__hold_refused(&ring->member, ticket->slot, failed);
    sr__slot_t *s = sr__slot(view, ticket->slot);
    uint64_t length = sr__peek(&s->length);
    uint64_t noted = sr__peek(&s->sum), content = sr__peek(&s->content);
    const sr__summed_t summed = sr__has_sums(view) ? sr__summed_of(s) : (sr__summed_t){0};
    bool one_slot = content == SR__PLAIN_MESSAGE && length <= view->slot_size;
    if (sr__is_block(s))
        failed = sr__block_refused(ring, ticket->sequence);
    else if (!one_slot && !sr__length_fits(view, s, length))
        failed = sr__plain(SLOTRING_E_CORRUPT);
    else
        failed = sr__copy_check(buffer, size, length);
    if (!sr__is_block(s))
        fill_info(ring, s, ticket, info);
    if (!failed && one_slot && length > 0)
        memcpy(buffer, view->payload + (uint64_t)ticket->slot * view->payload_stride, (size_t)length);
    else if (!failed && length > 0)
        failed = sr__message_copy(view, ticket->slot, buffer, length);
    sr__hold_drop(&ring->member, held);
    if (failed)
        return failed;
    sr__count(&ring->member, SR__BYTES_READ, length);
    return sr__has_sums(view) ? compare(view, ticket, sr__content_writer(content), &summed, buffer, noted)
                              : 0;
}

/* The observer's reads of one slot's control line and one order entry, into private memory. */
static int read_slot(slotring_t *ring, uint32_t slot, sr__slot_t *copy)
{
    uint64_t offset =
        (uint64_t)(ring->member.view.slots - ring->member.snapshot) + slot * ring->member.view.slot_stride;
    return ring->member.os->segments.read(ring->member.segment, offset, copy, sizeof *copy);
}

static int read_entry(slotring_t *ring, uint64_t sequence, uint64_t *entry)
{
    uint64_t offset =
        (uint64_t)((uint8_t *)sr__order_at(&ring->member.view, sequence) - ring->member.snapshot);
    return ring->member.os->segments.read(ring->member.segment, offset, entry, sizeof *entry);
}

#define LOOK_AGAIN 2

/* [copy.look] Looks whether the slot has the publication, before the copy. 1 the slot has this publication;
 * 0 it has not; LOOK_AGAIN; negative: error. */
static int has_publication(slotring_t *ring, const sr__slot_t *s, const slotring_ticket_t *ticket)
{
    enum sr__presence presence = sr__presence(sr__peek(&s->word), sr__peek(&s->sequence), ticket->sequence);
    if (presence != SR__PRESENT_IF_LISTED)
        return presence == SR__PRESENT;
    /* [copy.listed] Looks whether the order names the slot. Not listed: not published yet; or retired
     * meanwhile, and its entry perhaps overwritten. */
    uint64_t entry = 0;
    int failed = read_entry(ring, ticket->sequence, &entry);
    if (failed)
        return failed;
    return entry == sr__entry(&ring->member.view, ticket->sequence, ticket->slot) ? 1 : LOOK_AGAIN;
}

static int cannot_read(slotring_t *ring, const slotring_ticket_t *ticket, int code)
{
    return sr__error(code, "sequence %" PRIu64 " of ring \"%s\" cannot be read: %s", ticket->sequence,
                     ring->member.view.header.name, slotring_strerror(code));
}

static int copy_observed(slotring_t *ring, const slotring_ticket_t *ticket, void *buffer, uint64_t size,
                         slotring_slot_t *info)
{
    const sr__view_t *view = &ring->member.view;
    for (int look = 0; look < SR__COPY_LOOKS; look++) {
        sr__slot_t before, after;
        int failed = read_slot(ring, ticket->slot, &before);
        int there = failed ? failed : has_publication(ring, &before, ticket);
        if (there < 0)
            return cannot_read(ring, ticket, there);
        if (!there)
            return sr__plain(SLOTRING_E_STALE);
        if (there == LOOK_AGAIN)
            continue;
        uint64_t length = sr__peek(&before.length);
        bool whole = true;
        int refused; /* if the length, and what is in the slot, are this publication's */
        if (sr__is_block(&before)) {
            refused = sr__block_refused(ring, ticket->sequence);
        } else if (!sr__length_fits(view, &before, length)) {
            refused = sr__plain(SLOTRING_E_CORRUPT);
        } else {
            fill_info(ring, &before, ticket, info);
            refused = sr__copy_check(buffer, size, length);
        }
        /* The copy lies between the two looks on every processor: pairs with the fence in start_writing (claim.c). */
        atomic_thread_fence(memory_order_acquire);
        /* [copy.payload] Copies the bytes. */
        if (!refused)
            failed = sr__message_copy_observed(ring, ticket->slot, &before, buffer, length, &whole);
        atomic_thread_fence(memory_order_acquire);
        if (!failed)
            failed = read_slot(ring, ticket->slot, &after);
        if (failed)
            return cannot_read(ring, ticket, failed);
        /* [copy.again] Looks at the slot again, after the copy. */
        uint32_t state = sr__slot_state(sr__peek(&after.word));
        if (sr__version(sr__peek(&before.word)) == sr__version(sr__peek(&after.word)) &&
            sr__peek(&after.sequence) == ticket->sequence &&
            sr__peek(&after.content) == sr__peek(&before.content) && state != SR__CLAIMED &&
            state != SR__FREE)
            return !whole                           ? sr__plain(SLOTRING_E_CORRUPT)
                   : refused || !sr__has_sums(view) ? refused
                                                    : compare_observed(view, ticket, &before, buffer);
    }
    return sr__plain(SLOTRING_E_STALE);
}

static int copy_by_ticket(slotring_t *ring, const slotring_ticket_t *ticket, void *buffer, uint64_t size,
                          slotring_slot_t *info)
{
    if (sr__is_record_ticket(ticket))
        return ring->member.observer ? sr__record_copy_observed(ring, ticket, buffer, size, info)
                                     : sr__record_copy(ring, ticket, buffer, size, info);
    return ring->member.observer ? copy_observed(ring, ticket, buffer, size, info)
                                 : copy_held(ring, ticket, buffer, size, info);
}

int slotring_copy(slotring_t *ring, const slotring_ticket_t *ticket, void *buffer, uint64_t size,
                  slotring_slot_t *info)
{
    int failed = sr__enter_any(ring, 0);
    if (failed)
        return failed;
    failed = sr__ticket_check(&ring->member.view, ticket);
    if (failed)
        return sr__leave_any(ring, failed);
    slotring_ticket_t own = *ticket; /* it may lie inside *info */
    return sr__leave_any(ring, copy_by_ticket(ring, &own, buffer, size, info));
}

int slotring_copy_sequence(slotring_t *ring, uint64_t sequence, void *buffer, uint64_t size,
                           slotring_slot_t *info)
{
    int failed = sr__enter_any(ring, 0);
    if (failed)
        return failed;
    if (ring->member.observer && (failed = sr__snapshot_entry(&ring->member, sequence)) != 0)
        return sr__leave_any(ring, failed);
    sr__view_t *view = &ring->member.view;
    uint64_t entry = sr__load(sr__order_at(view, sequence));
    enum sr__entry_age age = sr__entry_age(view, entry, sequence);
    uint32_t slot = sr__entry_slot(view, entry);
    if (age == SR__OLDER)
        return sr__leave_any(
            ring, sr__error(SLOTRING_E_NOT_READY, "sequence %" PRIu64 " is not published yet", sequence));
    if (age == SR__NEWER || slot >= view->slot_count)
        return sr__leave_any(ring, sr__plain(SLOTRING_E_STALE));
    slotring_ticket_t ticket;
    sr__ticket_make(view, sequence, slot, &ticket);
    return sr__leave_any(ring, copy_by_ticket(ring, &ticket, buffer, size, info));
}
