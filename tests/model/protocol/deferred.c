/* SPDX-License-Identifier: Apache-2.0 */
/* Which publications were withdrawn, and which of them deferred. One level each: the levels of the one are those of
 * the free map (free_map.c), and those of the other only make a look cheaper. See src/protocol/deferred.c and
 * src/protocol/withdrawn.c. */
#include "model.h"

/* t: a publication; its position. slot: what is listed there. */
void deferred_clear(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    f->t %= m->config->order;
    STEP("deferred.clear");
    drain(m, self);
    order_at(m, f->t)->deferred = 0;
    if (FAULT(deferred_one_look))
        RETURN(0);
    STEP("deferred.clear");
    f->slot = order_at(m, f->t)->slot;
    f->a = order_at(m, f->t)->sequence;
    if (f->a == NONE)
        RETURN(0);
    f->a = 0;
    STEP("deferred.clear");
    f->a = m->s.slots[f->slot].word;
    if (!word_is_committed(f->a) || (f->a & (WITHDRAWN | RETIRED)) != WITHDRAWN)
        RETURN(0);
    f->a = 0;
    STEP("deferred.clear");
    if (m->s.slots[f->slot].sequence == NONE || m->s.slots[f->slot].sequence % m->config->order != f->t)
        RETURN(0);
    f->slot = 0;
    STEP("deferred.clear");
    drain(m, self);
    order_at(m, f->t)->deferred = 1;
    RETURN(0);
    END;
}

int deferred_find(model_t *m, int from)
{
    for (int t = from; t < from + m->config->order; t++)
        if (order_at(m, t)->deferred)
            return t;
    return NONE;
}

/* t: the publication. */
void withdrawn_mark(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    STEP("withdrawn.mark");
    drain(m, self);
    if (order_at(m, f->t)->withdrawn < f->t)
        order_at(m, f->t)->withdrawn = f->t;
    RETURN(0);
    END;
}

int withdrawn_skip(model_t *m, int from, int limit)
{
    while (from < limit && order_at(m, from)->withdrawn == from)
        from++;
    return from;
}
