/* SPDX-License-Identifier: Apache-2.0 */
/* If the log ends before what was released, the engine has lost what it had acknowledged: then the ring is looked through for what it still
 * has, and the rest is told as a gap. What is not released is in the queue, or comes there: it is not looked for.
 *
 * A sender knows of each writer how far it released. One that begins does not: it finds out by the first message of that writer that it is
 * given, or when there is none, and looks back for the messages before that. */
#include <string.h>

#include "sending.h"

/* What is looked for. */
typedef struct wanted {
    uint64_t end;            /* messages before this number */
    uint64_t gap_end;        /* and gaps */
    bool marks;              /* and marks */
    const reached_t *limits; /* and of each writer the messages before this one */
} wanted_t;

/* One item that the ring still has. Is it one of these? */
static bool is_wanted(const wanted_t *wanted, item_t *item)
{
    switch (item->kind) {
    case WIRE_RECORD:
        return item->slot.number < reached_next(wanted->limits, item->slot.writer);
    case WIRE_MARK:
        return wanted->marks && item->number <= wanted->end;
    case WIRE_GAP:
        if (item->is_told)
            return item->number < wanted->end;
        if (item->number < wanted->gap_end && item->count > wanted->gap_end - item->number)
            item->count = wanted->gap_end - item->number;
        return item->number < wanted->gap_end;
    case WIRE_MESSAGE:
        return item->number < wanted->end;
    default: /* who died is not looked for */
        return false;
    }
}

static int send_again(sending_t *s, const wanted_t *wanted, item_t *item)
{
    if (!is_wanted(wanted, item) || sending_has(s, item))
        return 0;
    int code = sending_add(s, item);
    s->report->resent += code == BRIDGE_OK && (item->kind == WIRE_MESSAGE || item->kind == WIRE_RECORD);
    return code;
}

/* Of a ring without writers all that is wanted comes before the first message that is not. */
static bool is_behind(const sending_t *s, const wanted_t *wanted, const item_t *item)
{
    return !s->source.has_writers && item->kind == WIRE_MESSAGE && item->number >= wanted->end;
}

/* All that the ring has. It ends: while this sender looks back it releases nothing, so producers get no more slots than the ring has. */
static int send_all_again(sending_t *s, const wanted_t *wanted, feed_t *back)
{
    item_t items[FEED_ITEMS];
    unsigned count;
    for (;;) {
        int code = feed_take(back, 0, items, &count, s->error);
        if (code != BRIDGE_OK && code != BRIDGE_AGAIN)
            return code;
        const item_t *last = count > 0 ? &items[count - 1] : NULL;
        /* Full: this process holds as many slots as it may, so the rest is a gap. */
        bool is_over = back->is_empty || back->is_full || (last != NULL && is_behind(s, wanted, last));
        bool is_held = last != NULL && (last->kind == WIRE_MESSAGE || last->kind == WIRE_RECORD);
        if (back->is_empty && (code = feed_rest(back, items, &count, s->error)) != BRIDGE_OK)
            return code;
        for (unsigned i = 0; i < count; i++)
            if ((code = send_again(s, wanted, &items[i])) != BRIDGE_OK)
                return code;
        if (is_over)
            return 0;
        if (is_held && slotring_reader_release(back->reader) != 0)
            return bridge_fail_ring(s->error, "cannot release what was sent again");
    }
}

/* BRIDGE_AGAIN: the ring has nothing. */
static int look(sending_t *s, const wanted_t *wanted)
{
    feed_t back;
    uint32_t pressure = s->options->pressure;
    int code = pressure == BRIDGE_LOSSY || pressure == BRIDGE_LATEST
                   ? BRIDGE_AGAIN
                   : bridge_source_look_back(&s->source, pressure, s->place.back, &back, s->error);
    if (code != BRIDGE_OK)
        return code;
    code = send_all_again(s, wanted, &back);
    (void)slotring_unsubscribe(back.reader);
    return code;
}

static int send_missing(sending_t *s, uint64_t end)
{
    item_t gap = {.kind = WIRE_GAP, .number = s->place.number, .count = end - s->place.number};
    int code = end > s->place.number ? sending_add(s, &gap) : 0;
    return code == BRIDGE_OK ? sending_finish(s) : code;
}

/* What the log had of each writer, less what is in the queue. */
static void find_limits(const sending_t *s, reached_t *limits)
{
    *limits = s->reached_done;
    for (uint64_t i = s->head; i < s->tail; i++) {
        const item_t *item = sending_item(s, i);
        uint32_t row = item->slot.writer;
        if (item->kind == WIRE_RECORD && reached_next(limits, row) > item->slot.number)
            limits->next[row] = item->slot.number;
    }
}

/* Without writers each number is a message, so what the ring does not have is missing. With them it may be a slot with records that came
 * long ago: only up to the last message that this sender knows to have been in the log. */
int sending_look_back(sending_t *s, uint64_t end)
{
    reached_t limits;
    wanted_t wanted = {.end = end, .gap_end = end, .marks = true, .limits = &limits};
    find_limits(s, &limits);
    int code = bridge_source_look_for_writers(&s->source, s->error);
    if (code == BRIDGE_OK && s->source.has_writers)
        wanted.gap_end = s->number_done < end ? s->number_done : end;
    if (code == BRIDGE_OK)
        code = look(s, &wanted);
    if (code == BRIDGE_OK || code == BRIDGE_AGAIN)
        code = send_missing(s, code == BRIDGE_AGAIN || !s->source.has_writers ? wanted.gap_end : 0);
    if (code != BRIDGE_OK)
        return code;
    if (s->place.source_marks < s->marks_done) {
        s->report->marks_not_told += s->marks_done - s->place.source_marks;
        s->marks_done = s->place.source_marks;
    }
    s->number_done = s->place.number;
    s->reached_done = s->reached;
    s->must_look_back = false;
    return 0;
}

/* ---- Of writers, for a sender that begins ----------------------------------------------------------- */

static int look_for_records(sending_t *s, const reached_t *limits)
{
    const wanted_t wanted = {.limits = limits};
    int code = look(s, &wanted);
    return code == BRIDGE_OK ? sending_finish(s) : code == BRIDGE_AGAIN ? 0 : code;
}

/* The subscription gives those of a writer in their order: what lies before its first one is released. */
int sending_look_before(sending_t *s, const item_t *item)
{
    uint32_t row = item->slot.writer;
    reached_t limits = {.high = 0};
    int code = 0;
    if (!s->feed.had_any || reached_next(&s->looked, row) > 0)
        return 0;
    if (item->slot.number > reached_next(&s->reached, row)) {
        reached_note(&limits, row, item->slot.number - 1);
        code = look_for_records(s, &limits);
    }
    if (code == 0)
        reached_note(&s->looked, row, 0);
    return code;
}

/* The subscription has nothing more. What writers had written before it was asked is released. */
int sending_look_when_empty(sending_t *s)
{
    uint64_t number;
    if (s->has_looked || !s->feed.had_any)
        return 0;
    if (s->may_look) {
        int code = reached_exceeds(&s->written, &s->reached) ? look_for_records(s, &s->written) : 0;
        s->has_looked = code == 0;
        return code;
    }
    s->may_look = true; /* when it is asked once more */
    s->written.high = 0;
    for (uint32_t row = 0; row < s->source.info.max_writers; row++) {
        if (slotring_writer_progress(s->source.ring, row, &number, NULL) != 0)
            return bridge_fail_ring(s->error, "cannot find out how far a writer is");
        if (number > 0)
            reached_note(&s->written, row, number - 1);
    }
    return 0;
}
