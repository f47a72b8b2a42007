/* SPDX-License-Identifier: Apache-2.0 */
/* Finding a record by its number. */
#ifndef SR_RECORD_FIND_H
#define SR_RECORD_FIND_H

#include "handle.h"

/* Where record `number` lies in the block, which the caller holds. E_STALE: there is none, or it was freed; E_CORRUPT. */
int sr__record_find(sr__member_t *member, uint32_t slot, uint64_t number, uint64_t *place, uint64_t *header);
int sr__block_damaged(uint32_t slot, uint64_t place); /* the thread's last error */
/* Where this handle found a record of the block before, at or below `number`: then *at is its number. */
void sr__place_recall(sr__member_t *member, uint64_t content, uint64_t number, uint64_t *at, uint64_t *place);
void sr__place_note(sr__member_t *member, uint64_t content, uint64_t number, uint64_t place);

#endif
