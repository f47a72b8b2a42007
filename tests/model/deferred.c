/* SPDX-License-Identifier: Apache-2.0 */
/* Which publications were freed, and which of them left for the walk. One level each: the levels of the one are those of the
 * hints (hint.c), and those of the other only make a look cheaper. See src/protocol/deferred.c and src/protocol/withdrawn.c. */
#include "model.h"

/* t: a publication; its place. slot: what is listed there. */
void left_clear(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    f->t %= m->config->order;
    STEP("left.clear");
    drain(m, self);
    order_at(m, f->t)->left = 0;
    if (FAULT(left_one_look))
        RETURN(0);
    STEP("left.clear");
    f->slot = order_at(m, f->t)->slot;
    f->a = order_at(m, f->t)->sequence;
    if (f->a == NONE)
        RETURN(0);
    f->a = 0;
    STEP("left.clear");
    f->a = m->s.slots[f->slot].word;
    if (!word_is_committed(f->a) || (f->a & (FREED | PARKED)) != FREED)
        RETURN(0);
    f->a = 0;
    STEP("left.clear");
    if (m->s.slots[f->slot].sequence == NONE || m->s.slots[f->slot].sequence % m->config->order != f->t)
        RETURN(0);
    f->slot = 0;
    STEP("left.clear");
    drain(m, self);
    order_at(m, f->t)->left = 1;
    RETURN(0);
    END;
}

int left_find(model_t *m, int from)
{
    for (int t = from; t < from + m->config->order; t++)
        if (order_at(m, t)->left)
            return t;
    return NONE;
}

/* t: the publication. */
void freed_mark(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    STEP("freed.mark");
    drain(m, self);
    if (order_at(m, f->t)->freed < f->t)
        order_at(m, f->t)->freed = f->t;
    RETURN(0);
    END;
}

int freed_skip(model_t *m, int from, int limit)
{
    while (from < limit && order_at(m, from)->freed == from)
        from++;
    return from;
}
