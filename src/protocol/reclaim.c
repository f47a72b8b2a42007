/* SPDX-License-Identifier: Apache-2.0 */
/* Reclaiming a retired slot: it is out of the walk, so whoever removes the last reason to keep it (a hold bit, or "not
 * withdrawn" in a ring that keeps) brings it back to FREE.
 *
 * A kill leaves RECLAIM(as)+retired, which repair ends: FREE if nobody holds it, else retired again; or a retired slot
 * that nobody will come back to, which is why repair reclaims every retired slot; or the head of a span CLAIMED(as), which
 * repair frees with its pieces.
 */
#include "protocol/reclaim.h"
#include "protocol/event.h"
#include "protocol/free_map.h"
#include "protocol/gate.h"
#include "protocol/recent.h"
#include "protocol/span.h"

/* A publication went that nobody had withdrawn: a reclaimed one, like those that the walk takes. Counted at the
 * entry in whose name this is done; in repair nobody else writes there, since nobody attaches without the process
 * mutex. */
static void count_gone(sr__member_t *member, uint32_t as)
{
    sr__word_t *counters = member->view.participants[as].counters;
    enum sr__counter counter = sr__any_gate(&member->view) ? SR__RECYCLED : SR__OVERWRITTEN;
    atomic_fetch_add_explicit(&counters[counter], 1, memory_order_relaxed);
}

/* The head of a span, in RECLAIM: its pieces go before it is FREE. Gives its word: CLAIMED, or one that it has not any more,
 * if a reader reinstated it. */
SR__APART uint64_t take_pieces(sr__member_t *member, uint32_t slot, uint64_t reclaiming, uint32_t as)
{
    /* [reclaim.span] Makes the head CLAIMED, with a new version: no reader comes back to the message from now on. */
    uint64_t mine = sr__claimed(reclaiming, as);
    if (!sr__cas(&sr__slot(&member->view, slot)->word, reclaiming, mine))
        return reclaiming;
    sr__span_free_pieces(member, slot);
    return mine;
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
            if (sr__has_pieces(s))
                mine = take_pieces(member, slot, mine, as);
            /* [reclaim.free] Makes the slot FREE, if nobody holds it now. */
            if (sr__cas(&s->word, mine, sr__to_free(mine))) {
                if (!sr__is_withdrawn(w))
                    count_gone(member, as);
                sr__free_map_set(view, slot);
                if (view->hot)
                    sr__recent_note(view, slot);
                sr__wake(member, SR__SPACE_EVENT);
            }
            return;
        }
        /* [reclaim.back] Leaves the slot to who holds it now. */
        if (!sr__cas(&s->word, mine, sr__retired(mine)))
            return;
    }
}

/* The word before, if this call took publication `t` out of the walk; else 0. */
uint64_t sr__retire(sr__member_t *member, uint32_t slot, uint64_t t, uint32_t as)
{
    sr__slot_t *s = sr__slot(&member->view, slot);
    for (uint32_t turn = 0; turn < SR__LOOP_LIMIT; turn++) {
        /* [reclaim.retire] Retires a publication that is still in the walk, so that its last holder reclaims it; at once,
         * if nobody holds it. */
        uint64_t w = sr__load(&s->word);
        if (sr__load(&s->sequence) != t)
            return 0;
        if (!sr__is_committed(w) || sr__is_retired(w))
            return 0;
        if (sr__cas(&s->word, w, sr__retired(w))) {
            sr__reclaim_retired(member, slot, as);
            return w;
        }
    }
    return 0;
}
