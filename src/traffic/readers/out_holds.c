/* SPDX-License-Identifier: Apache-2.0 */
#include "traffic/readers/out_holds.h"

#include <stdlib.h>

#include "traffic/readers/batch.h"

int sr__out_holds_make(slotring_reader_t *reader)
{
    reader->out_holds = calloc(reader->ring->member.view.slot_count, sizeof *reader->out_holds);
    return reader->out_holds ? 0 : SLOTRING_E_NO_MEMORY;
}

void sr__out_holds_free(slotring_reader_t *reader)
{
    free(reader->out_holds);
    reader->out_holds = NULL;
}

void sr__out_hold(slotring_reader_t *reader, uint32_t slot)
{
    struct sr__out_hold *hold = &reader->out_holds[slot];
    if (hold->out++ > 0)
        return;
    hold->held = reader->given_slots[--reader->held];
    reader->held_slots = 0; /* it was the only one: each message leaves the batch as it is given */
}

void sr__out_let_go(slotring_reader_t *reader, uint32_t slot)
{
    sr__member_t *member = &reader->ring->member;
    struct sr__out_hold *hold = &reader->out_holds[slot];
    if (--hold->out > 0)
        return;
    uint64_t slots = sr__slots_at(&member->view, slot);
    sr__hold_drop(member, hold->held);
    sr__holds_remove(member, slots);
}
