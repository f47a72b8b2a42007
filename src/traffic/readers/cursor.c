/* SPDX-License-Identifier: Apache-2.0 */
/* Moving a reader's cursor on, with its account: what was delivered, missed or passed over up to there. The cursor of a reader
 * that gates holds producers back, so who moves it looks whether one waits.
 */
#include "traffic/readers/cursor.h"

#include "protocol/counters.h"
#include "protocol/event.h"
#include "protocol/gate.h"
#include "protocol/hold.h"
#include "protocol/passed.h"
#include "protocol/withdrawn.h"
#include "traffic/readers/batch.h"
#include "traffic/readers/durable.h"
#include "traffic/readers/marks_done.h"
#include "traffic/readers/missed.h"
#include "traffic/readers/records.h"
#include "traffic/readers/wanted.h"
#include "traffic/readers/window.h"

/* In this order the account (seqlock.c) is right at each single store: the jump is not made while the cursor is below jump_to.
 * Release: whoever sees the totals before this jump also sees the cursor of the last one; whoever sees the cursor at or
 * above jump_to also sees the totals that go with it. */
void sr__cursor_move(slotring_reader_t *reader, uint64_t to, uint64_t missed, uint64_t passed_over)
{
    sr__account_words_t *account = reader->account;
    uint64_t missed_before = sr__peek(&account->jump_missed);
    uint64_t passed_before = sr__peek(&account->jump_passed_over);
    if (missed > 0)
        sr__missed_note(reader, missed_before);
    atomic_store_explicit(&account->missed, missed_before, memory_order_release);
    atomic_store_explicit(&account->passed_over, passed_before, memory_order_release);
    atomic_store_explicit(&account->jump_to, to, memory_order_release);
    atomic_store_explicit(&account->jump_missed, missed_before + missed, memory_order_release);
    atomic_store_explicit(&account->jump_passed_over, passed_before + passed_over, memory_order_release);
    /* seq_cst, as in sr__cursor_settle. */
    if (reader->durable)
        sr__durable_move(reader, to);
    else
        atomic_store_explicit(&reader->subscription->cursor, to, memory_order_seq_cst);
    sr__count(&reader->ring->member, SR__MISSED, missed);
    reader->cursor = to;
}

/* [cursor.jump] Moves a lossy reader on. What was at the cursor is gone: on to the first that may still be
 * there. */
void sr__cursor_jump(slotring_reader_t *reader, bool newer)
{
    sr__view_t *view = &reader->ring->member.view;
    if (reader->passed > 0)
        sr__cursor_leave_out(reader);
    uint64_t own = reader->cursor, to = own + 1, end = sr__published_end(view);
    uint64_t reach = view->keep ? view->order_mask + 1 : view->slot_count;
    if (newer || !view->keep) {
        if (!view->keep) {
            uint64_t oldest = sr__load(&view->state->frontier);
            if (oldest > to)
                to = oldest; /* kept messages lie below `frontier`, so not in a ring that keeps */
        }
        if (end > reach && end - reach > to)
            to = end - reach;
    }
    if (to > end)
        to = own + 1;
    to = sr__withdrawn_skip(view, to, end);
    sr__records_jump(reader);
    uint64_t wanted = reader->wanted.latest ? 0 : sr__wanted_between(&reader->wanted, own, to);
    sr__cursor_move(reader, to, wanted, to - own - wanted);
}

/* The reader has moved on from `from`. This makes room only if no other reader is still there: else the last one that
 * moves on from there wakes the producers. Whether a producer waits is looked at first, since mostly none does. */
SR__INLINE void announce_room(slotring_reader_t *reader, uint64_t from)
{
    sr__member_t *member = &reader->ring->member;
    if (!sr__is_armed(member, SR__SPACE_EVENT))
        return;
    if (reader->pressure.holds_messages || sr__gate_may_be_past(&member->view, from))
        sr__wake(member, SR__SPACE_EVENT);
}

/* The same for what the reader had of the past, and held. */
SR__APART void settle_past(slotring_reader_t *reader, uint32_t passed)
{
    reader->pending -= passed - reader->skipped;
    reader->skipped = 0;
    while (passed-- > 0)
        sr__history_drop(reader);
    sr__poke(&reader->account->pending, reader->pending);
    if (reader->durable)
        sr__durable_acknowledge(reader);
    sr__batch_drop(reader);
}

/* [cursor.done] Moves the cursor over what is at its end, and lets go of it. */
SR__INLINE void settle(slotring_reader_t *reader, uint32_t passed)
{
    reader->passed -= passed;
    if (reader->history_left > 0) {
        settle_past(reader, passed);
        return;
    }
    if (reader->skipped > 0) {
        sr__cursor_move(reader, reader->cursor + passed, 0, reader->skipped);
        reader->skipped = 0;
    } else if (passed > 0) {
        reader->cursor += passed;
        /* seq_cst store, then the look at the waiters (in announce_room): a producer that waits for space sees one or the
         * other. A release store could pass the look, and the wake-up would be lost. */
        if (reader->durable)
            sr__durable_move(reader, reader->cursor);
        else
            atomic_store_explicit(&reader->subscription->cursor, reader->cursor, memory_order_seq_cst);
    }
    sr__batch_drop(reader);
    if (passed > 0) {
        sr__member_t *member = &reader->ring->member;
        if (member->view.hot)
            sr__free_passed(member, member->me);
        announce_room(reader, reader->cursor - passed);
    }
}

/* The cursor stops at each mark until the subscription says that the reader is done with it. */
SR__APART void settle_window(slotring_reader_t *reader)
{
    do
        settle(reader, sr__window_leave(reader));
    while (reader->told && sr__marks_done_reach(reader) && reader->passed > 0);
}

void sr__cursor_settle(slotring_reader_t *reader)
{
    if (reader->window)
        settle_window(reader);
    else
        settle(reader, reader->passed);
}

/* A jump begins where the reader is, so that what it misses counts at once. Holds keep what is out, also behind the cursor. */
void sr__cursor_leave_out(slotring_reader_t *reader)
{
    if (reader->window)
        sr__window_leave_out(reader);
    sr__cursor_settle(reader);
}

/* Of the past: out of what is pending first, so that for a moment it looks delivered, and never more was had than there was. */
static void miss_past(slotring_reader_t *reader)
{
    settle_past(reader, 1);
    sr__cursor_move(reader, reader->cursor, 1, 0);
}

/* The reader, which may hold producers back, has moved on from `from`. */
static void leave_behind(slotring_reader_t *reader, uint64_t from)
{
    sr__member_t *member = &reader->ring->member;
    sr__batch_drop(reader);
    if (member->view.hot)
        sr__free_passed(member, member->me);
    announce_room(reader, from);
}

void sr__cursor_go(slotring_reader_t *reader, uint64_t to, uint64_t missed, uint64_t passed_over)
{
    uint64_t from = reader->cursor;
    if (missed > 0 || passed_over > 0) {
        sr__cursor_move(reader, to, missed, passed_over);
    } else { /* seq_cst, as in sr__cursor_settle */
        reader->cursor = to;
        atomic_store_explicit(&reader->subscription->cursor, to, memory_order_seq_cst);
    }
    leave_behind(reader, from);
}

void sr__cursor_miss(slotring_reader_t *reader)
{
    if (reader->passed > 0)
        sr__cursor_settle(reader);
    if (reader->history_left > 0) {
        miss_past(reader);
        return;
    }
    uint64_t from = reader->cursor;
    sr__cursor_move(reader, from + 1, 1, 0);
    leave_behind(reader, from);
}

void sr__cursor_lose(slotring_reader_t *reader)
{
    const sr__view_t *view = &reader->ring->member.view;
    uint64_t from = reader->cursor, entry = sr__load(sr__order_at(view, from));
    sr__cursor_jump(reader, sr__entry_age(view, entry, from) == SR__NEWER);
    leave_behind(reader, from);
}
