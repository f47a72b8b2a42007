/* SPDX-License-Identifier: Apache-2.0 */
/* The struct that a caller gets for a slot.
 * slot.internal: kind; handle; while writing, the claimed word; while reading, the key of the acquire, in two. */
#ifndef SR_SLOTS_H
#define SR_SLOTS_H

#include <string.h>

#include "handle.h"

enum {
    SR__SLOT_NONE = 0,
    SR__SLOT_WRITING = 1,
    SR__SLOT_READING = 2,
    SR__SLOT_GIVEN = 3
};

int sr__slot_for_reading(slotring_t *ring, uint32_t index, uint64_t sequence, uint64_t kind,
                         slotring_slot_t *out);
int sr__slot_refused(const slotring_t *ring, const slotring_slot_t *slot, uint64_t kind); /* why it is none */
int sr__too_large(const slotring_t *ring, uint64_t size);

SR__INLINE void sr__slot_place(slotring_t *ring, uint32_t index, slotring_slot_t *out)
{
    sr__view_t *view = &ring->member.view;
    out->offset = (uint64_t)index * view->payload_stride;
    out->data = view->payload + out->offset;
    out->capacity = view->slot_size;
    out->index = index;
    out->reserved = 0;
    out->internal[1] = ring->slot_mark;
    out->internal[3] = 0;
}

SR__INLINE void sr__slot_for_writing(slotring_t *ring, uint32_t index, uint64_t word, slotring_slot_t *out)
{
    sr__slot_place(ring, index, out);
    out->length = 0;
    out->sequence = 0;
    out->time_ns = 0;
    out->tag = 0;
    memset(&out->ticket, 0, sizeof out->ticket);
    out->internal[0] = SR__SLOT_WRITING;
    out->internal[2] = word;
}

/* Is this struct what this handle gave out for `kind`? */
SR__INLINE int sr__slot_check(const slotring_t *ring, const slotring_slot_t *slot, uint64_t kind)
{
    if (slot && slot->internal[0] == kind && slot->index < ring->member.view.slot_count &&
        slot->internal[1] == ring->slot_mark)
        return 0;
    return sr__slot_refused(ring, slot, kind);
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
