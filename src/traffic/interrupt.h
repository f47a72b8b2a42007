/* SPDX-License-Identifier: Apache-2.0 */
/* Interruptions. */
#ifndef SR_INTERRUPT_H
#define SR_INTERRUPT_H

#include "handle.h"

bool sr__interrupt_enter(slotring_t *ring,
                         uint32_t *seen); /* false: an interruption was waiting for this call */
bool sr__interrupt_is_raised(slotring_t *ring, uint32_t seen);
void sr__interrupt_leave(slotring_t *ring, uint32_t seen, bool told);
/* The one that was waiting for this call is the next call's again: this one ended with something else. */
void sr__interrupt_give_back(slotring_t *ring);
void sr__wake_blocked(slotring_t *ring); /* whoever waits for anything; async-signal-safe */

#endif
