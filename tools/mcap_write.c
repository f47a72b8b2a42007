/* SPDX-License-Identifier: Apache-2.0 */
#include "mcap_write.h"

#include "crc32.h"
#include "host.h"

/* Room on the disk is reserved as much again as the file has, between these. A short recording reserves none. */
#define LEAST_RESERVED ((uint64_t)4 << 20)
#define MOST_RESERVED ((uint64_t)64 << 20)

static void reserve(mcap_writer_t *writer, uint64_t size)
{
    uint64_t end = writer->position + size, step = writer->position;
    if (end <= writer->reserved || step < LEAST_RESERVED)
        return;
    step = step < MOST_RESERVED ? step : MOST_RESERVED;
    step = size < step ? step : size;
    uint64_t from = writer->reserved > writer->position ? writer->reserved : writer->position;
    host_reserve(writer->file, from, step);
    writer->reserved = from + step;
}

/* Gives back what was reserved, before the file gets its end, or is left without one. */
static void give_back(mcap_writer_t *writer)
{
    if (writer->file >= 0 && writer->reserved > writer->position)
        (void)host_cut(writer->file, writer->position);
    writer->reserved = 0;
}

/* Writes all, or cuts the file to what was whole before. */
static int append(mcap_writer_t *writer, const host_part_t *parts, size_t count)
{
    uint64_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += parts[i].size;
    int error = host_write_parts(writer->file, parts, count);
    if (error != 0) {
        (void)host_cut(writer->file, writer->position); /* a part of a record is no harm to a reader */
        writer->reserved = 0;
    } else {
        writer->position += size;
    }
    return error;
}

static int append_work(mcap_writer_t *writer)
{
    host_part_t part = {writer->work.data, writer->work.size};
    return writer->work.failed ? MCAP_NO_MEMORY : append(writer, &part, 1);
}

static bytes_t *fresh_work(mcap_writer_t *writer)
{
    writer->work.size = 0;
    writer->work.failed = false;
    return &writer->work;
}

static bool note_metadata(mcap_writer_t *writer, uint64_t offset, uint64_t length, const char *name)
{
    bytes_t *index = &writer->notes.metadata;
    size_t record = mcap_begin(index, MCAP_OP_METADATA_INDEX);
    bytes_u64(index, offset);
    bytes_u64(index, length);
    bytes_text(index, name);
    mcap_end_record(index, record);
    writer->notes.metadata_count++;
    return !index->failed;
}

int mcap_write_head(mcap_writer_t *writer, const char *library, const char *name, const bytes_t *metadata)
{
    bytes_t *work = fresh_work(writer);
    bytes_put(work, MCAP_MAGIC, MCAP_MAGIC_SIZE);
    size_t record = mcap_begin(work, MCAP_OP_HEADER), start;
    bytes_text(work, "");
    bytes_text(work, library);
    mcap_end_record(work, record);
    start = work->size;
    record = mcap_begin(work, MCAP_OP_METADATA);
    bytes_text(work, name);
    bytes_u32(work, (uint32_t)metadata->size);
    bytes_put(work, metadata->data, metadata->size);
    mcap_end_record(work, record);
    int error = append_work(writer);
    if (error == 0 && !note_metadata(writer, start, work->size - start, name))
        error = MCAP_NO_MEMORY;
    return error;
}

static int add_record(mcap_writer_t *writer, const bytes_t *record, bytes_t *noted, uint32_t *count)
{
    host_part_t part = {record->data, record->size};
    int error = record->failed ? MCAP_NO_MEMORY : append(writer, &part, 1);
    if (error != 0)
        return error;
    bytes_put(noted, record->data, record->size);
    ++*count;
    return noted->failed ? MCAP_NO_MEMORY : 0;
}

int mcap_write_schema(mcap_writer_t *writer, const bytes_t *record)
{
    return add_record(writer, record, &writer->notes.schemas, &writer->notes.schema_count);
}

int mcap_write_channel(mcap_writer_t *writer, const bytes_t *record)
{
    return add_record(writer, record, &writer->notes.channels, &writer->notes.channel_count);
}

static void chunk_head(unsigned char *at, const mcap_chunk_t *chunk, uint64_t size, uint32_t crc)
{
    at[0] = MCAP_OP_CHUNK;
    put_u64(at + 1, MCAP_CHUNK + size);
    put_u64(at + 9, chunk->first_time);
    put_u64(at + 17, chunk->last_time);
    put_u64(at + 25, size);
    put_u32(at + 33, crc);
    put_u32(at + 37, 0); /* the name of no compression */
    put_u64(at + 41, size);
}

/* The message indexes behind a chunk. */
static void put_indexes(bytes_t *work, const mcap_chunk_t *chunk, uint64_t position, mcap_chunk_note_t *note)
{
    for (uint32_t i = 0; i < chunk->index_count; i++) {
        const mcap_index_t *index = &chunk->indexes[i];
        note->channel[i] = index->channel;
        note->index[i] = position + work->size;
        note->messages[i] = (uint32_t)(index->pairs->size / MCAP_INDEX_ENTRY);
        size_t record = mcap_begin(work, MCAP_OP_MESSAGE_INDEX), at;
        bytes_u16(work, index->channel);
        bytes_u32(work, (uint32_t)index->pairs->size);
        at = work->size;
        bytes_put(work, index->pairs->data, index->pairs->size);
        for (size_t k = 8; !work->failed && k < index->pairs->size; k += MCAP_INDEX_ENTRY)
            put_u64(work->data + at + k, get_u64(work->data + at + k) + index->shift);
        mcap_end_record(work, record);
    }
    note->channels = chunk->index_count;
}

int mcap_write_chunk(mcap_writer_t *writer, host_part_t *parts, const mcap_chunk_t *chunk)
{
    unsigned char head[MCAP_RECORD + MCAP_CHUNK];
    bytes_t *work = fresh_work(writer);
    uint64_t size = 0;
    uint32_t crc = 0;
    for (size_t i = 1; i < chunk->count; i++) {
        size += parts[i].size;
        if (writer->crc && parts[i].size > 0)
            crc = crc32_add(crc, parts[i].data, (size_t)parts[i].size);
    }
    chunk_head(head, chunk, size, crc);
    mcap_chunk_note_t note = {.start = writer->position,
                              .length = sizeof head + size,
                              .first_time = chunk->first_time,
                              .last_time = chunk->last_time,
                              .crc = crc};
    put_indexes(work, chunk, writer->position + note.length, &note);
    note.index_length = work->size;
    if (work->failed || !mcap_notes_chunk(&writer->notes, &note))
        return MCAP_NO_MEMORY;
    parts[0] = (host_part_t){head, sizeof head};
    parts[chunk->count] = (host_part_t){work->data, work->size};
    reserve(writer, note.length + note.index_length);
    int error = append(writer, parts, chunk->count + 1);
    if (error != 0)
        writer->notes.chunk_count--;
    return error;
}

int mcap_write_end(mcap_writer_t *writer)
{
    uint64_t position = writer->position;
    give_back(writer);
    mcap_end(fresh_work(writer), &writer->notes, position);
    int error = append_work(writer);
    writer->position = position; /* where one goes on */
    return error;
}

int mcap_close(mcap_writer_t *writer)
{
    give_back(writer);
    int error = writer->file >= 0 ? host_close(writer->file) : 0;
    writer->file = -1;
    mcap_notes_free(&writer->notes);
    bytes_free(&writer->work);
    return error;
}
