/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of slotring replay: what a file of a recording has, in the order of its times, and the rings to which that goes. */
#ifndef SLOTRING_TOOL_REPLAY_H
#define SLOTRING_TOOL_REPLAY_H

#include "record_skim.h"
#include "send.h"

/* ---- What a file has ------------------------------------------------------------------------------ */

enum {
    REPLAY_MESSAGE,
    REPLAY_GAP, /* publications, or messages of a writer, are missing */
    REPLAY_EVENT,
};

/* The next thing of one ring in a file. */
typedef struct item {
    int what;
    order_entry_t entry; /* of a message or a gap */
    uint64_t log_time, publish_time;
    uint64_t offset, length; /* of the message's bytes in the file */
    json_t *event;           /* until the next step */
} item_t;

/* One ring in a file: goes along its chunks. */
typedef struct track {
    skim_t *skim;
    const known_ring_t *known;
    window_t window;
    uint64_t next_chunk;
    uint64_t at, end; /* in the chunk */
    bytes_t entries;
    size_t entry;
    uint64_t log_time; /* of the last record */
    item_t item;
    bool there; /* there is an item */
    bool damaged;
} track_t;

/* Goes to the next item. An error of the system, or 0. */
int track_step(track_t *track);
void track_free(track_t *track);

/* ---- Where it goes -------------------------------------------------------------------------------- */

/* One ring to which messages are published. */
typedef struct target {
    char name[SLOTRING_NAME_MAX + 8];
    writer_t out;
    slotring_writer_t **writers; /* one for each writer of the recorded ring, from their number on */
    uint32_t writer_count;
    uint64_t gaps, marks;
} target_t;

typedef struct replay {
    /* what is wanted */
    const char *ring, *topic;
    bool create, quiet;
    double speed; /* 0: as fast as possible */
    uint64_t from_ns, to_ns;
    uint64_t readers, loops; /* loops 0: for ever */
    int64_t timeout_ns;

    /* what came of it */
    target_t *targets;
    uint32_t target_count;
    uint64_t start_time, start_clock_ns; /* of the recording, and here */
    bool started;
    stream_t stream;
    progress_t progress;
    uint64_t missing; /* messages that the recording says are missing */
    uint64_t torn;    /* files without a summary */
    uint64_t damaged;
} replay_t;

/* The target for a ring of a recording, opened if it is not yet; NULL: that was reported, and *code says how to exit. */
target_t *replay_target(replay_t *replay, const known_ring_t *known, int *code);
/* Publishes a message, or makes a mark or a gap again. Exit codes. */
int target_message(target_t *target, const track_t *track);
int target_gap(target_t *target, const item_t *item);
int target_event(target_t *target, const item_t *item);
void target_free(target_t *target);

#endif
