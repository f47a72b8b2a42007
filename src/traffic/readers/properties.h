/* SPDX-License-Identifier: Apache-2.0 */
/* The properties of a subscription: what a reader asks for is a value of each. A new value is one more entry of the table of
 * its property (properties.c). A combination of values needs no code: each step asks for the part that it needs. */
#ifndef SR_PROPERTIES_H
#define SR_PROPERTIES_H

#include "handle.h"

typedef struct sr__properties sr__properties_t;

struct sr__properties {
    const sr__pressure_t *pressure;
    const struct sr__start *start;
    const struct sr__life *life;
    uint64_t wake_messages, wake_ns; /* both 0: it is woken by each message */
    sr__wanted_t wanted;
    bool waits_at_end, ends_when_revoked;
    uint64_t budget; /* as in a subscription; 0: none */
    uint64_t limits; /* of a group, as sr__limits_word; 0: none */
    bool default_letters;
};

/* What becomes of the subscription when its reader ends: how it begins for that. */
typedef struct sr__life {
    const char *name;
    /* Gives the reader its subscription, and its start. After an error the caller ends the reader. */
    int (*begin)(slotring_reader_t *reader, const slotring_reader_options_t *options,
                 const sr__properties_t *properties);
    /* Writes what the next reader of its name is to find in a new subscription, before anybody can find that. NULL: nothing. */
    void (*prepare)(slotring_reader_t *reader);
    bool durable;   /* several readers in turn, or at once, have what it keeps: its words have a generation */
    uint32_t flags; /* of a new subscription, from its first state on */
    uint32_t started_flags; /* … and from the moment on at which its start is found */
    bool started_nobodys;   /* … and it has no owner from then on */
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
