/* SPDX-License-Identifier: Apache-2.0 */
/* Records that were freed, and blocks in which all are. */
#ifndef SR_FREED_H
#define SR_FREED_H

#include "handle.h"

/* Frees the record at `place` of a block that the caller holds. E_STALE: it was freed before. */
int sr__freed_mark(sr__member_t *member, uint32_t slot, uint64_t place);
/* Withdraws what is in the slot if it is a block in the order, and all of its records are freed. `from`: the place of one
 * that is. Nobody needs to hold it. */
void sr__freed_look(sr__member_t *member, uint32_t slot, uint64_t from, uint32_t as);

#endif
