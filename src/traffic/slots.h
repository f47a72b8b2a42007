/* SPDX-License-Identifier: Apache-2.0 */
/* The struct that a caller gets for a slot.
 * slot.internal: kind; handle; while writing, the claimed word; while reading, the key of the acquire, in two. */
#ifndef SR_SLOTS_H
#define SR_SLOTS_H

#include <string.h>

#include "handle.h"
#include "protocol/record.h"
#include "traffic/ticket.h"

enum {
    SR__SLOT_NONE = 0,
    SR__SLOT_WRITING = 1,
    SR__SLOT_READING = 2,
    SR__SLOT_GIVEN = 3,
    SR__SLOT_RESERVED = 4, /* by a writer: the claimed word, and the mark of the reservation */
    SR__SLOT_SPAN = 5      /* as SR__SLOT_WRITING, of a span */
};

int sr__slot_for_reading(slotring_t *ring, uint32_t index, uint64_t sequence, uint64_t kind,
                         slotring_slot_t *out);
int sr__slot_refused(const slotring_t *ring, const slotring_slot_t *slot, uint64_t kind); /* why it is none */
uint64_t sr__time_now(slotring_t *ring); /* for a message of this ring; 0: it has no time stamps */
/* The time of this message: of a proxy the one that it gives, if it gives one. */
static inline uint64_t sr__time_of(const slotring_t *ring, const slotring_slot_t *slot, uint64_t time_here)
{
    return time_here != 0 && ring->is_proxy && slot->time_ns != 0 ? slot->time_ns : time_here;
}
int sr__too_large(const slotring_t *ring, uint64_t size);

/* The next one of the caller's array, whose structs may be longer than this library's. */
static inline slotring_slot_t *sr__slot_after(slotring_slot_t *slot, size_t slot_struct_size)
{
    return (void *)((char *)slot + slot_struct_size);
}

SR__INLINE void sr__slot_place(slotring_t *ring, uint32_t index, slotring_slot_t *out)
{
    sr__view_t *view = &ring->member.view;
    out->offset = (uint64_t)index * view->payload_stride;
    out->data = view->payload + out->offset;
    out->capacity = view->slot_size;
    out->index = index;
    out->kind = SLOTRING_KIND_SLOT;
    out->number = SLOTRING_NO_NUMBER;
    out->writer = SLOTRING_NO_WRITER;
    out->pieces = 1;
    out->deliveries = 0;
    out->internal[1] = ring->slot_mark;
    out->internal[3] = 0;
}

/* Who published what lies in slot `s`. */
SR__INLINE void sr__slot_producer(const sr__slot_t *s, slotring_slot_t *out)
{
    uint64_t producer = sr__peek(&s->producer);
    out->producer = sr__producer_number(producer);
    out->producer_incarnation = sr__producer_incarnation(producer);
}

/* And by which writer. */
SR__INLINE void sr__slot_writer(const sr__slot_t *s, uint64_t content, slotring_slot_t *out)
{
    out->writer = sr__content_writer(content);
    out->number = sr__peek(&s->number);
}

SR__INLINE void sr__slot_for_writing(slotring_t *ring, uint32_t index, uint64_t word, slotring_slot_t *out)
{
    sr__slot_place(ring, index, out);
    out->length = 0;
    out->sequence = 0;
    out->time_ns = 0;
    out->tag = 0;
    memset(&out->ticket, 0, sizeof out->ticket);
    out->producer = ring->member.me;
    out->producer_incarnation = ring->member.incarnation;
    out->internal[0] = SR__SLOT_WRITING;
    out->internal[2] = word;
}

/* What stands beside the word of a publication that stays. */
SR__INLINE void sr__slot_facts(slotring_t *ring, const sr__slot_t *s, uint32_t index, uint64_t length,
                               uint64_t sequence, uint64_t kind, slotring_slot_t *out)
{
    out->length = length;
    out->sequence = sequence;
    out->time_ns = sr__peek(&s->time);
    out->tag = sr__peek(&s->tag);
    sr__ticket_make(&ring->member.view, sequence, index, &out->ticket);
    sr__slot_producer(s, out);
    out->internal[0] = kind;
    out->internal[2] = 0;
}

/* What a record says itself, at `place` of its block. */
SR__INLINE void sr__record_for_reading(uint8_t *bytes, uint64_t place, uint64_t header, slotring_slot_t *out)
{
    out->data = bytes + place + SR__RECORD_HEADER;
    out->capacity = out->length = sr__record_length(header);
    sr__record_read_rest(bytes, place, header, &out->time_ns, &out->tag);
    out->kind = SLOTRING_KIND_RECORD;
    out->pieces = 1;
    out->deliveries = 0;
}

/* Is this struct what this handle gave out for `kind`? */
SR__INLINE bool sr__slot_is(const slotring_t *ring, const slotring_slot_t *slot, uint64_t kind)
{
    return slot && slot->internal[0] == kind && slot->index < ring->member.view.slot_count &&
           slot->internal[1] == ring->slot_mark;
}

SR__INLINE int sr__slot_check(const slotring_t *ring, const slotring_slot_t *slot, uint64_t kind)
{
    return sr__slot_is(ring, slot, kind) ? 0 : sr__slot_refused(ring, slot, kind);
}

SR__INLINE int sr__size_check(const slotring_t *ring, uint64_t size)
{
    return size > ring->member.view.slot_size ? sr__too_large(ring, size) : 0;
}

/* The struct names no slot any more. Not all of it: the next atomic instruction waits for every store before it. */
static inline void sr__slot_give_back(slotring_slot_t *slot)
{
    slot->data = NULL;
    slot->internal[0] = SR__SLOT_NONE;
}

#endif
