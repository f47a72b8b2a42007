/* SPDX-License-Identifier: Apache-2.0 */
/* The last entry of the log says where the sender stands. What lies behind that is sent again: it is out still, so the ring has it. */
#include <inttypes.h>
#include <string.h>

#include "sending.h"

/* ---- Where the log ends ---------------------------------------------------------------------------- */

/* Number of the first message that is not released. */
static uint64_t front(const sending_t *s)
{
    return s->head < s->tail ? sending_item(s, s->head)->number : s->feed.number;
}

static int judge(sending_t *s, const bridge_entry_t *entry, wire_header_t *header)
{
    if (!wire_get_header(entry->bytes, entry->size, header))
        return bridge_fail(s->error, BRIDGE_DAMAGED,
                           "entry %" PRIu64 " of the log is not one of a sender of this version",
                           entry->sequence);
    if (memcmp(header->lineage, s->source.info.lineage_id, sizeof header->lineage) != 0)
        return bridge_fail(
            s->error, BRIDGE_OTHER_RING,
            "the log carries another ring; ring \"%s\" was made anew, or it needs a remote of its own",
            s->options->ring);
    bool is_mine = memcmp(header->sender, s->id, sizeof s->id) == 0;
    if (is_mine && !s->has_log)
        s->first = entry->sequence;
    /* Before the first one of this sender: the log has lost what this sender had appended. */
    if (s->has_log && !is_mine && entry->sequence >= s->first)
        return bridge_fail(s->error, BRIDGE_FENCED, "another sender has taken over with entry %" PRIu64,
                           entry->sequence);
    s->has_log = is_mine;
    return 0;
}

/* A log without entries: it is new; or the engine has lost all of it, and what the subscription ever got is to be looked for. Not for those
 * who take losses: their log is in the memory of the server. */
static void begin_anew(const sending_t *s, wire_place_t *place)
{
    bool is_lossy = s->options->pressure == BRIDGE_LOSSY || s->options->pressure == BRIDGE_LATEST;
    *place = (wire_place_t){.number = s->began, .back = s->began};
    if (is_lossy && s->feed.reader != NULL)
        *place = (wire_place_t){.number = front(s), .source_marks = s->marks_done, .back = front(s)};
}

/* The subscription of a remote that is not lossless begins where the log ends. */
static int listen(sending_t *s, wire_place_t *place)
{
    const bridge_sender_options_t *o = s->options;
    const source_wish_t wish = {o->pressure, o->budget_messages, o->budget_ns, o->start, s->window};
    int code = bridge_source_listen(&s->source, o->remote, &wish, s->is_new ? NULL : &place->number, &s->feed,
                                    s->error);
    if (code != BRIDGE_OK)
        return code;
    if (s->is_new)
        place->number = place->back = s->feed.number;
    s->began = place->number;
    s->marks_done = place->source_marks;
    return 0;
}

/* Where each writer is, behind all frames of the entry. */
static int follow_writers(sending_t *s, const bridge_entry_t *entry, const wire_header_t *header)
{
    wire_frame_t frame;
    enum wire_step step;
    s->reached.high = 0;
    wire_walk_t walk = wire_walk(entry->bytes, entry->size, header);
    while ((step = wire_next(&walk, &frame)) == WIRE_GOT)
        if (!reached_follow(&s->reached, &frame))
            break;
    return step == WIRE_DONE ? 0
                             : bridge_fail(s->error, BRIDGE_DAMAGED,
                                           "entry %" PRIu64 " of the log is damaged", entry->sequence);
}

static int find_place(sending_t *s, wire_place_t *place)
{
    bridge_entry_t entry;
    wire_header_t header;
    int code = s->engine->calls->last(s->engine, &entry);
    if (code != BRIDGE_OK) {
        *s->error = s->engine->error;
        return code;
    }
    s->last = entry.sequence;
    s->is_new = entry.size == 0;
    if (s->is_new) {
        s->must_look_back = s->must_look_back || s->has_log;
        s->has_log = false;
        s->reached.high = 0;
        s->deaths = s->deaths_before;
        begin_anew(s, place);
        return 0;
    }
    code = judge(s, &entry, &header);
    *place = header.after;
    s->deaths = header.deaths;
    return code != BRIDGE_OK ? code : follow_writers(s, &entry, &header);
}

/* What the log has of the first items is done. A death or an end is, if something behind it is. Behind one that the log does not have others
 * may be there: another sender may have been given them in another order. They are passed over later. */
static int drop_what_is_there(sending_t *s)
{
    uint64_t end = s->head;
    while (end < s->tail && sending_has(s, sending_item(s, end)))
        end++;
    return sending_pop(s, end);
}

/* Does the log end before what was stored? A sender that begins does not know it of marks: it looks in any case. */
static bool has_lost(const sending_t *s)
{
    return s->has_log && (s->place.number < s->number_done || s->place.source_marks < s->marks_done ||
                          reached_exceeds(&s->reached_done, &s->reached) || s->must_look_back);
}

static int resume_once(sending_t *s)
{
    wire_place_t place;
    int failed = find_place(s, &place);
    if (!failed && s->feed.reader == NULL)
        failed = listen(s, &place);
    if (failed)
        return failed;
    s->place = place;
    s->turn = 0; /* the sequences may be others now */
    s->way_count = 0;
    s->packed = s->head;
    s->part_offset = 0;
    failed = sending_begin_entry(s);
    if (!failed)
        failed = drop_what_is_there(s);
    if (!failed && has_lost(s))
        failed = sending_look_back(s, front(s));
    if (!failed) /* what it has now it may lose */
        reached_merge(&s->reached_done, &s->reached);
    if (!failed && s->place.number > s->number_done)
        s->number_done = s->place.number;
    if (!failed && s->place.source_marks > s->marks_done)
        s->marks_done = s->place.source_marks;
    return failed;
}

/* Is it worth asking again? */
static bool may_pass(int code)
{
    return code == BRIDGE_CUT || code == BRIDGE_WRONG_LAST || code == BRIDGE_FULL || code == BRIDGE_LOST ||
           code == BRIDGE_AGAIN;
}

static int resume(sending_t *s)
{
    for (unsigned tries = 0;; tries++) {
        int code = resume_once(s);
        if (code == BRIDGE_CUT)
            bridge_waits_for(&s->waits, BRIDGE_WAITS_FOR_ENGINE, "the server", s->engine->error.text);
        else
            bridge_goes_on(&s->waits, BRIDGE_WAITS_FOR_ENGINE);
        if (!may_pass(code))
            return code;
        if (sending_pauses(s))
            return BRIDGE_STOPPED;
        bridge_sleep_ns(bridge_backoff_ns(tries));
    }
}

int sending_look(sending_t *s)
{
    bridge_entry_t entry;
    wire_header_t header;
    s->looked_ns = bridge_now_ns();
    int code = s->engine->calls->last(s->engine, &entry);
    if (code != BRIDGE_OK)
        return code;
    if (entry.size == 0 || entry.sequence != s->last)
        return BRIDGE_WRONG_LAST;
    return judge(s, &entry, &header);
}

/* ---- Taking over ------------------------------------------------------------------------------------ */

/* The run in which the subscription began, if it is one. In the entry that begins the log: so it is told once. */
static int pack_run(sending_t *s)
{
    item_t item = {.kind = WIRE_MARK};
    if (s->last > 0 || s->feed.reader == NULL || slotring_reader_mark(s->feed.reader, &item.mark) != 0 ||
        item.mark.kind != SLOTRING_MARK_RUN_BEGIN || sending_has(s, &item))
        return 0;
    return sending_add(s, &item);
}

static int say_hello(sending_t *s)
{
    uint8_t description[SLOTRING_DESCRIPTION_MAX];
    uint64_t length = 0;
    wire_frame_t hello = {.kind = WIRE_HELLO, .bytes = description};
    if (slotring_description(s->source.ring, description, sizeof description, &length) != 0)
        return bridge_fail_ring(s->error, "cannot read the description of the source");
    hello.size = length;
    if (!pack_add(&s->pack, &hello))
        return bridge_fail(s->error, BRIDGE_REFUSED, "entries of %zu bytes are too small", s->pack.capacity);
    int code = pack_run(s);
    return code == BRIDGE_OK ? sending_finish(s) : code;
}

/* The log may be an older one: its sender may have told less than it was told. */
static int take_over(sending_t *s)
{
    int code = s->last > 0 ? sending_ask_who_lives(s) : 0;
    if (s->options->pressure == BRIDGE_LOSSLESS)
        s->must_look_back = s->must_look_back || s->last > 0;
    return code != BRIDGE_OK ? code : say_hello(s);
}

int sending_resume(sending_t *s)
{
    for (;;) {
        int code = resume(s);
        if (code != BRIDGE_OK || s->has_log)
            return code;
        code = take_over(s);
        if (code != BRIDGE_OK && !may_pass(code))
            return code;
    }
}
