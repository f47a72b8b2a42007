/* SPDX-License-Identifier: Apache-2.0 */
/* A reader that is read by ticket. It has a budget: its gate protects what the queue may still bring, and each message that it is
 * given is held by its bit, as by any ticket. Its cursor is the highest ticket less the window, or the first message from there on
 * that was not given. So the gate protects no message that was given.
 *
 * What lies below the cursor is counted, and stays counted as it is: delivered, if it was given before the cursor left it; else
 * passed over, or missed if it is gone by then. A ticket from below gives its message as long as it is there, and counts nothing.
 * From the cursor on a private bitmap says which messages were given: a ticket that is given twice counts once.
 *
 * A kill leaves a hold bit, which repair drops, and the subscription, which repair sets FREE. The bitmap is gone with the reader,
 * and so is its subscription.
 */
#include "traffic/readers/by_ticket.h"

#include <stdlib.h>

#include "protocol/gate.h"
#include "traffic/readers/cursor.h"
#include "traffic/readers/gone.h"

struct sr__by_ticket {
    uint64_t window;
    uint64_t bits;    /* at least window + 1 */
    uint64_t given[]; /* a bit for each message from the cursor up to the highest that was given */
};

/* What becomes of a stretch of messages when the cursor leaves it. The rest of them was given. */
typedef struct stretch {
    uint64_t missed, passed_over;
} stretch_t;

int sr__by_ticket_make(slotring_reader_t *reader, uint32_t window)
{
    uint64_t words = window / 64 + 1;
    struct sr__by_ticket *by_ticket =
        calloc(1, sizeof *by_ticket + (size_t)words * sizeof by_ticket->given[0]);
    reader->by_ticket = by_ticket;
    if (!by_ticket)
        return SLOTRING_E_NO_MEMORY;
    by_ticket->window = window;
    by_ticket->bits = words * 64;
    return 0;
}

void sr__by_ticket_free(slotring_reader_t *reader)
{
    free(reader->by_ticket);
    reader->by_ticket = NULL;
}

static void note_given(struct sr__by_ticket *by_ticket, uint64_t sequence)
{
    uint64_t bit = sequence % by_ticket->bits;
    by_ticket->given[bit / 64] |= UINT64_C(1) << bit % 64;
}

/* Was it given? Asked once: the cursor leaves it. */
static bool take_given(struct sr__by_ticket *by_ticket, uint64_t sequence)
{
    uint64_t bit = sequence % by_ticket->bits, mask = UINT64_C(1) << bit % 64;
    bool given = (by_ticket->given[bit / 64] & mask) != 0;
    by_ticket->given[bit / 64] &= ~mask;
    return given;
}

static bool is_gone(const slotring_reader_t *reader, uint64_t sequence)
{
    bool newer;
    return sr__is_gone(reader, sequence, &newer);
}

/* A message that was not given. While producers wait for the reader each one is there: then nobody looks. */
static void leave_one(const slotring_reader_t *reader, uint64_t sequence, stretch_t *left)
{
    if (reader->pressure.may_miss && is_gone(reader, sequence))
        left->missed++;
    else
        left->passed_over++;
}

/* The first message that may still be in the order. */
static uint64_t oldest(const slotring_reader_t *reader)
{
    sr__view_t *view = &reader->ring->member.view;
    uint64_t reach = view->keep ? view->order_mask + 1 : view->slot_count, end = sr__published_end(view);
    return end > reach ? end - reach : 0;
}

/* Messages of which none was given. Where there are more of them than the order can have, nobody looks at each. */
static void leave_ungiven(const slotring_reader_t *reader, uint64_t from, uint64_t to, stretch_t *left)
{
    if (!reader->pressure.may_miss) {
        left->passed_over += to - from;
        return;
    }
    uint64_t first = oldest(reader);
    if (first > from) {
        uint64_t gone = (first < to ? first : to) - from;
        left->missed += gone;
        from += gone;
    }
    while (from < to)
        leave_one(reader, from++, left);
}

/* All from the cursor up to `to`. */
static void leave(slotring_reader_t *reader, uint64_t to, stretch_t *left)
{
    struct sr__by_ticket *by_ticket = reader->by_ticket;
    uint64_t at = reader->cursor, none_from = at + by_ticket->window + 1;
    for (; at < to && at < none_from; at++)
        if (!take_given(by_ticket, at))
            leave_one(reader, at, left);
    if (at < to)
        leave_ungiven(reader, at, to, left);
}

/* [by_ticket.move] Moves the cursor behind what was given or passed over, with the account before it. The message that was given
 * last is held by now: what lies below the cursor may go at once. */
static void move_to(slotring_reader_t *reader, uint64_t to, const stretch_t *left)
{
    if (to > reader->cursor)
        sr__cursor_go(reader, to, left->missed, left->passed_over);
}

void sr__by_ticket_given(slotring_reader_t *reader, uint64_t sequence)
{
    struct sr__by_ticket *by_ticket = reader->by_ticket;
    uint64_t to = reader->cursor;
    stretch_t left = {0};
    if (sequence < to)
        return; /* it is counted */
    if (sequence - to > by_ticket->window)
        to = sequence - by_ticket->window;
    leave(reader, to, &left);
    note_given(by_ticket, sequence);
    while (take_given(by_ticket, to))
        to++;
    move_to(reader, to, &left);
}

uint64_t sr__by_ticket_lose(slotring_reader_t *reader)
{
    struct sr__by_ticket *by_ticket = reader->by_ticket;
    uint64_t end = sr__published_end(&reader->ring->member.view), to = oldest(reader);
    stretch_t left = {0};
    if (to < reader->cursor)
        to = reader->cursor;
    leave(reader, to, &left);
    for (; to < end; to++) {
        bool given = to <= reader->cursor + by_ticket->window && take_given(by_ticket, to);
        if (!given && !is_gone(reader, to))
            break;
        left.missed += !given;
    }
    move_to(reader, to, &left);
    return left.missed;
}
