/* SPDX-License-Identifier: Apache-2.0 */
/* A reader in this process's memory. */
#ifndef SR_READER_H
#define SR_READER_H

#include "handle.h"

slotring_reader_t *sr__reader_make(slotring_t *ring, const sr__pressure_t *pressure); /* NULL: no memory */
void sr__reader_free(slotring_reader_t *reader);
void sr__reader_link(slotring_reader_t *reader); /* its handle knows it from now on, and ends it at close */
void sr__reader_end(slotring_reader_t *reader, bool give_back);

/* A high-water mark: an entry at or above it was never used. */
static inline void sr__raise_high(sr__half_t *high, uint32_t to)
{
    uint32_t seen = atomic_load_explicit(high, memory_order_seq_cst);
    while (seen < to && !atomic_compare_exchange_weak_explicit(high, &seen, to, memory_order_seq_cst,
                                                               memory_order_seq_cst))
        ;
}

#endif
