/* SPDX-License-Identifier: Apache-2.0 */
/* What is measured: each ring as an observer saw it. */
#ifndef SLOTRING_TOOL_METRICS_RINGS_H
#define SLOTRING_TOOL_METRICS_RINGS_H

#include "metrics.h"

typedef struct metrics_ring {
    char name[SLOTRING_NAME_MAX + 8];
    int status; /* 0, or why it cannot be read */
    slotring_info_t info;
    slotring_stats_t stats;
    slotring_reader_info_t *readers;
    slotring_participant_t *participants;
    uint32_t reader_count, participant_count;
} metrics_ring_t;

typedef struct metrics_rings {
    metrics_ring_t *list;
    uint32_t count;
    int status; /* 0, or why the folder cannot be read */
} metrics_rings_t;

/* False: out of memory. */
bool metrics_look(const metrics_wanted_t *wanted, metrics_rings_t *rings);
void metrics_forget(metrics_rings_t *rings);

#endif
