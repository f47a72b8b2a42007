/* SPDX-License-Identifier: Apache-2.0 */
#include "mcap.h"

#include <stdlib.h>
#include <string.h>

#include "crc32.h"

void mcap_notes_free(mcap_notes_t *notes)
{
    bytes_free(&notes->schemas);
    bytes_free(&notes->channels);
    bytes_free(&notes->metadata);
    free(notes->chunks);
    *notes = (mcap_notes_t){0};
}

bool mcap_notes_chunk(mcap_notes_t *notes, const mcap_chunk_note_t *chunk)
{
    if (notes->chunk_count == notes->chunk_room) {
        uint64_t room = notes->chunk_room ? 2 * notes->chunk_room : 64;
        mcap_chunk_note_t *larger =
            room <= SIZE_MAX / sizeof *larger ? realloc(notes->chunks, (size_t)room * sizeof *larger) : NULL;
        if (!larger)
            return false;
        notes->chunks = larger;
        notes->chunk_room = room;
    }
    notes->chunks[notes->chunk_count++] = *chunk;
    return true;
}

uint64_t mcap_notes_messages(const mcap_notes_t *notes, uint16_t channel)
{
    uint64_t count = 0;
    for (uint64_t i = 0; i < notes->chunk_count; i++)
        for (uint32_t k = 0; k < notes->chunks[i].channels; k++)
            count += notes->chunks[i].channel[k] == channel ? notes->chunks[i].messages[k] : 0;
    return count;
}

size_t mcap_begin(bytes_t *bytes, uint8_t what)
{
    bytes_u8(bytes, what);
    return bytes_begin_u64(bytes);
}

void mcap_end_record(bytes_t *bytes, size_t begin)
{
    bytes_end_u64(bytes, begin);
}

void mcap_message(bytes_t *bytes, uint16_t channel, uint32_t sequence, uint64_t log_time,
                  uint64_t publish_time, uint64_t size)
{
    unsigned char *at = bytes_more(bytes, MCAP_RECORD + MCAP_MESSAGE);
    if (!at)
        return;
    at[0] = MCAP_OP_MESSAGE;
    put_u64(at + 1, MCAP_MESSAGE + size);
    put_u16(at + 9, channel);
    put_u32(at + 11, sequence);
    put_u64(at + 15, log_time);
    put_u64(at + 23, publish_time);
}

/* ---- The end of a file ---------------------------------------------------------------------------- */

static void chunk_index(bytes_t *bytes, const mcap_chunk_note_t *chunk)
{
    size_t record = mcap_begin(bytes, MCAP_OP_CHUNK_INDEX), map;
    bytes_u64(bytes, chunk->first_time);
    bytes_u64(bytes, chunk->last_time);
    bytes_u64(bytes, chunk->start);
    bytes_u64(bytes, chunk->length);
    map = bytes_begin_u32(bytes);
    for (uint32_t i = 0; i < chunk->channels; i++) {
        bytes_u16(bytes, chunk->channel[i]);
        bytes_u64(bytes, chunk->index[i]);
    }
    bytes_end_u32(bytes, map);
    bytes_u64(bytes, chunk->index_length);
    bytes_text(bytes, "");
    bytes_u64(bytes, chunk->length - MCAP_RECORD - MCAP_CHUNK);
    bytes_u64(bytes, chunk->length - MCAP_RECORD - MCAP_CHUNK);
    mcap_end_record(bytes, record);
}

/* A map from each channel with messages to how many it has. */
static void message_counts(bytes_t *bytes, const uint64_t *counts)
{
    size_t map = bytes_begin_u32(bytes);
    for (uint32_t channel = 0; channel <= UINT16_MAX; channel++)
        if (counts[channel] > 0) {
            bytes_u16(bytes, (uint16_t)channel);
            bytes_u64(bytes, counts[channel]);
        }
    bytes_end_u32(bytes, map);
}

static void statistics(bytes_t *bytes, const mcap_notes_t *notes)
{
    uint64_t *counts = calloc(UINT16_MAX + 1, sizeof *counts), total = 0, first = UINT64_MAX, last = 0;
    bytes->failed = bytes->failed || !counts;
    if (!counts)
        return;
    for (uint64_t i = 0; i < notes->chunk_count; i++) {
        const mcap_chunk_note_t *chunk = &notes->chunks[i];
        for (uint32_t k = 0; k < chunk->channels; k++) {
            counts[chunk->channel[k]] += chunk->messages[k];
            total += chunk->messages[k];
        }
        first = chunk->first_time < first ? chunk->first_time : first;
        last = chunk->last_time > last ? chunk->last_time : last;
    }
    size_t record = mcap_begin(bytes, MCAP_OP_STATISTICS);
    bytes_u64(bytes, total);
    bytes_u16(bytes, (uint16_t)notes->schema_count);
    bytes_u32(bytes, notes->channel_count);
    bytes_u32(bytes, 0); /* attachments */
    bytes_u32(bytes, notes->metadata_count);
    bytes_u32(bytes, (uint32_t)notes->chunk_count);
    bytes_u64(bytes, total > 0 ? first : 0);
    bytes_u64(bytes, last);
    message_counts(bytes, counts);
    mcap_end_record(bytes, record);
    free(counts);
}

/* What begins at `begin` in memory is a group of the summary, if there is anything. */
static void group(bytes_t *bytes, bytes_t *offsets, uint8_t what, size_t begin, uint64_t position)
{
    if (bytes->size == begin)
        return;
    size_t record = mcap_begin(offsets, MCAP_OP_SUMMARY_OFFSET);
    bytes_u8(offsets, what);
    bytes_u64(offsets, position + begin);
    bytes_u64(offsets, bytes->size - begin);
    mcap_end_record(offsets, record);
}

static void summary(bytes_t *bytes, bytes_t *offsets, const mcap_notes_t *notes, uint64_t position)
{
    size_t begin = bytes->size;
    bytes_put(bytes, notes->schemas.data, notes->schemas.size);
    group(bytes, offsets, MCAP_OP_SCHEMA, begin, position);
    begin = bytes->size;
    bytes_put(bytes, notes->channels.data, notes->channels.size);
    group(bytes, offsets, MCAP_OP_CHANNEL, begin, position);
    begin = bytes->size;
    statistics(bytes, notes);
    group(bytes, offsets, MCAP_OP_STATISTICS, begin, position);
    begin = bytes->size;
    for (uint64_t i = 0; i < notes->chunk_count; i++)
        chunk_index(bytes, &notes->chunks[i]);
    group(bytes, offsets, MCAP_OP_CHUNK_INDEX, begin, position);
    begin = bytes->size;
    bytes_put(bytes, notes->metadata.data, notes->metadata.size);
    group(bytes, offsets, MCAP_OP_METADATA_INDEX, begin, position);
}

void mcap_end(bytes_t *bytes, const mcap_notes_t *notes, uint64_t position)
{
    bytes_t offsets = {0};
    size_t record = mcap_begin(bytes, MCAP_OP_DATA_END);
    bytes_u32(bytes, 0); /* each chunk has a sum of its own */
    mcap_end_record(bytes, record);
    size_t start = bytes->size;
    summary(bytes, &offsets, notes, position);
    uint64_t offsets_start = position + bytes->size;
    bytes->failed = bytes->failed || offsets.failed;
    bytes_put(bytes, offsets.data, offsets.size);
    bytes_u8(bytes, MCAP_OP_FOOTER);
    bytes_u64(bytes, MCAP_FOOTER);
    bytes_u64(bytes, position + start);
    bytes_u64(bytes, offsets_start);
    if (!bytes->failed)
        bytes_u32(bytes, crc32_add(0, bytes->data + start, bytes->size - start));
    bytes_put(bytes, MCAP_MAGIC, MCAP_MAGIC_SIZE);
    bytes_free(&offsets);
}
