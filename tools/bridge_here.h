/* SPDX-License-Identifier: Apache-2.0 */
/* The ends of a bridge that are on this host, as an observer of the rings sees them. */
#ifndef SLOTRING_TOOL_BRIDGE_HERE_H
#define SLOTRING_TOOL_BRIDGE_HERE_H

#include <stdbool.h>
#include <stdint.h>

#include "slotring/slotring.h"

typedef struct bridge_end {
    bool is_there; /* a ring of this host is this end */
    char ring[SLOTRING_NAME_MAX + 8];
    bool is_manned;   /* a process sends or receives */
    uint64_t pid;     /* of it; of a sender that left: its last one */
    uint32_t life;    /* of it: SLOTRING_LIFE_ … */
    uint64_t number;  /* of the source and the target: of the next publication */
    uint64_t to_send; /* of the source: messages that are not in the log */
    uint64_t blocked_ns,
        reader_lag; /* of the target: since when the receiver waits for room; how far its slowest reader is behind */
    char reader[SLOTRING_CLIENT_NAME_MAX + 1]; /* that reader */
} bridge_end_t;

typedef struct bridge_here {
    bridge_end_t source, target;
} bridge_here_t;

/* Looks through the rings of the folder for the subscription, and for the participant, that carry this log. 0, or an exit code after it
 * was reported. */
int bridge_look_here(const char *log, const slotring_options_t *place, bridge_here_t *here);

#endif
