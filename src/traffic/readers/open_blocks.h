/* SPDX-License-Identifier: Apache-2.0 */
/* The blocks that writers have open, as one reader sees them. */
#ifndef SR_OPEN_BLOCKS_H
#define SR_OPEN_BLOCKS_H

#include "handle.h"

/* Where a reader from the oldest that may miss messages starts to count. Before the end of the order is loaded. */
void sr__open_blocks_before(slotring_reader_t *reader);
/* Where a reader starts in what is open; skip: behind what is committed there. */
void sr__open_blocks_join(slotring_reader_t *reader, bool skip);
/* One record that is not listed yet. 0, E_EMPTY, SR__LOOK_ORDER, error. */
int sr__open_blocks_give(slotring_reader_t *reader, uint64_t cursor, slotring_slot_t *out);
/* NULL, or where the next record will be. */
const sr__word_t *sr__open_blocks_watch(const slotring_reader_t *reader);

#endif
