/* SPDX-License-Identifier: Apache-2.0 */
/* A word of a durable subscription, which has the generation of its owner: so nobody changes it who was taken for dead, and lives. */
#ifndef SR_OWNED_WORD_H
#define SR_OWNED_WORD_H

#include "handle.h"

/* The generation that the reader's words carry. */
static inline uint32_t sr__durable_generation(const slotring_reader_t *reader)
{
    return sr__subscription_generation(reader->subscription_word);
}

/* Stores a number into a word of the subscription, if that has this reader's generation; else the reader knows that it was taken
 * over. */
void sr__owned_change(slotring_reader_t *reader, sr__word_t *word, uint64_t to);
/* Gives a word the reader's generation: from then on no earlier owner changes it. The number that it has. */
uint64_t sr__owned_take(slotring_reader_t *reader, sr__word_t *word);

#endif
