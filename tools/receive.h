/* SPDX-License-Identifier: Apache-2.0 */
/* The loop of slotring read. */
#ifndef SLOTRING_TOOL_RECEIVE_H
#define SLOTRING_TOOL_RECEIVE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "frames.h"
#include "progress.h"
#include "slotring/slotring.h"
#include "stream.h"

typedef struct receiver {
    /* what is wanted */
    slotring_t *ring;
    slotring_info_t info;
    slotring_reader_options_t options; /* mode, start and what is wanted */
    bool lossy, follow, fail_on_loss, quiet;
    uint64_t count;     /* messages; 0: all */
    int64_t timeout_ns; /* negative: never */
    uint64_t delay_ns;
    int file;         /* negative: nowhere */
    const char *path; /* what to call it */
    uint32_t framing; /* of the output: raw, lines or prefix */
    FILE *timings;    /* or NULL */

    /* what came of it */
    slotring_reader_t *reader; /* while subscribed */
    bool subscribed;           /* it was */
    stream_t stream;
    progress_t progress;
    uint64_t delivered, missed;                /* as the ring counts them */
    uint64_t records, records_missed;          /* messages of writers among them, likewise */
    uint64_t passed_over, records_passed_over; /* not wanted */
    uint64_t redelivered;                      /* messages that another member of its group had before */
    uint64_t revocations, lost; /* how often producers stopped waiting for it, and what it missed by that */
    bool revoked;               /* they do not wait now */
    uint64_t damaged;           /* messages that are not what was published */
    uint64_t output_bytes;      /* written out; less than received after an error */
    char buffer[65536];         /* to be written out, before the reader waits */
    uint64_t buffered;
    bool ended;     /* the producers have ended and all was received */
    json_t *deaths; /* of producers, as told */
    json_t *marks;  /* as told */

    /* to tell the end of this stream from that of an earlier one */
    uint64_t started_before;
    bool stream_seen;
} receiver_t;

/* Subscribes, receives until the end or as asked, leaves, and reports errors. Returns the exit code. */
int receiver_run(receiver_t *receiver);

#endif
