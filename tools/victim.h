/* SPDX-License-Identifier: Apache-2.0 */
/* A participant that recover is to kill: which one, what its end costs, and its end. */
#ifndef SLOTRING_TOOL_VICTIM_H
#define SLOTRING_TOOL_VICTIM_H

#include <jansson.h>
#include <stdbool.h>

#include "slotring/slotring.h"

typedef struct victim {
    uint64_t pid;         /* 0: nobody is to be killed */
    uint64_t incarnation; /* of the participant, as stat said it; 0: whichever this process has */
    bool only_say;        /* what it would cost: nobody is killed */
    bool killed;
    json_t *costs; /* sentences */
} victim_t;

/* From "12060" or "12060:7". False: it is wrong, and that was reported. */
bool victim_parse(victim_t *victim, const char *text);
/* Finds it in the ring, says in `costs` what its end costs, and kills it unless only that was wanted. `print`: the costs, before it
 * is killed. 0, or an exit code after it was reported; then nobody was killed. */
int victim_end(victim_t *victim, slotring_t *ring, const char *name, bool print);
void victim_free(victim_t *victim);

#endif
