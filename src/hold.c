/* SPDX-License-Identifier: Apache-2.0 */
/* Holding a publication: one bit per participant in the slot, set BEFORE the look at the slot's word. A reclaimer
 * changes the word and THEN looks at the bits: one of the two sees the other.
 *
 * Several references of one participant (threads, readers) nest in private memory. Only 0 to 1 and 1 to 0 touch the
 * shared bit, the count and the bit together under a private spin bit, or a thread that drops the last reference
 * could clear the bit of one that just took the first.
 * A kill leaves the bit set; repair clears it and settles.
 */
#include "core.h"

#define SPIN_BIT UINT32_C(0x80000000)

/* [hold.lock] */
static uint32_t lock_references(slotring_t *ring, uint32_t slot)
{
    _Atomic uint32_t *word = &ring->references[slot];
    if (ring->one_thread)
        return atomic_load_explicit(word, memory_order_relaxed);
    for (;;) {
        uint32_t seen = atomic_load_explicit(word, memory_order_relaxed) & ~SPIN_BIT;
        /* Acquire pairs with the release in unlock_references: the bit operations of the last holder are before. */
        if (atomic_compare_exchange_weak_explicit(word, &seen, seen | SPIN_BIT, memory_order_acquire,
                                                  memory_order_relaxed))
            return seen;
        ring->os->pause();
    }
}

static void unlock_references(slotring_t *ring, uint32_t slot, uint32_t count)
{
    atomic_store_explicit(&ring->references[slot], count,
                          ring->one_thread ? memory_order_relaxed : memory_order_release);
}

/* [hold.set] */
static void reference_take(slotring_t *ring, uint32_t slot)
{
    uint32_t count = lock_references(ring, slot);
    if (count == 0)
        atomic_fetch_or_explicit(sr__hold_word(sr__slot(&ring->view, slot), ring->me / 64),
                                 UINT64_C(1) << (ring->me % 64), memory_order_seq_cst);
    unlock_references(ring, slot, count + 1);
}

/* [hold.clear] */
static bool reference_drop(slotring_t *ring, uint32_t slot)
{
    uint32_t count = lock_references(ring, slot);
    if (count == 1)
        atomic_fetch_and_explicit(sr__hold_word(sr__slot(&ring->view, slot), ring->me / 64),
                                  ~(UINT64_C(1) << (ring->me % 64)), memory_order_seq_cst);
    unlock_references(ring, slot, count > 0 ? count - 1 : 0);
    return count > 0;
}

/* [hold.drop] After the bit is gone, a parked slot may have lost its last reason. */
bool sr__hold_drop_if_held(slotring_t *ring, uint32_t slot)
{
    if (!reference_drop(ring, slot))
        return false;
    uint64_t w = sr__load(&sr__slot(&ring->view, slot)->word);
    if (sr__slot_state(w) == SR__PUBLISHED && sr__is_parked(w))
        sr__settle(ring, slot, ring->me);
    return true;
}

void sr__hold_drop(slotring_t *ring, uint32_t slot)
{
    sr__hold_drop_if_held(ring, slot);
}

/* [acquire.look] The bit is set. 1 readable, 0 stale. */
static bool is_readable(slotring_t *ring, uint32_t slot, uint64_t sequence)
{
    sr__view_t *view = &ring->view;
    sr__slot_t *s = sr__slot(view, slot);
    for (uint32_t turn = 0; turn < SR__LOOP_LIMIT; turn++) {
        uint64_t w = sr__load(&s->word);
        switch (sr__slot_state(w)) {
        case SR__RECLAIM:
            /* [acquire.back] Put back rather than wait for the writer: parked, and with a new version, so that a
             * reclaimer that saw the hold word before this bit cannot go on with its old word. */
            sr__cas(&s->word, w, sr__parked(w) + SR__VERSION_ONE);
            continue;
        case SR__PUBLISHED:
            return sr__load(&s->sequence) == sequence && !sr__is_freed(w);
        case SR__COMMIT:
            if (sr__load(&s->sequence) == sequence && sr__is_listed(view, sequence, slot))
                return true;
            if (sr__load(&s->word) == w)
                return false;
            continue; /* it was parked meanwhile, and its entry perhaps overwritten */
        default:
            return false;
        }
    }
    return false;
}

/* 0, or E_STALE with nothing held. */
int sr__hold_acquire(slotring_t *ring, uint32_t slot, uint64_t sequence)
{
    reference_take(ring, slot);
    if (is_readable(ring, slot, sequence))
        return 0;
    sr__hold_drop(ring, slot);
    return SLOTRING_E_STALE;
}
