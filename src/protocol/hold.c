/* SPDX-License-Identifier: Apache-2.0 */
/* Holding a publication: one bit per participant in the slot, set BEFORE the look at the slot's word. A reclaimer
 * changes the word and THEN looks at the bits: one of the two sees the other.
 *
 * Several holds of one participant (threads, readers) nest in private memory: a word per slot counts them (hold_count.c). The
 * first one sets the shared bit, the last one clears it. Whoever comes between the last count and the clearing pins the slot by its
 * word (pin.c). hold_refused.c has the sentences for a slot that cannot be held.
 *
 * A kill leaves the bit set; repair clears it and reclaims.
 */
#include "protocol/hold.h"
#include "protocol/hold_count.h"
#include "protocol/holds.h"
#include "protocol/pin.h"
#include "protocol/reclaim.h"
#include "protocol/taken.h"

static uint64_t my_bit(const sr__member_t *member)
{
    return UINT64_C(1) << (member->me % 64);
}

static sr__word_t *my_word(sr__member_t *member, uint32_t slot)
{
    return sr__hold_word(sr__slot(&member->view, slot), member->me / 64);
}

/* [hold.set] Sets the hold bit of this participant. Whoever was first may not have set the bit yet. Once it
 * is seen it stays, since I am counted. */
SR__INLINE int take(sr__member_t *member, uint32_t slot, uint64_t *number)
{
    bool first;
    int failed = sr__hold_count_up(member, slot, number, &first);
    if (failed)
        return failed;
    sr__word_t *hold = my_word(member, slot);
    if (first || (!member->one_thread && !(sr__load(hold) & my_bit(member))))
        atomic_fetch_or_explicit(hold, my_bit(member), memory_order_seq_cst);
    return 0;
}

/* [hold.drop] Counts one hold less; the last one clears the bit and looks at the word. After the bit is
 * gone, a retired slot may have lost its last reason. */
SR__INLINE bool give_up(sr__member_t *member, uint32_t slot, uint64_t number, bool counted)
{
    bool last;
    uint64_t cleared, slots;
    if (!sr__hold_count_down(member, slot, number, counted, &last, &cleared, &slots))
        return false;
    if (counted && slots > 0)
        sr__holds_remove(member, slots);
    if (!last)
        return true;
    /* [hold.clear] Clears the hold bit of this participant. */
    atomic_fetch_and_explicit(my_word(member, slot), ~my_bit(member), memory_order_seq_cst);
    if (!member->one_thread) /* nobody else changes the word while it says CLEARING */
        atomic_store_explicit(&member->hold_counts[slot], cleared, memory_order_release);
    uint64_t w = sr__load(&sr__slot(&member->view, slot)->word);
    if (sr__slot_state(w) == SR__PUBLISHED && sr__is_retired(w))
        sr__reclaim_retired(member, slot, member->me);
    return true;
}

/* [hold.readable] Looks whether the publication is there, after the bit is set. 1 readable, 0 stale. */
static bool is_readable(sr__member_t *member, uint32_t slot, uint64_t sequence)
{
    sr__view_t *view = &member->view;
    sr__slot_t *s = sr__slot(view, slot);
    for (uint32_t turn = 0; turn < SR__LOOP_LIMIT; turn++) {
        uint64_t w = sr__load(&s->word);
        switch (sr__slot_state(w)) {
        case SR__RECLAIM:
            /* [hold.reinstate] Takes the slot back from who is reclaiming it. Reinstate rather than wait
             * for the writer: retired, and with a new version, so that a reclaimer that saw the hold word
             * before this bit cannot go on with its old word. */
            sr__cas(&s->word, w, sr__retired(w) + SR__VERSION_ONE);
            continue;
        case SR__PUBLISHED:
            return sr__load(&s->sequence) == sequence && !sr__is_withdrawn(w);
        case SR__COMMIT:
            if (sr__load(&s->sequence) == sequence && sr__is_listed(view, sequence, slot))
                return true;
            if (sr__load(&s->word) == w)
                return false;
            continue; /* it was retired meanwhile, and its entry perhaps overwritten */
        default:
            return false;
        }
    }
    return false;
}

int sr__hold_settle(sr__member_t *member, uint32_t slot, uint64_t slots)
{
    return sr__hold_count_settle(member, slot, slots);
}

void sr__hold_unsettle(sr__member_t *member, uint32_t slot, uint64_t slots)
{
    /* No order: the slot is held before and after. */
    atomic_fetch_add_explicit(&member->hold_counts[slot], SR__UNCOUNTED_ONE - 1, memory_order_relaxed);
    give_up(member, slot, 0, false);
    sr__holds_remove(member, slots);
}

SR__APART void unpin(sr__member_t *member, uint32_t slot, bool counted)
{
    uint64_t slots = counted ? sr__slots_at(&member->view, slot) : 0;
    sr__unpin(member, slot);
    if (slots > 0)
        sr__holds_remove(member, slots);
}

/* A pin counts each time. There is one only while a thread is stopped in the middle of a release. */
SR__APART int count_pinned(sr__member_t *member, uint32_t slot)
{
    uint64_t slots = sr__slots_at(&member->view, slot);
    return sr__holds_add(member, slots) ? 0 : SLOTRING_E_HOLDS;
}

SR__APART int let_go(sr__member_t *member, uint64_t number, uint32_t held, int failed)
{
    if (held & SR__HELD_BY_WORD)
        unpin(member, sr__held_slot(held), false);
    else
        give_up(member, sr__held_slot(held), number, false);
    return failed;
}

/* What was acquired by ticket counts from now on, or goes, with its number. */
SR__INLINE int count_or_go(sr__member_t *member, uint64_t number, uint32_t *held)
{
    uint32_t slot = sr__held_slot(*held);
    int failed =
        *held & SR__HELD_BY_WORD ? count_pinned(member, slot) : sr__hold_count_settle(member, slot, 0);
    if (failed)
        return let_go(member, number, *held, failed);
    *held &= ~SR__HELD_UNCOUNTED;
    return 0;
}

SR__INLINE int acquire(sr__member_t *member, uint32_t slot, uint64_t sequence, uint64_t *number,
                       uint32_t *held)
{
    int failed = take(member, slot, number);
    *held = slot | SR__HELD_UNCOUNTED;
    if (failed == SLOTRING_E_BUSY) {
        *number = 0;
        *held |= SR__HELD_BY_WORD;
        return sr__pin(member, slot, sequence);
    }
    if (failed || is_readable(member, slot, sequence))
        return failed;
    give_up(member, slot, *number, false);
    return SLOTRING_E_STALE;
}

int sr__hold_uncounted(sr__member_t *member, uint32_t slot, uint64_t sequence, uint32_t *held)
{
    uint64_t number = 0;
    return acquire(member, slot, sequence, &number, held);
}

int sr__hold_acquire(sr__member_t *member, uint32_t slot, uint64_t sequence, uint32_t *held)
{
    uint64_t number = 0;
    int failed = acquire(member, slot, sequence, &number, held);
    return failed ? failed : count_or_go(member, 0, held);
}

/* What was withdrawn before every lossless reader had it stays for those, and the gate keeps it in the walk. The bit first, then
 * the word, as for any hold. */
int sr__hold_withdrawn(sr__member_t *member, uint32_t slot, uint64_t sequence, uint32_t *held)
{
    sr__slot_t *s = sr__slot(&member->view, slot);
    uint64_t number = 0, w;
    int failed = take(member, slot, &number);
    if (failed)
        return failed;
    while (sr__slot_state(w = sr__load(&s->word)) == SR__RECLAIM) /* see is_readable */
        sr__cas(&s->word, w, sr__retired(w) + SR__VERSION_ONE);
    *held = slot | SR__HELD_UNCOUNTED;
    if (sr__slot_state(w) == SR__PUBLISHED && sr__load(&s->sequence) == sequence)
        return 0;
    give_up(member, slot, 0, false);
    return SLOTRING_E_STALE;
}

/* The bit first, then the word, as for any hold. Whoever closes the block, lists and reclaims it changes the word and
 * then looks at the bits. */
int sr__hold_open_block(sr__member_t *member, uint32_t slot, uint64_t claimed, uint32_t *held)
{
    uint64_t number = 0;
    int failed = sr__hold_take(member, slot, &number);
    if (failed)
        return failed;
    *held = slot | SR__HELD_UNCOUNTED;
    uint64_t w = sr__load(&sr__slot(&member->view, slot)->word);
    if (sr__version(w) == sr__version(claimed) &&
        (w == claimed || (sr__is_committed(w) && !sr__is_withdrawn(w))))
        return 0;
    give_up(member, slot, 0, false);
    return SLOTRING_E_STALE;
}

void sr__hold_drop(sr__member_t *member, uint32_t held)
{
    uint32_t slot = sr__held_slot(held);
    if (held & SR__HELD_BY_WORD)
        unpin(member, slot, (held & SR__HELD_UNCOUNTED) == 0);
    else if (held & SR__HELD_UNCOUNTED)
        give_up(member, slot, 0, false);
    else
        give_up(member, slot, 0, true);
}

SR__APART int note(sr__member_t *member, uint32_t held, uint64_t key[2])
{
    int failed = sr__taken_add(&member->taken, held, key);
    if (failed)
        sr__hold_drop(member, held);
    return failed;
}

int sr__hold_open(sr__member_t *member, uint32_t slot, uint64_t sequence, uint64_t key[2])
{
    uint32_t held;
    key[0] = 0;
    key[1] = 1; /* wanted */
    int failed = acquire(member, slot, sequence, &key[1], &held);
    return failed ? failed : sr__hold_note(member, held, key);
}

int sr__hold_note(sr__member_t *member, uint32_t held, uint64_t key[2])
{
    int failed = count_or_go(member, key[1], &held);
    return failed || key[1] != 0 ? failed : note(member, held, key);
}

bool sr__hold_close(sr__member_t *member, uint32_t slot, const uint64_t key[2])
{
    uint32_t held;
    if (key[0] == 0)
        return (key[1] & SR__NUMBER_IS_OPEN) != 0 && give_up(member, slot, key[1], true);
    if (!sr__taken_remove(&member->taken, slot, key, &held))
        return false;
    sr__hold_drop(member, held);
    return true;
}

int sr__hold_take(sr__member_t *member, uint32_t slot, uint64_t *number)
{
    return take(member, slot, number);
}

void sr__hold_give_up(sr__member_t *member, uint32_t slot, uint64_t number)
{
    give_up(member, slot, number, false);
}
