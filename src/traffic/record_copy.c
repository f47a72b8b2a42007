/* SPDX-License-Identifier: Apache-2.0 */
/* An observer's copies of records. As with messages (copy.c): the slot's control line, the bytes, and the line again; and
 * the record's header before and after its bytes. A block that is open is in no order: its writer's row names it.
 */
#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "layout/plan.h"
#include "protocol/record.h"
#include "protocol/record_find.h"
#include "protocol/sum.h"
#include "traffic/copy_check.h"
#include "traffic/record_ticket.h"
#include "traffic/slots.h"

typedef struct observed {
    slotring_t *ring;
    const slotring_ticket_t *ticket;
    sr__slot_t slot; /* at the first look */
    uint64_t place, header;
    uint64_t time, tag, sum;
} observed_t;

/* A fresh copy of control data. */
static int read_control(const observed_t *o, const void *at, void *copy, size_t size)
{
    const sr__member_t *member = &o->ring->member;
    return member->os->segments.read(member->segment, (uint64_t)((const uint8_t *)at - member->snapshot),
                                     copy, size);
}

/* Bytes of the block. */
static int read_bytes(const observed_t *o, uint64_t place, void *copy, uint64_t size)
{
    const sr__member_t *member = &o->ring->member;
    const sr__view_t *view = &member->view;
    uint64_t block = sr__layout_control_size(&view->header) + o->ticket->slot * view->payload_stride;
    return member->os->segments.read(member->segment, block + place, copy, (size_t)size);
}

static int read_slot(const observed_t *o, sr__slot_t *copy)
{
    return read_control(o, sr__slot(&o->ring->member.view, o->ticket->slot), copy, sizeof *copy);
}

/* [record_copy.look] Looks whether the slot has the block, before the copy. The row twice and then the slot: CLAIMED, it is
 * the block if the row named the slot at both looks, since the ticket was made after that. 1 it has; 0 it has not;
 * negative: error. */
static int has_block(observed_t *o)
{
    const sr__writer_t *row = &o->ring->member.view.writers[sr__content_writer(o->ticket->flags)];
    sr__writer_t first, second;
    int failed = read_control(o, row, &first, sizeof first);
    atomic_thread_fence(memory_order_acquire);
    if (!failed)
        failed = read_control(o, row, &second, sizeof second);
    atomic_thread_fence(memory_order_acquire);
    if (!failed)
        failed = read_slot(o, &o->slot);
    if (failed)
        return failed;
    uint64_t w = sr__peek(&o->slot.word);
    if ((uint32_t)sr__peek(&o->slot.content) != o->ticket->flags || sr__is_withdrawn(w))
        return 0;
    if (sr__slot_state(w) == SR__CLAIMED)
        return sr__peek(&first.claimed) == w && sr__peek(&second.claimed) == w &&
               sr__peek(&second.slot) == o->ticket->slot;
    return sr__is_committed(w) || sr__slot_state(w) == SR__RECLAIM;
}

#define AT_ONCE 512u /* bytes of a block that are read for the headers among them */

/* Goes along the headers, as sr__record_find. 0, E_STALE, E_CORRUPT, if the slot has the block then; or *failed. */
static int find(observed_t *o, int *failed)
{
    uint64_t bytes[AT_ONCE / 8], size = sr__block_size(&o->ring->member.view), begin = 0, end = 0;
    uint64_t at = sr__peek(&o->slot.number), number = o->ticket->sequence;
    o->place = 0;
    if (number < at)
        return SLOTRING_E_STALE;
    sr__place_recall(&o->ring->member, sr__peek(&o->slot.content), number, &at, &o->place);
    for (;; at++) {
        if (size - o->place < SR__RECORD_HEADER)
            return SLOTRING_E_STALE;
        if (o->place < begin || o->place + SR__RECORD_HEADER > end) {
            begin = o->place;
            end = size - begin < AT_ONCE ? size : begin + AT_ONCE;
            *failed = read_bytes(o, begin, bytes, end - begin);
            if (*failed)
                return 0;
        }
        /* The bytes that were read stand for the block from `begin` on. */
        enum sr__record_sight sight =
            sr__record_look((uint8_t *)bytes, size - begin, o->place - begin, &o->header);
        if (sight == SR__RECORD_DAMAGED)
            return sr__block_damaged(o->ticket->slot, o->place);
        if (sight != SR__RECORD_THERE)
            return SLOTRING_E_STALE;
        if (at == number)
            return o->header & SR__RECORD_FREED ? SLOTRING_E_STALE : 0;
        o->place += sr__record_size(o->header);
    }
}

/* What stands behind the message. */
static int read_rest(observed_t *o)
{
    uint64_t rest[3] = {0, 0, 0};
    uint64_t after = SR__RECORD_HEADER + ((sr__record_length(o->header) + 7) & ~UINT64_C(7));
    uint64_t size = sr__record_size(o->header) - after;
    int failed = size > 0 ? read_bytes(o, o->place + after, rest, size) : 0;
    bool has_time = (o->header & SR__RECORD_HAS_TIME) != 0, has_tag = (o->header & SR__RECORD_HAS_TAG) != 0;
    o->time = has_time ? rest[0] : 0;
    o->sum = o->header & SR__RECORD_HAS_SUM ? rest[has_time + has_tag] : 0;
    o->tag = has_tag ? rest[has_time] : (o->header >> SR__RECORD_TAG_SHIFT) & (SR__RECORD_TAG_LEAST - 1);
    return failed;
}

/* [record_copy.again] Looks at the record's header and at the slot again, after the copy. 1 it is the same block. */
static int is_same(observed_t *o, bool has_header)
{
    uint64_t header = o->header;
    sr__slot_t after;
    int failed = has_header ? read_bytes(o, o->place, &header, sizeof header) : 0;
    atomic_thread_fence(memory_order_acquire);
    if (!failed)
        failed = read_slot(o, &after);
    if (failed)
        return failed;
    uint64_t w = sr__peek(&after.word);
    return ((header ^ o->header) & ~SR__RECORD_FREED) == 0 && sr__slot_state(w) != SR__FREE &&
           sr__version(w) == sr__version(sr__peek(&o->slot.word)) &&
           sr__peek(&after.content) == sr__peek(&o->slot.content) &&
           sr__peek(&after.number) == sr__peek(&o->slot.number);
}

static uint64_t sequence_of(const observed_t *o, int *failed)
{
    const sr__view_t *view = &o->ring->member.view;
    uint64_t w = sr__peek(&o->slot.word), sequence = sr__peek(&o->slot.sequence), entry = 0;
    if (sr__slot_state(w) == SR__CLAIMED || sequence == SR__NO_SEQUENCE)
        return SR__NO_SEQUENCE;
    if (sr__slot_state(w) == SR__COMMIT) {
        *failed = read_control(o, sr__order_at(view, sequence), &entry, sizeof entry);
        if (entry != sr__entry(view, sequence, o->ticket->slot))
            return SR__NO_SEQUENCE;
    }
    return sequence;
}

static void fill_info(const observed_t *o, uint64_t sequence, slotring_slot_t *info)
{
    memset(info, 0, offsetof(slotring_slot_t, reserved));
    info->capacity = info->length = sr__record_length(o->header);
    info->offset = o->ticket->slot * o->ring->member.view.payload_stride + o->place + SR__RECORD_HEADER;
    info->sequence = sequence;
    info->time_ns = o->time;
    info->tag = o->tag;
    info->index = o->ticket->slot;
    info->kind = SLOTRING_KIND_RECORD;
    info->ticket = *o->ticket;
    info->number = o->ticket->sequence;
    info->writer = sr__content_writer(o->ticket->flags);
    info->pieces = 1;
    sr__slot_producer(&o->slot, info);
}

static int compare(const observed_t *o, const void *buffer)
{
    const sr__summed_t summed = {.length = sr__record_length(o->header),
                                 .tag = o->tag,
                                 .time = o->time,
                                 .number = o->ticket->sequence};
    return sr__record_compare(&o->ring->member.view, o->ticket, &summed, buffer,
                              (o->header & SR__RECORD_HAS_SUM) != 0, o->sum);
}

/* One try. What it finds counts if the slot had the block all the time: *refused is 0, or why there is no copy. */
static int try_copy(observed_t *o, void *buffer, uint64_t size, slotring_slot_t *info, int *refused)
{
    int failed = 0;
    *refused = find(o, &failed);
    bool found = !failed && *refused == 0;
    if (found) {
        uint64_t length = sr__record_length(o->header), sequence = sequence_of(o, &failed);
        *refused = sr__copy_check(buffer, size, length);
        /* The copy lies between the two looks on every processor: pairs with the fence in start_writing (claim.c). */
        atomic_thread_fence(memory_order_acquire);
        if (!failed)
            failed = read_rest(o);
        /* [record_copy.payload] Copies the bytes. */
        if (!failed && *refused == 0 && length > 0)
            failed = read_bytes(o, o->place + SR__RECORD_HEADER, buffer, length);
        if (!failed && info)
            fill_info(o, sequence, info);
    }
    atomic_thread_fence(memory_order_acquire);
    int same = failed ? failed : is_same(o, found);
    if (same == 1 && found && *refused == 0 && sr__has_sums(&o->ring->member.view))
        *refused = compare(o, buffer);
    if (same == 1 && found)
        sr__place_note(&o->ring->member, sr__peek(&o->slot.content), o->ticket->sequence, o->place);
    return same;
}

int sr__record_copy_observed(slotring_t *ring, const slotring_ticket_t *ticket, void *buffer, uint64_t size,
                             slotring_slot_t *info)
{
    observed_t o = {.ring = ring, .ticket = ticket};
    for (int look = 0; look < SR__COPY_LOOKS; look++) {
        int refused = SLOTRING_E_STALE, there = has_block(&o);
        if (there == 1)
            there = try_copy(&o, buffer, size, info, &refused);
        else if (there == 0)
            return sr__plain(SLOTRING_E_STALE);
        if (there < 0)
            return sr__error(there, "record %" PRIu64 " of ring \"%s\" cannot be read: %s", ticket->sequence,
                             ring->member.view.header.name, slotring_strerror(there));
        if (there == 1)
            return refused == SLOTRING_E_STALE ? sr__plain(refused) : refused;
    }
    return sr__plain(SLOTRING_E_STALE);
}
