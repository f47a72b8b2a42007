/* SPDX-License-Identifier: Apache-2.0 */
/* What lossless readers, present or future, may still need; and the end of the order. See src/gate.c. */
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

/* t: the gate so far, a: row, b: rows. Result: the gate. */
void gate(model_t *m, thread_t *self, frame_t *f)
{
    int *mine;
    BEGIN;
    f->t = 100; /* above every sequence of the model */
    if (!FAULT(gate_rows_first) && !FAULT(gate_without_end)) {
        CALL(find_end, 0, 0);
        f->t = self->result;
    }
    STEP("gate.rows");
    f->b = m->s.rows_high;
    for (f->a = 0; f->a < f->b; f->a++) {
        STEP("gate.rows");
        if (m->s.rows[f->a].state != ROW_ACTIVE || !m->s.rows[f->a].gates)
            continue;
        STEP("gate.rows");
        if (m->s.rows[f->a].cursor < f->t)
            f->t = m->s.rows[f->a].cursor;
    }
    if (FAULT(gate_rows_first)) {
        CALL(find_end, 0, 0);
        f->t = self->result < f->t ? self->result : f->t;
    }
    f->a = f->b = 0;
    f->c = is_alone(m, self);
    if (!f->c)
        STEP("gate.rows"); /* threads of one handle: a look, then a store */
    f->a = f->t > m->s.participants[model_me(m, self)].gate;
    if (!f->c)
        STEP("gate.rows");
    mine = &m->s.participants[model_me(m, self)].gate;
    if (f->a)
        *mine = f->t;
    RETURN(f->t);
    END;
}
