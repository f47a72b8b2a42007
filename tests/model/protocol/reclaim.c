/* SPDX-License-Identifier: Apache-2.0 */
/* A retired slot that lost its last reason to be kept becomes free. See src/protocol/reclaim.c. Who repairs does it
 * in the dead one's name: model_me() is that one then. */
#include "model.h"

void reclaim_retired(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    for (;;) {
        f->word = 0;
        STEP("reclaim.hold");
        f->word = m->s.slots[f->slot].word;
        if (!word_is_retired(f->word) || (word_pinner(f->word) != NOBODY && !FAULT(retired_ignores_pin)))
            RETURN(0);
        CALL(held, f->slot, 0);
        if (self->result)
            RETURN(0);
        if (model_may(m, KEEPS) && !(f->word & WITHDRAWN) && !FAULT(retired_frees_kept))
            RETURN(0);
        STEP("reclaim.take");
        if (!word_cas(m, self, f, word_make(RECLAIM, model_me(m, self), f->word & (RETIRED | WITHDRAWN)),
                      false))
            RETURN(0);
        if (!FAULT(retired_one_look)) {
            CALL(held, f->slot, 0);
            f->a = self->result;
        }
        if (!f->a) {
            if (m->s.spans[f->slot].kind == SPAN && FAULT(pieces_first)) /* somebody may come back to it */
                CALL(span_free, 0, f->slot);
            if (m->s.spans[f->slot].kind == SPAN && !FAULT(head_first)) {
                STEP("reclaim.span");
                if (!word_cas(m, self, f, word_make(CLAIMED, model_me(m, self), 0), true))
                    RETURN(0);
                CALL(span_free, 0, f->slot);
            }
            STEP("reclaim.free");
            if (FAULT(retired_stores))
                f->word = m->s.slots[f->slot].word;
            if (word_cas(m, self, f, word_make(FREE, NOBODY, 0), false)) {
                f->word = 0;
                if (m->s.spans[f->slot].kind == SPAN && FAULT(head_first))
                    CALL(span_free, 0, f->slot);
                CALL(free_map_set, f->slot, 0);
                if (!FAULT(retired_is_silent))
                    CALL(wake, 0, SPACE_EVENT);
            }
            RETURN(0);
        }
        STEP("reclaim.back");
        if (!word_cas(m, self, f, word_make(PUBLISHED, NOBODY, RETIRED | (f->word & WITHDRAWN)), false))
            RETURN(0);
        f->a = 0;
    }
    END;
}

/* Takes publication t out of the walk, if it is still there, and reclaims it. Result: its flags, with RETIRED, or 0. */
void retire_listed(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    for (;;) {
        f->word = f->a = 0;
        STEP("reclaim.retire");
        f->word = m->s.slots[f->slot].word;
        STEP("reclaim.retire");
        if (load_sequence(m, self, f->slot) != f->t)
            RETURN(0);
        if (!word_is_committed(f->word) || f->word & RETIRED ||
            (word_state(f->word) == COMMIT && FAULT(retire_skips_commit)))
            RETURN(0);
        f->a = RETIRED | (f->word & WITHDRAWN);
        STEP("reclaim.retire");
        if (word_cas(m, self, f,
                     FAULT(retire_ignores_holds) ? word_make(FREE, NOBODY, 0)
                                                 : word_make(PUBLISHED, word_pinner(f->word), f->a),
                     false))
            break;
    }
    f->word = f->t = 0;
    if (FAULT(retire_ignores_holds))
        CALL(free_map_set, f->slot, 0);
    else if (!FAULT(retire_unreclaimed))
        CALL(reclaim_retired, f->slot, 0);
    RETURN(f->a);
    END;
}
