/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of an MCAP file that recordings have, and what its summary says of them. Written from the specification, mcap.dev/spec. */
#ifndef SLOTRING_TOOL_MCAP_H
#define SLOTRING_TOOL_MCAP_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes.h"

#define MCAP_MAGIC "\x89MCAP0\r\n"
enum {
    MCAP_MAGIC_SIZE = 8,
    MCAP_RECORD = 9,         /* bytes in front of each record's content: what it is, and how long */
    MCAP_MESSAGE = 22,       /* of a message, in front of its data */
    MCAP_CHUNK = 40,         /* of a chunk that is not compressed, in front of its records */
    MCAP_CHUNK_CHANNELS = 3, /* a chunk of a recording has messages of one ring */
    MCAP_INDEX_ENTRY = 16,   /* time and place of a message */
    MCAP_FOOTER = 20,
};

enum {
    MCAP_OP_HEADER = 1,
    MCAP_OP_FOOTER = 2,
    MCAP_OP_SCHEMA = 3,
    MCAP_OP_CHANNEL = 4,
    MCAP_OP_MESSAGE = 5,
    MCAP_OP_CHUNK = 6,
    MCAP_OP_MESSAGE_INDEX = 7,
    MCAP_OP_CHUNK_INDEX = 8,
    MCAP_OP_STATISTICS = 11,
    MCAP_OP_METADATA = 12,
    MCAP_OP_METADATA_INDEX = 13,
    MCAP_OP_SUMMARY_OFFSET = 14,
    MCAP_OP_DATA_END = 15,
};

/* Where a chunk is. Offsets are from the start of the file; `start` is that of the chunk's record. */
typedef struct mcap_chunk_note {
    uint64_t start, length; /* of the whole record */
    uint64_t index_length;  /* of the message indexes behind it */
    uint64_t first_time, last_time;
    uint32_t channels;
    uint32_t crc;
    uint16_t channel[MCAP_CHUNK_CHANNELS];
    uint32_t messages[MCAP_CHUNK_CHANNELS];
    uint64_t index[MCAP_CHUNK_CHANNELS]; /* of their message index */
} mcap_chunk_note_t;

/* What the summary has. Kept while a file is written, or found out from a file. */
typedef struct mcap_notes {
    bytes_t schemas, channels; /* their records */
    uint32_t schema_count, channel_count;
    mcap_chunk_note_t *chunks;
    uint64_t chunk_count, chunk_room;
    bytes_t metadata; /* index records of it */
    uint32_t metadata_count;
} mcap_notes_t;

void mcap_notes_free(mcap_notes_t *notes);
/* False: no memory. */
bool mcap_notes_chunk(mcap_notes_t *notes, const mcap_chunk_note_t *chunk);
uint64_t mcap_notes_messages(const mcap_notes_t *notes, uint16_t channel);

/* Everything behind the last chunk, for a file whose data end at `position`. */
void mcap_end(bytes_t *bytes, const mcap_notes_t *notes, uint64_t position);

/* Begin and end of a record in memory. */
size_t mcap_begin(bytes_t *bytes, uint8_t what);
void mcap_end_record(bytes_t *bytes, size_t begin);
/* What stands in front of a message with `size` bytes, the record's begin included. */
void mcap_message(bytes_t *bytes, uint16_t channel, uint32_t sequence, uint64_t log_time,
                  uint64_t publish_time, uint64_t size);

#endif
