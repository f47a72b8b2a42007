/* SPDX-License-Identifier: Apache-2.0 */
/* Everything may come again: after a kill of anybody, and whenever the engine was away. A message has a number, and the target knows which
 * one is next; a mark has its place among those at this number. So what is there already is passed over. */
#include "receiver.h"

#include <inttypes.h>
#include <string.h>

#include "pack.h"
#include "target.h"

#define SLICE INT64_C(100000000)

#define SILENCE_NS INT64_C(5000000000)
#define STEP_NS \
    (5 * SLICE) /* more passes only while the process stands still, or the engine does not answer */

typedef struct receiving {
    const bridge_receiver_options_t *options;
    bridge_receiver_report_t *report;
    bridge_error_t *error;
    bridge_engine_t *engine;
    bridge_waits_t waits;
    target_t target;
    uint8_t lineage[16], sender[16]; /* of the entry before */
    int64_t listened_ns;             /* when it was last listened for a sign of life */
    int64_t silent_ns;               /* for how long there was none, and nothing in the log */
    bool is_lost;                    /* and that was told */
    uint64_t position;               /* sequence of the next entry to be read; 0: the oldest */
    uint64_t life;                   /* of the entry before */
    uint64_t source_marks; /* number of the source's next mark, behind the entry before; 0: not known */
    uint64_t filling_from; /* the entry in which the message begins that is being filled */
    reached_t reached;     /* so far each writer is, at this place of the log */
    wire_frame_t producers[PACK_PRODUCERS]; /* of this entry */
    uint32_t producer_count;
} receiving_t;

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

static int take_entry(receiving_t *r, const bridge_entry_t *entry)
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

/* The last entry stays in the log, so that a sender finds it; and an entry with the beginning of a message that is not complete. */
static int acknowledge(receiving_t *r, const bridge_entry_t *entry)
{
    uint64_t keep = r->target.filling.is_there ? r->filling_from : entry->sequence;
    return keep > 1 ? r->engine->calls->ack(r->engine, keep - 1, entry->life) : 0;
}

/* Begins again with what is not acknowledged. What is there already is passed over. */
static void go_back(receiving_t *r)
{
    r->report->returns++;
    r->position = 0;
    if (r->target.ring != NULL)
        bridge_target_give_up(&r->target);
}

/* Of a lossy remote: entries are gone, and what comes is later. A message that was half there does not become whole. */
static bool jumps(receiving_t *r, const bridge_entry_t *entry)
{
    wire_header_t header;
    if (entry->sequence <= r->position || !wire_get_header(entry->bytes, entry->size, &header) ||
        !(header.flags & WIRE_DROPS))
        return false;
    if (r->target.ring != NULL)
        bridge_target_give_up(&r->target);
    return true;
}

static int step(receiving_t *r)
{
    bridge_entry_t entry;
    int code = r->engine->calls->read_from(r->engine, r->position, SLICE, &entry);
    if (code != BRIDGE_OK)
        return code;
    bool is_next = entry.sequence == r->position || jumps(r, &entry);
    if (r->position > 0 && (entry.life != r->life || !is_next)) {
        r->life = entry.life;
        go_back(r);
        return BRIDGE_OK;
    }
    r->life = entry.life;
    r->position = entry.sequence;
    code = take_entry(r, &entry);
    r->report->next = r->target.next;
    if (code != BRIDGE_OK)
        return code;
    r->report->entries++;
    r->position = entry.sequence + 1;
    return acknowledge(r, &entry);
}

/* ---- Signs of life ---------------------------------------------------------------------------------- */

static void end_silence(receiving_t *r)
{
    r->silent_ns = 0;
    r->is_lost = false;
    bridge_goes_on(&r->waits, BRIDGE_WAITS_FOR_SENDER);
}

/* Of the sender that appended the last entry: one that was fenced off may go on giving signs for a while. */
static bool hears_sender(receiving_t *r)
{
    uint8_t bytes[BRIDGE_SIGN_MAX];
    size_t size;
    wire_sign_t sign;
    return r->engine->calls->hear(r->engine, bytes, &size) == BRIDGE_OK &&
           wire_get_sign(bytes, size, &sign) && memcmp(sign.sender, r->sender, sizeof sign.sender) == 0;
}

/* Between the end of a silence and the next message no stream is open. */
static int tell_silence(receiving_t *r)
{
    r->is_lost = true;
    r->report->silences++;
    if (r->waits.what == BRIDGE_WAITS_NOT) /* else it has said already what it waits for */
        bridge_waits_for(&r->waits, BRIDGE_WAITS_FOR_SENDER, "a sign of life of the sender",
                         "it ended, or the way to it is cut");
    bool was_filling = r->target.filling.is_there;
    int failed = bridge_target_lost(&r->target);
    if (was_filling) /* its beginning is in the log still */
        go_back(r);
    return failed;
}

/* What was in the log was published first. Of a time in which this process itself stood still, a step counts. */
static int listen(receiving_t *r, int code)
{
    int64_t now = bridge_now_ns(), passed = now - r->listened_ns;
    int64_t limit = r->options->silence_ns > 0 ? r->options->silence_ns : SILENCE_NS;
    bool is_there = hears_sender(r) || code == BRIDGE_OK;
    if (r->listened_ns > 0)
        r->silent_ns += passed < STEP_NS ? passed : STEP_NS;
    r->listened_ns = now;
    if (is_there)
        end_silence(r);
    return r->silent_ns >= limit && !r->is_lost && r->target.ring != NULL ? tell_silence(r) : BRIDGE_OK;
}

static int run(receiving_t *r)
{
    unsigned tries = 0;
    while (!bridge_stops(&r->options->stop)) {
        int code = step(r);
        if (code == BRIDGE_FULL) /* a server that has no room for anything now, as after its restart */
            code = BRIDGE_CUT;
        tries = code == BRIDGE_CUT ? tries + 1 : 0;
        if (code == BRIDGE_CUT)
            bridge_waits_for(&r->waits, BRIDGE_WAITS_FOR_ENGINE, "the server", r->engine->error.text);
        else
            bridge_goes_on(&r->waits, BRIDGE_WAITS_FOR_ENGINE);
        if (code == BRIDGE_LOST)
            go_back(r);
        else if (code == BRIDGE_CUT)
            bridge_sleep_ns(bridge_backoff_ns(tries));
        else if (code != BRIDGE_OK && code != BRIDGE_AGAIN)
            return code;
        int failed = listen(r, code);
        if (failed)
            return failed;
    }
    return BRIDGE_STOPPED;
}

int bridge_receive(const bridge_receiver_options_t *options, bridge_receiver_report_t *report,
                   bridge_error_t *error)
{
    receiving_t r = {.options = options, .report = report, .error = error, .engine = options->engine};
    *report = (bridge_receiver_report_t){0};
    *error = (bridge_error_t){0};
    r.target = (target_t){.name = options->ring, .options = &options->place, .stop = &options->stop};
    r.waits.say = &options->say;
    r.target.error = error;
    r.target.waits = &r.waits;
    r.target.lock.file = -1;
    int code = run(&r);
    bridge_target_close(&r.target);
    if (error->code != code)
        *error = r.engine->error.code == code ? r.engine->error : (bridge_error_t){.code = code};
    return code;
}
