/* SPDX-License-Identifier: Apache-2.0 */
/* The writers that a reader follows. */
#ifndef SR_FOLLOWED_H
#define SR_FOLLOWED_H

#include "handle.h"

/* What this reader has had of one writer. */
struct sr__followed {
    uint64_t next; /* number of the next message */
    bool known;    /* is it? A reader from the oldest begins with the first one that it meets */
    bool
        may_lack; /* what lies before the next one that is met may be gone: with the last owner of the subscription, or behind damage */
    bool open;    /* the block was picked up before it was listed */
    uint32_t slot;          /* of the block that is being read */
    uint64_t block;         /* its number; 0: none is */
    uint64_t done;          /* all up to this one was read to its end */
    uint64_t claimed;       /* word of the slot when the block was picked up */
    uint64_t place, number; /* of the next record in it */
    uint8_t *bytes;         /* of the block */
    uint64_t size;          /* bytes of the block that records can take */
    uint64_t offset;        /* of the block in the payload */
    uint64_t producer;      /* as in its slot */
};

enum {
    SR__PASSED = 1,     /* nothing more in there */
    SR__LOOK_ORDER = 2, /* what is open waits for what is listed */
    SR__SKIPPED = 3,    /* this reader does not want it */
    SR__MARK = 4,       /* a mark is to be told first */
    SR__DAMAGED =
        5, /* it makes no sense; reader->damaged: the block, or NULL: what is listed. The last error says it */
    SR__LOST = 6 /* the order says no more where it is. The last error says it */
};

int sr__records_make(slotring_reader_t *reader);
void sr__records_free(slotring_reader_t *reader);
/* A reader from the oldest is to get what is listed in this slot, too. */
void sr__records_past(slotring_reader_t *reader, uint32_t slot);
/* So many messages of writers, which it has looked at, it does not want. */
static inline void sr__records_pass_over(slotring_reader_t *reader, uint64_t count)
{
    sr__word_t *passed_over = &reader->subscription->records_passed_over;
    if (count > 0)
        sr__poke(passed_over, sr__peek(passed_over) + count);
}
/* What a writer wrote from number `from` up to `to` is gone. What is not wanted of that was not missed. */
void sr__records_miss(slotring_reader_t *reader, uint64_t from, uint64_t to);
/* Is the message in `slot`, of `writer`, one that this reader has still to get? It is counted then. */
int sr__records_message(slotring_reader_t *reader, uint32_t slot, uint32_t writer);
/* A reader goes on with a durable subscription: `number` is the next message of that writer. gap: messages are gone. */
void sr__records_resume(slotring_reader_t *reader, uint32_t writer, uint64_t number, bool gap);
/* The streams are at their end: what is counted and was not given was missed. 0, or what a reader that misses nothing can no
 * longer have: E_CORRUPT. */
int sr__records_end(slotring_reader_t *reader);
/* Has the reader had all of this writer up to `begin`, where what is looked at begins? */
bool sr__records_follow(const slotring_reader_t *reader, struct sr__followed *f, uint64_t begin);
/* What comes next of this writer has `number`, and no message had the `skipped` numbers below that. 0, or the order has lost what
 * lies between. */
int sr__records_meet(slotring_reader_t *reader, struct sr__followed *f, uint64_t number, uint64_t skipped);

#endif
