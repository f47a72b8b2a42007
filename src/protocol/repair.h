/* SPDX-License-Identifier: Apache-2.0 */
/* Repair after a participant. */
#ifndef SR_REPAIR_H
#define SR_REPAIR_H

#include "handle.h"

void sr__repair(sr__member_t *member, uint32_t participant, enum sr__stream_phase as,
                slotring_recovery_t *recovery);
/* Frees the pieces that no message has. A look at every slot. */
void sr__repair_orphans(sr__member_t *member, slotring_recovery_t *recovery);

#endif
