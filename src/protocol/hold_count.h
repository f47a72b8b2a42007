/* SPDX-License-Identifier: Apache-2.0 */
/* How often this handle holds a slot: one word for each slot, in private memory. */
#ifndef SR_HOLD_COUNT_H
#define SR_HOLD_COUNT_H

#include "protocol/holds.h"
#include "protocol/span.h"

/* hold count: number:30 | is it open:1 | uncounted:12 | clearing:1 | count:20, from the highest bit */
#define SR__COUNT UINT64_C(0xfffff)           /* holds by ticket, for which the slot counts once (holds.h) */
#define SR__CLEARING (UINT64_C(1) << 20)      /* a thread is clearing the shared bit */
#define SR__UNCOUNTED_ONE (UINT64_C(1) << 21) /* holds of readers, and of calls that are at work */
#define SR__UNCOUNTED (UINT64_C(0xfff) << 21)
#define SR__NUMBER_IS_OPEN (UINT64_C(1) << 33) /* the acquire with this number is not released yet */
#define SR__NUMBER_ONE (UINT64_C(1) << 34)
#define SR__NUMBER (~(SR__COUNT | SR__CLEARING | SR__UNCOUNTED)) /* with the flag */
#define SR__ANY_HOLD (SR__COUNT | SR__UNCOUNTED)

/* One more, uncounted. E_BUSY: nothing was counted. */
int sr__hold_count_up(sr__member_t *member, uint32_t slot, uint64_t *number, bool *first);
/* Acquires by ticket that are not released yet: a look at every slot. */
uint64_t sr__hold_open_count(sr__member_t *member);
/* For sr__hold_count_settle. */
int sr__hold_settle_among_threads(sr__member_t *member, uint32_t slot, uint64_t slots);

/* One less; with `number`, if that one is still open. False: it is not. *cleared: the word to store when the bit is
 * cleared, if it was the last. *slots: no ticket holds the slot any more, and so many were counted for it; else 0. */
SR__INLINE bool sr__hold_count_down(sr__member_t *member, uint32_t slot, uint64_t number, bool counted,
                                    bool *last, uint64_t *cleared, uint64_t *slots)
{
    _Atomic uint64_t *word = &member->hold_counts[slot];
    uint64_t kind = counted ? SR__COUNT : SR__UNCOUNTED, one = counted ? 1 : SR__UNCOUNTED_ONE;
    uint64_t seen = atomic_load_explicit(word, memory_order_relaxed), next;
    for (;;) {
        if ((seen & kind) == 0 || (number != 0 && (seen & SR__NUMBER) != number))
            return false;
        next = seen - one;
        if (number != 0)
            next &= ~SR__NUMBER_IS_OPEN;
        *last = (next & SR__ANY_HOLD) == 0;
        *cleared = next;
        *slots = 0;
        if (counted && (next & SR__COUNT) == 0) /* while it is held: after that somebody else may have it */
            *slots = sr__slots_at(&member->view, slot);
        if (member->one_thread) {
            atomic_store_explicit(word, next, memory_order_relaxed);
            return true;
        }
        if (*last)
            next |= SR__CLEARING;
        /* Release: what this thread read in the slot is before the bit goes, whoever clears it; acquire: so is what
         * the others read that counted down before. */
        if (atomic_compare_exchange_weak_explicit(word, &seen, next, memory_order_acq_rel,
                                                  memory_order_relaxed))
            return true;
    }
}

/* An uncounted hold becomes one by ticket. What it holds is there, and so are the words that say how many slots it has. `slots`: so
 * many are counted for it already, and are not after an error. */
SR__INLINE int sr__hold_count_settle(sr__member_t *member, uint32_t slot, uint64_t slots)
{
    if (!member->one_thread)
        return sr__hold_settle_among_threads(member, slot, slots);
    _Atomic uint64_t *word = &member->hold_counts[slot];
    uint64_t seen = atomic_load_explicit(word, memory_order_relaxed);
    bool first = (seen & SR__COUNT) == 0;
    if (!first && slots > 0)
        sr__holds_remove(member, slots);
    if ((seen & SR__COUNT) == SR__COUNT)
        return SLOTRING_E_NO_MEMORY;
    if (first && slots == 0 && !sr__holds_add(member, sr__slots_at(&member->view, slot)))
        return SLOTRING_E_HOLDS;
    atomic_store_explicit(word, seen - SR__UNCOUNTED_ONE + 1, memory_order_relaxed);
    return 0;
}

#endif
