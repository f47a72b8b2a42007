/* SPDX-License-Identifier: Apache-2.0 */
/* In a ring with hot slots a publication goes as soon as every lossless reader has passed it: whoever lets the gate rise
 * walks along the order from the frontier, as a producer does that finds no free slot, and makes each slot below the gate
 * FREE. Those are a lossless reader that moves on, joins or leaves, and who repairs after one. Of several that move the
 * gate at the same time, the last one to do so finds it where it then is: all seq_cst, as for the wake-up (gate.c). So at
 * rest nothing lies below the gate.
 *
 * With no lossless reader in the ring nobody has to have had a publication, and it stays until a producer needs its slot.
 *
 * A kill leaves: publications below the gate, which the next one that comes here makes free, be it the repairer; or a
 * retired slot, or RECLAIM(as), as in reclaim.c.
 */
#include "protocol/passed.h"
#include "protocol/deferred.h"
#include "protocol/gate.h"
#include "protocol/reclaim.h"
#include "protocol/withdrawn.h"

/* Publication `t` is below the gate. */
static void free_one(sr__member_t *member, uint64_t t, uint32_t as)
{
    sr__view_t *view = &member->view;
    uint64_t entry = sr__load(sr__order_at(view, t));
    uint32_t slot = sr__entry_slot(view, entry);
    if (sr__entry_age(view, entry, t) != SR__CURRENT || slot >= view->slot_count)
        return;
    if (sr__is_withdrawn(sr__retire(member, slot, t, as)))
        sr__deferred_clear(view, t); /* it is out of the walk now */
}

/* `as`: in whose name, the caller's own or, in repair, the dead one's. */
void sr__free_passed(sr__member_t *member, uint32_t as)
{
    sr__view_t *view = &member->view;
    /* [passed.gate] Looks how far all lossless readers are. If there is none, nothing goes: whether there is one is asked
     * last, since the only one may have left before the look. Who came after the look needs nothing from below it. After
     * the change that lets the gate rise. */
    uint64_t gate = sr__gate(member), oldest = sr__load(&view->state->frontier);
    if (!sr__any_gate(view))
        return;
    /* [passed.walk] Goes along the order up to the gate, and takes each publication out of the walk. What nobody holds
     * is free then; else its last holder makes it free. Acquire and release as in claim.c. */
    uint64_t t = atomic_load_explicit(&member->walked, memory_order_acquire);
    t = t > oldest ? t : oldest;
    for (uint32_t turn = 0; t < gate && turn < SR__LOOP_LIMIT; turn++) {
        free_one(member, t, as);
        t = sr__walk_skip(view, t + 1);
    }
    atomic_store_explicit(&member->walked, t, memory_order_release);
    /* [passed.frontier] Moves the frontier on, at every few publications, as a producer's walk does. */
    if (t >= oldest + view->lag)
        sr__cas(&view->state->frontier, oldest, t);
}
