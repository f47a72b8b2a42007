/* SPDX-License-Identifier: Apache-2.0 */
/* What a writer has open. */
#ifndef SR_BLOCK_H
#define SR_BLOCK_H

#include "handle.h"

/* As the writer itself knows it. */
typedef struct sr__block {
    sr__writer_t *row;
    uint32_t row_number;
    uint32_t slot;
    enum sr__content_kind kind;
    uint64_t word; /* as claimed; 0: nothing is open */
    uint8_t *bytes;
    uint64_t size, place; /* bytes; where the next record goes */
    uint64_t number;      /* of the next message */
    uint64_t skipped;     /* numbers below it that no message has, for what is named next */
    uint64_t written;     /* bytes of its messages */
} sr__block_t;

/* The writer of block->row has claimed a slot. */
void sr__block_claimed(sr__member_t *member, sr__block_t *block, enum sr__content_kind kind, uint32_t slot,
                       uint64_t word);
/* The next `count` numbers of the writer are to be of no message. Before it names what it has claimed. */
void sr__block_skip(sr__block_t *block, uint64_t count);
/* Names it in the row: a block before its first record, a message when it is complete. */
void sr__block_name(sr__member_t *member, sr__block_t *block, uint64_t length, uint64_t tag, uint64_t time);
/* Seals it and publishes it. */
int sr__block_close(sr__member_t *member, sr__block_t *block, uint64_t *sequence);
/* Gives a message back that was not named: its slot is FREE then. */
int sr__block_abort(sr__member_t *member, sr__block_t *block);
/* Ends what the dead participant had open there. */
void sr__block_repair(sr__member_t *member, sr__writer_t *row, uint32_t dead);

#endif
