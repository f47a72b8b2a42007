/* SPDX-License-Identifier: Apache-2.0 */
/* The bitmap of slots that may be free: two levels of the four, since each pair of neighbours behaves alike.
 * See src/protocol/free_map.c. */
#include "model.h"

static int leaf_of(const model_t *m, int slot)
{
    return slot / m->config->width;
}

/* Sets the bit of `slot`, or, with t = 1, only the bit above it. Each is looked at first, and set if it is not. */
void free_map_set(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    if (f->t == 0) {
        STEP("bitmap.set");
        if (!(m->s.leaf[leaf_of(m, f->slot)] & 1 << f->slot % m->config->width)) {
            STEP("bitmap.set");
            drain(m, self);
            m->s.leaf[leaf_of(m, f->slot)] |= 1 << f->slot % m->config->width;
        }
    }
    if (!FAULT(free_map_leaf_only)) {
        STEP("bitmap.set");
        if (!(m->s.summary & 1 << leaf_of(m, f->slot))) {
            STEP("bitmap.set");
            drain(m, self);
            m->s.summary |= 1 << leaf_of(m, f->slot);
        }
    }
    RETURN(0);
    END;
}

/* The word of `slot` looked empty. */
void clear_up(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    STEP("bitmap.clear");
    drain(m, self);
    m->s.summary &= ~(1 << leaf_of(m, f->slot));
    if (!FAULT(clear_up_one_look)) {
        STEP("bitmap.clear");
        if (m->s.leaf[leaf_of(m, f->slot)] != 0)
            CALL(free_map_set, f->slot, 1);
    }
    RETURN(0);
    END;
}
