/* SPDX-License-Identifier: Apache-2.0 */
#include "sending.h"

#include <string.h>
#include <unistd.h>

#define BEAT_NS INT64_C(500000000)

/* A sender that is not yet in the log has not taken it over. A sign that is lost is followed by the next one. */
bool sending_pauses(sending_t *s)
{
    int64_t now = bridge_now_ns();
    if (s->has_log && now - s->beat_ns >= BEAT_NS) {
        uint8_t bytes[WIRE_SIGN_SIZE];
        wire_sign_t sign = {.number = s->place.number, .pid = (uint64_t)getpid(), .waits = s->waits.what};
        memcpy(sign.sender, s->id, sizeof sign.sender);
        if (gethostname(sign.host, sizeof sign.host) != 0)
            sign.host[0] = '\0';
        wire_put_sign(bytes, &sign);
        (void)s->engine->calls->beat(s->engine, bytes, sizeof bytes);
        s->beat_ns = now;
    }
    return bridge_stops(&s->options->stop);
}

bool sending_has(const sending_t *s, const item_t *item)
{
    const wire_place_t *place = &s->place;
    switch (item->kind) {
    case WIRE_RECORD:
        return item->slot.number < reached_next(&s->reached, item->slot.writer);
    case WIRE_MESSAGE:
        return item->number < place->number;
    case WIRE_GAP:
        return item->number + item->count <= place->number;
    case WIRE_MARK:
        return item->mark.number < place->source_marks;
    default: /* a death or an end may come twice; one that lies before a message that is there is there */
        return item->number < place->number;
    }
}

/* ---- An item into the entry: OK, AGAIN (the entry is full), or an error ---------------------------- */

static int pack_bytes(sending_t *s, const item_t *item, wire_frame_t *frame)
{
    uint64_t got = 0, offset = frame->offset;
    uint8_t *to = pack_reserve(&s->pack, frame, item->slot.length - offset);
    if (to == NULL)
        return BRIDGE_AGAIN;
    if (frame->size > 0 && slotring_gather(s->source.ring, &item->slot, offset, to, frame->size, &got) != 0)
        return bridge_fail_ring(s->error, "cannot read a message");
    s->part_offset = offset + frame->size;
    return s->part_offset < item->slot.length ? BRIDGE_AGAIN : BRIDGE_OK;
}

/* What comes later lies in publications from here on: a slot that is open is not in the order yet. A sender that begins may have to look
 * back for messages of writers first. */
static void move_back_place(sending_t *s, uint64_t number)
{
    bool knows_all = s->has_looked || !s->feed.had_any;
    if (knows_all && s->place.back < number)
        s->place.back = number;
}

static void note_packed(sending_t *s, const item_t *item)
{
    s->part_offset = 0;
    s->place.marks_here = 0;
    if (item->kind == WIRE_RECORD)
        reached_note(&s->reached, item->slot.writer, item->slot.number);
    else
        s->place.number = item->number + 1;
    move_back_place(s, item->slot.kind == SLOTRING_KIND_RECORD ? item->number : item->number + 1);
}

static int pack_message(sending_t *s, const item_t *item)
{
    uint64_t whole = WIRE_HEADER_SIZE + wire_frame_size(WIRE_PRODUCER, WIRE_NAME_SIZE) +
                     wire_frame_size(WIRE_WRITERS, reached_size(&s->reached) + REACHED_ROW_BYTES) +
                     wire_frame_size(WIRE_MESSAGE, item->slot.length);
    bool is_record = item->kind == WIRE_RECORD, is_whole = whole <= s->pack.capacity;
    wire_frame_t frame = {.number = item->number, .tag = item->slot.tag, .time_ns = item->slot.time_ns};
    frame.producer = pack_producer(&s->pack, &item->who);
    if (frame.producer == UINT32_MAX)
        return BRIDGE_AGAIN;
    if (is_record) {
        frame.kind = is_whole ? WIRE_RECORD : WIRE_RECORD_PART;
        frame.number = item->slot.number;
        frame.writer = item->slot.writer;
    } else {
        frame.kind = is_whole ? WIRE_MESSAGE : WIRE_PART;
        frame.passed = s->source.has_writers ? item->number - s->place.number : 0;
    }
    frame.offset = s->part_offset;
    frame.total = item->slot.length;
    int code = pack_bytes(s, item, &frame);
    if (code == BRIDGE_OK)
        note_packed(s, item);
    return code;
}

static int pack_mark(sending_t *s, const item_t *item)
{
    const slotring_mark_t *mark = &item->mark;
    wire_frame_t frame = {
        .kind = WIRE_MARK, .number = s->place.number, .index = s->place.marks_here, .run = mark->run};
    frame.value = mark->value;
    frame.mark_kind = mark->kind;
    frame.bytes = mark->bytes;
    frame.size = mark->size;
    if (!pack_add(&s->pack, &frame))
        return BRIDGE_AGAIN;
    s->place.marks_here++;
    s->place.source_marks = mark->number + 1;
    return BRIDGE_OK;
}

static int pack_gap(sending_t *s, const item_t *item)
{
    uint64_t begin = item->number > s->place.number ? item->number : s->place.number;
    wire_frame_t frame = {.kind = WIRE_GAP, .number = begin};
    frame.passed = s->source.has_writers ? begin - s->place.number : 0;
    frame.count = item->number + item->count - begin;
    if (!pack_add(&s->pack, &frame))
        return BRIDGE_AGAIN;
    s->report->gaps++;
    s->report->missing += frame.count;
    s->place.number = frame.number + frame.count;
    s->place.marks_here = 0;
    move_back_place(s, s->place.number);
    return BRIDGE_OK;
}

static int pack_news(sending_t *s, const item_t *item)
{
    wire_frame_t frame = {.kind = item->kind, .number = s->place.number, .value = item->how};
    if (item->kind == WIRE_DEATH) {
        frame.producer = pack_producer(&s->pack, &item->who);
        if (frame.producer == UINT32_MAX)
            return BRIDGE_AGAIN;
    }
    if (!pack_add(&s->pack, &frame))
        return BRIDGE_AGAIN;
    s->deaths += item->kind == WIRE_DEATH;
    return BRIDGE_OK;
}

static int pack_item(sending_t *s, const item_t *item)
{
    switch (item->kind) {
    case WIRE_MESSAGE:
    case WIRE_RECORD:
        return pack_message(s, item);
    case WIRE_MARK:
        return pack_mark(s, item);
    case WIRE_GAP:
        return pack_gap(s, item);
    default:
        return pack_news(s, item);
    }
}

int sending_pack(sending_t *s)
{
    while (s->packed < s->tail) {
        const item_t *item = sending_item(s, s->packed);
        if (s->part_offset == 0 && sending_has(s, item)) {
            s->packed++;
            continue;
        }
        int code =
            item->kind == WIRE_RECORD && s->part_offset == 0 ? sending_look_before(s, item) : BRIDGE_OK;
        if (code == BRIDGE_OK)
            code = pack_item(s, item);
        if (code == BRIDGE_OK)
            s->packed++;
        else if (code == BRIDGE_AGAIN)
            code = sending_flush(s);
        if (code != BRIDGE_OK)
            return code;
    }
    /* Nothing of them is under way: the log had them already. */
    return s->way_count == 0 && pack_is_empty(&s->pack) ? sending_pop(s, s->packed) : 0;
}

int sending_add(sending_t *s, const item_t *item)
{
    int code;
    while ((code = pack_item(s, item)) == BRIDGE_AGAIN)
        if ((code = sending_flush(s)) != BRIDGE_OK)
            return code;
    return code;
}

int sending_finish(sending_t *s)
{
    int code = sending_flush(s);
    while (code == BRIDGE_OK && s->way_count > 0) {
        code = sending_settle(s, INT64_C(100000000));
        if (code == BRIDGE_AGAIN)
            code = sending_pauses(s) ? BRIDGE_STOPPED : BRIDGE_OK;
    }
    return code;
}

/* ---- The entry to the engine ----------------------------------------------------------------------- */

static void note_done(sending_t *s, const item_t *item)
{
    bool is_message = item->kind == WIRE_MESSAGE || item->kind == WIRE_RECORD;
    s->report->messages += is_message;
    s->report->bytes += is_message ? item->slot.length : 0;
    s->report->marks += item->kind == WIRE_MARK;
    s->slots_out -= item->takes_slot;
    s->held -= sending_slots_of(s, item);
    if (item->kind == WIRE_MARK)
        s->marks_done = item->mark.number + 1;
    if (item->kind == WIRE_RECORD)
        reached_note(&s->reached_done, item->slot.writer, item->slot.number);
    if (item->kind == WIRE_MESSAGE)
        s->number_done = item->number + 1;
    if (item->kind == WIRE_GAP)
        s->number_done = item->number + item->count;
}

int sending_pop(sending_t *s, uint64_t end)
{
    const item_t *last = NULL;
    for (; s->head < end; s->head++) {
        const item_t *item = sending_item(s, s->head);
        note_done(s, item);
        if (item->kind == WIRE_MESSAGE || item->kind == WIRE_RECORD)
            last = item;
    }
    if (s->packed < s->head)
        s->packed = s->head;
    return last != NULL ? bridge_source_release(&s->feed, &last->slot, s->error) : 0;
}

int sending_settle(sending_t *s, int64_t timeout_ns)
{
    uint64_t stored = 0, end = s->head;
    uint32_t done = 0;
    if (s->way_count == 0)
        return BRIDGE_OK;
    int code = s->engine->calls->settle(s->engine, timeout_ns, &stored);
    for (; done < s->way_count && s->ways[done].sequence <= stored; done++)
        end = s->ways[done].end;
    s->report->entries += done;
    if (done > 0)
        bridge_goes_on(&s->waits, BRIDGE_WAITS_FOR_LOG);
    s->way_count -= done;
    memmove(s->ways, s->ways + done, s->way_count * sizeof s->ways[0]);
    int failed = sending_pop(s, end);
    if (failed)
        return failed;
    return code == BRIDGE_OK && s->way_count > 0 ? BRIDGE_AGAIN : code;
}

void sending_is_full(sending_t *s)
{
    s->report->full++;
    bridge_waits_for(&s->waits, BRIDGE_WAITS_FOR_LOG, "room in the log", "its receiver is slow, or away");
}

int sending_begin_entry(sending_t *s)
{
    return pack_begin(&s->pack, &s->place, &s->reached)
               ? 0
               : bridge_fail(s->error, BRIDGE_REFUSED,
                             "entries of %zu bytes are too small for so many writers", s->pack.capacity);
}

/* The log has no room: its receiver is slow, or away. The ring's producers wait meanwhile, as for any lossless reader. */
static int append(sending_t *s)
{
    for (unsigned tries = 0;; tries++) {
        int code = s->engine->calls->append_if(s->engine, s->last, s->pack.bytes, s->pack.used);
        if (code != BRIDGE_FULL)
            return code;
        sending_is_full(s);
        code = sending_settle(s, 0);
        if (code != BRIDGE_OK && code != BRIDGE_AGAIN)
            return code;
        if (sending_pauses(s))
            return BRIDGE_STOPPED;
        bridge_sleep_ns(bridge_backoff_ns(tries));
    }
}

/* Is there another entry under way, beside which none has room? */
static int wait_for_a_way(sending_t *s)
{
    while (s->way_count >= s->engine->under_way) {
        int code = sending_settle(s, INT64_C(100000000));
        if (code != BRIDGE_OK && code != BRIDGE_AGAIN)
            return code;
        if (s->way_count >= s->engine->under_way && sending_pauses(s))
            return BRIDGE_STOPPED;
    }
    return 0;
}

int sending_flush(sending_t *s)
{
    uint32_t flags = s->source.info.checksums ? WIRE_CHECKSUMS : 0;
    if (s->options->pressure == BRIDGE_LOSSY)
        flags |= WIRE_DROPS;
    if (pack_is_empty(&s->pack))
        return 0;
    int failed = wait_for_a_way(s);
    if (failed)
        return failed;
    s->pack.header.deaths = s->deaths;
    pack_end(&s->pack, &s->place, s->part_offset > 0 ? flags | WIRE_MID_MESSAGE : flags);
    failed = append(s);
    if (failed)
        return failed;
    s->ways[s->way_count++] = (way_t){.sequence = ++s->last, .end = s->packed};
    s->looked_ns = bridge_now_ns();
    return sending_begin_entry(s);
}
