/* SPDX-License-Identifier: Apache-2.0 */
/* One ring that is recorded: what it gives, and when that is acknowledged. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "output.h"
#include "record_events.h"

static int release(source_t *source)
{
    if (source->out == 0 && !source->mark_told)
        return EXIT_DONE;
    source->out = source->kept = 0;
    source->mark_told = false;
    return slotring_reader_release(source->reader) < 0 ? report_last("cannot release messages") : EXIT_DONE;
}

int source_flush(source_t *source)
{
    int code =
        batch_is_empty(&source->batch) ? EXIT_DONE : recording_write(&source->recorder->recording, source);
    return code == EXIT_DONE ? release(source) : code;
}

/* A large message goes from its slots into the file. */
static int insert_large(source_t *source, const slotring_slot_t *slot)
{
    slotring_piece_t piece = {0};
    int code;
    while ((code = slotring_next_piece(source->ring, slot, &piece)) == 0)
        batch_insert(&source->batch, piece.data, piece.length);
    return code == SLOTRING_E_EMPTY ? EXIT_DONE : report_last("cannot read a message of several slots");
}

static int copy_small(source_t *source, const slotring_slot_t *slot)
{
    bytes_t *records = &source->batch.records;
    unsigned char *at = slot->length > 0 ? bytes_more(records, (size_t)slot->length) : NULL;
    uint64_t got = 0;
    if (!at)
        return EXIT_DONE; /* nothing to copy, or no memory, which the batch tells */
    if (slot->data)
        memcpy(at, slot->data, (size_t)slot->length);
    else if (slotring_gather(source->ring, slot, 0, at, slot->length, &got) < 0 || got != slot->length)
        return report_last("cannot read a message of several slots");
    return EXIT_DONE;
}

/* How many slots producers cannot have until the next acknowledgement. */
static void count_kept(source_t *source, const slotring_slot_t *slot)
{
    if (slot->kind != SLOTRING_KIND_RECORD)
        source->kept += slot->pieces;
    else if (source->kept == 0 || slot->index != source->last_slot)
        source->kept++, source->last_slot = slot->index;
}

static int put(source_t *source, const slotring_slot_t *slot, const order_entry_t *entry)
{
    recorder_t *recorder = source->recorder;
    uint64_t log_time = recorder_log_time(recorder);
    uint64_t published = slot->time_ns ? recorder_time_of_day(recorder, slot->time_ns) : log_time;
    int code = EXIT_DONE;
    bool large = slot->length >= RECORD_LARGE;
    if (large && !batch_is_empty(&source->batch) &&
        batch_size(&source->batch) + slot->length >= 2 * RECORD_BATCH)
        code = recording_write(&recorder->recording,
                               source); /* released with this message, whose bytes are still to be read */
    if (code != EXIT_DONE)
        return code;
    source_note_gaps(source, entry);
    batch_message(&source->batch, source->channel, entry, log_time, published, slot->length);
    code = large ? insert_large(source, slot) : copy_small(source, slot);
    if (code != EXIT_DONE)
        return code;
    if (!place_note(&source->place, entry))
        source->batch.entries.failed = true;
    stream_begin(&recorder->stream);
    stream_count(&recorder->stream, slot->sequence, slot->length);
    source->messages++;
    return EXIT_DONE;
}

static bool is_due(const source_t *source)
{
    const batch_t *batch = &source->batch;
    uint64_t limit = source->info.slot_count / 4;
    if (!source->recorder->durable && batch->insert_count > 0)
        return true; /* a lossy reader has one message at a time */
    return batch_is_empty(batch) || batch_size(batch) >= RECORD_BATCH || source->out >= RECORD_WINDOW ||
           (source->recorder->durable && source->kept >= (limit > 0 ? limit : 1));
}

static int take_message(source_t *source, const slotring_slot_t *slot)
{
    order_entry_t entry;
    int code = EXIT_DONE;
    order_of_slot(slot, &entry);
    source->out++;
    count_kept(source, slot);
    if (place_has(&source->place, &entry)) {
        source->again++;
        source->recorder->again++;
    } else {
        code = put(source, slot, &entry);
    }
    if (code == EXIT_DONE && !source->recorder->durable && source->batch.insert_count == 0)
        code = release(source); /* nobody waits for it, and its bytes are copied */
    return code == EXIT_DONE && is_due(source) ? source_flush(source) : code;
}

/* An end counts only if the stream was known before: see receive.c. */
static bool is_end(source_t *source)
{
    slotring_stats_t stats = {.struct_size = sizeof stats};
    bool knew = source->stream_seen;
    if (source->recorder->follow)
        return false;
    if (source->messages > 0 || source->again > 0)
        return true;
    if (!knew && slotring_get_stats(source->ring, &stats) == 0)
        source->stream_seen = stats.producers_started > source->started_before;
    return knew;
}

static int take_end(source_t *source, bool *idle)
{
    *idle = source->at_end = true;
    int code = source_flush(source);
    source->ended = code == EXIT_DONE && is_end(source);
    return code;
}

int source_take(source_t *source, bool *idle)
{
    slotring_slot_t slot;
    int code = slotring_next(source->reader, 0, &slot);
    *idle = source->at_end = false;
    switch (code) {
    case 0:
        return take_message(source, &slot);
    case SLOTRING_E_EMPTY:
    case SLOTRING_E_BUSY:
    case SLOTRING_E_INTERRUPTED:
        *idle = true;
        return EXIT_DONE;
    case SLOTRING_E_STATE: /* what is out has to be acknowledged first */
        return source->out > 0 ? source_flush(source) : report_last("cannot receive");
    case SLOTRING_E_END:
        return take_end(source, idle);
    case SLOTRING_E_PRODUCER_DIED:
    case SLOTRING_E_SOURCE_LOST:
        return source_tell_death(source, code == SLOTRING_E_SOURCE_LOST);
    case SLOTRING_E_MARK:
        return source_tell_mark(source);
    case SLOTRING_E_REVOKED:
        source_tell_error(source, "revoked");
        source_note_revoked(source);
        return EXIT_DONE;
    case SLOTRING_E_CORRUPT:
        source_tell_error(source, "damaged");
        source->recorder->damaged++;
        return EXIT_DONE;
    default:
        return report_last("cannot receive");
    }
}
