/* SPDX-License-Identifier: Apache-2.0 */
/* Reclaiming a retired slot: it is out of the walk, so whoever removes the last reason to keep it (a hold bit, or "not
 * withdrawn" in a ring that keeps) brings it back to FREE.
 *
 * A kill leaves RECLAIM(as)+retired, which repair ends: FREE if nobody holds it, else retired again; or a retired slot
 * that nobody will come back to, which is why repair reclaims every retired slot.
 */
#include "protocol/reclaim.h"
#include "protocol/event.h"
#include "protocol/free_map.h"
#include "protocol/gate.h"

/* A publication went that nobody had withdrawn: a reclaimed one, like those that the walk takes. Counted at the
 * entry in whose name this is done; in repair nobody else writes there, since nobody attaches without the process
 * mutex. */
static void count_gone(sr__member_t *member, uint32_t as)
{
    sr__word_t *counters = member->view.participants[as].counters;
    enum sr__counter counter = sr__any_gate(&member->view) ? SR__RECYCLED : SR__OVERWRITTEN;
    atomic_fetch_add_explicit(&counters[counter], 1, memory_order_relaxed);
}

/* `as`: in whose name, the caller's own or, in repair, the dead one's. */
void sr__reclaim_retired(sr__member_t *member, uint32_t slot, uint32_t as)
{
    sr__view_t *view = &member->view;
    sr__slot_t *s = sr__slot(view, slot);
    for (uint32_t turn = 0; turn < SR__LOOP_LIMIT; turn++) {
        /* [reclaim.hold] Looks whether anybody holds the slot. The word is loaded BEFORE the hold bits. */
        uint64_t w = sr__load(&s->word);
        if (sr__slot_state(w) != SR__PUBLISHED || !sr__is_retired(w))
            return;
        if (sr__pinner(w) != SR__NOBODY || sr__is_held(view, s))
            return; /* that holder comes here */
        if (view->keep && !sr__is_withdrawn(w))
            return; /* free comes here */
        /* [reclaim.take] Takes the slot as RECLAIM. Who changed the word before reclaims the slot, or reinstated it and
         * holds it. */
        uint64_t mine = sr__with_state(w, SR__RECLAIM, as);
        if (!sr__cas(&s->word, w, mine))
            return;
        if (!sr__is_held(view, s)) {
            /* [reclaim.free] Makes the slot FREE, if nobody holds it now. */
            if (sr__cas(&s->word, mine, sr__to_free(mine))) {
                if (!sr__is_withdrawn(mine))
                    count_gone(member, as);
                sr__free_map_set(view, slot);
                sr__wake(member, SR__SPACE_EVENT);
            }
            return;
        }
        /* [reclaim.back] Leaves the slot to who holds it now. */
        if (!sr__cas(&s->word, mine, sr__retired(mine)))
            return;
    }
}
