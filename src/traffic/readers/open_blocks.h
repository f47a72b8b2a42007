/* SPDX-License-Identifier: Apache-2.0 */
/* The blocks that writers have open, as one reader finds them, and where it starts in them. */
#ifndef SR_OPEN_BLOCKS_H
#define SR_OPEN_BLOCKS_H

#include "protocol/hold.h"

/* A block, or a message in a slot of its own, that a writer has open. */
typedef struct sr__opened {
    uint64_t claimed, number, skipped, block;
    uint32_t slot, held;
    bool is_held;
    enum sr__content_kind kind;
} sr__opened_t;

/* Finds what a writer has open. 1: there is something; 0: there is nothing; negative: error. */
int sr__open_blocks_find(slotring_reader_t *reader, uint32_t writer, sr__opened_t *o);
/* The hold on what was found ends, if there is one. */
static inline void sr__open_blocks_let_go(slotring_reader_t *reader, const sr__opened_t *o)
{
    if (o->is_held)
        sr__hold_drop(&reader->ring->member, o->held);
}

/* Where a reader from the oldest that may miss messages starts to count. Before the end of the order is loaded. */
void sr__open_blocks_before(slotring_reader_t *reader);
/* Where a reader starts in what is open; skip: behind what is committed there. */
void sr__open_blocks_join(slotring_reader_t *reader, bool skip);

#endif
