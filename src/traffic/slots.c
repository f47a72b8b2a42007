/* SPDX-License-Identifier: Apache-2.0 */
/* The struct that a caller gets for a slot: filled when the slot is given, checked when it comes back. */
#include <inttypes.h>

#include "base/error.h"
#include "traffic/slots.h"

int sr__slot_for_reading(slotring_t *ring, uint32_t index, uint64_t sequence, uint64_t kind,
                         slotring_slot_t *out)
{
    sr__slot_t *s = sr__slot(&ring->member.view, index);
    uint64_t length = sr__peek(&s->length); /* stable: the publication is held, or gated by my cursor */
    if (length > ring->member.view.slot_size)
        return sr__error(SLOTRING_E_CORRUPT, "slot %" PRIu32 " says %" PRIu64 " bytes; a slot has %" PRIu64,
                         index, length, ring->member.view.slot_size);
    sr__slot_place(ring, index, out);
    sr__slot_facts(ring, s, index, length, sequence, kind, out);
    return 0;
}

int sr__slot_refused(const slotring_t *ring, const slotring_slot_t *slot, uint64_t kind)
{
    if (!slot)
        return sr__error(SLOTRING_E_INVALID, "slot is NULL");
    bool right_kind =
        slot->internal[0] == kind || (kind == SR__SLOT_WRITING && slot->internal[0] == SR__SLOT_SPAN);
    if (right_kind && slot->index < ring->member.view.slot_count)
        return sr__plain(SLOTRING_E_NOT_OWNER);
    if (kind == SR__SLOT_READING)
        return sr__plain(SLOTRING_E_NOT_HELD);
    return sr__error(SLOTRING_E_STATE,
                     "the slot is not being written: published, aborted, or never allocated");
}

int sr__too_large(const slotring_t *ring, uint64_t size)
{
    return sr__error(SLOTRING_E_TOO_LARGE, "%" PRIu64 " bytes do not fit into a slot of %" PRIu64 " bytes",
                     size, ring->member.view.slot_size);
}
