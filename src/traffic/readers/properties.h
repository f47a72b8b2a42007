/* SPDX-License-Identifier: Apache-2.0 */
/* What a reader asks for is a value of each property of its subscription. A new value is one more entry of the table of
 * its property (properties.c). A combination of values needs no code: each step asks for the part that it needs. */
#ifndef SR_PROPERTIES_H
#define SR_PROPERTIES_H

#include "handle.h"

typedef struct sr__properties {
    const sr__pressure_t *pressure;
    const struct sr__start *start;
} sr__properties_t;

/* Where a reader begins. */
typedef struct sr__start {
    const char *name;
    /* Called once, when the subscription is ACTIVE and the reader's cursor is the end of the order. NULL: that is
     * the start. After an error the caller ends the reader. */
    int (*begin)(slotring_reader_t *reader);
} sr__start_t;

/* The properties that the options ask for. E_INVALID names the option, its value and the values that are known, or says
 * why these values do not go together. */
int sr__properties_choose(const slotring_reader_options_t *options, sr__properties_t *properties);

#endif
