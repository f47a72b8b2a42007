/* SPDX-License-Identifier: Apache-2.0 */
/* Acknowledging, for a durable reader: the next owner goes on behind what was acknowledged. A release is the acknowledgement.
 *
 * Each word carries the generation of its owner, and changes by CAS from a word of that generation. So an owner that was taken
 * for dead, and lives, moves nothing of its successor's. A kill leaves records acknowledged whose slot is not: the next
 * owner passes over them there.
 */
#include "traffic/readers/durable.h"

#include "base/error.h"
#include "traffic/readers/acks.h"
#include "traffic/readers/owned_word.h"
#include "traffic/readers/records.h"
#include "traffic/readers/window.h"

/* [durable.progress] Notes for each writer the number of its next message. Before the cursor: a slot that is behind the cursor
 * has no record that the next owner is to get. */
void sr__durable_acknowledge(slotring_reader_t *reader)
{
    const sr__view_t *view = &reader->ring->member.view;
    if (!reader->followed)
        return;
    for (uint32_t writer = 0; writer < sr__writers_high(view); writer++) {
        const struct sr__followed *f = &reader->followed[writer];
        sr__owned_change(reader, sr__progress(view, reader->subscription_number, writer),
                         !f->known        ? SR__NO_NUMBER
                         : reader->window ? sr__window_unreleased(reader, writer)
                                          : f->next);
    }
}

void sr__durable_cursor(slotring_reader_t *reader, uint64_t to)
{
    sr__owned_change(reader, &reader->subscription->cursor, to);
}

/* [durable.cursor] Moves the cursor over what was acknowledged. */
void sr__durable_move(slotring_reader_t *reader, uint64_t to)
{
    sr__durable_acknowledge(reader);
    if (reader->has_acks)
        sr__acks_move(reader, sr__number(sr__load(&reader->subscription->cursor)), to);
    else
        sr__durable_cursor(reader, to);
}

int sr__durable_release(slotring_reader_t *reader)
{
    return reader->taken_over ? sr__plain(SLOTRING_E_EVICTED) : 0;
}
