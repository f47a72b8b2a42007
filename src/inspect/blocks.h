/* SPDX-License-Identifier: Apache-2.0 */
/* What lies in a block of records, and what a writer has, as it is seen from outside, by observers too. */
#ifndef SR_BLOCKS_H
#define SR_BLOCKS_H

#include "protocol/record.h"

typedef struct sr__contents {
    uint64_t records, bytes;   /* of their messages */
    uint64_t used;             /* bytes of the block up to the end of the last record */
    enum sr__record_sight end; /* what stands there: NONE, LAST or DAMAGED */
} sr__contents_t;

/* Walks along the records of a block that is open, or was closed. Whoever calls looks again, afterwards, whether the slot is still what it was. */
int sr__block_contents(sr__member_t *member, uint32_t slot, bool open, sr__contents_t *out);

#define SR__NO_SLOT UINT32_MAX

typedef struct sr__writer_sight {
    uint64_t word;   /* of the row */
    uint64_t block;  /* number of its latest block */
    uint64_t number; /* of its next message: so many are committed */
    uint32_t slot;   /* that it has open; SR__NO_SLOT: none */
    enum sr__content_kind kind;
    sr__contents_t contents;
} sr__writer_sight_t;

/* All of one moment. */
int sr__writer_look(sr__member_t *member, uint32_t row, sr__writer_sight_t *out);

typedef struct sr__written {
    uint64_t records;    /* all that writers ever committed */
    uint64_t writers;    /* now */
    uint64_t open_bytes; /* of messages, in what is open */
} sr__written_t;

int sr__count_written(sr__member_t *member, sr__written_t *out);

#endif
