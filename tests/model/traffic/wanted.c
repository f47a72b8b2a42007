/* SPDX-License-Identifier: Apache-2.0 */
/* Which messages a reader wants. See src/traffic/readers/wanted.c. */
#include "model.h"

/* Is message t, which is listed in `slot`, one that this reader does not want? Nobody holds it for that. a: its tag. */
void unwanted(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    STEP("wanted.look");
    if (load_sequence(m, self, f->slot) != f->t)
        RETURN(0);
    STEP("wanted.look");
    f->a = m->s.slots[f->slot].content;
    if (!FAULT(wanted_one_look)) {
        STEP("wanted.look");
        if (load_sequence(m, self, f->slot) != f->t)
            RETURN(0);
    }
    if (order_at(m, f->t)->sequence == f->t && order_at(m, f->t)->tag != f->a)
        model_fail(m, "a reader judges a message by the tag of another one");
    RETURN(f->a == 1);
    END;
}
