/* SPDX-License-Identifier: Apache-2.0 */
/* Holding a publication by its slot's word: PUBLISHED with an owner. For a thread that finds another one of its own
 * handle between the hold count and the shared bit (hold.c), perhaps stopped there. The bit can be cleared under a new
 * holder at any time; the word cannot be changed so, since its version tells a late CAS from one in time.
 * A pinned slot is nobody's to reclaim: the walk retires it, reclaiming leaves it, free and retiring keep the owner.
 * Several threads of the handle pin it together, counted in private memory; each of them makes a new version. Whoever
 * counts down to none takes the pin away, by a CAS from a word that it loaded before it saw the count: a thread that
 * counted up in between changes the word once more, and the CAS fails. A kill leaves the pin, which repair takes away
 * and reclaims.
 */
#include "protocol/pin.h"
#include "protocol/reclaim.h"

/* Looks at another participant's pin before it is taken for one that stays. */
#define LOOKS 64u

#define LOOK_AGAIN 1

/* [pin.look] May publication `sequence` be pinned at word `w`, and to which word? */
static int pinned_word(sr__member_t *member, uint32_t slot, uint64_t sequence, uint64_t w, uint64_t *pinned)
{
    sr__view_t *view = &member->view;
    sr__slot_t *s = sr__slot(view, slot);
    uint32_t state = sr__slot_state(w), pinner = sr__pinner(w);
    if (pinner != SR__NOBODY && pinner != member->me)
        return SLOTRING_E_BUSY;
    if ((state != SR__PUBLISHED && state != SR__COMMIT && state != SR__RECLAIM) || sr__is_withdrawn(w))
        return SLOTRING_E_STALE;
    bool same = sr__load(&s->sequence) == sequence;
    if (state == SR__COMMIT && !(same && sr__is_listed(view, sequence, slot)))
        return sr__load(&s->word) == w ? SLOTRING_E_STALE : LOOK_AGAIN; /* retired meanwhile, as in acquire */
    if (!same)
        return SLOTRING_E_STALE;
    *pinned = sr__with_state(w, SR__PUBLISHED, member->me) + SR__VERSION_ONE;
    if (state == SR__RECLAIM)
        *pinned |= SR__RETIRED; /* reinstated, and perhaps out of the walk already */
    return 0;
}

int sr__pin(sr__member_t *member, uint32_t slot, uint64_t sequence)
{
    sr__slot_t *s = sr__slot(&member->view, slot);
    /* [pin.count] Counts the pins of this handle. Counted before the word says so: whoever sees the new word sees
     * the count. */
    atomic_fetch_add_explicit(&member->pins[slot], 1, memory_order_seq_cst);
    int code = LOOK_AGAIN;
    for (uint32_t turn = 0, waited = 0; turn < SR__LOOP_LIMIT; turn++) {
        uint64_t w = sr__load(&s->word), pinned;
        code = pinned_word(member, slot, sequence, w, &pinned);
        /* [pin.set] Pins the slot by its word. */
        if (code == 0 && sr__cas(&s->word, w, pinned))
            return 0;
        if (code == SLOTRING_E_STALE || (code == SLOTRING_E_BUSY && waited++ == LOOKS))
            break;
        if (code == SLOTRING_E_BUSY)
            member->os->system.pause();
    }
    sr__unpin(member, slot);
    return code == SLOTRING_E_BUSY ? SLOTRING_E_BUSY : SLOTRING_E_STALE;
}

void sr__unpin(sr__member_t *member, uint32_t slot)
{
    sr__slot_t *s = sr__slot(&member->view, slot);
    /* [pin.count] Counts one pin less. */
    if (atomic_fetch_sub_explicit(&member->pins[slot], 1, memory_order_seq_cst) > 1)
        return;
    for (uint32_t turn = 0; turn < SR__LOOP_LIMIT; turn++) {
        /* [pin.clear] Takes the pin away, if nobody else of this handle has it. The word is loaded BEFORE the count. */
        uint64_t w = sr__load(&s->word);
        if (sr__pinner(w) != member->me)
            return;
        if (atomic_load_explicit(&member->pins[slot], memory_order_seq_cst) > 0)
            return; /* that one comes here */
        if (!sr__cas(&s->word, w, sr__unpinned(w)))
            continue;
        if (sr__is_retired(w))
            sr__reclaim_retired(member, slot, member->me);
        return;
    }
}
