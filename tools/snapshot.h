/* SPDX-License-Identifier: Apache-2.0 */
/* What a ring looks like at one moment, for stat; and how fast it moved between two of them. */
#ifndef SLOTRING_TOOL_SNAPSHOT_H
#define SLOTRING_TOOL_SNAPSHOT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "slotring/slotring.h"

typedef struct snapshot {
    uint64_t time_ns;        /* of the rings' clock */
    uint64_t time_of_day_ns; /* since 1970, UTC */
    slotring_info_t info;
    char description[SLOTRING_DESCRIPTION_MAX]; /* info.description_size bytes */
    slotring_stats_t stats;
    slotring_mark_t run;                 /* the last mark of a run; kind 0: there is none */
    char gate[SLOTRING_ERROR_TEXT_SIZE]; /* between two runs: why none should begin; "": one may */
    uint64_t owner;                      /* of the ring: its user; UINT64_MAX: not known */
    uint64_t
        age_ns; /* of the newest message; 0: not known, since it is gone, has records, or the ring has no time stamps */
    slotring_participant_t *participants;
    slotring_reader_info_t *readers;
    slotring_writer_info_t *writers;
    slotring_blocker_t *blockers;
    uint32_t participant_count, reader_count, writer_count, blocker_count;
} snapshot_t;

/* Looks at the ring. 0, or an exit code after it was reported; then there is nothing to free. */
int snapshot_take(snapshot_t *snapshot, slotring_t *ring);
void snapshot_free(snapshot_t *snapshot);

/* The same ring, not one of the same name? */
bool snapshot_same_ring(const snapshot_t *now, const snapshot_t *before);
/* Counts a second; negative when there is nothing to compare with. */
double snapshot_rate(const snapshot_t *now, const snapshot_t *before, uint64_t count_now,
                     uint64_t count_before);
/* The same participant or subscription in an earlier snapshot; NULL: it is new, or before is NULL. */
const slotring_participant_t *snapshot_participant_before(const slotring_participant_t *now,
                                                          const snapshot_t *before);
const slotring_reader_info_t *snapshot_reader_before(const slotring_reader_info_t *now,
                                                     const snapshot_t *before);
const slotring_writer_info_t *snapshot_writer_before(const slotring_writer_info_t *now,
                                                     const snapshot_t *before);

#define NAMES_SHOWN 128u
/* The names of those that produce, as far as there is room: "board, board 2, and 3 more". */
void snapshot_producers(const snapshot_t *now, char *text, size_t size);
/* The name of the ring's user. */
void snapshot_owner(const snapshot_t *now, char *text, size_t size);
/* The share of the slots that are in use: 0 to 1. */
double snapshot_fill(const snapshot_t *now);

/* `before` may be NULL: then rates are left out. */
json_t *snapshot_json(const snapshot_t *now, const snapshot_t *before);

#endif
