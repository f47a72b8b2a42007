/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of messages without holding them for longer than the copy. A participant holds the publication meanwhile. An
 * observer cannot: it reads the slot's control line, the bytes, and the line again; if the publication is the same
 * both times, the bytes were its bytes, because a slot gets a new version before anything is written into it.
 */
#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "layout/plan.h"
#include "members/enter.h"
#include "protocol/counters.h"
#include "protocol/hold.h"
#include "protocol/snapshot.h"
#include "traffic/ticket.h"

#define LOOKS 16 /* a slot that is retired or reinstated meanwhile has only to be looked at again */

static int check_buffer(const void *buffer, uint64_t size, uint64_t length)
{
    if (length > size)
        return sr__error(SLOTRING_E_SIZE, "the message has %" PRIu64 " bytes, the buffer %" PRIu64, length,
                         size);
    if (!buffer && length > 0)
        return sr__error(SLOTRING_E_INVALID, "buffer is NULL");
    return 0;
}

static void fill_info(slotring_t *ring, const sr__slot_t *s, const slotring_ticket_t *ticket,
                      slotring_slot_t *info)
{
    if (!info)
        return;
    memset(info, 0, sizeof *info);
    info->capacity = ring->member.view.slot_size;
    info->length = sr__peek(&s->length);
    info->offset = ticket->slot * ring->member.view.payload_stride;
    info->sequence = ticket->sequence;
    info->time_ns = sr__peek(&s->time);
    info->tag = sr__peek(&s->tag);
    info->index = ticket->slot;
    info->ticket = *ticket;
}

static int copy_held(slotring_t *ring, const slotring_ticket_t *ticket, void *buffer, uint64_t size,
                     slotring_slot_t *info)
{
    sr__view_t *view = &ring->member.view;
    uint32_t held;
    int failed = sr__hold_acquire(&ring->member, ticket->slot, ticket->sequence, &held);
    if (failed)
        return sr__hold_refused(&ring->member, ticket->slot, failed);
    sr__slot_t *s = sr__slot(view, ticket->slot);
    uint64_t length = sr__peek(&s->length);
    failed = length > view->slot_size ? sr__plain(SLOTRING_E_CORRUPT) : check_buffer(buffer, size, length);
    fill_info(ring, s, ticket, info);
    if (!failed && length > 0)
        memcpy(buffer, view->payload + (uint64_t)ticket->slot * view->payload_stride, (size_t)length);
    sr__hold_drop(&ring->member, held);
    if (!failed)
        sr__count(&ring->member, SR__BYTES_READ, length);
    return failed;
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
    for (int look = 0; look < LOOKS; look++) {
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
        if (length > view->slot_size)
            return sr__plain(SLOTRING_E_CORRUPT);
        fill_info(ring, &before, ticket, info);
        int refused = check_buffer(buffer, size, length); /* if the length is this publication's */
        /* The copy lies between the two looks on every processor: pairs with the fence in start_writing (claim.c). */
        atomic_thread_fence(memory_order_acquire);
        /* [copy.payload] Copies the bytes. */
        if (!refused)
            failed = ring->member.os->segments.read(ring->member.segment,
                                                    sr__layout_control_size(&view->header) +
                                                        ticket->slot * view->payload_stride,
                                                    buffer, (size_t)length);
        atomic_thread_fence(memory_order_acquire);
        if (!failed)
            failed = read_slot(ring, ticket->slot, &after);
        if (failed)
            return cannot_read(ring, ticket, failed);
        /* [copy.again] Looks at the slot again, after the copy. */
        uint32_t state = sr__slot_state(sr__peek(&after.word));
        if (sr__version(sr__peek(&before.word)) == sr__version(sr__peek(&after.word)) &&
            sr__peek(&after.sequence) == ticket->sequence && state != SR__CLAIMED && state != SR__FREE)
            return refused;
    }
    return sr__plain(SLOTRING_E_STALE);
}

static int copy_by_ticket(slotring_t *ring, const slotring_ticket_t *ticket, void *buffer, uint64_t size,
                          slotring_slot_t *info)
{
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
    return sr__leave_any(ring, failed ? failed : copy_by_ticket(ring, ticket, buffer, size, info));
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
