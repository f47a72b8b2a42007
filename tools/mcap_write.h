/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a file of MCAP, a whole chunk at a time, with one call of the system that takes large messages from where they are. */
#ifndef SLOTRING_TOOL_MCAP_WRITE_H
#define SLOTRING_TOOL_MCAP_WRITE_H

#include "host_disk.h"
#include "mcap.h"

typedef struct mcap_writer {
    int file; /* negative: none */
    bool crc;
    uint64_t position; /* where what is whole ends, and the next record begins */
    uint64_t reserved; /* up to where the disk keeps room; 0: nowhere */
    mcap_notes_t notes;
    bytes_t work;
} mcap_writer_t;

/* The messages of one channel in a chunk: time and place of each, as pairs of 64 bits. */
typedef struct mcap_index {
    uint16_t channel;
    const bytes_t *pairs;
    uint64_t shift; /* to be added to each place */
} mcap_index_t;

/* What goes into a chunk. Its records lie in parts 1 to `count` - 1; part 0, and one behind the last, are for the writer's own use. */
typedef struct mcap_chunk {
    size_t count;
    uint64_t first_time, last_time;
    const mcap_index_t *indexes;
    uint32_t index_count;
} mcap_chunk_t;

/* All of these: 0, or an error of the system. After one the file ends where it did before, if the system let it be cut; the call can be
 * repeated. */
#define MCAP_NO_MEMORY (-2)

/* Begins a file: magic, header, and a record of metadata. */
int mcap_write_head(mcap_writer_t *writer, const char *library, const char *name, const bytes_t *metadata);
/* Adds a record of a schema or a channel, in memory with its begin. */
int mcap_write_schema(mcap_writer_t *writer, const bytes_t *record);
int mcap_write_channel(mcap_writer_t *writer, const bytes_t *record);
int mcap_write_chunk(mcap_writer_t *writer, host_part_t *parts, const mcap_chunk_t *chunk);
/* Ends the file with its summary. It can be cut to `position` again to go on. */
int mcap_write_end(mcap_writer_t *writer);
/* Closes the file, and forgets everything about it. */
int mcap_close(mcap_writer_t *writer);

#endif
