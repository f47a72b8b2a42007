/* SPDX-License-Identifier: Apache-2.0 */
/* Who is in the way of a producer that waits for a slot. */
#ifndef SR_ROOM_H
#define SR_ROOM_H

#include "handle.h"

/* What the last look of one waiting call found; zero before the first. */
typedef struct sr__own_wait {
    uint64_t unread;
    bool of_span; /* what is wanted: by the caller */
    bool looked, itself;
} sr__own_wait_t;

/* more: slots that the call needs, without those that it has. */
bool sr__waits_for_itself(slotring_t *ring, uint64_t more, sr__own_wait_t *judged);
/* What an attempt to get one slot gave. Instead of E_FULL: E_STATE, if this thread waits for itself. */
int sr__judge_full(slotring_t *ring, int code, sr__own_wait_t *judged);
/* Waits until an attempt gives something other than E_FULL, or timeout_ns have passed, and counts the wait. cancelled:
 * as in sr__wait_t. */
int sr__wait_for_slots(slotring_t *ring, int (*attempt)(void *context), void (*cancelled)(void *context),
                       void *context, int64_t timeout_ns);
/* The end of a call that got no slot: counts it, and says why. Gives E_FULL, or E_TIMEOUT after a wait. */
int sr__no_room(slotring_t *ring, int64_t timeout_ns);
uint64_t sr__count_claimed(slotring_t *ring); /* a look at every slot */

#endif
