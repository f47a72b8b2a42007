/* SPDX-License-Identifier: Apache-2.0 */
/* Subscribing: a reader takes a subscription of the ring, and finds where it starts. */
#ifndef SR_SUBSCRIBE_H
#define SR_SUBSCRIBE_H

#include "traffic/readers/properties.h"

/* A new subscription for this reader, ACTIVE, which has found its start. After an error it is the reader's, if it took one.
 * E_READERS: all are taken; E_EVICTED: somebody took this participant for dead. */
int sr__subscribe_begin(slotring_reader_t *reader, const slotring_reader_options_t *options,
                        const sr__properties_t *properties);

/* The same in parts. Takes a free row of those that such a reader may have, as JOIN(me), which is `joined`. E_READERS. */
int sr__subscribe_take(slotring_reader_t *reader, const sr__life_t *life, uint64_t *joined);
/* Writes what nobody reads before the state says ACTIVE. group: its number + 1; 0: none. */
void sr__subscribe_write(sr__subscription_t *subscription, uint32_t generation,
                         const sr__properties_t *properties, uint64_t group, const char *name);

#endif
