/* SPDX-License-Identifier: Apache-2.0 */
/* Interruptions. */
#ifndef SR_INTERRUPT_H
#define SR_INTERRUPT_H

#include "handle.h"

bool sr__interrupt_enter(slotring_t *ring,
                         uint32_t *seen); /* false: an interruption was waiting for this call */
bool sr__interrupt_is_raised(slotring_t *ring, uint32_t seen);
void sr__interrupt_leave(slotring_t *ring, uint32_t seen, bool told);
void sr__wake_blocked(slotring_t *ring); /* whoever waits for anything; async-signal-safe */

#endif
