/* SPDX-License-Identifier: Apache-2.0 */
/* In a hot ring a publication goes as soon as every lossless reader has passed it. See src/protocol/passed.c. Who
 * repairs does it in the dead one's name. */
#include "model.h"

/* t on entry: the caller's cursor, for a planted bug. t: where it is, a: `frontier` as it was loaded, b: the gate. */
void passed(model_t *m, thread_t *self, frame_t *f)
{
    participant_t *mine = &m->s.participants[model_me(m, self)];
    int i;
    BEGIN;
    if (!model_may(m, HOT))
        RETURN(0);
    f->b = f->t;
    f->t = 0;
    if (!FAULT(passed_by_itself)) {
        f->b = 0;
        CALL(gate, 0, 0);
        f->b = self->result;
    }
    STEP("passed.gate");
    if (!m->s.any_gates)
        RETURN(0);
    if (has_budgets(m->config) ||
        model_may(m, BY_HAND | ABSENCES)) { /* those that were revoked stay in the set */
        STEP("passed.gate");
        for (i = 0; i < m->config->subscriptions; i++)
            if (m->s.subscriptions[i].state == SUBSCRIPTION_ACTIVE && m->s.subscriptions[i].gates)
                break;
        if (i == m->config->subscriptions)
            RETURN(0);
    }
    STEP("passed.walk");
    f->a = m->s.frontier;
    if (FAULT(passed_frontier_first) && f->b > f->a) {
        STEP("passed.frontier");
        drain(m, self);
        if (m->s.frontier == f->a)
            m->s.frontier = f->b;
    }
    if (!is_alone(m, self))
        STEP("passed.walk"); /* `walked` is shared by the threads of the handle */
    f->t = mine->walked > f->a ? mine->walked : f->a;
    while (f->t < f->b) {
        STEP("passed.walk");
        if (entry_age(order_at(m, f->t), f->t) == 0) {
            f->slot = order_at(m, f->t)->slot;
            CALL(retire_listed, f->slot, f->t);
            f->slot = 0;
            if (self->result & WITHDRAWN)
                CALL(deferred_clear, 0, f->t);
        }
        f->t++;
        STEP("withdrawn.skip");
        f->slot = withdrawn_skip(m, f->t, m->s.end);
        if (f->slot > f->t) {
            STEP("deferred.find");
            i = deferred_find(m, f->t);
            f->slot = i != NONE && i < f->slot ? i : f->slot;
        }
        f->t = f->slot;
        f->slot = 0;
    }
    f->b = 0;
    if (!is_alone(m, self))
        STEP("passed.walk");
    mine->walked = f->t;
    if (f->t >= f->a + m->config->lag) {
        STEP("passed.frontier");
        drain(m, self);
        if (m->s.frontier == f->a)
            m->s.frontier = f->t;
    }
    RETURN(0);
    END;
}
