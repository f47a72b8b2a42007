/* SPDX-License-Identifier: Apache-2.0 */
/* Holding a publication by its slot's word. */
#ifndef SR_PIN_H
#define SR_PIN_H

#include "handle.h"

int sr__pin(sr__member_t *member, uint32_t slot, uint64_t sequence);
void sr__unpin(sr__member_t *member, uint32_t slot);

#endif
