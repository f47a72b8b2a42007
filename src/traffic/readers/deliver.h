/* SPDX-License-Identifier: Apache-2.0 */
/* Giving one message out. A reader that gates needs no hold: its cursor protects what it reads. Any other one holds each message
 * that it gives. Here is what is inlined into the calls that do it again and again, and deliver.c has what these call apart. */
#ifndef SR_DELIVER_H
#define SR_DELIVER_H

#include "base/error.h"
#include "protocol/hold.h"
#include "traffic/readers/batch.h"
#include "traffic/readers/open_records.h"
#include "traffic/readers/records.h"
#include "traffic/slots.h"

/* SR__LOST: the order has lost this sequence before a reader had it that producers wait for, or names no slot there. */
int sr__order_lost(uint64_t sequence);
int sr__order_names_none(const sr__view_t *view);
/* What a writer wrote, or a span. A block: one record of it. */
int sr__deliver_of_writer(slotring_reader_t *reader, uint32_t slot, uint64_t sequence, uint64_t content,
                          slotring_slot_t *out);
/* A message of the history. */
int sr__deliver_past(slotring_reader_t *reader, slotring_slot_t *out);
/* sr__deliver_present, where an instruction more does not matter. */
int sr__deliver_present_again(slotring_reader_t *reader, slotring_slot_t *out);
/* One message for a reader that does not want all, or is told of marks. */
int sr__deliver_selected(slotring_reader_t *reader, slotring_slot_t *out);

/* One message of what is listed with `sequence` in `slot`, and stays. SR__PASSED: nothing that it wants is in there. */
SR__INLINE int sr__deliver_listed(slotring_reader_t *reader, uint32_t slot, uint64_t sequence,
                                  slotring_slot_t *out)
{
    uint64_t content = sr__peek(&sr__slot(&reader->ring->member.view, slot)->content);
    if (content != SR__PLAIN_MESSAGE)
        return sr__deliver_of_writer(reader, slot, sequence, content, out);
    int failed = sr__slot_for_reading(reader->ring, slot, sequence, SR__SLOT_GIVEN, out);
    reader->passed += failed == 0;
    return failed ? SR__DAMAGED : 0; /* its length is damaged */
}

/* [deliver.give] Gives the next message. One message at `sequence`. E_EMPTY: none yet. */
SR__INLINE int sr__deliver_in_place(slotring_reader_t *reader, uint64_t sequence, slotring_slot_t *out)
{
    sr__view_t *view = &reader->ring->member.view;
    uint64_t entry = sr__load(sr__order_at(view, sequence));
    enum sr__entry_age age = sr__entry_age(view, entry, sequence);
    if (age == SR__OLDER)
        return SLOTRING_E_EMPTY;
    uint32_t slot = sr__entry_slot(view, entry);
    if (age == SR__NEWER || slot >= view->slot_count)
        return sr__order_lost(sequence);
    sr__prefetch_message(view, slot); /* both lines at once */
    sr__prefetch_listed(view, sequence + 2, sr__prefetch_message);
    return sr__deliver_listed(reader, slot, sequence, out);
}

/* [deliver.give] The same for a reader that holds the message. */
SR__INLINE int sr__deliver_held(slotring_reader_t *reader, uint64_t sequence, slotring_slot_t *out)
{
    slotring_t *ring = reader->ring;
    sr__view_t *view = &ring->member.view;
    uint64_t entry = sr__load(sr__order_at(view, sequence));
    enum sr__entry_age age = sr__entry_age(view, entry, sequence);
    if (age == SR__OLDER)
        return SLOTRING_E_EMPTY;
    if (age == SR__NEWER)
        return SLOTRING_E_STALE;
    uint32_t slot = sr__entry_slot(view, entry);
    if (slot >= view->slot_count)
        return sr__order_names_none(view);
    if (sr__batch_holds(reader, slot)) /* as this publication, or as what is open there now */
        return sr__load(&sr__slot(view, slot)->sequence) == sequence
                   ? sr__deliver_listed(reader, slot, sequence, out)
                   : SLOTRING_E_NOT_READY;
    if (sr__batch_is_full(reader))
        return SLOTRING_E_EMPTY;
    uint32_t held;
    uint64_t slots;
    int failed = sr__hold_uncounted(&ring->member, slot, sequence, &held);
    if (failed == SLOTRING_E_STALE && reader->pressure.has_budget)
        failed = sr__hold_withdrawn(&ring->member, slot, sequence, &held); /* it gets that, too */
    if (failed == SLOTRING_E_STALE)
        return SLOTRING_E_NOT_READY; /* listed here, but gone */
    if (failed)
        return sr__hold_refused(&ring->member, slot, failed); /* it is there, and may be asked for again */
    int code = sr__batch_count(reader, slot, &slots);
    if (code == 0) {
        code = sr__deliver_listed(reader, slot, sequence, out);
        if (code == 0) {
            sr__batch_hold(reader, held, slots);
            return 0;
        }
        sr__holds_remove(&ring->member, slots);
    }
    sr__hold_drop(&ring->member, held);
    return code;
}

#define SR__OPEN_EVERY 64u /* messages of the order after which what is open is looked at, too */

/* Was it the turn of what is open, and was there something? */
SR__INLINE bool sr__deliver_open_in_turn(slotring_reader_t *reader, uint64_t at, slotring_slot_t *out)
{
    return reader->open_count > 0 && ++reader->turn % SR__OPEN_EVERY == 0 &&
           sr__open_records_give(reader, at, out) == 0;
}

/* A message of the order, or of a block that is open. */
SR__INLINE int sr__deliver_present(slotring_reader_t *reader, slotring_slot_t *out)
{
    uint64_t at = reader->cursor + reader->passed;
    if (sr__deliver_open_in_turn(reader, at, out))
        return 0;
    int code = reader->pressure.holds_messages ? sr__deliver_held(reader, at, out)
                                               : sr__deliver_in_place(reader, at, out);
    return code == SLOTRING_E_EMPTY ? sr__open_records_give(reader, at, out) : code;
}

/* One look for a message, of the history first. again: not the first look of a call, so its instructions need not stand here. 0,
 * E_EMPTY, or what sr__deliver_behind takes. */
SR__INLINE int sr__deliver_once(slotring_reader_t *reader, bool again, slotring_slot_t *out)
{
    if (reader->looks_first)
        return sr__deliver_selected(reader, out);
    if (reader->history_left > 0)
        return sr__deliver_past(reader, out);
    return again ? sr__deliver_present_again(reader, out) : sr__deliver_present(reader, out);
}

#endif
