/* SPDX-License-Identifier: Apache-2.0 */
/* Did you mean ...? The word that is nearest to one that was not found. */
#ifndef SLOTRING_TOOL_NEAR_H
#define SLOTRING_TOOL_NEAR_H

#include <popt.h>
#include <stdbool.h>

#include "slotring/slotring.h"

typedef struct near {
    const char *word;
    char best[SLOTRING_NAME_MAX + 8];
    unsigned distance; /* of best: letters to add, leave out, replace or swap with the next */
} near_t;

void near_begin(near_t *near, const char *word);
void near_consider(near_t *near, const char *candidate);
/* Is `best` so near that it may have been meant? */
bool near_found(const near_t *near);

/* Of the options of a command, without the dashes. */
void near_consider_options(near_t *near, const struct poptOption *table);
/* Says on standard error which ring of the folder may have been meant, if there is one. */
void near_ring(const char *name, const slotring_options_t *options);

#endif
