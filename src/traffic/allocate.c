/* SPDX-License-Identifier: Apache-2.0 */
/* Getting slots to write into: now, after a wait, or several at once. */
#include "base/error.h"
#include "members/enter.h"
#include "members/reap.h"
#include "protocol/claim.h"
#include "protocol/counters.h"
#include "protocol/stream.h"
#include "traffic/end_stream.h"
#include "traffic/room.h"
#include "traffic/slots.h"

static int allocate_now(slotring_t *ring, slotring_slot_t *slot)
{
    uint32_t index;
    uint64_t word;
    int failed = sr__claim(&ring->member, &index, &word);
    if (!failed)
        sr__slot_for_writing(ring, index, word, slot);
    return failed;
}

static int enter_producer(slotring_t *ring, uint64_t required_size, const slotring_slot_t *slot)
{
    int failed = sr__enter(ring);
    if (failed)
        return failed;
    if (!slot)
        return sr__error(SLOTRING_E_INVALID, "slot is NULL");
    failed = sr__size_check(ring, required_size);
    return failed ? failed : sr__producer_begin(ring);
}

int slotring_allocate(slotring_t *ring, uint64_t required_size, slotring_slot_t *slot)
{
    int failed = enter_producer(ring, required_size, slot);
    if (failed)
        return failed;
    failed = allocate_now(ring, slot);
    if (failed != SLOTRING_E_FULL)
        return failed;
    if (sr__reap_if_due(ring))
        failed = allocate_now(ring, slot);
    return failed == SLOTRING_E_FULL ? sr__no_room(ring, 0) : failed;
}

typedef struct wanted {
    slotring_t *ring;
    slotring_slot_t *slot;
    sr__own_wait_t own;
} wanted_t;

static int allocate_attempt(void *context)
{
    wanted_t *wanted = context;
    return sr__judge_full(wanted->ring, allocate_now(wanted->ring, wanted->slot), &wanted->own);
}

int slotring_allocate_wait(slotring_t *ring, uint64_t required_size, int64_t timeout_ns,
                           slotring_slot_t *slot)
{
    if (timeout_ns == 0)
        return slotring_allocate(ring, required_size, slot);
    int failed = enter_producer(ring, required_size, slot);
    if (failed)
        return failed;
    failed = allocate_now(ring, slot);
    if (failed != SLOTRING_E_FULL)
        return failed;
    wanted_t wanted = {.ring = ring, .slot = slot};
    failed = sr__wait_for_slots(ring, allocate_attempt, NULL, &wanted, timeout_ns);
    return failed == SLOTRING_E_FULL ? sr__no_room(ring, timeout_ns) : failed;
}

int slotring_allocate_batch(slotring_t *ring, uint64_t required_size, slotring_slot_t *slots, uint32_t wanted,
                            int64_t timeout_ns, uint32_t *count)
{
    if (!count || !slots || wanted == 0)
        return sr__error(SLOTRING_E_INVALID, "slots and count must not be NULL, wanted must be at least 1");
    *count = 0;
    int failed = slotring_allocate_wait(ring, required_size, timeout_ns, slots);
    if (failed)
        return failed;
    /* never waits while it holds a slot: two producers could block each other */
    uint32_t got = 1;
    slotring_slot_t *slot = sr__slot_after(slots, ring->slot_struct_size);
    for (; got < wanted && allocate_now(ring, slot) == 0; got++)
        slot = sr__slot_after(slot, ring->slot_struct_size);
    *count = got;
    return 0;
}
