/* SPDX-License-Identifier: Apache-2.0 */
/* Holds of this handle that a ticket ends: of what is on its way through a queue, so that no slot struct is at hand where it ends.
 * A word for each slot, private to the handle, counts them: those by the bit and those by the word (pin.c) apart.
 *
 * What is counted is held, so its slot has the same publication as long as the count is not 0. Each hold that is added changes the
 * word's generation: so who looked at the word, and then found the publication of its ticket in the slot, takes away a hold of that
 * publication, or its CAS fails. Nobody waits. The words are there from the first hold on.
 */
#include "protocol/kept.h"

#include <stdlib.h>

#include "protocol/hold.h"

/* generation:24 | by the word:20 | by the bit:20, from the highest bit; hold_count.c allows no more */
#define BY_BIT UINT64_C(1)
#define BY_WORD (UINT64_C(1) << 20)
#define COUNT UINT64_C(0xfffff)
#define GENERATION (UINT64_C(1) << 40)

static _Atomic uint64_t *words_of(sr__member_t *member)
{
    /* Acquire pairs with the release in sr__kept_prepare. */
    return atomic_load_explicit(&member->kept, memory_order_acquire);
}

bool sr__kept_prepare(sr__member_t *member)
{
    _Atomic uint64_t *none = NULL, *words;
    if (words_of(member))
        return true;
    words = calloc(member->view.slot_count, sizeof *words);
    if (!words)
        return false;
    if (!atomic_compare_exchange_strong_explicit(&member->kept, &none, words, memory_order_release,
                                                 memory_order_relaxed))
        free(words); /* another thread was faster */
    return true;
}

void sr__kept_drop(sr__member_t *member)
{
    free(atomic_load_explicit(&member->kept, memory_order_relaxed));
    atomic_store_explicit(&member->kept, NULL, memory_order_relaxed);
}

void sr__kept_add(sr__member_t *member, uint32_t held)
{
    _Atomic uint64_t *word = &words_of(member)[sr__held_slot(held)];
    uint64_t one = (held & SR__HELD_BY_WORD ? BY_WORD : BY_BIT) + GENERATION;
    /* Release: who takes this hold away, in another thread, comes after what this one did with the message. */
    atomic_fetch_add_explicit(word, one, memory_order_release);
}

bool sr__kept_remove(sr__member_t *member, uint32_t slot, uint64_t sequence, uint32_t *held)
{
    _Atomic uint64_t *words = words_of(member);
    if (!words)
        return false;
    uint64_t seen = atomic_load_explicit(&words[slot], memory_order_acquire), one;
    do {
        bool by_word = (seen / BY_WORD & COUNT) > 0;
        if (!by_word && (seen & COUNT) == 0)
            return false;
        if (sr__load(&sr__slot(&member->view, slot)->sequence) != sequence)
            return false;
        one = by_word ? BY_WORD : BY_BIT;
        *held = by_word ? slot | SR__HELD_BY_WORD : slot;
    } while (!atomic_compare_exchange_weak_explicit(&words[slot], &seen, seen - one, memory_order_acq_rel,
                                                    memory_order_acquire));
    return true;
}

uint64_t sr__kept_count(sr__member_t *member)
{
    _Atomic uint64_t *words = words_of(member);
    uint64_t kept = 0;
    for (uint32_t slot = 0; words && slot < member->view.slot_count; slot++) {
        uint64_t w = atomic_load_explicit(&words[slot], memory_order_acquire);
        kept += (w & COUNT) + (w / BY_WORD & COUNT);
    }
    return kept;
}
