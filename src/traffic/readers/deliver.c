/* SPDX-License-Identifier: Apache-2.0 */
/* Giving one message out, where a call more costs nothing: of the history, of a writer, and to a reader that looks before it takes.
 */
#include "traffic/readers/deliver.h"
#include "traffic/readers/acks.h"
#include "traffic/readers/member_give.h"
#include "traffic/readers/newest.h"
#include "traffic/readers/news.h"
#include "traffic/readers/out_holds.h"
#include "traffic/readers/tell.h"
#include "traffic/readers/wanted.h"
#include "traffic/readers/window.h"
#include "traffic/span.h"

int sr__order_lost(uint64_t sequence)
{
    sr__error(SLOTRING_E_CORRUPT,
              "the order has lost sequence %llu before a reader had it that producers wait for",
              (unsigned long long)sequence);
    return SR__LOST;
}

int sr__order_names_none(const sr__view_t *view)
{
    sr__error(SLOTRING_E_CORRUPT, "the order names a slot past the last one, %u", view->slot_count - 1);
    return SR__LOST;
}

int sr__deliver_of_writer(slotring_reader_t *reader, uint32_t slot, uint64_t sequence, uint64_t content,
                          slotring_slot_t *out)
{
    if (sr__content_kind(content) == SR__BLOCK)
        return sr__records_ordered(reader, slot, sequence, out);
    bool by_writer = sr__content_has_writer(content);
    int code =
        by_writer && reader->followed ? sr__records_message(reader, slot, sr__content_writer(content)) : 0;
    if (code == 0 && reader->wanted.filters && sr__is_unwanted_held(reader, slot, sequence)) {
        if (by_writer && reader->followed)
            sr__records_pass_over(reader, 1);
        return SR__SKIPPED;
    }
    if (code == 0 && sr__content_for_reading(reader->ring, slot, sequence, content, SR__SLOT_GIVEN, out) != 0)
        code = SR__DAMAGED;
    reader->passed += code == 0;
    return code;
}

/* Is a mark to be told before what is at `at`? 0, SR__MARK or an error. */
static int mark_before(slotring_reader_t *reader, uint64_t at)
{
    return sr__tell_is_due(reader, at) ? sr__tell_look(reader, at) : 0;
}

int sr__deliver_past(slotring_reader_t *reader, slotring_slot_t *out)
{
    if (reader->history_left == reader->passed)
        return sr__window_has_past(reader); /* a batch ends with the history */
    uint64_t at = reader->history_left - 1 - reader->passed;
    uint32_t slot = sr__held_slot(reader->history[at]); /* the newest is history[0] */
    uint64_t sequence = sr__load(&sr__slot(&reader->ring->member.view, slot)->sequence);
    int mark = mark_before(reader, sequence);
    return mark ? mark : sr__deliver_listed(reader, slot, sequence, out);
}

int sr__deliver_present_again(slotring_reader_t *reader, slotring_slot_t *out)
{
    return sr__deliver_present(reader, out);
}

/* What the order names at `at` lies in a slot that messages which are out hold: as this publication, or as what is open there now. */
static int give_held(slotring_reader_t *reader, uint32_t slot, uint64_t at, slotring_slot_t *out)
{
    if (sr__deliver_open_in_turn(reader, at, out))
        return 0;
    return sr__load(&sr__slot(&reader->ring->member.view, slot)->sequence) == at
               ? sr__deliver_listed(reader, slot, at, out)
               : SLOTRING_E_NOT_READY;
}

static int select_one(slotring_reader_t *reader, slotring_slot_t *out)
{
    const sr__view_t *view = &reader->ring->member.view;
    atomic_store_explicit(&reader->unlooked, 0, memory_order_relaxed);
    if (reader->share)
        return sr__member_give(reader, out);
    if (reader->history_left > 0)
        return sr__deliver_past(reader, out);
    if (reader->wanted.latest) {
        sr__skip_to_newest(reader);
        if (reader->given == 0 && sr__death_is_due(reader)) /* of what it has passed over */
            return SLOTRING_E_EMPTY;
    }
    uint64_t at = reader->cursor + reader->passed, entry = sr__load(sr__order_at(view, at));
    uint32_t slot = sr__entry_slot(view, entry);
    enum sr__entry_age age = sr__entry_age(view, entry, at);
    int mark = mark_before(reader, at); /* after the entry */
    if (mark)
        return mark;
    if (age == SR__OLDER) /* not sr__deliver_present, which may find there what nobody has judged */
        return sr__open_records_give(reader, at, out);
    if (age == SR__CURRENT && slot < view->slot_count && reader->wanted.filters &&
        sr__is_unwanted(reader, slot, at))
        return SR__SKIPPED;
    if (sr__acks_has(reader, at))
        return SR__PASSED;
    if (age == SR__CURRENT && slot < view->slot_count && sr__out_holds(reader, slot))
        return give_held(reader, slot, at, out);
    return sr__deliver_present_again(reader, out);
}

int sr__deliver_selected(slotring_reader_t *reader, slotring_slot_t *out)
{
    if (reader->window && sr__window_is_full(reader))
        return SLOTRING_E_EMPTY; /* a batch ends with the window */
    uint32_t passed = reader->passed;
    int code = select_one(reader, out);
    if (code == 0 && reader->window)
        sr__window_note(reader, out, passed);
    return code;
}
