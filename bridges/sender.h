/* SPDX-License-Identifier: Apache-2.0 */
/* Carries a ring into the log of an engine: each publication once and in order, with what is told beside it. */
#ifndef BRIDGE_SENDER_H
#define BRIDGE_SENDER_H

#include "engine.h"
#include "slotring/slotring.h"

typedef struct bridge_sender_options {
    const char *ring;
    slotring_options_t place; /* how the ring is opened: directory, backend … */
    const char
        *remote; /* name of the remote: the ring has a subscription for it, a durable one if it is lossless */
    bridge_engine_t *engine;             /* stays the caller's */
    uint32_t pressure;                   /* enum bridge_pressure */
    uint64_t budget_messages, budget_ns; /* with BRIDGE_BUDGETED: as in slotring_reader_options_t */
    uint32_t start; /* SLOTRING_FROM_NOW or SLOTRING_FROM_OLDEST, for the first sender of this remote */
    uint32_t
        window; /* messages that may be under way; 0: as many as half of the ring's slots, 16384 at most */
    size_t pack_bytes; /* of an entry; 0: what the engine takes, 512 KiB at most */
    int64_t pack_ns;   /* how long a message may wait for others in its entry; 0: 5 ms */
    bridge_stop_t stop;
    bridge_say_t say;
} bridge_sender_options_t;

typedef struct bridge_sender_report {
    uint64_t messages, bytes, marks, entries; /* stored in the log, by this sender */
    uint64_t gaps, missing;                   /* gaps that were told, and how many numbers these are */
    uint64_t resent;  /* messages that the engine had lost after it acknowledged them */
    uint64_t full;    /* appends that found the log full: back-pressure */
    uint64_t returns; /* how often it went back to what the log has: a cut, an error */
    uint64_t revoked,
        damaged; /* the ring did not wait for this sender any more (budget, owner); damaged messages in the ring */
    uint64_t marks_not_told; /* marks that the ring no longer had */
} bridge_sender_report_t;

/* Sends until it is asked to stop (BRIDGE_STOPPED), or cannot go on. What it had not sent stays in the subscription, for the next sender of
 * this remote. A remote that is not lossless has no durable subscription: its next sender begins where the log ends, and tells what the ring
 * no longer has as a gap. */
int bridge_send(const bridge_sender_options_t *options, bridge_sender_report_t *report,
                bridge_error_t *error);

#endif
