/* SPDX-License-Identifier: Apache-2.0 */
/* A start in the past. A kill leaves hold bits, which repair drops, and the subscription, which repair sets FREE. */
#include "traffic/readers/past.h"

#include <stdlib.h>

#include "base/error.h"
#include "protocol/counters.h"
#include "protocol/hold.h"
#include "protocol/holds.h"
#include "protocol/span.h"
#include "traffic/readers/acks.h"
#include "traffic/readers/missed.h"
#include "traffic/readers/records.h"
#include "traffic/readers/wanted.h"

/* What there is of the past. */
typedef struct past {
    uint64_t count; /* publications without a gap, up to the end of the order */
    uint64_t held;  /* of these */
    uint64_t
        acknowledged; /* of these, by an earlier owner of a durable subscription: they are not given again */
    bool
        limited; /* no more than the handle may hold; else all of it: producers wait for this reader anyway */
    uint64_t
        passed_over; /* not wanted. Of these, a writer's messages are held, since the next one's number follows theirs */
} past_t;

/* Takes one publication of the past. 1; 0: it is gone, and so the past ends here; or an error. */
static int take(slotring_reader_t *reader, uint64_t t, past_t *past)
{
    sr__member_t *member = &reader->ring->member;
    sr__view_t *view = &member->view;
    bool holds = reader->pressure.holds_past;
    if (sr__acks_has(reader, t)) {
        past->acknowledged++;
        return 1;
    }
    uint64_t entry = sr__load(sr__order_at(view, t));
    uint32_t slot = sr__entry_slot(view, entry), held;
    if (sr__entry_age(view, entry, t) != SR__CURRENT || slot >= view->slot_count)
        return 0;
    int failed = sr__hold_uncounted(member, slot, t, &held);
    if (failed == SLOTRING_E_STALE)
        return 0;
    if (failed)
        return sr__hold_refused(member, slot, failed);
    if (reader->followed)
        sr__records_past(reader, slot);
    bool unwanted = holds && reader->wanted.filters && sr__is_unwanted_held(reader, slot, t);
    past->passed_over += unwanted;
    bool stays = holds && !(unwanted && sr__peek(&sr__slot(view, slot)->content) == SR__PLAIN_MESSAGE);
    uint64_t slots = sr__slots_at(view, slot);
    if (stays && past->limited && !sr__holds_add(member, slots)) {
        sr__hold_drop(member, held);
        return sr__holds_refused(member, slots);
    }
    if (stays && !past->limited)
        sr__holds_change(member, slots);
    if (stays)
        reader->history[past->held++] = held;
    else
        sr__hold_drop(member, held);
    return 1;
}

/* How far back from `end`, and from `first` on, is there no gap? Of a reader that holds its past the holds stay, newest first,
 * also after an error. */
static int take_past(slotring_reader_t *reader, uint64_t end, uint64_t first, past_t *past)
{
    int found = 1;
    while (past->count < reader->ring->member.view.slot_count && past->count < end - first &&
           (found = take(reader, end - 1 - past->count, past)) == 1)
        past->count++;
    return found < 0 ? found : 0;
}

/* The same, of what was published from `first` on to `end`, for a reader that holds its past. */
static int hold_past(slotring_reader_t *reader, uint64_t end, uint64_t first, past_t *past)
{
    if (reader->pressure.holds_past) {
        reader->history = calloc(reader->ring->member.view.slot_count, sizeof *reader->history);
        if (!reader->history)
            return sr__plain(SLOTRING_E_NO_MEMORY);
    }
    int failed = take_past(reader, end, first, past);
    reader->history_size = reader->history_left = past->held;
    reader->pending = past->count - past->passed_over - past->acknowledged;
    return failed; /* whoever subscribes ends the reader, and what it holds */
}

int sr__past_hold(slotring_reader_t *reader, uint64_t end, uint64_t first, uint64_t *gone,
                  uint64_t *passed_over)
{
    past_t past = {0};
    int failed = reader->ring->member.view.hot ? 0 : hold_past(reader, end, first, &past);
    *gone = end - past.count - first;
    *passed_over = past.passed_over;
    return failed;
}

/* [past.begin] Begins with the messages that are there from sequence `first` on. A start after which no message is missing.
 * A reader whose pressure says so holds what is there, and what it wants, until it has had it. Any other one only starts
 * earlier. `gone`: what it was to get besides, and that is not there any more. */
static int begin(slotring_reader_t *reader, uint64_t first, bool count_gone, bool limited)
{
    sr__subscription_t *subscription = reader->subscription;
    sr__account_words_t *account = reader->account;
    bool holds = reader->pressure.holds_past;
    uint64_t end = reader->cursor;
    past_t past = {.limited = limited};
    int failed = hold_past(reader, end, first, &past);
    if (failed)
        return failed;
    uint64_t gone = count_gone ? end - past.count - first : 0;
    uint64_t missed = sr__wanted_between(&reader->wanted, first, first + gone);
    if (missed > 0)
        sr__missed_note(reader, 0);
    sr__poke(&account->missed, missed);
    sr__poke(&account->jump_missed, missed);
    sr__poke(&account->passed_over, past.passed_over + gone - missed);
    sr__poke(&account->jump_passed_over, past.passed_over + gone - missed);
    if (holds) {
        sr__poke(&account->pending, reader->pending);
    } else {
        reader->cursor -= past.count;
        sr__poke(&subscription->cursor, reader->cursor);
    }
    sr__count(&reader->ring->member, SR__MISSED, missed);
    reader->start = end - past.count - gone;
    /* Release, and last: who sees this start also sees what is pending, missed and passed over, or the cursor, that goes with
     * it, and does not count the past as delivered (account_at, seqlock.c). */
    atomic_store_explicit(&account->start, reader->start, memory_order_release);
    return 0;
}

int sr__past_from_oldest(slotring_reader_t *reader, uint64_t first)
{
    return begin(reader, first, false, false);
}

int sr__past_from_last(slotring_reader_t *reader, uint64_t first)
{
    return begin(reader, reader->cursor > first ? reader->cursor - first : 0, false, true);
}

int sr__past_from_sequence(slotring_reader_t *reader, uint64_t first)
{
    if (first > reader->cursor)
        return sr__error(SLOTRING_E_INVALID, "sequence %llu is not published yet; the next one is %llu",
                         (unsigned long long)first, (unsigned long long)reader->cursor);
    return begin(reader, first, true, false);
}
