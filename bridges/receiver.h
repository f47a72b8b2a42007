/* SPDX-License-Identifier: Apache-2.0 */
/* Carries the log of an engine into a ring here. Where to go on is known from that ring alone. */
#ifndef BRIDGE_RECEIVER_H
#define BRIDGE_RECEIVER_H

#include "engine.h"
#include "slotring/slotring.h"

typedef struct bridge_receiver_options {
    const char *ring;
    /* Of the ring, where the receiver makes it: what is 0 is as in the source. Of a ring that is there: how it is opened. */
    slotring_options_t place;
    bridge_engine_t *engine; /* stays the caller's */
    /* So long without a sign of life of the sender, while nothing is in the log: its producers' streams end here as lost. 0: 5 s. */
    int64_t silence_ns;
    bridge_stop_t stop;
    bridge_say_t say;
} bridge_receiver_options_t;

typedef struct bridge_receiver_report {
    uint64_t messages, bytes, marks, entries;
    uint64_t gaps, missing; /* gaps that were told, and how many numbers these are */
    uint64_t holes;         /* of these, gaps that no sender told: the log lacked entries */
    uint64_t marks_missed;  /* marks that the log of a lossy remote had dropped */
    uint64_t again;         /* messages that came again, and were passed over */
    uint64_t
        returns; /* how often it began again with what is not acknowledged: a cut, an engine that lost entries */
    uint64_t silences; /* how often there was no sign of life of the sender for too long */
    uint64_t next;     /* number of the next message */
} bridge_receiver_report_t;

/* Receives until it is asked to stop (BRIDGE_STOPPED), or cannot go on. */
int bridge_receive(const bridge_receiver_options_t *options, bridge_receiver_report_t *report,
                   bridge_error_t *error);

#endif
