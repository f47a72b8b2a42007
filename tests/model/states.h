/* SPDX-License-Identifier: Apache-2.0 */
/* What search.c remembers of the states that it met, in the order in which it met them; and those that it has still to
 * look at. */
#ifndef SR_MODEL_STATES_H
#define SR_MODEL_STATES_H

#include <stddef.h>

#include "model.h"

typedef struct states {
    uint32_t *table;
    uint64_t mask, count, room;
    uint64_t *prints;
    uint32_t *parents; /* from which each was met first */
    bool *good;        /* from here everything can come to rest */
    uint8_t *degrees;  /* how many of `edges` are its own; they stand one after the other */
    uint32_t *edges;
    uint64_t edge_count, edge_room;
    uint8_t *queue; /* length in two bytes, state, length, state … */
    uint64_t head, tail, queue_room;
} states_t;

void *grow(void *old, uint64_t count, size_t size);
void states_start(states_t *s);
void states_end(states_t *s);
bool states_add(states_t *s, uint64_t print, uint32_t parent, uint32_t *number); /* true: it is new */
void states_follow(states_t *s, uint32_t from, uint32_t to);
void queue_put(states_t *s, const uint8_t *state, int length);
const uint8_t *queue_take(states_t *s);

#endif
