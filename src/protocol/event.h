/* SPDX-License-Identifier: Apache-2.0 */
/* Who waits, and waking them. */
#ifndef SR_EVENT_H
#define SR_EVENT_H

#include "handle.h"

void sr__wake(slotring_t *ring, enum sr__event_kind kind);        /* if anybody waits */
void sr__wake_always(slotring_t *ring, enum sr__event_kind kind); /* async-signal-safe */
void sr__sleepers_come(slotring_t *ring, enum sr__event_kind kind);
void sr__sleepers_stay(slotring_t *ring, enum sr__event_kind kind); /* before each sleep: still in the set? */
void sr__sleepers_go(slotring_t *ring, enum sr__event_kind kind);
void sr__forget_sleepers(slotring_t *ring, uint32_t participant);

#endif
