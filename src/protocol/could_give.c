/* SPDX-License-Identifier: Apache-2.0 */
/* A look along the order, as the walk of claim.c goes: how many slots would become free? It takes nothing. */
#include "protocol/could_give.h"

#include "protocol/budget.h"
#include "protocol/gate.h"
#include "protocol/span.h"
#include "protocol/withdrawn.h"

/* Slots that become free if publication t is overwritten: all of its message, or none. */
static uint64_t slots_at(const sr__view_t *view, uint64_t t, uint64_t entry)
{
    uint32_t slot = sr__entry_slot(view, entry);
    if (sr__entry_age(view, entry, t) != SR__CURRENT || slot >= view->slot_count)
        return 0;
    sr__slot_t *s = sr__slot(view, slot);
    uint64_t w = sr__load(&s->word), slots = sr__slots_of(view, s);
    bool goes =
        sr__is_committed(w) && !sr__is_retired(w) && sr__pinner(w) == SR__NOBODY && !sr__is_held(view, s);
    return goes && sr__load(&s->sequence) == t ? slots : 0;
}

/* A look along the order, from where the walk of this handle would begin. *at: where it ended. */
static uint64_t count_below(sr__member_t *member, uint64_t gate, uint64_t slots, uint64_t *at)
{
    sr__view_t *view = &member->view;
    uint64_t t = sr__load(&view->state->frontier), found = 0;
    uint64_t walked = atomic_load_explicit(&member->walked, memory_order_acquire);
    t = t > walked ? t : walked;
    for (uint32_t turn = 0; found < slots && t < gate && turn < SR__LOOP_LIMIT; turn++) {
        uint64_t entry = sr__load(sr__order_at(view, t));
        if (sr__entry_age(view, entry, t) == SR__OLDER)
            break;
        found += slots_at(view, t, entry);
        t = sr__walk_skip(view, t + 1);
    }
    *at = t;
    return found;
}

/* In a ring that keeps only what was withdrawn goes, which nobody misses. */
bool sr__claim_could_give(sr__member_t *member, uint64_t slots)
{
    uint64_t at;
    /* Acquire, as in below_gate of claim.c. What is below the gate that is known needs no other look. */
    uint64_t known = atomic_load_explicit(&member->gate, memory_order_acquire);
    if (member->view.keep || count_below(member, known, slots, &at) >= slots)
        return true;
    for (;;) {
        uint64_t gate = sr__gate(member), found = count_below(member, gate, slots, &at);
        if (found >= slots)
            return true;
        if (at < gate || at >= sr__published_end(&member->view) || !sr__budget_press(member, at))
            return false; /* nobody holds producers back there, or who does goes on doing so */
    }
}
