/* SPDX-License-Identifier: Apache-2.0 */
/* Settling a parked slot: it is out of the walk, so whoever removes the last reason to keep it (a hold bit, or "not
 * freed" in a ring that keeps) brings it back to FREE.
 *
 * A kill leaves RECLAIM(as)+parked, which repair ends: FREE if nobody holds it, else parked again; or a parked slot
 * that nobody will come back to, which is why repair settles every parked slot.
 */
#include "protocol/reclaim.h"
#include "protocol/event.h"
#include "protocol/free_map.h"
#include "protocol/gate.h"

/* A publication went that nobody had freed: a reclaimed one, like those that the walk takes. Counted at the place in
 * whose name this is done; in repair nobody else writes there, since nobody attaches without the process mutex. */
static void count_gone(slotring_t *ring, uint32_t as)
{
    sr__word_t *counters = ring->view.participants[as].counters;
    enum sr__counter counter = sr__any_gate(&ring->view) ? SR__RECYCLED : SR__OVERWRITTEN;
    atomic_fetch_add_explicit(&counters[counter], 1, memory_order_relaxed);
}

/* `as`: in whose name, the caller's own or, in repair, the dead one's. */
void sr__settle(slotring_t *ring, uint32_t slot, uint32_t as)
{
    sr__view_t *view = &ring->view;
    sr__slot_t *s = sr__slot(view, slot);
    for (uint32_t turn = 0; turn < SR__LOOP_LIMIT; turn++) {
        uint64_t w = sr__load(&s->word); /* [settle.hold] loaded BEFORE hold */
        if (sr__slot_state(w) != SR__PUBLISHED || !sr__is_parked(w))
            return;
        if (sr__pinner(w) != SR__NOBODY || sr__is_held(view, s))
            return; /* that holder comes here */
        if (view->keep && !sr__is_freed(w))
            return; /* free comes here */
        uint64_t mine = sr__with_state(w, SR__RECLAIM, as);
        if (!sr__cas(&s->word, w, mine))
            return; /* [settle.take] who changed it settles it, or put it back and holds it */
        if (!sr__is_held(view, s)) {
            if (sr__cas(&s->word, mine, sr__freed_slot(mine))) { /* [settle.free] */
                if (!sr__is_freed(mine))
                    count_gone(ring, as);
                sr__hint(view, slot);
                sr__wake(ring, SR__SPACE_EVENT);
            }
            return;
        }
        if (!sr__cas(&s->word, mine, sr__parked(mine))) /* [settle.back] */
            return;
    }
}
