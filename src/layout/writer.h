/* SPDX-License-Identifier: Apache-2.0 */
/* A writer of records, as it stands in shared memory. */
#ifndef SR_LAYOUT_WRITER_H
#define SR_LAYOUT_WRITER_H

#include "layout/header.h"

/* writer state word: state:4 | owner:12 | generation:48 */
enum sr__writer_state {
    SR__WRITER_FREE = 0,
    SR__WRITER_WRITING = 1
};

/* What a writer has open. State by CAS; the rest by its owner alone, or by who repairs that. `block` and `total` go on
 * when the row gets another owner: the numbers of a row are never given twice. */
typedef struct sr__writer {
    sr__word_t state;
    sr__word_t claimed; /* word of the open block's slot; 0: none is open */
    sr__word_t slot;
    sr__word_t block; /* number of its latest block */
    sr__word_t total; /* the number behind all that is closed: that of the next message, if nothing is open */
    sr__word_t first; /* the number with which the row began; nothing changes it after the first block */
    /* So many numbers, or less, have no message: a kill before the name leaves those that were to be skipped. */
    sr__word_t skipped;
    uint64_t reserved[9];
} sr__writer_t;

static inline uint64_t sr__writer_word(enum sr__writer_state state, uint32_t owner, uint64_t generation)
{
    return generation << 16 | (uint64_t)owner << 4 | state;
}

static inline uint32_t sr__writer_state(uint64_t word)
{
    return (uint32_t)word & 0xf;
}

static inline uint32_t sr__writer_owner(uint64_t word)
{
    return (uint32_t)(word >> 4) & 0xfff;
}

static inline uint64_t sr__writer_generation(uint64_t word)
{
    return word >> 16;
}

#endif
