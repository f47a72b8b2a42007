/* SPDX-License-Identifier: Apache-2.0 */
/* Who is in the way of a producer that waits for a slot. */
#ifndef SR_ROOM_H
#define SR_ROOM_H

#include "handle.h"

/* What the last look of one waiting call found; zero before the first. */
typedef struct sr__own_wait {
    uint64_t unread;
    bool itself;
} sr__own_wait_t;

bool sr__waits_for_itself(slotring_t *ring, sr__own_wait_t *judged);
uint64_t sr__count_claimed(slotring_t *ring); /* a look at every slot */

#endif
