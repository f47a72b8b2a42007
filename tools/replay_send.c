/* SPDX-License-Identifier: Apache-2.0 */
/* Where slotring replay publishes: messages from the file into slots, marks and gaps at their places. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "host_disk.h"
#include "output.h"
#include "replay.h"

#define GAPS_TOLD 10u /* of one ring, on standard error */

/* ---- Opening -------------------------------------------------------------------------------------- */

static uint64_t recorded_number(const known_ring_t *known, const char *key)
{
    const char *text = json_string_value(json_object_get(known->metadata, key));
    return text ? strtoull(text, NULL, 10) : 0;
}

/* With --create: as the ring was that was recorded. */
static void recorded_shape(const known_ring_t *known, slotring_options_t *options)
{
    uint64_t size = recorded_number(known, "slot_size"), count = recorded_number(known, "slot_count");
    options->mode = SLOTRING_CREATE_OR_ATTACH;
    if (size == 0 || count == 0 || count > SLOTRING_SLOTS_MAX || size > SLOTRING_SLOT_SIZE_MAX)
        return;
    options->slot_size = size;
    options->total_size = size * count;
    options->time_stamps = SLOTRING_TIME_MONOTONIC;
}

static int open_ring(replay_t *replay, target_t *target, const known_ring_t *known)
{
    slotring_options_t options;
    ring_options(&options);
    options.mode = SLOTRING_ATTACH;
    options.client_name = "slotring-replay";
    if (replay->create)
        recorded_shape(known, &options);
    int code = ring_open(&target->out.ring, target->name, &options);
    if (code == EXIT_DONE && slotring_info(target->out.ring, &target->out.info) < 0)
        code = report_last("cannot describe the ring");
    if (code == EXIT_DONE && replay->readers > 0) {
        progress_start(&target->out.progress, replay->quiet);
        target->out.readers = replay->readers;
        code = writer_await_readers(&target->out);
        progress_wipe(&target->out.progress);
    }
    return code;
}

target_t *replay_target(replay_t *replay, const known_ring_t *known, int *code)
{
    const char *name = replay->ring ? replay->ring : known->name;
    for (uint32_t i = 0; i < replay->target_count; i++)
        if (!strcmp(replay->targets[i].name, name))
            return &replay->targets[i];
    target_t *larger = realloc(replay->targets, (replay->target_count + 1) * sizeof *larger);
    if (!larger) {
        out_error("out of memory");
        *code = EXIT_NO_SPACE;
        return NULL;
    }
    replay->targets = larger;
    target_t *target = &larger[replay->target_count++];
    *target = (target_t){
        .out = {.timeout_ns = replay->timeout_ns, .info = {.struct_size = sizeof target->out.info}}};
    snprintf(target->name, sizeof target->name, "%s", name);
    *code = open_ring(replay, target, known);
    return *code == EXIT_DONE ? target : NULL;
}

void target_free(target_t *target)
{
    for (uint32_t i = 0; i < target->writer_count; i++)
        if (target->writers[i])
            slotring_writer_close(target->writers[i]);
    free(target->writers);
    if (target->out.ring)
        ring_close(target->out.ring);
}

/* The writer here for a writer of the recorded ring; NULL: that was reported. */
static slotring_writer_t *writer_for(target_t *target, uint16_t number)
{
    if (number >= target->writer_count) {
        uint32_t count = number + 1u;
        slotring_writer_t **larger = realloc(target->writers, count * sizeof *larger);
        if (!larger) {
            out_error("out of memory");
            return NULL;
        }
        memset(larger + target->writer_count, 0, (count - target->writer_count) * sizeof *larger);
        target->writers = larger;
        target->writer_count = count;
    }
    slotring_writer_t **writer = &target->writers[number];
    if (!*writer && slotring_writer_open(target->out.ring, NULL, writer) < 0)
        report_last("cannot write records");
    return *writer;
}

/* ---- Messages ------------------------------------------------------------------------------------- */

/* Gets room for the message: a slot, several, or a part of the writer's slot. */
static int reserve(target_t *target, slotring_writer_t *writer, uint64_t length, slotring_slot_t *slot)
{
    int64_t left = target->out.timeout_ns;
    for (;;) {
        int64_t slice = writer_slice(left);
        int code = writer ? slotring_writer_reserve(writer, length, slice, slot)
                          : slotring_allocate_span(target->out.ring, length, slice, slot);
        if (code == 0)
            return EXIT_DONE;
        code = writer_try_again(&target->out, code, slice, &left);
        if (code != EXIT_DONE)
            return code;
    }
}

/* From the file into the slots. */
static int fill(target_t *target, const track_t *track, const slotring_slot_t *slot)
{
    slotring_piece_t piece = {0};
    uint64_t done = 0, length = track->item.length;
    while (done < length) {
        uint64_t got, part;
        if (slotring_next_piece(target->out.ring, slot, &piece) != 0)
            return report_last("cannot fill a message");
        part = piece.length < length - done ? piece.length : length - done;
        int error = host_read_at(track->window.file, track->item.offset + done, piece.data, part, &got);
        if (error != 0 || got != part) {
            out_error("cannot read the recording: %s",
                      error ? host_error_text(error) : "it became shorter meanwhile");
            return EXIT_ERROR;
        }
        done += part;
    }
    return EXIT_DONE;
}

int target_message(target_t *target, const track_t *track)
{
    const item_t *item = &track->item;
    slotring_writer_t *writer = NULL;
    slotring_slot_t slot;
    if (item->entry.writer != ORDER_NO_WRITER) {
        writer = writer_for(target, item->entry.writer);
        if (!writer)
            return EXIT_ERROR;
    }
    int code = reserve(target, writer, item->length, &slot), result;
    if (code != EXIT_DONE)
        return code;
    code = fill(target, track, &slot);
    slot.tag = item->entry.tag;
    if (code == EXIT_DONE)
        result = writer ? slotring_writer_commit(writer, &slot, item->length)
                        : slotring_mark_ready(target->out.ring, &slot, item->length);
    else
        result = writer ? slotring_writer_cancel(writer, &slot) : slotring_abort(target->out.ring, &slot);
    return result < 0 && code == EXIT_DONE ? report_last("cannot publish") : code;
}

/* ---- What lies between them ----------------------------------------------------------------------- */

/* The first ones, each; a lossy recorder on a slow disk has thousands. */
static bool is_told(target_t *target)
{
    if (++target->gaps == GAPS_TOLD + 1)
        out_error("%s: further gaps are not told here; the readers are told of each", target->name);
    return target->gaps <= GAPS_TOLD;
}

static void tell_gap(target_t *target, const order_entry_t *entry)
{
    const char *is = entry->length == 1 ? " is" : "s are";
    if (!is_told(target))
        return;
    if (entry->kind == ORDER_GAP)
        out_error("%s: %" PRIu64 " message%s missing in the recording, from sequence %" PRIu64 " on",
                  target->name, entry->length, is, entry->sequence);
    else
        out_error("%s: %" PRIu64 " message%s missing of writer %u in the recording, from number %" PRIu64
                  " on",
                  target->name, entry->length, is, (unsigned)entry->writer, entry->number);
}

int target_gap(target_t *target, const item_t *item)
{
    const order_entry_t *entry = &item->entry;
    slotring_writer_t *writer;
    tell_gap(target, entry);
    if (entry->kind == ORDER_GAP) {
        if (entry->length > 0 && slotring_publish_gap(target->out.ring, entry->length, NULL) < 0)
            return report_last("cannot tell of a gap");
        return EXIT_DONE;
    }
    writer = writer_for(target, entry->writer);
    if (!writer)
        return EXIT_ERROR;
    return slotring_writer_skip(writer, entry->length, target->out.timeout_ns) < 0
               ? report_last("cannot tell of a gap")
               : EXIT_DONE;
}

/* The bytes of a mark, which stand as text or as hexadecimal digits. */
static uint32_t mark_bytes(const json_t *event, unsigned char bytes[SLOTRING_MARK_BYTES_MAX])
{
    const char *text = json_string_value(json_object_get(event, "text"));
    const char *hex = json_string_value(json_object_get(event, "text_hex"));
    uint32_t size = 0;
    if (text && strlen(text) <= SLOTRING_MARK_BYTES_MAX) {
        memcpy(bytes, text, strlen(text));
        return (uint32_t)strlen(text);
    }
    for (unsigned value; !text && hex && size < SLOTRING_MARK_BYTES_MAX && sscanf(hex, "%2x", &value) == 1;
         hex += 2)
        bytes[size++] = (unsigned char)value;
    return size;
}

static uint64_t event_number(const json_t *event, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(event, key));
}

/* A run that cannot begin or end again here, since another one is in progress, is told and passed over. */
static int make_mark(target_t *target, const json_t *event)
{
    const char *kind = json_string_value(json_object_get(event, "kind"));
    unsigned char bytes[SLOTRING_MARK_BYTES_MAX];
    uint32_t size = mark_bytes(event, bytes), number;
    int result;
    target->marks++;
    if (!kind || !strcmp(kind, "gap")) {
        result = slotring_publish_gap(target->out.ring, event_number(event, "gap"), NULL);
    } else {
        number = !strcmp(kind, "begin") ? SLOTRING_MARK_RUN_BEGIN
                 : !strcmp(kind, "end") ? SLOTRING_MARK_RUN_END
                                        : SLOTRING_MARK_USER;
        result = slotring_mark(target->out.ring, number, event_number(event, "run"),
                               event_number(event, "value"), bytes, size, NULL);
    }
    if (result == SLOTRING_E_STATE) {
        report_last("a mark is passed over");
        return EXIT_DONE;
    }
    return result < 0 ? report_last("cannot make a mark") : EXIT_DONE;
}

int target_event(target_t *target, const item_t *item)
{
    const char *event = json_string_value(json_object_get(item->event, "event"));
    if (event && !strcmp(event, "mark"))
        return make_mark(target, item->event);
    if (event && (!strcmp(event, "producer died") || !strcmp(event, "source lost"))) {
        const char *name = json_string_value(json_object_get(item->event, "producer"));
        char safe[SLOTRING_CLIENT_NAME_MAX + 1];
        out_safe_name(name ? name : "", sizeof safe, safe);
        out_error("%s: in the recording: %s, \"%s\"", target->name, event, safe);
    }
    return EXIT_DONE;
}
