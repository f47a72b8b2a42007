/* SPDX-License-Identifier: Apache-2.0 */
/* One ring that is recorded: its subscription, and its channels in the file. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "exit_codes.h"
#include "output.h"
#include "record.h"

/* ---- Ring and subscription ------------------------------------------------------------------------ */

int source_open(source_t *source, int64_t wait_ns)
{
    slotring_options_t options;
    ring_options(&options);
    options.mode = SLOTRING_ATTACH;
    options.client_name = source->recorder->client;
    int code = ring_open_wait(&source->ring, source->name, &options, wait_ns);
    source->info.struct_size = sizeof source->info;
    if (code == EXIT_DONE && slotring_info(source->ring, &source->info) < 0)
        code = report_last("cannot describe the ring");
    return code;
}

/* A recording goes on where it ends; what is gone meanwhile is counted. */
static void choose_start(const source_t *source, slotring_reader_options_t *options)
{
    slotring_stats_t stats = {.struct_size = sizeof stats};
    if (source->recorder->oldest)
        options->start = SLOTRING_FROM_OLDEST;
    if (source->recorder->durable || !source->place.begun || source->info.hot_slots ||
        slotring_get_stats(source->ring, &stats) < 0 || source->place.next_sequence >= stats.published)
        return;
    options->start = SLOTRING_FROM_SEQUENCE;
    options->first = source->place.next_sequence;
}

static int report_subscribe(const source_t *source)
{
    slotring_error_t error;
    slotring_last_error(&error);
    out_error("cannot subscribe to ring %s: %s", source->name, error.text);
    return exit_code_of(error.code);
}

/* What a durable subscription has missed so far, and the recording has told of. What it missed while nobody had it, or what a killed
 * recorder had no time to tell, comes with the next message. */
static int take_account(source_t *source)
{
    slotring_reader_info_t info;
    const place_t *place = &source->place;
    if (slotring_reader_info(source->reader, &info) < 0)
        return report_last("cannot describe the subscription");
    source->start = info.start;
    source->goes_on = place->begun;
    source->missed =
        place->has_account && place->account_start == info.start ? place->account_missed : info.missed;
    source->records_missed = info.records_missed;
    return EXIT_DONE;
}

int source_subscribe(source_t *source)
{
    const recorder_t *recorder = source->recorder;
    slotring_stats_t stats = {.struct_size = sizeof stats};
    slotring_reader_options_t options;
    slotring_reader_options_init(&options);
    options.flags = SLOTRING_TELL_MARKS;
    options.mode = SLOTRING_LOSSY;
    choose_start(source, &options);
    if (recorder->durable) {
        options.mode = SLOTRING_LOSSLESS;
        options.flags |= SLOTRING_DURABLE;
        options.name = recorder->durable;
        options.window = RECORD_WINDOW;
    }
    if (slotring_get_stats(source->ring, &stats) < 0)
        return report_last("cannot read the statistics");
    source->started_before = stats.producers_started;
    source->stream_seen = recorder->oldest || source->place.begun || stats.producers > 0;
    if (slotring_subscribe(source->ring, &options, &source->reader) < 0)
        return report_subscribe(source);
    return recorder->durable ? take_account(source) : EXIT_DONE;
}

void source_free(source_t *source)
{
    if (source->reader)
        slotring_unsubscribe(source->reader);
    if (source->ring)
        ring_close(source->ring);
    batch_free(&source->batch);
    place_free(&source->place);
    place_free(&source->written);
}

/* ---- Channels ------------------------------------------------------------------------------------- */

static void pair(bytes_t *map, const char *key, const char *value)
{
    bytes_text(map, key);
    bytes_text(map, value);
}

static void pair_number(bytes_t *map, const char *key, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, value);
    pair(map, key, text);
}

/* The owner's words about the ring, if they are text. */
static void pair_description(const source_t *source, bytes_t *map)
{
    char text[SLOTRING_DESCRIPTION_MAX + 1];
    uint64_t length = 0;
    if (slotring_description(source->ring, text, SLOTRING_DESCRIPTION_MAX, &length) < 0 || length == 0 ||
        memchr(text, '\0', (size_t)length))
        return;
    text[length] = '\0';
    json_t *checked = json_stringn(text, (size_t)length);
    if (checked)
        pair(map, "description", text);
    json_decref(checked);
}

static void put_channel(const source_t *source, bytes_t *bytes, uint16_t which, const char *role,
                        const char *encoding)
{
    char topic[SLOTRING_NAME_MAX + 32], id[33];
    size_t record = mcap_begin(bytes, MCAP_OP_CHANNEL), map;
    snprintf(topic, sizeof topic, "%s%s%s", source->info.name, which ? "/slotring." : "", which ? role : "");
    bytes_u16(bytes, (uint16_t)(source->channel + which));
    bytes_u16(bytes, which);
    bytes_text(bytes, topic);
    bytes_text(bytes, encoding);
    map = bytes_begin_u32(bytes);
    ring_id_text(source->info.ring_id, id);
    pair(bytes, "role", role);
    pair(bytes, "ring_id", id);
    if (which == 0) {
        ring_id_text(source->info.lineage_id, id);
        pair(bytes, "ring", source->info.name);
        pair(bytes, "lineage_id", id);
        pair_number(bytes, "first_sequence", source->info.first_sequence);
        pair_number(bytes, "slot_size", source->info.slot_size);
        pair_number(bytes, "slot_count", source->info.slot_count);
        pair(bytes, "time_stamps", out_time_stamps(source->info.time_stamps));
        pair_description(source, bytes);
    }
    bytes_end_u32(bytes, map);
    mcap_end_record(bytes, record);
}

bool source_channels(const source_t *source, bytes_t records[MCAP_CHUNK_CHANNELS])
{
    put_channel(source, &records[0], 0, "messages", "");
    put_channel(source, &records[1], 1, "order", "slotring.order");
    put_channel(source, &records[2], 2, "events", "json");
    return !records[0].failed && !records[1].failed && !records[2].failed;
}
