/* SPDX-License-Identifier: Apache-2.0 */
/* Publishing slots that were filled. */
#include <inttypes.h>

#include "base/error.h"
#include "members/enter.h"
#include "protocol/counters.h"
#include "protocol/event.h"
#include "protocol/gather.h"
#include "protocol/hold.h"
#include "protocol/holds.h"
#include "protocol/kept.h"
#include "protocol/publish.h"
#include "protocol/span.h"
#include "protocol/sum.h"
#include "traffic/slots.h"
#include "traffic/span.h"

uint64_t sr__time_now(slotring_t *ring)
{
    switch (ring->member.view.header.time_stamps) {
    case SLOTRING_TIME_COARSE:
        return ring->member.os->system.coarse_clock_ns();
    case SLOTRING_TIME_MONOTONIC:
        return ring->member.os->system.clock_ns();
    default:
        return 0;
    }
}

/* The slot is complete, and the caller's. */
SR__INLINE int publish_as(slotring_t *ring, slotring_slot_t *slot, uint64_t length, uint64_t time,
                          uint64_t content)
{
    sr__slot_t *s = sr__slot(&ring->member.view, slot->index);
    /* [mark_ready.fields] Stores length, tag, time and producer. Relaxed: the CAS to COMMIT that follows releases
     * them. */
    sr__poke(&s->length, length);
    sr__poke(&s->tag, slot->tag);
    sr__poke(&s->time, time);
    sr__poke(&s->producer, sr__producer(ring->member.me, ring->member.incarnation));
    sr__poke(&s->content, content);
    uint64_t sequence;
    int failed = sr__publish(&ring->member, slot->index, slot->internal[2], &sequence);
    if (failed)
        return failed;
    sr__count(&ring->member, SR__BYTES_WRITTEN, length);
    sr__ticket_make(&ring->member.view, sequence, slot->index, &slot->ticket);
    slot->sequence = sequence;
    slot->length = length;
    slot->time_ns = time;
    sr__slot_give_back(slot);
    return 0;
}

/* May this slot, which the caller writes, be published with so many bytes? */
SR__INLINE int check_filled(slotring_t *ring, const slotring_slot_t *slot, uint64_t length)
{
    int failed = sr__size_check(ring, length);
    if (failed)
        return failed;
    if (sr__load(&sr__slot(&ring->member.view, slot->index)->word) != slot->internal[2])
        return sr__error(SLOTRING_E_STATE, "slot %" PRIu32 " is not being written by this handle any more",
                         slot->index);
    return 0;
}

SR__INLINE int publish_filled(slotring_t *ring, slotring_slot_t *slot, uint64_t length, uint64_t time)
{
    int failed = check_filled(ring, slot, length);
    return failed ? failed : publish_as(ring, slot, length, time, SR__PLAIN_MESSAGE);
}

/* A span, or what is no slot that the caller writes. */
SR__APART int publish_other(slotring_t *ring, slotring_slot_t *slot, uint64_t length, uint64_t time)
{
    uint64_t content;
    if (!sr__is_written_span(ring, slot))
        return sr__slot_refused(ring, slot, SR__SLOT_WRITING);
    int failed = sr__span_ready(ring, slot, length, time, &content);
    return failed ? failed : publish_as(ring, slot, length, time, content);
}

/* The checksum is made while nobody else has the slot. */
SR__APART int publish_summed(slotring_t *ring, slotring_slot_t *slot, uint64_t length, uint64_t time)
{
    int failed = check_filled(ring, slot, length);
    if (failed)
        return failed;
    const sr__summed_t summed = {
        .length = length, .tag = slot->tag, .time = time, .number = SLOTRING_NO_NUMBER};
    sr__sum_slot(&ring->member.view, slot->index, &summed);
    return publish_filled(ring, slot, length, time);
}

SR__INLINE int publish_one(slotring_t *ring, slotring_slot_t *slot, uint64_t length, uint64_t time)
{
    if (!sr__slot_is(ring, slot, SR__SLOT_WRITING))
        return publish_other(ring, slot, length, time);
    return sr__has_sums(&ring->member.view) ? publish_summed(ring, slot, length, time)
                                            : publish_filled(ring, slot, length, time);
}

/* One of a batch of a proxy, with its own time. */
SR__APART int publish_given(slotring_t *ring, slotring_slot_t *slot, uint64_t time)
{
    return publish_one(ring, slot, slot->length, sr__time_of(ring, slot, time));
}

/* A publication is news for readers, and may itself be reclaimed by a blocked producer. */
static void announce(slotring_t *ring, uint32_t messages)
{
    if (sr__is_told(&ring->member))
        sr__tell(&ring->member, messages);
    sr__wake(&ring->member, SR__SPACE_EVENT);
}

int slotring_mark_ready(slotring_t *ring, slotring_slot_t *slot, uint64_t bytes_written)
{
    int failed = sr__enter(ring);
    if (failed)
        return failed;
    failed = publish_one(ring, slot, bytes_written, sr__time_of(ring, slot, sr__time_now(ring)));
    if (!failed)
        announce(ring, 1);
    return failed;
}

/* [mark_ready.keep] Takes the hold before the slot is published: from the first moment on at which the message can be reclaimed, who
 * reclaims finds it held. A kill leaves the bit in a slot that is CLAIMED, which repair frees and whose bit it clears, as
 * that of any hold; or a hold of the message. */
static int publish_kept(slotring_t *ring, slotring_slot_t *slot, uint64_t length)
{
    sr__member_t *member = &ring->member;
    bool one = sr__slot_is(ring, slot, SR__SLOT_WRITING);
    uint64_t number = 0, slots = one ? 1 : sr__slots_for(&member->view, length);
    uint32_t index = slot->index;
    /* Counted first: what is published cannot be refused any more. */
    if (!sr__holds_add(member, slots))
        return sr__holds_refused(member, slots);
    int failed = sr__kept_prepare(member) ? sr__hold_take(member, index, &number) : SLOTRING_E_NO_MEMORY;
    if (failed) {
        sr__holds_remove(member, slots);
        return sr__hold_refused(member, index, failed);
    }
    /* Before the publication, too: nobody has a ticket of this slot yet, so the count has room. */
    failed = sr__hold_settle(member, index, slots);
    if (failed) {
        sr__hold_give_up(member, index, 0);
        return sr__hold_refused(member, index, failed);
    }
    failed = publish_one(ring, slot, length, sr__time_of(ring, slot, sr__time_now(ring)));
    if (failed) {
        sr__hold_unsettle(member, index, slots);
        return failed;
    }
    sr__kept_add(member, index);
    return 0;
}

int slotring_mark_ready_keep(slotring_t *ring, slotring_slot_t *slot, uint64_t bytes_written)
{
    int failed = sr__enter(ring);
    if (!failed && !sr__slot_is(ring, slot, SR__SLOT_WRITING) && !sr__is_written_span(ring, slot))
        failed = sr__slot_refused(ring, slot, SR__SLOT_WRITING);
    if (!failed)
        failed = publish_kept(ring, slot, bytes_written);
    if (!failed)
        announce(ring, 1);
    return failed;
}

int slotring_mark_ready_batch(slotring_t *ring, slotring_slot_t *slots, uint32_t count, uint32_t *published)
{
    uint32_t done = 0;
    int failed = sr__enter(ring);
    if (!failed && !slots && count > 0)
        failed = sr__error(SLOTRING_E_INVALID, "slots is NULL");
    if (!failed) {
        uint64_t time = sr__time_now(ring);
        slotring_slot_t *slot = slots;
        for (; done < count && !(failed = ring->is_proxy ? publish_given(ring, slot, time)
                                                         : publish_one(ring, slot, slot->length, time));
             done++)
            slot = sr__slot_after(slot, ring->slot_struct_size);
        if (done > 0)
            announce(ring, done);
    }
    if (published)
        *published = done;
    return failed;
}
