/* SPDX-License-Identifier: Apache-2.0 */
/* What a reader that holds its messages has given since its last release. Records of one block share a hold. */
#ifndef SR_BATCH_H
#define SR_BATCH_H

#include "protocol/hold.h"

/* Is the slot of the last hold this one? What is held stays, so it is the same publication. */
static inline bool sr__batch_holds(const slotring_reader_t *reader, uint32_t slot)
{
    return reader->held > 0 && sr__held_slot(reader->given_slots[reader->held - 1]) == slot;
}

static inline bool sr__batch_is_full(const slotring_reader_t *reader)
{
    return reader->held == reader->given_capacity;
}

static inline void sr__batch_hold(slotring_reader_t *reader, uint32_t held)
{
    reader->given_slots[reader->held++] = held;
}

static inline void sr__batch_drop(slotring_reader_t *reader)
{
    while (reader->held > 0)
        sr__hold_drop(&reader->ring->member, reader->given_slots[--reader->held]);
}

#endif
