/* SPDX-License-Identifier: Apache-2.0 */
/* How often this handle holds a slot: holds of several threads and readers nest in one word for each slot. It is in private memory, so
 * a kill leaves nothing of it. The first hold sets the shared bit, and the last one clears it (hold.c). To count and to clear are two
 * steps, and a thread may be stopped between them for as long as you like, so the word says CLEARING from one to the other. Whoever
 * comes meanwhile cannot rely on the bit and does not wait for that thread either: it pins the slot by its word (pin.c). The same
 * word has room for the number of one acquire by ticket; taken.c keeps the others.
 *
 * A hold by ticket counts against the handle's limit (holds.h): the first one of a slot counts the slots of its message, and the last
 * one takes that back. The hold is uncounted until it is seen that the publication is there, so the word has a count of each kind.
 * What a call holds while it copies stays uncounted, and so does what a reader holds: the reader counts that itself.
 */
#include "protocol/hold_count.h"
#include "protocol/taken.h"

/* Looks at a bit that another thread is clearing, or at a count that it is about to raise, before it is taken for stopped. */
#define LOOKS 64u

/* [hold_count.change] Counts one more hold of this handle in its private word, as one that is uncounted. *number: in, is one wanted; out,
 * the one that was given, or 0. *first: nobody held the slot. E_BUSY: another thread is clearing the bit,
 * and does not come to an end; or the word has no room for one more. */
int sr__hold_count_up(sr__member_t *member, uint32_t slot, uint64_t *number, bool *first)
{
    _Atomic uint64_t *word = &member->hold_counts[slot];
    bool wanted = *number != 0;
    uint64_t seen = atomic_load_explicit(word, memory_order_relaxed), next;
    for (uint32_t turn = 0;;) {
        if ((seen & SR__CLEARING) || (seen & SR__UNCOUNTED) == SR__UNCOUNTED) {
            if (turn++ == LOOKS)
                return SLOTRING_E_BUSY;
            member->os->system.pause();
            seen = atomic_load_explicit(word, memory_order_relaxed);
            continue;
        }
        next = seen + SR__UNCOUNTED_ONE;
        *number = 0;
        if (wanted && !(seen & SR__NUMBER_IS_OPEN)) {
            next = (next + SR__NUMBER_ONE) | SR__NUMBER_IS_OPEN;
            *number = next & SR__NUMBER;
        }
        if (member->one_thread) {
            atomic_store_explicit(word, next, memory_order_relaxed);
            break;
        }
        /* Acquire pairs with the release in sr__hold_count_down, and with the store after the bit is cleared (hold.c):
         * what the last holder did to the bit is before. */
        if (atomic_compare_exchange_weak_explicit(word, &seen, next, memory_order_acquire,
                                                  memory_order_relaxed))
            break;
    }
    *first = (seen & SR__ANY_HOLD) == 0;
    return 0;
}

/* Two threads may count one slot at the same time: who comes second takes it back. A thread that finds no room looks a few times
 * more, since another one may have counted this very slot, and be about to say so. */
int sr__hold_settle_among_threads(sr__member_t *member, uint32_t slot, uint64_t slots)
{
    _Atomic uint64_t *word = &member->hold_counts[slot];
    uint64_t seen = atomic_load_explicit(word, memory_order_relaxed);
    for (uint32_t turn = 0;;) {
        if ((seen & SR__COUNT) == SR__COUNT)
            break;
        bool first = (seen & SR__COUNT) == 0;
        if (first && slots == 0) {
            uint64_t needed = sr__slots_at(&member->view, slot);
            if (!sr__holds_add(member, needed)) {
                if (turn++ == LOOKS)
                    return SLOTRING_E_HOLDS;
                member->os->system.pause();
                seen = atomic_load_explicit(word, memory_order_relaxed);
                continue;
            }
            slots = needed;
        }
        /* No order: the slot is held before and after. */
        if (!atomic_compare_exchange_weak_explicit(word, &seen, seen - SR__UNCOUNTED_ONE + 1,
                                                   memory_order_relaxed, memory_order_relaxed))
            continue;
        if (!first && slots > 0)
            sr__holds_remove(member, slots);
        return 0;
    }
    if (slots > 0)
        sr__holds_remove(member, slots);
    return SLOTRING_E_NO_MEMORY;
}

uint64_t sr__hold_open_count(sr__member_t *member)
{
    uint64_t open = sr__taken_count(&member->taken);
    for (uint32_t slot = 0; slot < member->view.slot_count; slot++)
        open += (atomic_load_explicit(&member->hold_counts[slot], memory_order_acquire) &
                 SR__NUMBER_IS_OPEN) != 0;
    return open;
}
