/* SPDX-License-Identifier: Apache-2.0 */
/* An entry of the log into the target. Everything may come again: after a kill of anybody, and whenever the engine was away. A message has a
 * number, and the target knows which one is next; a mark has its place among those since the last message. So what is there already is
 * passed over. */
#include <inttypes.h>
#include <string.h>

#include "receiving.h"

/* ---- Frames ----------------------------------------------------------------------------------------- */

static int damaged(receiving_t *r, const char *what)
{
    return bridge_fail(r->error, BRIDGE_DAMAGED, "entry %" PRIu64 " of the log: %s", r->position, what);
}

static int producer_of(receiving_t *r, const wire_frame_t *frame, proxy_t **proxy)
{
    if (frame->producer >= r->producer_count)
        return damaged(r, "a producer that the entry does not name");
    *proxy = bridge_target_proxy(&r->target, &r->producers[frame->producer]);
    return *proxy != NULL ? 0 : r->error->code;
}

/* Numbers that the log does not have, and of which no sender told. */
static int tell_hole(receiving_t *r, uint64_t number)
{
    uint64_t missing = number - r->target.next;
    r->report->holes++;
    r->report->gaps++;
    r->report->missing += missing;
    return bridge_target_gap(&r->target, missing);
}

/* The log of a lossy remote has dropped entries before this one, or its sender was killed before it could tell. */
static int take_jump(receiving_t *r, const wire_header_t *header)
{
    if (r->source_marks > 0 && header->before.source_marks > r->source_marks)
        r->report->marks_missed += header->before.source_marks - r->source_marks;
    r->source_marks = header->after.source_marks;
    if (!(header->flags & WIRE_DROPS) || header->before.number <= r->target.next)
        return 0;
    return tell_hole(r, header->before.number);
}

/* A place in the log: is something there that lies behind it? */
static bool is_past(const receiving_t *r, uint64_t number)
{
    const target_t *t = &r->target;
    bool is = number < t->next;
    for (uint32_t row = 0; row < r->reached.high && !is; row++)
        is = r->reached.next[row] > 0 && reached_next(&t->reached, row) > r->reached.next[row];
    return is;
}

/* Number `number` comes, and the `passed` ones before it are slots of writers at the source. What else lacks before it the log lacks. */
static int come_to(receiving_t *r, proxy_t *proxy, uint64_t number, uint64_t passed)
{
    target_t *t = &r->target;
    if (passed > number)
        return damaged(r, "more numbers than there are");
    int failed = number - passed > t->next ? tell_hole(r, number - passed) : 0;
    return failed ? failed : bridge_target_pass(t, proxy, number - t->next);
}

/* Messages of a writer that the log does not have, as the source did not, or of which no sender told. */
static int come_to_record(receiving_t *r, const wire_frame_t *frame)
{
    uint64_t next = reached_next(&r->target.reached, frame->writer);
    if (next == 0 || frame->number == next)
        return 0;
    r->report->gaps++; /* its writer skips them there */
    r->report->missing += frame->number - next;
    return 0;
}

static bool is_there(const target_t *t, const wire_frame_t *frame)
{
    return frame->number < (wire_is_record(frame->kind) ? reached_next(&t->reached, frame->writer) : t->next);
}

/* Does it go on with what is being filled? Its beginning may not be here: then it comes again, or is told as missing. */
static bool goes_on(const target_t *t, const wire_frame_t *frame)
{
    return t->filling.is_there && t->filling_number == frame->number &&
           (t->filling.writer != NULL) == wire_is_record(frame->kind);
}

static int take_message(receiving_t *r, const wire_frame_t *frame)
{
    target_t *t = &r->target;
    wire_frame_t part = *frame;
    proxy_t *proxy;
    if (frame->kind == WIRE_MESSAGE || frame->kind == WIRE_RECORD)
        part.total = frame->size;
    if (wire_is_record(frame->kind) && (frame->writer >= t->writer_count || frame->writer == t->counting_row))
        return bridge_fail(r->error, BRIDGE_REFUSED,
                           "the source has a writer %" PRIu32 "; ring \"%s\" has only %" PRIu32
                           " (max_writers)",
                           frame->writer, t->name, t->writer_count);
    if (is_there(t, frame)) {
        r->report->again += part.offset == 0;
        return 0;
    }
    if (part.offset > 0 && !goes_on(t, frame))
        return 0;
    int failed = producer_of(r, frame, &proxy);
    if (!failed && part.offset == 0) {
        r->filling_from = r->position;
        t->filling_number = frame->number;
        failed = wire_is_record(frame->kind) ? come_to_record(r, frame)
                                             : come_to(r, proxy, frame->number, frame->passed);
    }
    if (!failed)
        failed = bridge_target_message(t, proxy, &part);
    if (!failed && is_there(t, frame)) {
        r->report->messages++;
        r->report->bytes += part.total;
    }
    return failed;
}

static int take_gap(receiving_t *r, const wire_frame_t *frame)
{
    uint64_t end = frame->number + frame->count;
    if (end < frame->number || end > SLOTRING_NUMBER_MAX)
        return damaged(r, "a gap that leads too far");
    if (end <= r->target.next)
        return 0;
    int failed = frame->number > r->target.next ? come_to(r, NULL, frame->number, frame->passed) : 0;
    if (failed)
        return failed;
    r->report->gaps++;
    r->report->missing += end - r->target.next;
    return bridge_target_gap(&r->target, end - r->target.next);
}

static int take_mark(receiving_t *r, const wire_frame_t *frame)
{
    const target_t *t = &r->target;
    if (frame->mark_kind < SLOTRING_MARK_RUN_BEGIN || frame->mark_kind > SLOTRING_MARK_USER)
        return damaged(r, "a mark of no kind");
    bool is_here = frame->number == t->next && !reached_exceeds(&r->reached, &t->reached);
    if (is_past(r, frame->number) || (is_here && frame->index < t->marks_here))
        return 0;
    int failed = frame->number > t->next ? tell_hole(r, frame->number) : 0;
    if (!failed)
        failed = bridge_target_mark(&r->target, frame);
    r->report->marks += !failed;
    return failed;
}

static int take_death(receiving_t *r, const wire_frame_t *frame)
{
    if (frame->value != SLOTRING_PRODUCER_DIED && frame->value != SLOTRING_SOURCE_LOST)
        return damaged(r, "a death of no kind");
    if (is_past(r, frame->number))
        return 0;
    if (frame->producer >= r->producer_count)
        return damaged(r, "a producer that the entry does not name");
    proxy_t *proxy = bridge_target_known(&r->target, &r->producers[frame->producer]);
    return proxy != NULL ? bridge_target_death(&r->target, proxy, (uint32_t)frame->value) : 0;
}

static int take_producer(receiving_t *r, const wire_frame_t *frame)
{
    if (r->producer_count == PACK_PRODUCERS)
        return damaged(r, "too many producers");
    r->producers[r->producer_count++] = *frame;
    return 0;
}

static int take_frame(receiving_t *r, const wire_frame_t *frame)
{
    switch (frame->kind) {
    case WIRE_PRODUCER:
        return take_producer(r, frame);
    case WIRE_MESSAGE:
    case WIRE_PART:
    case WIRE_RECORD:
    case WIRE_RECORD_PART:
        return take_message(r, frame);
    case WIRE_MARK:
        return take_mark(r, frame);
    case WIRE_GAP:
        return take_gap(r, frame);
    case WIRE_DEATH:
        return take_death(r, frame);
    case WIRE_END:
        return is_past(r, frame->number) ? 0 : bridge_target_end(&r->target);
    case WIRE_LIVES:
        return is_past(r, frame->number)
                   ? 0
                   : bridge_target_lives(&r->target, r->producers, r->producer_count, frame->value);
    default: /* how far each writer is; a sender has begun */
        return 0;
    }
}

/* ---- Entries ---------------------------------------------------------------------------------------- */

static int open_target(receiving_t *r, const wire_header_t *header)
{
    target_t *t = &r->target;
    if (t->ring != NULL && memcmp(header->lineage, r->lineage, sizeof r->lineage) != 0)
        return bridge_fail(
            r->error, BRIDGE_OTHER_RING,
            "the ring of the source was made anew; remove ring \"%s\" here when it is read, and begin again",
            t->name);
    if (t->ring != NULL)
        return 0;
    memcpy(r->lineage, header->lineage, sizeof r->lineage);
    return bridge_target_open(t, header);
}

static int follow(receiving_t *r, const wire_frame_t *frame)
{
    return reached_follow(&r->reached, frame) ? 0 : damaged(r, "a writer that cannot be");
}

int receiving_take(receiving_t *r, const bridge_entry_t *entry)
{
    wire_header_t header;
    wire_frame_t frame;
    enum wire_step step;
    if (!wire_get_header(entry->bytes, entry->size, &header))
        return damaged(r, "it is not one of a sender of this version");
    int failed = open_target(r, &header);
    if (failed)
        return failed;
    memcpy(r->sender, header.sender, sizeof r->sender);
    r->producer_count = 0;
    r->reached.high = 0;
    if ((failed = take_jump(r, &header)) != 0)
        return failed;
    wire_walk_t walk = wire_walk(entry->bytes, entry->size, &header);
    while ((step = wire_next(&walk, &frame)) == WIRE_GOT)
        if ((failed = take_frame(r, &frame)) != 0 || (failed = follow(r, &frame)) != 0)
            return failed;
    return step == WIRE_DONE ? 0 : damaged(r, "a frame does not fit");
}
