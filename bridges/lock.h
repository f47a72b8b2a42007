/* SPDX-License-Identifier: Apache-2.0 */
/* One receiver for a target, whatever the engine says: two would publish the same numbers twice. A file beside the ring is locked as long as
 * the process lives, stopped or not. */
#ifndef BRIDGE_LOCK_H
#define BRIDGE_LOCK_H

#include "bridge.h"

typedef struct bridge_lock {
    int file; /* -1: not taken */
    char path[500];
} bridge_lock_t;

/* `directory` of the ring; NULL: the default one. BRIDGE_REFUSED: another process has it. */
int bridge_lock_take(bridge_lock_t *lock, const char *directory, const char *ring, bridge_error_t *error);
void bridge_lock_give(bridge_lock_t *lock);

#endif
