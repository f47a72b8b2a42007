/* SPDX-License-Identifier: Apache-2.0 */
#include "record_events.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "marks.h"
#include "output.h"

/* ---- Events --------------------------------------------------------------------------------------- */

static void tell(source_t *source, const char *what, json_t *event)
{
    if (!event)
        event = json_object();
    json_object_set_new(event, "event", json_string(what));
    json_object_set_new(event, "next_sequence", out_json_count(source->place.next_sequence));
    batch_event(&source->batch, (uint16_t)(source->channel + 2), event, recorder_log_time(source->recorder));
}

static json_t *clocks(const recorder_t *recorder)
{
    json_t *event = json_object();
    uint64_t now = host_clock_ns();
    json_object_set_new(event, "ring_clock_ns", out_json_count(now));
    json_object_set_new(event, "time_of_day_ns", out_json_count(recorder_time_of_day(recorder, now)));
    return event;
}

static void note(source_t *source, const order_entry_t *entry)
{
    batch_entry(&source->batch, entry, recorder_log_time(source->recorder));
    if (!place_note(&source->place, entry))
        source->batch.entries.failed = true;
}

/* What lies between the end of the recording and the begin of this subscription. */
static void note_start(source_t *source)
{
    slotring_reader_info_t info;
    if (!source->place.begun || slotring_reader_info(source->reader, &info) < 0 ||
        info.start <= source->place.next_sequence)
        return;
    order_entry_t gap = {.kind = ORDER_GAP,
                         .sequence = source->place.next_sequence,
                         .length = info.start - source->place.next_sequence,
                         .number = SLOTRING_NO_NUMBER,
                         .writer = ORDER_NO_WRITER};
    source->recorder->missed += gap.length;
    note(source, &gap);
}

/* How much of what the durable subscription has missed is told. */
static void note_account(source_t *source)
{
    order_entry_t account = {.kind = ORDER_ACCOUNT,
                             .sequence = source->start,
                             .length = source->missed,
                             .number = SLOTRING_NO_NUMBER,
                             .writer = ORDER_NO_WRITER};
    if (source->recorder->durable)
        note(source, &account);
}

int source_begin(source_t *source)
{
    json_t *event = clocks(source->recorder);
    json_object_set_new(event, "mode", json_string(source->recorder->durable ? "durable" : "lossy"));
    if (source->recorder->durable)
        json_object_set_new(event, "durable",
                            out_json_text(source->recorder->durable, strlen(source->recorder->durable)));
    json_object_set_new(event, "goes_on", json_boolean(source->place.begun));
    tell(source, "recorder begins", event);
    note_start(source);
    note_account(source);
    source->begun = true;
    return source_flush(source);
}

int source_tell_death(source_t *source, bool lost)
{
    slotring_participant_t who;
    char name[sizeof who.name];
    if (slotring_reader_death(source->reader, &who) < 0)
        return report_last("a producer died; cannot say who");
    out_safe_name(who.name, sizeof name, name);
    progress_wipe(&source->recorder->progress);
    out_error("%s: %s \"%s\" (pid %" PRIu64 ")%s", source->name,
              lost ? "the way is lost to producer" : "producer", name, who.proxy ? who.origin_pid : who.pid,
              lost ? "" : " died");
    json_t *event = json_object();
    json_object_set_new(event, "producer", out_json_text(who.name, sizeof who.name));
    json_object_set_new(event, "pid", out_json_count(who.proxy ? who.origin_pid : who.pid));
    json_object_set_new(event, "last_sequence", out_json_count(who.last_sequence));
    tell(source, lost ? "source lost" : "producer died", event);
    source->recorder->deaths++;
    return EXIT_DONE;
}

/* A mark counts as given back with the next look, so it has to be in the file before that. */
int source_tell_mark(source_t *source)
{
    slotring_mark_t mark;
    if (slotring_reader_mark(source->reader, &mark) < 0)
        return report_last("a mark was met; cannot say which");
    order_entry_t entry = {.kind = ORDER_MARK,
                           .number = mark.number,
                           .sequence = mark.place,
                           .time_ns = mark.time_ns,
                           .tag = mark.value,
                           .writer = ORDER_NO_WRITER};
    source->mark_told = source->recorder->durable != NULL;
    if (!place_has(&source->place, &entry)) {
        batch_entry(&source->batch, &entry, recorder_log_time(source->recorder));
        tell(source, "mark", mark_json(&mark));
        source->recorder->marks++;
        if (!place_note(&source->place, &entry))
            source->batch.entries.failed = true;
    }
    return source_flush(source);
}

void source_tell_error(source_t *source, const char *what)
{
    slotring_error_t error;
    slotring_last_error(&error);
    progress_wipe(&source->recorder->progress);
    out_error("%s: %s", source->name, error.text);
    json_t *event = json_object();
    json_object_set_new(event, "text", out_json_text(error.text, sizeof error.text));
    tell(source, what, event);
}

/* ---- What is missing ------------------------------------------------------------------------------ */

/* What the ring has counted as missed since the last look. */
void source_note_missed(source_t *source)
{
    slotring_reader_info_t info;
    if (slotring_reader_info(source->reader, &info) < 0 || info.missed < source->missed)
        return;
    uint64_t count = info.missed - source->missed;
    order_entry_t gap = {.kind = ORDER_GAP,
                         .sequence = source->place.next_sequence,
                         .length = count,
                         .number = SLOTRING_NO_NUMBER,
                         .writer = ORDER_NO_WRITER};
    source->missed = info.missed;
    source->recorder->missed += count;
    source->recorder->records_missed += info.records_missed - source->records_missed;
    source->records_missed = info.records_missed;
    if (count == 0)
        return;
    note(source, &gap);
    note_account(source);
}

/* The subscription was revoked while nobody had it. The recording may have the first of what that lost: its last recorder was killed
 * after the write, and before the acknowledgement. A new recording has told of nothing so far. */
void source_note_revoked(source_t *source)
{
    slotring_reader_info_t info;
    const place_t *place = &source->place;
    if (slotring_reader_info(source->reader, &info) == 0) {
        uint64_t from = info.cursor - info.pending - info.lost;
        uint64_t there = source->goes_on && place->next_sequence > from ? place->next_sequence - from : 0;
        if (!source->goes_on)
            source->missed = info.missed - info.lost;
        source->missed += there < info.lost ? there : info.lost;
    }
    source_note_missed(source);
}

/* Messages of its writer are missing in front of this one. The first one of a writer says nothing: nobody knows where it began. */
static void note_gap_of_writer(source_t *source, const order_entry_t *entry, uint64_t expected)
{
    order_entry_t gap = {.kind = ORDER_GAP_OF_WRITER,
                         .number = expected,
                         .length = entry->number - expected,
                         .sequence = UINT64_MAX,
                         .writer = entry->writer};
    note(source, &gap);
}

void source_note_gaps(source_t *source, const order_entry_t *entry)
{
    bool jumped =
        entry->message_kind != SLOTRING_KIND_RECORD && entry->sequence != source->place.next_sequence;
    uint64_t expected =
        entry->writer == ORDER_NO_WRITER ? entry->number : place_number(&source->place, entry->writer);
    bool number_jumped = expected > 0 && entry->number > expected && entry->writer != ORDER_NO_WRITER;
    if (jumped || number_jumped || (entry->writer != ORDER_NO_WRITER && expected == 0))
        source_note_missed(source);
    if (number_jumped)
        note_gap_of_writer(source, entry, expected);
}

/* ---- The end --------------------------------------------------------------------------------------- */

int source_end(source_t *source, int code)
{
    if (!source->reader || !source->begun)
        return code;
    if (code == EXIT_DONE || code == stop_code()) {
        source_note_missed(source);
        json_t *event = clocks(source->recorder);
        json_object_set_new(event, "messages", out_json_count(source->messages));
        json_object_set_new(event, "missed", out_json_count(source->missed));
        json_object_set_new(event, "records_missed", out_json_count(source->records_missed));
        json_object_set_new(event, "stream_ended", json_boolean(source->ended));
        tell(source, "recorder ends", event);
        int failed = source_flush(source);
        code = failed ? failed : code;
    }
    slotring_unsubscribe(source->reader);
    source->reader = NULL;
    return code;
}
