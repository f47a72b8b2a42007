/* SPDX-License-Identifier: Apache-2.0 */
/* Delivery in order. A reader that gates needs no hold: its cursor protects what it reads. Any other one holds each
 * message that it gives. A reader that may miss messages jumps when it fell behind.
 */
#include <string.h>

#include "base/error.h"
#include "members/enter.h"
#include "members/reap.h"
#include "protocol/counters.h"
#include "protocol/event.h"
#include "protocol/gate.h"
#include "protocol/hold.h"
#include "protocol/withdrawn.h"
#include "traffic/readers/news.h"
#include "traffic/slots.h"
#include "traffic/wait.h"

typedef struct delivery {
    slotring_reader_t *reader;
    slotring_slot_t *slots;
} delivery_t;

/* [next.jump] Moves a lossy reader on. What was at the cursor is gone: on to the first that may still be
 * there. */
static void jump(slotring_reader_t *reader, bool newer)
{
    sr__view_t *view = &reader->ring->member.view;
    sr__subscription_t *subscription = reader->subscription;
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
    uint64_t missed = sr__peek(&subscription->jump_missed) + (to - own);
    /* In this order the account (seqlock.c) is right at each single store: the jump is not made while the cursor is
     * below jump_to. Release: whoever sees the total before this jump also sees the cursor of the last one; whoever
     * sees the cursor at or above jump_to also sees the total that goes with it. */
    atomic_store_explicit(&subscription->missed, sr__peek(&subscription->jump_missed), memory_order_release);
    atomic_store_explicit(&subscription->jump_to, to, memory_order_release);
    atomic_store_explicit(&subscription->jump_missed, missed, memory_order_release);
    atomic_store_explicit(&subscription->cursor, to, memory_order_seq_cst);
    sr__count(&reader->ring->member, SR__MISSED, to - own);
    reader->cursor = to;
}

static int lost(uint64_t sequence)
{
    return sr__error(SLOTRING_E_CORRUPT,
                     "the order has lost sequence %llu before a reader had it that producers wait for",
                     (unsigned long long)sequence);
}

/* [next.give] Gives the next message. One message at `sequence`. E_EMPTY: none yet. */
static int give_in_place(slotring_reader_t *reader, uint64_t sequence, slotring_slot_t *out)
{
    sr__view_t *view = &reader->ring->member.view;
    uint64_t entry = sr__load(sr__order_at(view, sequence));
    enum sr__entry_age age = sr__entry_age(view, entry, sequence);
    if (age == SR__OLDER)
        return SLOTRING_E_EMPTY;
    uint32_t slot = sr__entry_slot(view, entry);
    if (age == SR__NEWER || slot >= view->slot_count)
        return lost(sequence);
    sr__prefetch_message(view, slot); /* both lines at once */
    sr__prefetch_listed(view, sequence + 2, sr__prefetch_message);
    return sr__slot_for_reading(reader->ring, slot, sequence, SR__SLOT_GIVEN, out);
}

/* [next.give] The same for a reader that holds the message. */
static int give_held(slotring_reader_t *reader, uint64_t sequence, slotring_slot_t *out)
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
        return sr__error(SLOTRING_E_CORRUPT, "the order names a slot past the last one, %u",
                         view->slot_count - 1);
    uint32_t held;
    int failed = sr__hold_acquire(&ring->member, slot, sequence, &held);
    if (failed == SLOTRING_E_STALE)
        return SLOTRING_E_NOT_READY; /* listed here, but gone */
    if (failed)
        return sr__hold_refused(&ring->member, slot, failed); /* it is there, and may be asked for again */
    failed = sr__slot_for_reading(ring, slot, sequence, SR__SLOT_GIVEN, out);
    if (failed)
        sr__hold_drop(&ring->member, held);
    else
        reader->given_slots[reader->given] = held;
    return failed;
}

/* A message that is there now, of the history first. */
static int give(slotring_reader_t *reader, uint32_t ahead, slotring_slot_t *out)
{
    if (reader->history_left > ahead) {
        uint64_t at = reader->history_left - 1 - ahead;
        uint64_t sequence = reader->start + reader->history_size - 1 - at; /* the newest is history[0] */
        return sr__slot_for_reading(reader->ring, sr__held_slot(reader->history[at]), sequence,
                                    SR__SLOT_GIVEN, out);
    }
    if (reader->history_left > 0)
        return SLOTRING_E_EMPTY; /* a batch ends with the history */
    if (!reader->pressure.holds_messages)
        return give_in_place(reader, reader->cursor + ahead, out);
    for (uint32_t turn = 0; turn < SR__LOOP_LIMIT; turn++) {
        int code = give_held(reader, reader->cursor + ahead, out);
        if (code != SLOTRING_E_STALE && code != SLOTRING_E_NOT_READY)
            return code;
        if (!reader->pressure.may_miss)
            return lost(reader->cursor + ahead);
        if (ahead > 0)
            return SLOTRING_E_EMPTY; /* a batch has no gap */
        jump(reader, code == SLOTRING_E_STALE);
    }
    return sr__error(SLOTRING_E_CORRUPT, "a reader finds no end of what it missed");
}

static int attempt(void *context)
{
    delivery_t *d = context;
    slotring_reader_t *reader = d->reader;
    sr__state_t *state = reader->ring->member.view.state;
    if (sr__load(&state->stream_generation) != reader->stream_seen ||
        (reader->death_due != SR__NO_SEQUENCE &&
         reader->cursor - reader->history_left >= reader->death_due)) {
        int news = sr__stream_look(reader);
        if (news == SLOTRING_E_PRODUCER_DIED)
            return sr__plain(news);
        reader->ended = news == SLOTRING_E_END;
    }
    int code = give(reader, 0, &d->slots[0]); /* after the look: what ended before it is in the order */
    if (code == SLOTRING_E_EMPTY && reader->ended)
        return sr__plain(SLOTRING_E_END);
    return code;
}

#define DENSE_NS 600u /* a stream is dense when a message comes at least so often */

/* Nothing is there. Each look takes the order's line away from the producer, which needs it for the next message: when
 * messages come densely, waiting a moment and then reading several is faster for both. The moment grows as long as
 * what it gathers is worth it, and shrinks when it is not; with sparse messages there is none. */
static void leave_producer_alone(slotring_reader_t *reader)
{
    slotring_t *ring = reader->ring;
    uint64_t waited_ns =
        ring->backoff_pauses ? (uint64_t)reader->backoff * SR__BACKOFF_NS / ring->backoff_pauses : 0;
    if (reader->since_empty < 2 || reader->since_empty * DENSE_NS < waited_ns)
        reader->backoff /= 2;
    else
        reader->backoff =
            reader->backoff < ring->backoff_pauses / 2 ? 2 * reader->backoff + 1 : ring->backoff_pauses;
    reader->since_empty = 0;
    for (uint32_t i = 0; i < reader->backoff; i++)
        ring->member.os->system.pause();
}

static int deliver(slotring_reader_t *reader, int64_t timeout_ns, slotring_slot_t *slots, uint32_t max,
                   uint32_t *count)
{
    int failed = sr__reader_enter(reader);
    if (failed)
        return failed;
    if (!slots || max == 0)
        return sr__error(SLOTRING_E_INVALID, "slots must not be NULL, max must be at least 1");
    if (reader->given > 0)
        return sr__error(SLOTRING_E_STATE,
                         "the %u messages given last are not released yet (slotring_reader_release)",
                         reader->given);
    delivery_t d = {.reader = reader, .slots = slots};
    int code = attempt(&d);
    if (code == SLOTRING_E_EMPTY && timeout_ns == 0 && sr__reap_if_due(reader->ring))
        code = attempt(&d);
    if (code == SLOTRING_E_EMPTY && timeout_ns != 0) {
        leave_producer_alone(reader);
        code = attempt(&d);
    }
    if (code == SLOTRING_E_EMPTY && timeout_ns != 0)
        code = sr__wait_for(reader->ring, SR__PUBLISHED_EVENT, SLOTRING_E_EMPTY, timeout_ns, attempt, &d,
                            sr__order_at(&reader->ring->member.view, reader->cursor), &reader->names_told);
    if (code == SLOTRING_E_EMPTY)
        return sr__plain(timeout_ns == 0 ? SLOTRING_E_EMPTY : SLOTRING_E_TIMEOUT);
    if (code != 0)
        return code;
    uint64_t bytes = slots[0].length;
    reader->given = 1;
    if (reader->pressure.holds_messages && max > reader->given_capacity)
        max = reader->given_capacity;
    while (reader->given < max && give(reader, reader->given, &slots[reader->given]) == 0)
        bytes += slots[reader->given++].length;
    *count = reader->given;
    reader->since_empty += reader->given;
    sr__poke(&reader->subscription->bytes_read, sr__peek(&reader->subscription->bytes_read) + bytes);
    sr__count(&reader->ring->member, SR__BYTES_READ, bytes);
    return 0;
}

int slotring_next(slotring_reader_t *reader, int64_t timeout_ns, slotring_slot_t *slot)
{
    uint32_t count;
    return deliver(reader, timeout_ns, slot, 1, &count);
}

int slotring_next_batch(slotring_reader_t *reader, int64_t timeout_ns, slotring_slot_t *slots, uint32_t max,
                        uint32_t *count)
{
    if (!count)
        return sr__error(SLOTRING_E_INVALID, "count is NULL");
    *count = 0;
    return deliver(reader, timeout_ns, slots, max, count);
}

/* [next.done] Moves the cursor over what was given, and lets go of it. */
int slotring_reader_release(slotring_reader_t *reader)
{
    int failed = sr__reader_enter(reader);
    if (failed)
        return failed;
    if (reader->given == 0)
        return sr__error(SLOTRING_E_NOT_HELD, "nothing is given, or it was released already");
    slotring_t *ring = reader->ring;
    sr__subscription_t *subscription = reader->subscription;
    uint32_t given = reader->given;
    reader->given = 0;
    if (reader->history_left > 0) {
        for (uint32_t i = 0; i < given; i++)
            sr__hold_drop(&ring->member, reader->history[--reader->history_left]);
        sr__poke(&subscription->pending, reader->history_left);
        return 0;
    }
    reader->cursor += given;
    /* seq_cst store, then the look at the waiters (in sr__wake): a producer that waits for space sees one or the
     * other. A release store could pass the look, and the wake-up would be lost. */
    atomic_store_explicit(&subscription->cursor, reader->cursor, memory_order_seq_cst);
    if (reader->pressure.holds_messages)
        for (uint32_t i = 0; i < given; i++)
            sr__hold_drop(&ring->member, reader->given_slots[i]);
    sr__wake(&ring->member, SR__SPACE_EVENT);
    return 0;
}
