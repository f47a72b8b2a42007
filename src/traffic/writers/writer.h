/* SPDX-License-Identifier: Apache-2.0 */
/* A writer in this process's memory. */
#ifndef SR_WRITER_H
#define SR_WRITER_H

#include "members/enter.h"
#include "protocol/block.h"

struct slotring_writer {
    _Atomic uint32_t magic;
    slotring_t *ring;
    uint64_t row_word; /* WRITING, as this writer set it */
    sr__block_t block;
    int64_t largest; /* message that goes into a block; a larger one takes a slot. -1: each one does */
    int64_t room;    /* message that goes into the block that is open now; -1: none is, or it is not to be */
    uint64_t rest; /* what stands behind each of its records: SR__RECORD_HAS_TIME, SR__RECORD_HAS_SUM; or 0 */
    uint64_t sequence; /* of what it published last */
    /* What the reservations in the block that is open have in common, and the ticket of its record 0. */
    slotring_slot_t model;
    slotring_ticket_t ticket;
    /* Bits of the armed word that its appends look for. With SR__FENCED: who sleeps makes the fences of its records. */
    uint64_t looks_for;
    bool reserved;          /* a reservation is out */
    uint64_t reserved_size; /* bytes that may be committed of it */
    uint64_t mark;          /* of that reservation, and of no other one */
};

/* Where the numbers may begin, and to which they may skip: progress words have room for as many again, and nobody writes so many. */
#define SR__WRITER_NUMBER_MAX (UINT64_C(1) << (SR__NUMBER_BITS - 1))

static inline int sr__writer_enter(slotring_writer_t *writer);
/* The number of its next message. */
static inline uint64_t sr__writer_next(const slotring_writer_t *writer)
{
    return writer->block.word != 0 ? writer->block.number : sr__peek(&writer->block.row->total);
}

int sr__writer_closed(void);
void sr__writer_end(slotring_writer_t *writer, bool give_back);
/* Closes what is open. */
int sr__writer_seal(slotring_writer_t *writer);
/* Gives the slot of a message back that was not committed. E_STATE: it is not this writer's any more. */
int sr__writer_abort(slotring_writer_t *writer);
uint64_t sr__count_open_blocks(slotring_t *ring); /* of this handle, without a reservation */

static inline int sr__writer_enter(slotring_writer_t *writer)
{
    if (!writer || atomic_load_explicit(&writer->magic, memory_order_relaxed) != SR__WRITER_ALIVE)
        return sr__writer_closed();
    return sr__enter(writer->ring);
}

#endif
