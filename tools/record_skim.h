/* SPDX-License-Identifier: Apache-2.0 */
/* What is in a file of a recording, whole or torn: goes from record to record, and passes over the bytes of messages. */
#ifndef SLOTRING_TOOL_RECORD_SKIM_H
#define SLOTRING_TOOL_RECORD_SKIM_H

#include "mcap.h"
#include "record_order.h"
#include "record_window.h"

/* A ring of which the file has something. Its channels are `channel` and the next two. */
typedef struct known_ring {
    char *name;
    uint16_t channel; /* 0: only its place is known, from an earlier file */
    json_t *metadata; /* of the channel: texts */
    place_t place;
} known_ring_t;

typedef struct skim {
    window_t window;
    mcap_notes_t notes;
    known_ring_t *rings;
    uint32_t ring_count;
    uint64_t data_end;  /* behind the last whole chunk */
    uint64_t last_time; /* of a message */
    uint64_t file_size;
    uint16_t last_channel; /* the highest number of one */
    uint64_t damaged;      /* chunks whose bytes are not what was written */
    bool head;             /* its head is whole; else nothing is in it */
    bool ended;            /* it has its summary */
    bool foreign;          /* not a recording of this program */
    bool no_memory;
} skim_t;

/* Goes through a file. `check`: compares all chunks with their sums, else only the last one. An error of the system, or 0. */
int skim_file(skim_t *skim, int file, bool check);
void skim_free(skim_t *skim);
known_ring_t *skim_ring(const skim_t *skim, const uint8_t id[16]);
/* The ring to which a channel belongs; *which: 0 messages, 1 order, 2 events. */
known_ring_t *skim_channel(const skim_t *skim, uint16_t channel, uint16_t *which);
uint64_t skim_messages(const skim_t *skim); /* of all rings */

#define RECORD_LIBRARY "slotring "      /* what begins the name of the library in the header */
#define RECORD_PLACES "slotring.places" /* the metadata: how far earlier files are */

/* ---- Parts of skim_file ---------------------------------------------------------------------------- */

/* A chunk, and a message index behind it, are there as a whole. False: not one of ours. */
bool skim_take_chunk(skim_t *skim, uint64_t offset, uint64_t length, int *error);
bool skim_take_index(skim_t *skim, uint64_t offset, uint64_t length, int *error);
/* Drops what a kill or a power cut left at the end of a file without a summary: a chunk without all of its indexes, or with other
 * bytes than those that were written. */
void skim_drop_unfinished(skim_t *skim, int *error);
/* Finds the place of each ring. `check`: compares all chunks with their sums, too. */
void skim_take_orders(skim_t *skim, bool check, int *error);

#endif
