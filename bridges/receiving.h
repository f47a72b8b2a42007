/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of a receiver: where it stands in the log, and the target. */
#ifndef BRIDGE_RECEIVING_H
#define BRIDGE_RECEIVING_H

#include "pack.h"
#include "receiver.h"
#include "target.h"

typedef struct receiving {
    const bridge_receiver_options_t *options;
    bridge_receiver_report_t *report;
    bridge_error_t *error;
    bridge_engine_t *engine;
    bridge_waits_t waits;
    target_t target;
    uint8_t lineage[16], sender[16]; /* of the entry before */
    int64_t listened_ns;             /* when it was last listened for a sign of life */
    int64_t silent_ns;               /* for how long there was none, and nothing in the log */
    bool is_lost;                    /* and that was told */
    uint64_t position;               /* sequence of the next entry to be read; 0: the oldest */
    uint64_t life;                   /* of the entry before */
    uint64_t source_marks; /* number of the source's next mark, behind the entry before; 0: not known */
    uint64_t filling_from; /* the entry in which the message begins that is being filled */
    reached_t reached;     /* so far each writer is, at this place of the log */
    wire_frame_t producers[PACK_PRODUCERS]; /* of this entry */
    uint32_t producer_count;
} receiving_t;

/* Publishes what is in an entry. */
int receiving_take(receiving_t *receiving, const bridge_entry_t *entry);

#endif
