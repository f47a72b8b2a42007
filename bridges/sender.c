/* SPDX-License-Identifier: Apache-2.0 */
#include "sender.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sending.h"

#define MILLISECOND INT64_C(1000000)
#define SLICE (100 * MILLISECOND)
#define LOOK_NS (10 * SLICE) /* how often an idle sender looks at the log */
#define PACK_NS (5 * MILLISECOND)
#define PACK_BYTES ((size_t)512 << 10)
#define WINDOW_MAX 16384u /* of small messages: what fills several entries */
#define WINDOW_OF_RECORDS 16384u
#define HELD_SHARE 8u /* of the slots, and a message more, a remote holds that producers do not wait for */
#define LOOKS 64u     /* at the ring, before the clock and the log are looked at */

/* ---- Making and ending ----------------------------------------------------------------------------- */

static int ask_stop(void *user)
{
    return bridge_stops(user);
}

static int make_id(sending_t *s)
{
    int file = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    ssize_t got = file >= 0 ? read(file, s->id, sizeof s->id) : -1;
    if (file >= 0)
        (void)close(file);
    return got == (ssize_t)sizeof s->id
               ? 0
               : bridge_fail(s->error, BRIDGE_REFUSED, "there are no random numbers");
}

/* Slots that may be out: half of them, so that producers have the others meanwhile. */
static uint64_t slots_of(const sending_t *s)
{
    if (s->options->pressure == BRIDGE_LATEST)
        return 1;
    uint64_t half = s->source.info.slot_count / 2;
    return half > 0 ? half : 1;
}

/* Messages that may be out. Records share slots. */
static uint32_t window_of(const sending_t *s)
{
    if (s->options->window > 0)
        return s->options->window;
    if (s->source.info.max_writers > 0)
        return WINDOW_OF_RECORDS;
    return slots_of(s) < WINDOW_MAX ? (uint32_t)slots_of(s) : WINDOW_MAX;
}

static int make_memory(sending_t *s)
{
    size_t entry_max = s->engine->entry_max, bytes = s->options->pack_bytes;
    if (bytes == 0)
        bytes = entry_max < PACK_BYTES ? entry_max : PACK_BYTES;
    if (bytes < PACK_LEAST || bytes > entry_max)
        return bridge_fail(s->error, BRIDGE_REFUSED, "entries of %zu bytes; %u to %zu are possible", bytes,
                           PACK_LEAST, entry_max);
    s->window = window_of(s);
    s->capacity = s->window + FEED_ITEMS; /* see has_no_room */
    s->held_max = s->source.info.slot_count / HELD_SHARE;
    s->items = calloc(s->capacity, sizeof s->items[0]);
    s->ways = calloc(s->engine->under_way, sizeof s->ways[0]);
    bool there = pack_make(&s->pack, bytes);
    return there && s->items != NULL && s->ways != NULL
               ? 0
               : bridge_fail(s->error, BRIDGE_NO_MEMORY, "no memory for entries");
}

static int begin(sending_t *s)
{
    slotring_options_t place = s->options->place;
    uint64_t cursor = 0;
    place.mode = SLOTRING_ATTACH;
    place.wait_check = ask_stop;
    place.wait_check_user = (void *)&s->options->stop;
    if (place.client_name == NULL)
        place.client_name = "slotring bridge send";
    s->pack_ns = s->options->pack_ns > 0 ? s->options->pack_ns : PACK_NS;
    int failed = bridge_source_open(&s->source, s->options->ring, &place, s->error);
    if (!failed)
        failed = make_id(s);
    if (!failed)
        failed = bridge_source_look_for_writers(&s->source, s->error);
    if (!failed)
        failed = make_memory(s);
    if (!failed && s->options->pressure == BRIDGE_LOSSLESS)
        failed = bridge_source_subscribe(&s->source, s->options->remote, s->options->start, s->window,
                                         &s->feed, &s->began, &cursor, s->error);
    if (failed)
        return failed;
    const slotring_info_t *info = &s->source.info;
    wire_header_t *header = &s->pack.header;
    memcpy(header->sender, s->id, sizeof s->id);
    memcpy(header->lineage, info->lineage_id, sizeof header->lineage);
    header->slot_size = info->slot_size;
    header->slot_count = info->slot_count;
    header->max_participants = info->max_participants;
    header->time_stamps = info->time_stamps;
    header->max_writers = info->max_writers;
    slotring_stats_t stats = {.struct_size = sizeof stats};
    if (slotring_get_stats(s->source.ring, &stats) != 0)
        return bridge_fail_ring(s->error, "cannot look at the source");
    s->deaths_before = stats.producers_died;
    s->must_look_back = s->feed.had_any; /* if the log has nothing, it lost what this subscription sent */
    return 0;
}

static void end(sending_t *s)
{
    bridge_source_close(&s->source);
    pack_free(&s->pack);
    free(s->items);
    free(s->ways);
}

/* ---- The loop --------------------------------------------------------------------------------------- */

/* How long a look at the ring may wait: an entry that is being filled is not to get too old; while entries are under way, only looks. */
static int64_t patience(const sending_t *s)
{
    if (s->way_count > 0)
        return 0;
    if (pack_is_empty(&s->pack))
        return SLICE;
    int64_t left = s->pack.since_ns + s->pack_ns - bridge_now_ns();
    return left > 0 ? left : 0;
}

/* Waits until the oldest entries under way are stored, and their messages released. The others stay under way. */
static int make_room(sending_t *s)
{
    int code = sending_pack(s);
    if (code == BRIDGE_OK && s->way_count == 0)
        code = sending_flush(s);
    for (uint64_t head = s->head; code == BRIDGE_OK && s->way_count > 0 && s->head == head;) {
        code = sending_settle(s, MILLISECOND);
        if (code == BRIDGE_AGAIN)
            code = sending_pauses(s) ? BRIDGE_STOPPED : BRIDGE_OK;
    }
    return code;
}

/* All of it stored and released, as far as it was taken. */
static int drain(sending_t *s)
{
    int code = sending_pack(s);
    if (code == BRIDGE_OK)
        code = sending_flush(s);
    while (code == BRIDGE_OK && s->way_count > 0) {
        code = sending_settle(s, SLICE);
        if (code == BRIDGE_AGAIN)
            code = sending_pauses(s) ? BRIDGE_STOPPED : BRIDGE_OK;
    }
    return code == BRIDGE_OK ? sending_pop(s, s->packed) : code;
}

static bool has_no_room(const sending_t *s);

/* Takes what is there. A reader gives a mark back by its next look, and is told a death once: nothing more is taken before that is stored. */
static int take_one(sending_t *s, int64_t timeout_ns)
{
    item_t items[FEED_ITEMS];
    unsigned count;
    int code = feed_take(&s->feed, timeout_ns, items, &count, s->error);
    for (unsigned i = 0; i < count; i++) {
        *sending_item(s, s->tail++) = items[i];
        s->held += sending_slots_of(s, &items[i]);
        s->slots_out += items[i].takes_slot;
        s->must_drain = s->must_drain || (items[i].kind != WIRE_MESSAGE && items[i].kind != WIRE_RECORD);
    }
    s->must_drain = s->must_drain || s->feed.is_full;
    return code;
}

static int take(sending_t *s)
{
    int code = take_one(s, patience(s));
    for (unsigned n = 1; code == BRIDGE_OK && n < LOOKS && !s->must_drain && !has_no_room(s); n++)
        code = take_one(s, 0);
    return code;
}

static bool is_due(const sending_t *s)
{
    return !pack_is_empty(&s->pack) && bridge_now_ns() - s->pack.since_ns >= s->pack_ns;
}

/* Does the window leave no room for what one more look may give? Half of a small ring is out then: its producers wait. Those that do not
 * wait for this remote keep the other slots, also while the log is cut off. */
static bool has_no_room(const sending_t *s)
{
    if (s->held >= s->held_max && s->held > 0)
        return true;
    return s->tail - s->head + FEED_ITEMS > s->window + 1 || s->slots_out >= slots_of(s);
}

static bool is_idle(const sending_t *s)
{
    return s->head == s->tail && pack_is_empty(&s->pack) && bridge_now_ns() - s->looked_ns >= LOOK_NS;
}

static int step(sending_t *s)
{
    if (!s->must_drain && has_no_room(s))
        return make_room(s);
    if (s->must_drain) {
        int failed = drain(s);
        s->must_drain = s->must_drain && failed;
        return failed;
    }
    int code = sending_turn(s);
    if (code == BRIDGE_OK)
        code = take(s);
    if (code != BRIDGE_OK && code != BRIDGE_AGAIN)
        return code;
    if (sending_may_say_who_lives(s)) {
        code = drain(s);
        return code == BRIDGE_OK ? sending_say_who_lives(s) : code;
    }
    int failed = s->feed.is_empty && s->head == s->tail ? sending_look_when_empty(s) : BRIDGE_OK;
    if (!failed && is_idle(s))
        return sending_look(s);
    if (!failed)
        failed = sending_pack(s);
    if (!failed && is_due(s))
        failed = sending_flush(s);
    if (!failed && s->way_count > 0)
        failed = sending_settle(s, code == BRIDGE_AGAIN ? MILLISECOND : 0);
    return failed == BRIDGE_AGAIN ? 0 : failed;
}

/* After an error: back to what the log has. A full log is asked again after a while; its entries are not stored meanwhile. */
static int return_to_log(sending_t *s, int code, unsigned tries)
{
    s->report->returns++;
    if (code == BRIDGE_FULL) {
        sending_is_full(s);
        bridge_sleep_ns(bridge_backoff_ns(tries));
    }
    return sending_resume(s);
}

static int run(sending_t *s)
{
    unsigned tries = 0;
    uint64_t entries = 0;
    int code = sending_resume(s);
    while (code == BRIDGE_OK && !sending_pauses(s)) {
        code = step(s);
        s->report->revoked = s->source.revoked;
        s->report->damaged = s->source.damaged;
        s->report->marks_not_told += s->source.marks_not_told;
        s->source.marks_not_told = 0;
        tries = s->report->entries > entries ? 0 : tries;
        entries = s->report->entries;
        if (code == BRIDGE_WRONG_LAST || code == BRIDGE_CUT || code == BRIDGE_FULL)
            code = return_to_log(s, code, tries++);
    }
    if (code == BRIDGE_OK || code == BRIDGE_STOPPED) /* what is stored need not come again */
        (void)sending_settle(s, SLICE);
    return code == BRIDGE_OK ? BRIDGE_STOPPED : code;
}

int bridge_send(const bridge_sender_options_t *options, bridge_sender_report_t *report, bridge_error_t *error)
{
    sending_t sending = {.options = options, .report = report, .error = error, .engine = options->engine};
    sending.waits.say = &options->say;
    *report = (bridge_sender_report_t){0};
    *error = (bridge_error_t){0};
    int code = begin(&sending);
    if (code == BRIDGE_OK)
        code = run(&sending);
    if (error->code != code)
        *error = sending.engine->error.code == code ? sending.engine->error : (bridge_error_t){.code = code};
    end(&sending);
    return code;
}
