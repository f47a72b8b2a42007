/* SPDX-License-Identifier: Apache-2.0 */
/* What a reader holds goes, and then counts no more. */
#include "traffic/readers/batch.h"

void sr__batch_let_go(slotring_reader_t *reader)
{
    sr__member_t *member = &reader->ring->member;
    do
        sr__hold_drop(member, reader->given_slots[--reader->held]);
    while (reader->held > 0);
    sr__holds_remove(member, reader->held_slots);
    reader->held_slots = 0;
}

void sr__history_drop(slotring_reader_t *reader)
{
    sr__member_t *member = &reader->ring->member;
    uint32_t held = reader->history[--reader->history_left];
    uint64_t slots = sr__slots_at(&member->view, sr__held_slot(held));
    sr__hold_drop(member, held);
    sr__holds_remove(member, slots);
}
