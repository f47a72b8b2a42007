/* SPDX-License-Identifier: Apache-2.0 */
/* Which acquires by ticket are still open, so that exactly the slot struct whose acquire is open can release it, and a
 * copy of one that went back releases nothing. The first acquire of a slot has its number in the word that counts the
 * slot's hold count (hold_count.c); here is an entry for each that comes while that number is taken, and for pins.
 *
 * An entry is a word with a generation: it says what is held, and is closed by one CAS, which one thread wins. Entries
 * that are closed form a list; what was never used comes after them. All of it is private to the handle and never
 * waits: the list's head has a tag, so that a thread that was stopped cannot take an entry with an old head. The first
 * entries are there from the start; more come when they are needed, in chunks that double.
 */
#include <stdlib.h>

#include "protocol/hold.h"
#include "protocol/taken.h"

#define FIRST 256u /* entries in the first chunk */

#define OPEN (UINT64_C(1) << 32)
#define HELD UINT64_C(0xffffffff) /* below the open bit: what sr__hold_drop takes */
#define GENERATION_ONE (UINT64_C(1) << 33)

/* free list: tag:40 | entry + 1:24 */
#define ENTRY UINT64_C(0xffffff)
#define TAG_ONE (UINT64_C(1) << 24)

struct sr__taken_entry {
    _Atomic uint64_t word;
    _Atomic uint32_t next; /* in the free list: entry + 1 */
};

static uint32_t chunk_size(uint32_t chunk)
{
    return FIRST << chunk;
}

/* Where entry `at` lies; NULL: its chunk is not there, or there is no such entry. */
static struct sr__taken_entry *entry_at(sr__taken_t *taken, uint64_t at, uint32_t *chunk)
{
    for (*chunk = 0; *chunk < SR__TAKEN_CHUNKS; ++*chunk) {
        if (at < chunk_size(*chunk)) {
            /* Acquire pairs with the release in make_chunk. */
            struct sr__taken_entry *entries =
                atomic_load_explicit(&taken->chunks[*chunk], memory_order_acquire);
            return entries ? &entries[at] : NULL;
        }
        at -= chunk_size(*chunk);
    }
    return NULL;
}

static bool make_chunk(sr__taken_t *taken, uint32_t chunk)
{
    struct sr__taken_entry *entries = calloc(chunk_size(chunk), sizeof *entries), *none = NULL;
    if (!entries)
        return false;
    if (!atomic_compare_exchange_strong_explicit(&taken->chunks[chunk], &none, entries, memory_order_release,
                                                 memory_order_relaxed))
        free(entries); /* another thread was faster */
    return true;
}

bool sr__taken_prepare(sr__taken_t *taken)
{
    return make_chunk(taken, 0);
}

void sr__taken_drop(sr__taken_t *taken)
{
    atomic_store_explicit(&taken->closed, 0, memory_order_relaxed);
    atomic_store_explicit(&taken->used, 0, memory_order_relaxed);
    for (uint32_t chunk = 0; chunk < SR__TAKEN_CHUNKS; chunk++) {
        free(atomic_load_explicit(&taken->chunks[chunk], memory_order_relaxed));
        atomic_store_explicit(&taken->chunks[chunk], NULL, memory_order_relaxed);
    }
}

/* A closed entry from the list; NULL: none. */
static struct sr__taken_entry *pop(sr__taken_t *taken, uint64_t *at)
{
    uint32_t chunk;
    uint64_t head = atomic_load_explicit(&taken->closed, memory_order_acquire);
    while ((head & ENTRY) != 0) {
        *at = (head & ENTRY) - 1;
        struct sr__taken_entry *entry = entry_at(taken, *at, &chunk);
        uint64_t next =
            ((head & ~ENTRY) + TAG_ONE) | atomic_load_explicit(&entry->next, memory_order_relaxed);
        if (atomic_compare_exchange_weak_explicit(&taken->closed, &head, next, memory_order_acquire,
                                                  memory_order_acquire))
            return entry;
    }
    return NULL;
}

static void push(sr__taken_t *taken, uint64_t at, struct sr__taken_entry *entry)
{
    uint64_t head = atomic_load_explicit(&taken->closed, memory_order_relaxed);
    do
        atomic_store_explicit(&entry->next, (uint32_t)(head & ENTRY), memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&taken->closed, &head,
                                                  ((head & ~ENTRY) + TAG_ONE) | (at + 1),
                                                  memory_order_release, memory_order_relaxed));
}

/* An entry that was never used. NULL: no memory. */
static struct sr__taken_entry *grow(sr__taken_t *taken, uint64_t *at)
{
    uint32_t chunk, used = atomic_load_explicit(&taken->used, memory_order_relaxed);
    do {
        *at = used;
        if (!entry_at(taken, used, &chunk) && (chunk == SR__TAKEN_CHUNKS || !make_chunk(taken, chunk)))
            return NULL;
    } while (!atomic_compare_exchange_weak_explicit(&taken->used, &used, used + 1, memory_order_relaxed,
                                                    memory_order_relaxed));
    return entry_at(taken, *at, &chunk);
}

int sr__taken_add(sr__taken_t *taken, uint32_t held, uint64_t key[2])
{
    uint64_t at;
    struct sr__taken_entry *entry = pop(taken, &at);
    if (!entry)
        entry = grow(taken, &at);
    if (!entry)
        return SLOTRING_E_NO_MEMORY;
    /* Nobody else changes an entry that is closed and off the list. */
    uint64_t closed = atomic_load_explicit(&entry->word, memory_order_relaxed);
    key[0] = at + 1;
    key[1] = (closed & ~(GENERATION_ONE - 1)) | OPEN | held;
    atomic_store_explicit(&entry->word, key[1], memory_order_release);
    return 0;
}

bool sr__taken_remove(sr__taken_t *taken, uint32_t slot, const uint64_t key[2], uint32_t *held)
{
    uint32_t chunk;
    uint64_t expected = key[1];
    *held = (uint32_t)(key[1] & HELD);
    if (!(key[1] & OPEN) || sr__held_slot(*held) != slot || key[0] == 0)
        return false;
    struct sr__taken_entry *entry = entry_at(taken, key[0] - 1, &chunk);
    if (!entry || !atomic_compare_exchange_strong_explicit(&entry->word, &expected,
                                                           (key[1] & ~(GENERATION_ONE - 1)) + GENERATION_ONE,
                                                           memory_order_acq_rel, memory_order_relaxed))
        return false;
    push(taken, key[0] - 1, entry);
    return true;
}

uint64_t sr__taken_count(sr__taken_t *taken)
{
    uint64_t open = 0;
    uint32_t chunk, used = atomic_load_explicit(&taken->used, memory_order_acquire);
    for (uint32_t at = 0; at < used; at++) {
        struct sr__taken_entry *entry = entry_at(taken, at, &chunk);
        open += entry && (atomic_load_explicit(&entry->word, memory_order_acquire) & OPEN) != 0;
    }
    return open;
}
