/* SPDX-License-Identifier: Apache-2.0 */
/* Checksums of messages. In a ring with SR__FEATURE_SUMS each message has a CRC-32C beside it: in the slot's control line, or
 * behind the record. It begins with a value made of the message's length, tag, time and number, and goes over its bytes. So what
 * stands beside the bytes cannot change unseen either. The producer sums the bytes while nobody else has them, before it publishes the message,
 * and stores the sum with the message's length and tag. So no step of the protocol knows of it, and a kill leaves a message with
 * its sum or no message.
 */
#ifndef SR_SUM_H
#define SR_SUM_H

#include "handle.h"
#include "slotring/slotring.h"

static inline bool sr__has_sums(const sr__view_t *view)
{
    return view->sum != NULL;
}

/* The sum of bytes, in a ring that has sums. `before`: the sum of what comes before them in the message, if that lies in several
 * pieces; else 0. */
static inline uint32_t sr__sum(const sr__view_t *view, uint32_t before, const void *bytes, uint64_t size)
{
    return view->sum(before, bytes, (size_t)size);
}

/* What a sum covers beside the bytes. number: of a writer's message; of another one SLOTRING_NO_NUMBER: its sequence is not
 * known when it is summed. */
typedef struct sr__summed {
    uint64_t length, tag, time, number;
} sr__summed_t;

#define SR__SUM_FACTOR \
    UINT64_C(0x9e3779b97f4a7c15) /* odd: a product with it says all that the other factor did */

/* What a sum begins with. One of the four cannot change unseen: each step keeps apart what was apart before it, and of the last one
 * the upper half is taken. */
static inline uint32_t sr__sum_begin(const sr__summed_t *s)
{
    uint64_t a = s->number ^ (s->length << 40 | s->length >> 24),
             b = s->tag ^ (s->time << 32 | s->time >> 32);
    uint64_t h = (a ^ SR__SUM_FACTOR) * SR__SUM_FACTOR;
    h = (h ^ h >> 29 ^ b) * SR__SUM_FACTOR;
    return (uint32_t)(h >> 32);
}

/* The sum of a message whose bytes lie in one piece. */
static inline uint32_t sr__sum_message(const sr__view_t *view, const sr__summed_t *s, const void *bytes)
{
    return sr__sum(view, sr__sum_begin(s), bytes, s->length);
}

/* The slot is CLAIMED by the caller, and its first bytes are the message. Relaxed: what publishes it releases the sum, too. */
static inline void sr__sum_slot(const sr__view_t *view, uint32_t slot, const sr__summed_t *s)
{
    const uint8_t *bytes = view->payload + (uint64_t)slot * view->payload_stride;
    sr__poke(&sr__slot(view, slot)->sum, sr__sum_message(view, s, bytes));
}

/* Of a message in a slot, or in several: what its slot says. */
static inline sr__summed_t sr__summed_of(const sr__slot_t *slot)
{
    bool by_writer = sr__content_has_writer(sr__peek(&slot->content));
    return (sr__summed_t){.length = sr__peek(&slot->length),
                          .tag = sr__peek(&slot->tag),
                          .time = sr__peek(&slot->time),
                          .number = by_writer ? sr__peek(&slot->number) : SLOTRING_NO_NUMBER};
}

#endif
