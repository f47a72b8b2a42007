/* SPDX-License-Identifier: Apache-2.0 */
/* Between slots and the caller's struct. */
#ifndef SR_SLOTS_H
#define SR_SLOTS_H

#include "handle.h"

enum {
    SR__SLOT_NONE = 0,
    SR__SLOT_WRITING = 1,
    SR__SLOT_READING = 2,
    SR__SLOT_GIVEN = 3
};
int sr__slot_for_reading(slotring_t *ring, uint32_t index, uint64_t sequence, uint64_t kind,
                         slotring_slot_t *out);
int sr__slot_check(slotring_t *ring, const slotring_slot_t *slot, uint64_t kind);
uint64_t sr__count_claimed(slotring_t *ring); /* a look at every slot */
/* The struct names no slot any more. Not all of it: the next atomic instruction waits for every store before it. */
static inline void sr__slot_give_back(slotring_slot_t *slot)
{
    slot->data = NULL;
    slot->internal[0] = SR__SLOT_NONE;
}

#endif
