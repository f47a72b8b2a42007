/* SPDX-License-Identifier: Apache-2.0 */
/* Settling a parked slot. */
#ifndef SR_SETTLE_H
#define SR_SETTLE_H

#include "handle.h"

void sr__settle(slotring_t *ring, uint32_t slot, uint32_t as);

#endif
