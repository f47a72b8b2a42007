/* SPDX-License-Identifier: Apache-2.0 */
/* What the end of a ring costs: the messages in it, and for whom they were kept. */
#ifndef SLOTRING_TOOL_COST_H
#define SLOTRING_TOOL_COST_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "slotring/slotring.h"

typedef struct cost {
    uint64_t messages; /* that are in the ring */
    bool at_least;     /* small messages share slots: there may be more */
    bool keeps;        /* they stay until somebody frees them */
    uint64_t unread;   /* of them, by the durable subscription that is furthest behind */
    char durable[SLOTRING_CLIENT_NAME_MAX + 1]; /* its name; "": there is none, or it has read all */
} cost_t;

/* Observes the ring. False: it cannot be read, and nothing is known. */
bool cost_of(const slotring_options_t *place, const char *name, cost_t *cost);
/* "16 messages in it are lost, ..."; "": there are none. */
void cost_text(const cost_t *cost, char *text, size_t size);
/* "subscription": how many messages a durable subscription has not read; UINT64_MAX: not known, or there is none of the name. */
uint64_t cost_of_subscription(slotring_t *ring, const char *subscription);

#endif
