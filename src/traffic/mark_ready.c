/* SPDX-License-Identifier: Apache-2.0 */
/* Publishing slots that were filled. */
#include <inttypes.h>

#include "base/error.h"
#include "members/enter.h"
#include "protocol/counters.h"
#include "protocol/event.h"
#include "protocol/publish.h"
#include "traffic/slots.h"
#include "traffic/ticket.h"

static uint64_t time_now(slotring_t *ring)
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

static int publish_one(slotring_t *ring, slotring_slot_t *slot, uint64_t length, uint64_t time)
{
    int failed = sr__slot_check(ring, slot, SR__SLOT_WRITING);
    if (!failed)
        failed = sr__size_check(ring, length);
    if (failed)
        return failed;
    sr__slot_t *s = sr__slot(&ring->member.view, slot->index);
    if (sr__load(&s->word) != slot->internal[2])
        return sr__error(SLOTRING_E_STATE, "slot %" PRIu32 " is not being written by this handle any more",
                         slot->index);
    /* [mark_ready.fields] Stores length, tag, time and producer. Relaxed: the CAS to COMMIT that follows releases
     * them. */
    sr__poke(&s->length, length);
    sr__poke(&s->tag, slot->tag);
    sr__poke(&s->time, time);
    sr__poke(&s->producer, ring->member.incarnation << 12 | ring->member.me);
    uint64_t sequence;
    failed = sr__publish(&ring->member, slot->index, slot->internal[2], &sequence);
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

/* A publication is news for readers, and may itself be reclaimed by a blocked producer. */
static void announce(slotring_t *ring)
{
    sr__wake(&ring->member, SR__PUBLISHED_EVENT);
    sr__wake(&ring->member, SR__SPACE_EVENT);
}

int slotring_mark_ready(slotring_t *ring, slotring_slot_t *slot, uint64_t bytes_written)
{
    int failed = sr__enter(ring);
    if (failed)
        return failed;
    failed = publish_one(ring, slot, bytes_written, time_now(ring));
    if (!failed)
        announce(ring);
    return failed;
}

int slotring_mark_ready_batch(slotring_t *ring, slotring_slot_t *slots, uint32_t count, uint32_t *published)
{
    uint32_t done = 0;
    int failed = sr__enter(ring);
    if (!failed && !slots && count > 0)
        failed = sr__error(SLOTRING_E_INVALID, "slots is NULL");
    if (!failed) {
        uint64_t time = time_now(ring);
        while (done < count && !(failed = publish_one(ring, &slots[done], slots[done].length, time)))
            done++;
        if (done > 0)
            announce(ring);
    }
    if (published)
        *published = done;
    return failed;
}
