/* SPDX-License-Identifier: Apache-2.0 */
/* What a reader that holds its messages has given since its last release. Records of one block share a hold. */
#ifndef SR_BATCH_H
#define SR_BATCH_H

#include "protocol/hold.h"
#include "protocol/holds.h"
#include "protocol/span.h"

/* Is the slot of the last hold this one? What is held stays, so it is the same publication. */
static inline bool sr__batch_holds(const slotring_reader_t *reader, uint32_t slot)
{
    return reader->held > 0 && sr__held_slot(reader->given_slots[reader->held - 1]) == slot;
}

static inline bool sr__batch_is_full(const slotring_reader_t *reader)
{
    return reader->held == reader->given_capacity;
}

/* May the handle hold the message in this slot, too? It is counted then. E_EMPTY: no, so the batch ends here; E_HOLDS: it can
 * have no message at all. */
static inline int sr__batch_count(slotring_reader_t *reader, uint32_t slot, uint64_t *slots)
{
    sr__member_t *member = &reader->ring->member;
    *slots = sr__slots_at(&member->view, slot);
    if (sr__holds_add(member, *slots))
        return 0;
    return reader->given > 0 ? SLOTRING_E_EMPTY : sr__holds_refused(member, *slots);
}

static inline void sr__batch_hold(slotring_reader_t *reader, uint32_t held, uint64_t slots)
{
    reader->given_slots[reader->held++] = held;
    reader->held_slots += slots;
}

void sr__batch_let_go(slotring_reader_t *reader);

static inline void sr__batch_drop(slotring_reader_t *reader)
{
    if (reader->held > 0)
        sr__batch_let_go(reader);
}

/* Lets go of the oldest message that the reader holds of the past. */
void sr__history_drop(slotring_reader_t *reader);

#endif
