/* SPDX-License-Identifier: Apache-2.0 */
/* Chunks into the files of a recording, and a new file when it is time. */
#include "record_files.h"

#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "output.h"

static int end_file(recording_t *recording)
{
    int error, code = EXIT_DONE;
    while ((error = mcap_write_end(&recording->out)) != 0 && recording_made_room(recording, error))
        continue;
    if (error == 0)
        code = recording_sync(recording);
    int closing = mcap_close(&recording->out);
    error = error ? error : closing;
    if (error == 0)
        return code;
    code = recording_report(recording, error);
    out_error("%s has no index; it can be read all the same. \"slotring record --repair\" adds it when there "
              "is room",
              recording->name);
    return code;
}

static int next_file(recording_t *recording)
{
    int code = end_file(recording);
    if (code == EXIT_DONE && !recording_name(recording, recording->number + 1))
        code = EXIT_NO_SPACE;
    return code == EXIT_DONE ? recording_begin_file(recording) : code;
}

/* Is it time for a new file, before `size` bytes more? A file has at least one chunk. */
static bool is_due(const recording_t *recording, uint64_t size)
{
    if (recording->out.notes.chunk_count == 0)
        return false;
    return (recording->rotate_bytes > 0 && recording->out.position + size > recording->rotate_bytes) ||
           (recording->rotate_ns > 0 && host_clock_ns() - recording->begun_ns >= recording->rotate_ns);
}

static uint32_t put_indexes(const source_t *source, mcap_index_t *indexes, uint64_t shift)
{
    const batch_t *batch = &source->batch;
    uint32_t count = 0;
    if (batch->order.size > 0)
        indexes[count++] = (mcap_index_t){(uint16_t)(source->channel + 1), &batch->order, 0};
    if (batch->messages.size > 0)
        indexes[count++] = (mcap_index_t){source->channel, &batch->messages, shift};
    if (batch->events.size > 0)
        indexes[count++] = (mcap_index_t){(uint16_t)(source->channel + 2), &batch->events, shift};
    return count;
}

/* What has gathered counts as written only now: the head of the next file tells a successor what it need not write. */
static bool note_written(source_t *source)
{
    const bytes_t *entries = &source->batch.entries;
    for (size_t at = 0; at < entries->size; at += ORDER_ENTRY) {
        order_entry_t entry;
        order_get(entries->data + at, &entry);
        if (!place_note(&source->written, &entry))
            return false;
    }
    return true;
}

/* Of a chunk: what is in front of the records, and behind them. Two parts are the writer's own. */
#define OTHER_PARTS 4u

/* The order's message comes first: whoever goes through a file finds all entries at the begins of chunks. */
static int write_chunk(recording_t *recording, source_t *source, host_part_t *parts)
{
    batch_t *batch = &source->batch;
    bytes_t head = {0};
    mcap_index_t indexes[MCAP_CHUNK_CHANNELS];
    int error = 0;
    if (batch->entries.size > 0) {
        mcap_message(&head, (uint16_t)(source->channel + 1), 0, batch->first_time, batch->first_time,
                     batch->entries.size);
        bytes_u64(&batch->order, batch->first_time);
        bytes_u64(&batch->order, 0);
    }
    parts[1] = (host_part_t){head.data, head.size};
    parts[2] = (host_part_t){batch->entries.data, batch->entries.size};
    mcap_chunk_t chunk = {.count = 3 + batch_parts(batch, parts + 3),
                          .first_time = batch->first_time,
                          .last_time = batch->last_time,
                          .indexes = indexes,
                          .index_count = put_indexes(source, indexes, head.size + batch->entries.size)};
    if (head.failed || batch->entries.failed || batch->records.failed || batch->messages.failed ||
        batch->order.failed || batch->events.failed)
        error = MCAP_NO_MEMORY;
    while (error == 0 && (error = mcap_write_chunk(&recording->out, parts, &chunk)) != 0 &&
           recording_made_room(recording, error))
        error = 0;
    bytes_free(&head);
    return error;
}

int recording_write(recording_t *recording, source_t *source)
{
    batch_t *batch = &source->batch;
    uint64_t size = batch_size(batch);
    int error = 0, code = is_due(recording, size) ? next_file(recording) : EXIT_DONE;
    if (code == EXIT_DONE) {
        host_part_t *parts = malloc((2 * batch->insert_count + 1 + OTHER_PARTS) * sizeof *parts);
        error = parts ? write_chunk(recording, source, parts) : MCAP_NO_MEMORY;
        free(parts);
    }
    if (code == EXIT_DONE && error == 0 && !note_written(source))
        error = MCAP_NO_MEMORY;
    if (error != 0)
        code = recording_report(recording, error);
    recording->bytes += code == EXIT_DONE ? size : 0;
    batch_empty(batch);
    if (code == EXIT_DONE && recording->sync_ns >= 0 &&
        host_clock_ns() - recording->synced_ns >= (uint64_t)recording->sync_ns)
        code = recording_sync(recording);
    return code;
}

int recording_end(recording_t *recording)
{
    return recording->out.file >= 0 ? end_file(recording) : EXIT_DONE;
}

void recording_free(recording_t *recording)
{
    (void)mcap_close(&recording->out);
    skim_free(&recording->skim);
    free(recording->name);
}
