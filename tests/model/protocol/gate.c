/* SPDX-License-Identifier: Apache-2.0 */
/* What lossless readers, present or future, may still need; and the end of the order. See src/protocol/gate.c. */
#include "model.h"

/* Result: one above the last publication. */
void find_end(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    STEP("gate.end");
    f->t = m->s.tail;
    if (FAULT(end_is_tail))
        RETURN(f->t);
    for (;;) {
        STEP("gate.end");
        f->a = entry_age(order_at(m, f->t), f->t);
        if (f->a < 0)
            RETURN(f->t);
        if (f->a == 0) {
            f->t++;
            continue;
        }
        f->t = f->a = 0;
        STEP("gate.end");
        f->t = m->s.tail;
    }
    END;
}

/* The code counts who comes, so that whoever saw the set empty and takes it out finds that somebody came. */
static void summary_changes(model_t *m)
{
    for (int i = 0; i < MAX_ACTORS; i++)
        for (int d = 0; d < m->s.threads[i].depth; d++)
            if (m->s.threads[i].frames[d].procedure == DO_gate_out)
                m->s.threads[i].frames[d].a = 0;
}

/* t: subscription. */
void gate_in(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    STEP("gate.set");
    drain(m, self);
    m->s.gates |= 1 << f->t;
    STEP("gate.set");
    drain(m, self);
    m->s.any_gates = 1;
    summary_changes(m);
    RETURN(0);
    END;
}

/* t: subscription, then nothing; a: the summary that was seen has not changed. */
void gate_out(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    STEP("gate.clear");
    drain(m, self);
    m->s.gates &= ~(1 << f->t);
    f->t = 0;
    do {
        STEP("gate.clear");
        if (!m->s.any_gates)
            RETURN(0);
        f->a = UP_TO_DATE;
        STEP("gate.clear");
        if (m->s.gates != 0 && !FAULT(group_one_look))
            RETURN(0);
        STEP("gate.clear");
        drain(m, self);
    } while (f->a != UP_TO_DATE && !FAULT(group_stores));
    m->s.any_gates = 0;
    summary_changes(m);
    RETURN(0);
    END;
}

/* t: the gate so far, a: subscription, b: subscriptions of the set. Result: the gate. */
void gate(model_t *m, thread_t *self, frame_t *f)
{
    int *mine;
    BEGIN;
    f->t = 100; /* above every sequence of the model */
    if (!FAULT(gate_subscriptions_first) && !FAULT(gate_without_end)) {
        CALL(find_end, 0, 0);
        f->t = self->result;
    }
    STEP("gate.subscriptions");
    f->b = m->s.any_gates;
    if (f->b) {
        STEP("gate.subscriptions");
        f->b = m->s.gates;
    }
    for (f->a = 0; f->b >> f->a; f->a++) {
        if (!(f->b >> f->a & 1))
            continue;
        STEP("gate.subscriptions");
        if (m->s.subscriptions[f->a].state != SUBSCRIPTION_ACTIVE || !m->s.subscriptions[f->a].gates)
            continue;
        STEP("gate.subscriptions");
        if (m->s.subscriptions[f->a].cursor < f->t)
            f->t = m->s.subscriptions[f->a].cursor;
    }
    if (FAULT(gate_subscriptions_first)) {
        CALL(find_end, 0, 0);
        f->t = self->result < f->t ? self->result : f->t;
    }
    f->a = f->b = 0;
    f->c = is_alone(m, self);
    if (!f->c)
        STEP("gate.subscriptions"); /* threads of one handle: a look, then a store */
    f->a = f->t > m->s.participants[model_me(m, self)].gate;
    if (!f->c)
        STEP("gate.subscriptions");
    mine = &m->s.participants[model_me(m, self)].gate;
    if (f->a)
        *mine = f->t;
    RETURN(f->t);
    END;
}
