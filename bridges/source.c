/* SPDX-License-Identifier: Apache-2.0 */
#include "source.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int bridge_source_open(source_t *source, const char *name, const slotring_options_t *options,
                       bridge_error_t *error)
{
    slotring_error_t failure;
    *source = (source_t){0};
    if (slotring_open(&source->ring, name, options, &failure) != 0)
        return bridge_fail_open(error, name, &failure);
    source->info.struct_size = sizeof source->info;
    if (slotring_info(source->ring, &source->info) == 0)
        return 0;
    int failed = bridge_fail_ring(error, "cannot look at the source");
    bridge_source_close(source);
    return failed;
}

void bridge_source_close(source_t *source)
{
    if (source->ring != NULL)
        (void)slotring_close(source->ring);
    source->ring = NULL;
}

int bridge_source_subscribe(source_t *source, const char *remote, uint32_t start_from, uint32_t window,
                            feed_t *feed, uint64_t *start, uint64_t *cursor, bridge_error_t *error)
{
    char name[SLOTRING_CLIENT_NAME_MAX + 1];
    slotring_reader_options_t options;
    slotring_reader_info_t info = {0};
    if (snprintf(name, sizeof name, "bridge %s", remote) >= (int)sizeof name)
        return bridge_fail(error, BRIDGE_REFUSED, "the name of remote \"%s\" is too long", remote);
    slotring_reader_options_init(&options);
    options.name = name;
    options.start = start_from;
    options.flags = SLOTRING_DURABLE | SLOTRING_TELL_MARKS;
    options.at_end = SLOTRING_AT_END_WAIT;
    options.window = window;
    *feed = (feed_t){.source = source, .tells_end = true};
    if (slotring_subscribe(source->ring, &options, &feed->reader) != 0)
        return bridge_fail_ring(error, "cannot subscribe to the source");
    if (slotring_reader_info(feed->reader, &info) != 0 ||
        slotring_number_of(source->ring, info.cursor - info.pending, cursor) != 0)
        return bridge_fail_ring(error, "cannot find out where the subscription stands");
    /* Where it began is forgotten when many marks came since. What a server lost is then told from the oldest on. */
    if (slotring_number_of(source->ring, info.start, start) != 0)
        *start = *cursor;
    feed->number = *cursor;
    feed->missed = info.missed;
    feed->had_any = info.delivered + info.missed + info.records > 0;
    return 0;
}

/* ---- Who published it ------------------------------------------------------------------------------ */

void bridge_source_note(pack_producer_t *who, const slotring_participant_t *p)
{
    *who = (pack_producer_t){.index = p->index, .incarnation = p->incarnation, .pid = p->pid};
    if (p->proxy) { /* it comes from elsewhere itself: a chain of bridges */
        who->pid = p->origin_pid;
        who->proxy = 1;
    }
    (void)snprintf(who->name, sizeof who->name, "%s", p->name);
}

static pack_producer_t *find_known(source_t *source, uint32_t index, uint64_t incarnation)
{
    for (uint32_t i = 0; i < source->known_count; i++)
        if (source->known[i].index == index && source->known[i].incarnation == incarnation)
            return &source->known[i];
    return NULL;
}

static void keep_known(source_t *source, const pack_producer_t *who)
{
    source->known[source->known_next] = *who;
    source->known_next = (source->known_next + 1) % SOURCE_KNOWN;
    source->known_count += source->known_count < SOURCE_KNOWN;
}

/* Asks the ring about all who are there. One that has left already has its number for a name. */
static void ask(source_t *source, uint32_t index, uint64_t incarnation, pack_producer_t *who)
{
    uint32_t capacity = source->info.max_participants, count = 0;
    slotring_participant_t *list = calloc(capacity, sizeof *list);
    *who = (pack_producer_t){.index = index, .incarnation = incarnation};
    (void)snprintf(who->name, sizeof who->name, "producer %" PRIu32, index);
    if (list != NULL && slotring_participants(source->ring, list, capacity, &count) == 0)
        for (uint32_t i = 0; i < count && i < capacity; i++)
            if (list[i].index == index && list[i].incarnation == incarnation)
                bridge_source_note(who, &list[i]);
    free(list);
}

static void find_producer(source_t *source, const slotring_slot_t *slot, pack_producer_t *who)
{
    const pack_producer_t *known = find_known(source, slot->producer, slot->producer_incarnation);
    if (known != NULL) {
        *who = *known;
        return;
    }
    ask(source, slot->producer, slot->producer_incarnation, who);
    keep_known(source, who);
}

/* ---- What comes next ------------------------------------------------------------------------------- */

int bridge_source_look_for_writers(source_t *source, bridge_error_t *error)
{
    for (uint32_t row = 0; row < source->info.max_writers && !source->has_writers; row++) {
        uint64_t number, publications;
        if (slotring_writer_progress(source->ring, row, &number, &publications) != 0)
            return bridge_fail_ring(error, "cannot find out how far a writer is");
        source->has_writers = publications > 0;
    }
    return 0;
}

/* How many of the next `jump` numbers the reader has missed. It passes over slots with records, if it had these while they were written:
 * such a number is not missing. */
static int find_missed(feed_t *feed, uint64_t jump, uint64_t *missed, bridge_error_t *error)
{
    slotring_reader_info_t info = {0};
    *missed = jump;
    int failed = bridge_source_look_for_writers(feed->source, error);
    if (failed || !feed->source->has_writers)
        return failed;
    if (slotring_reader_info(feed->reader, &info) != 0)
        return bridge_fail_ring(error, "cannot find out what the subscription missed");
    *missed = info.missed > feed->missed ? info.missed - feed->missed : 0;
    *missed = *missed < jump ? *missed : jump;
    feed->missed += *missed;
    return 0;
}

/* What is missing before `number`. */
static int give_gap(feed_t *feed, uint64_t number, item_t *items, unsigned *given, bridge_error_t *error)
{
    uint64_t missed;
    if (number <= feed->number)
        return 0;
    int failed = find_missed(feed, number - feed->number, &missed, error);
    if (failed)
        return failed;
    if (missed > 0)
        items[(*given)++] = (item_t){.kind = WIRE_GAP, .number = feed->number, .count = missed};
    feed->number = number;
    return 0;
}

int feed_rest(feed_t *feed, item_t items[FEED_ITEMS], unsigned *count, bridge_error_t *error)
{
    slotring_reader_info_t info = {0};
    uint64_t number;
    *count = 0;
    if (slotring_reader_info(feed->reader, &info) != 0 ||
        slotring_number_of(feed->source->ring, info.cursor - info.pending, &number) != 0)
        return bridge_fail_ring(error, "cannot find out where the subscription stands");
    return give_gap(feed, number, items, count, error);
}

/* The slot of a record may be open still: then the order does not have it. */
static int give_message(feed_t *feed, const slotring_slot_t *slot, item_t *items, unsigned *count,
                        bridge_error_t *error)
{
    uint64_t number = feed->number;
    bool is_record = slot->kind == SLOTRING_KIND_RECORD;
    feed->has_ended = false;
    if (slot->writer != SLOTRING_NO_WRITER && feed->pressure != BRIDGE_LOSSLESS)
        return bridge_fail(error, BRIDGE_REFUSED,
                           "message %" PRIu64 " of writer %" PRIu32
                           ": only lossless remotes carry messages of writers so far",
                           slot->number, slot->writer);
    if (slot->sequence != UINT64_MAX && slotring_number_of(feed->source->ring, slot->sequence, &number) != 0)
        return bridge_fail_ring(error, "cannot find the number of a message");
    int failed = give_gap(feed, number, items, count, error);
    if (failed)
        return failed;
    item_t *item = &items[(*count)++];
    *item = (item_t){.kind = WIRE_MESSAGE, .number = number, .slot = *slot};
    if (slot->writer != SLOTRING_NO_WRITER)
        item->kind = WIRE_RECORD;
    feed->source->has_writers = feed->source->has_writers || item->kind == WIRE_RECORD;
    item->takes_slot = !is_record || slot->index != feed->slot;
    feed->slot = is_record ? slot->index : UINT32_MAX;
    find_producer(feed->source, slot, &item->who);
    feed->number = is_record ? number : number + 1; /* more of the slot may come */
    return 0;
}

static int give_mark(feed_t *feed, item_t *items, unsigned *count, bridge_error_t *error)
{
    slotring_mark_t mark;
    if (slotring_reader_mark(feed->reader, &mark) != 0)
        return bridge_fail_ring(error, "cannot find the mark");
    feed->source->marks_not_told += mark.not_told;
    uint64_t number = mark.place + mark.offset;
    int failed = give_gap(feed, number - mark.gap, items, count, error);
    if (failed)
        return failed;
    if (mark.kind == SLOTRING_MARK_GAP) { /* if the subscription began behind it, so did the log */
        items[(*count)++] =
            (item_t){.kind = WIRE_GAP, .number = number - mark.gap, .count = mark.gap, .is_told = true};
        feed->number = feed->number > number ? feed->number : number;
        return 0;
    }
    items[(*count)++] = (item_t){.kind = WIRE_MARK, .number = feed->number, .mark = mark};
    return 0;
}

static int give_death(feed_t *feed, uint32_t how, item_t *items, unsigned *count, bridge_error_t *error)
{
    slotring_participant_t who;
    if (slotring_reader_death(feed->reader, &who) != 0)
        return bridge_fail_ring(error, "cannot find out who died");
    items[0] = (item_t){.kind = WIRE_DEATH, .number = feed->number, .how = how};
    bridge_source_note(&items[0].who, &who);
    *count = 1;
    return 0;
}

/* What was missed while nobody had the subscription lies before its cursor already. The log may know more of it: then that is passed over. */
static int give_revoked(feed_t *feed, item_t *items, unsigned *count, bridge_error_t *error)
{
    slotring_reader_info_t info = {0};
    if (slotring_reader_info(feed->reader, &info) != 0)
        return bridge_fail_ring(error, "cannot find out what the subscription missed");
    if (!feed->source->has_writers || info.missed > feed->missed || info.lost == 0 ||
        info.lost > feed->number)
        return BRIDGE_AGAIN;
    items[(*count)++] =
        (item_t){.kind = WIRE_GAP, .number = feed->number - info.lost, .count = info.lost, .is_told = true};
    return 0;
}

/* Nothing came for a while. Has everybody ended? What was published before is then here: one more look tells. */
static bool all_have_ended(const feed_t *feed)
{
    slotring_stats_t stats = {.struct_size = sizeof stats};
    return feed->tells_end && !feed->has_ended && slotring_get_stats(feed->source->ring, &stats) == 0 &&
           stats.producers == 0 && stats.producers_started > 0;
}

static int give(feed_t *feed, int code, const slotring_slot_t *slot, item_t *items, unsigned *count,
                bridge_error_t *error)
{
    switch (code) {
    case 0:
        return give_message(feed, slot, items, count, error);
    case SLOTRING_E_MARK:
        return give_mark(feed, items, count, error);
    case SLOTRING_E_PRODUCER_DIED:
        return give_death(feed, SLOTRING_PRODUCER_DIED, items, count, error);
    case SLOTRING_E_SOURCE_LOST:
        return give_death(feed, SLOTRING_SOURCE_LOST, items, count, error);
    case SLOTRING_E_REVOKED: /* what it missed shows as a gap before the next message */
        feed->source->revoked++;
        feed->is_revoked = true;
        return give_revoked(feed, items, count, error);
    case SLOTRING_E_CORRUPT: /* the same */
        feed->source->damaged++;
        return BRIDGE_AGAIN;
    case SLOTRING_E_STATE:
    case SLOTRING_E_HOLDS:
        feed->is_full = true;
        return BRIDGE_AGAIN;
    case SLOTRING_E_EMPTY:
    case SLOTRING_E_TIMEOUT:
        feed->is_empty = true;
        bridge_source_rearm(feed);
        return BRIDGE_AGAIN;
    case SLOTRING_E_INTERRUPTED:
    case SLOTRING_E_STOPPED:
    case SLOTRING_E_BUSY:
    case SLOTRING_E_REMOVED: /* the ring goes on */
        return BRIDGE_AGAIN;
    default:
        return bridge_fail_ring(error, "cannot read the source");
    }
}

int feed_take(feed_t *feed, int64_t timeout_ns, item_t items[FEED_ITEMS], unsigned *count,
              bridge_error_t *error)
{
    slotring_slot_t slot;
    *count = 0;
    feed->is_full = feed->is_empty = false;
    int code = slotring_next(feed->reader, timeout_ns, &slot);
    if (code == SLOTRING_E_TIMEOUT && all_have_ended(feed)) {
        code = slotring_next(feed->reader, 0, &slot);
        if (code == SLOTRING_E_EMPTY) {
            items[(*count)++] = (item_t){.kind = WIRE_END, .number = feed->number};
            feed->has_ended = true;
            return 0;
        }
    }
    return give(feed, code, &slot, items, count, error);
}
