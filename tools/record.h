/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of slotring record: files that follow each other, rings that are their sources, and the loop over these. */
#ifndef SLOTRING_TOOL_RECORD_H
#define SLOTRING_TOOL_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "mcap_write.h"
#include "progress.h"
#include "record_order.h"
#include "record_skim.h"
#include "slotring/slotring.h"
#include "stream.h"

/* A message of so many bytes is written from its slots, without a copy. */
#define RECORD_LARGE UINT64_C(65536)
/* So many bytes are enough for a chunk. It has less than twice as many, or one message. */
#define RECORD_BATCH UINT64_C(1048576)
#define RECORD_WINDOW 16384u /* messages in one chunk */
#define RECORD_BATCH_NS UINT64_C(100000000)

/* ---- Messages that become one chunk --------------------------------------------------------------- */

/* Bytes that stay where they are until the chunk is written, and belong there behind `at` bytes of the batch's records. */
typedef struct batch_insert {
    size_t at;
    const void *data;
    uint64_t size;
} batch_insert_t;

typedef struct batch {
    bytes_t entries, records; /* of the order; messages and events, as records of MCAP */
    batch_insert_t *inserts;  /* of the records: large messages in their slots */
    size_t insert_count, insert_room;
    uint64_t inserted;               /* bytes of these */
    bytes_t messages, order, events; /* times and places of them */
    uint64_t first_time, last_time;  /* log times; first_time 0: nothing is in it */
    uint64_t begun_ns;
} batch_t;

void batch_free(batch_t *batch);
bool batch_is_empty(const batch_t *batch);
/* A record of one message: what stands in front of its `size` bytes, which the caller adds. */
void batch_message(batch_t *batch, uint16_t channel, const order_entry_t *entry, uint64_t log_time,
                   uint64_t publish_time, uint64_t size);
/* `size` bytes of that message that stay in its slots. The batch has to be written before the message is released. */
void batch_insert(batch_t *batch, const void *data, uint64_t size);
/* Bytes that have gathered. */
uint64_t batch_size(const batch_t *batch);
/* The records and what is inserted, one behind the other: at most 2 * insert_count + 1 parts. Returns how many. */
size_t batch_parts(const batch_t *batch, host_part_t *parts);
void batch_empty(batch_t *batch);
/* A line of the order that belongs to no message. */
void batch_entry(batch_t *batch, const order_entry_t *entry, uint64_t log_time);
/* Takes the reference. */
void batch_event(batch_t *batch, uint16_t channel, json_t *event, uint64_t log_time);

/* ---- Files ---------------------------------------------------------------------------------------- */

enum { /* recording.when_full */
    RECORD_STOP,
    RECORD_WAIT,
    RECORD_DROP_OLDEST,
};

typedef struct source source_t;

typedef struct recording {
    /* what is wanted */
    const char *path;
    uint64_t rotate_bytes, rotate_ns; /* 0: not */
    uint32_t when_full;
    int64_t sync_ns; /* negative: never */
    bool crc;
    progress_t *progress;
    source_t *sources;
    uint32_t source_count;

    /* what came of it */
    char *name;      /* of the file now */
    uint32_t number; /* of it, when files follow each other */
    mcap_writer_t out;
    skim_t skim;  /* of the file with which it goes on, or of the one before a torn head */
    bool goes_on; /* the file was there, and has a head */
    uint64_t begun_ns, synced_ns;
    uint64_t files, dropped; /* begun by this command; removed to make room */
    uint64_t bytes;
    uint64_t cut; /* bytes of an unfinished chunk that were cut off */
} recording_t;

/* Looks for the file, or the newest of the files, and what is in it. Nothing is changed. All of these return an exit code, and have
 * reported what is wrong. */
int recording_find(recording_t *recording);
/* Makes it ready to be written to: cuts off what is unfinished, or begins a file. */
int recording_begin(recording_t *recording);
/* Writes the batch of a source, and empties it. */
int recording_write(recording_t *recording, source_t *source);
/* Ends the file with its summary. */
int recording_end(recording_t *recording);
void recording_free(recording_t *recording);

/* The name of file `number` of `path`, to be freed; NULL: no memory. */
char *record_file_name(const char *path, uint32_t number);
/* Numbers of the files of `path` that are there; 0: none. An error of the system, or 0. */
int record_file_numbers(const char *path, uint32_t *oldest, uint32_t *newest);

/* ---- Sources -------------------------------------------------------------------------------------- */

typedef struct recorder recorder_t;

struct source {
    recorder_t *recorder;
    const char *name;
    slotring_t *ring;
    slotring_info_t info;
    slotring_reader_t *reader;
    uint16_t channel; /* of its messages; the next two are of the order and of events */
    bool channel_is_known;
    place_t place;   /* with what has gathered */
    place_t written; /* what is in the file */
    batch_t batch;
    uint32_t out;       /* messages that are not acknowledged */
    uint32_t kept;      /* slots that they keep */
    uint32_t last_slot; /* of the last record */
    bool mark_told;
    uint64_t missed, records_missed; /* as told so far */
    bool goes_on;                    /* the recording had something of this ring before */
    uint64_t start;                  /* where a durable subscription began */
    uint64_t again;                  /* messages that were in the file already */
    uint64_t messages;
    uint64_t started_before;
    bool stream_seen, at_end, ended, begun;
};

/* Opens the ring. */
int source_open(source_t *source, int64_t wait_ns);
int source_subscribe(source_t *source);
/* What the head of a file says of it. False: no memory. */
bool source_channels(const source_t *source, bytes_t records[MCAP_CHUNK_CHANNELS]);
/* Tells in the recording when this command began, and how its clocks go. */
int source_begin(source_t *source);
/* Takes what is there next. *idle: nothing. */
int source_take(source_t *source, bool *idle);
/* Writes what has gathered, and acknowledges it. */
int source_flush(source_t *source);
/* Tells what was missed, and ends the subscription. */
int source_end(source_t *source, int code);
void source_free(source_t *source);

/* ---- The command ---------------------------------------------------------------------------------- */

struct recorder {
    /* what is wanted */
    const char *durable; /* NULL: lossy */
    const char *client;
    bool oldest, follow, quiet;
    uint64_t count; /* messages; 0: all */
    recording_t recording;
    source_t *sources;
    uint32_t source_count;

    /* what came of it */
    stream_t stream;
    progress_t progress;
    uint64_t deaths, missed, records_missed, again, marks, damaged;
    uint64_t clock_offset; /* time of day less clock of the rings */
    uint64_t clocks_told_ns, last_log_time;
};

/* Runs until the end or as asked. */
int recorder_run(recorder_t *recorder);
/* The time of day of a moment on the rings' clock; log times never go back. */
uint64_t recorder_time_of_day(const recorder_t *recorder, uint64_t clock_ns);
uint64_t recorder_log_time(recorder_t *recorder);
void recorder_set_clock(recorder_t *recorder);

/* Repairs a file that a killed recorder left. Returns the exit code. */
int record_repair(const char *path, bool quiet);
/* What is wrong with a file that was skimmed: an exit code, after it was reported, or EXIT_DONE. */
int record_judge(const char *path, const skim_t *skim, int error);

#endif
