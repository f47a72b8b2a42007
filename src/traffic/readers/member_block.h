/* SPDX-License-Identifier: Apache-2.0 */
/* A block of records that one member of a group has. */
#ifndef SR_MEMBER_BLOCK_H
#define SR_MEMBER_BLOCK_H

#include "handle.h"

/* The message taken last is a block, in `slot`. */
void sr__member_block_begin(slotring_reader_t *reader, uint32_t slot);
/* Its next record. SR__SKIPPED: it has none. */
int sr__member_block_give(slotring_reader_t *reader, slotring_slot_t *out);

#endif
