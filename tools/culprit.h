/* SPDX-License-Identifier: Apache-2.0 */
/* Who holds producers back, or will: a reader, a subscription that nobody has, or a participant. */
#ifndef SLOTRING_TOOL_CULPRIT_H
#define SLOTRING_TOOL_CULPRIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snapshot.h"

typedef struct culprit {
    uint32_t why; /* SLOTRING_BLOCKS_BY_… */
    uint32_t life;
    uint64_t pid;
    const char *name;
    const slotring_reader_info_t *reader;      /* with SLOTRING_BLOCKS_BY_LAG; else NULL */
    const slotring_participant_t *participant; /* NULL: there is none, or it has left */
    uint64_t slots, messages;
} culprit_t;

/* It refers to the snapshot. The worst that is in the way: of several that block as much, one that does not run. False: nobody is. */
bool culprit_worst(culprit_t *culprit, const snapshot_t *now);
/* A reader for which producers will wait, and which does not read now. False: there is none. */
bool culprit_to_come(culprit_t *culprit, const snapshot_t *now);
/* A producer that stands still. False: there is none. */
bool culprit_silent(culprit_t *culprit, const snapshot_t *now);

/* Stopped or frozen: alive, and nothing comes of it. */
bool culprit_stands_still(uint32_t life);
/* Adds who it is and what it does: reader "online", pid 12060, stopped, 16 messages behind. */
void culprit_say(const culprit_t *culprit, char *text, size_t size);

#endif
