/* SPDX-License-Identifier: Apache-2.0 */
/* Interruptions. */
#ifndef SR_INTERRUPT_H
#define SR_INTERRUPT_H

#include "handle.h"

/* What a call that may block knows of interruptions. */
typedef struct sr__interruption {
    uint32_t *told; /* NULL, or how many there had been when the call's reader was told of the last one */
    uint32_t seen;  /* how many there had been when the call began */
    bool entered;   /* it counts among the blocked ones; else it was to end at once */
    uint64_t taken; /* what it took that had waited for a call */
} sr__interruption_t;

uint32_t sr__interrupts_so_far(slotring_t *ring);                    /* since the handle is there */
bool sr__interrupt_enter(slotring_t *ring, sr__interruption_t *own); /* false: the call is to end at once */
bool sr__interrupt_is_raised(slotring_t *ring, const sr__interruption_t *own); /* the call is to end */
/* is_told: the call says that it was interrupted. */
void sr__interrupt_leave(slotring_t *ring, const sr__interruption_t *own, bool is_told);
void sr__wake_blocked(slotring_t *ring); /* whoever waits for anything; async-signal-safe */

#endif
