/* SPDX-License-Identifier: Apache-2.0 */
/* What keeps the messages that are out of a window, for a reader that holds what it is given: by the slot, since all records of one
 * block share a hold. Private to the reader; a kill leaves the hold bits, which repair drops. */
#ifndef SR_OUT_HOLDS_H
#define SR_OUT_HOLDS_H

#include "handle.h"

struct sr__out_hold {
    uint32_t out;  /* messages in this slot that are out */
    uint32_t held; /* for sr__hold_drop, while there are any */
};

int sr__out_holds_make(slotring_reader_t *reader); /* 0 or E_NO_MEMORY */
void sr__out_holds_free(slotring_reader_t *reader);

/* Is a message in this slot out, and so held? */
static inline bool sr__out_holds(const slotring_reader_t *reader, uint32_t slot)
{
    return reader->out_holds && reader->out_holds[slot].out > 0;
}

/* One more message in this slot is out: with the hold that it was given with, or with that of the others in its slot. */
void sr__out_hold(slotring_reader_t *reader, uint32_t slot);
/* One fewer. The last one lets go of the slot, and what was counted for it counts no more. */
void sr__out_let_go(slotring_reader_t *reader, uint32_t slot);

#endif
