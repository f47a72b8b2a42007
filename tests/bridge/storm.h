/* SPDX-License-Identifier: Apache-2.0 */
/* Kills of both halves at any points, while a producer publishes messages and marks. */
#ifndef TEST_BRIDGE_STORM_H
#define TEST_BRIDGE_STORM_H

#include "hosts.h"

/* What is published beside messages without a writer. */
typedef enum storm_kinds {
    STORM_ALL,
    STORM_MARKS,
    STORM_RECORDS, /* messages of a writer */
} storm_kinds_t;

/* Rages over the hosts until the target has so many messages. No gap is allowed.
 *   also  NULL, or what else befalls them, now and then: `dice` is a random number. */
void storm_rage(hosts_t *h, uint64_t messages, storm_kinds_t which,
                void (*also)(const hosts_t *h, unsigned dice));

#endif
