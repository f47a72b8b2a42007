/* SPDX-License-Identifier: Apache-2.0 */
/* The words of shared memory, and how they are read and written. */
#ifndef SR_ATOMICS_H
#define SR_ATOMICS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

typedef _Atomic uint64_t sr__word_t;
typedef _Atomic uint32_t sr__half_t;

/* More turns than any correct ring needs: a loop that gets there works on a damaged one. */
#define SR__LOOP_LIMIT (1u << 26)

/* seq_cst: every word of the protocol, unless the caller says why less is enough. */
static inline uint64_t sr__load(const sr__word_t *word)
{
    return atomic_load_explicit(word, memory_order_seq_cst);
}

static inline bool sr__cas(sr__word_t *word, uint64_t expected, uint64_t desired)
{
    return atomic_compare_exchange_strong_explicit(word, &expected, desired, memory_order_seq_cst,
                                                   memory_order_seq_cst);
}

/* Statistics and words with one writer: no order wanted. */
static inline uint64_t sr__peek(const sr__word_t *word)
{
    return atomic_load_explicit(word, memory_order_relaxed);
}

/* A look that proves nothing: somebody may have the place for another message by now, and write there as one writes into
 * memory. So it is no atomic read, which would be a race with that, and ThreadSanitizer is told that this is meant. Who sees
 * what is waited for looks again, in the proper way. On 32 bits the two halves may be of two moments. */
SR__RACES static inline uint64_t sr__glance(const sr__word_t *word)
{
    return *(const volatile uint64_t *)(const volatile void *)word;
}

/* The same for who reads on from there, and looks afterwards whether it was the right place. */
SR__RACES static inline uint64_t sr__glance_acquire(const sr__word_t *word)
{
    return atomic_load_explicit(word, memory_order_acquire);
}

static inline void sr__poke(sr__word_t *word, uint64_t value)
{
    atomic_store_explicit(word, value, memory_order_relaxed);
}

/* Names of 48 bytes that others may be looking at: word by word, so that a look is never torn within one. */
static inline void sr__name_store(char *to, const char *from)
{
    uint64_t words[6] = {0};
    for (size_t i = 0; i < sizeof words - 1 && from[i]; i++)
        ((char *)words)[i] = from[i];
    for (size_t i = 0; i < 6; i++)
        sr__poke((sr__word_t *)(void *)to + i, words[i]);
}

static inline void sr__name_load(char to[48], const char *from)
{
    for (size_t i = 0; i < 6; i++) {
        uint64_t word = sr__peek((const sr__word_t *)(const void *)from + i);
        for (size_t b = 0; b < 8; b++)
            to[i * 8 + b] = ((const char *)&word)[b];
    }
    to[47] = '\0';
}

#endif
