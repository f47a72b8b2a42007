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
            STEP("reclaim.free");
            if (FAULT(retired_stores))
                f->word = m->s.slots[f->slot].word;
            if (word_cas(m, self, f, word_make(FREE, NOBODY, 0), false)) {
                f->word = 0;
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
