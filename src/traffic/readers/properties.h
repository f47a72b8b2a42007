/* SPDX-License-Identifier: Apache-2.0 */
/* The properties of a subscription: what a reader asks for is a value of each. A new value is one more entry of the table of
 * its property (properties.c). A combination of values needs no code: each step asks for the part that it needs. */
#ifndef SR_PROPERTIES_H
#define SR_PROPERTIES_H

#include "handle.h"

typedef struct sr__properties {
    const sr__pressure_t *pressure;
    const struct sr__start *start;
    const struct sr__life *life;
    uint64_t wake_messages, wake_ns; /* both 0: it is woken by each message */
    sr__wanted_t wanted;
    bool waits_at_end, ends_when_revoked;
    uint64_t budget; /* as in a subscription; 0: none */
} sr__properties_t;

/* What becomes of the subscription when its reader ends. */
typedef struct sr__life {
    const char *name;
    bool durable; /* it waits for the next reader of its name */
    bool group;   /* it is one of several, and goes; the group's stays */
} sr__life_t;

/* Where a reader begins. */
typedef struct sr__start {
    const char *name;
    /* Called once, when the subscription is ACTIVE and the reader's cursor is the end of the order. NULL: that is
     * the start. After an error the caller ends the reader. `first`: as in the options. */
    int (*begin)(slotring_reader_t *reader, uint64_t first);
    bool takes_first;
} sr__start_t;

/* The properties that the options ask for. E_INVALID names the option, its value and the values that are known, or says
 * why these values do not go together. */
int sr__properties_choose(const slotring_reader_options_t *options, uint32_t slots,
                          sr__properties_t *properties);

#endif
