/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting and waking, without time: no slice ever ends, so a wake-up that is lost leaves somebody asleep for ever.
 * t is the kind of news. See src/protocol/event.c. */
#include "model.h"

void wake(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    if (!model_may(m, WAITS))
        RETURN(0);
    STEP("event.look");
    if (m->s.waiters_summary[f->t] != 0)
        CALL(wake_always, 0, f->t);
    RETURN(0);
    END;
}

void wake_always(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    STEP("event.wake");
    drain(m, self);
    for (int i = 0; i < m->threads; i++)
        if (m->s.threads[i].watching == f->t + 1)
            m->s.threads[i].news = 1;
    STEP("event.wake");
    for (int i = 0; i < m->threads; i++)
        if (m->s.threads[i].watching == f->t + 1)
            m->s.threads[i].asleep = 0;
    RETURN(0);
    END;
}

void enter(model_t *m, thread_t *self, frame_t *f)
{
    int me = model_me(m, self), w = me / m->config->width;
    BEGIN;
    STEP("event.set");
    drain(m, self);
    m->s.waiters[f->t][w] |= 1 << me % m->config->width;
    STEP("event.set");
    m->s.waiters_summary[f->t] |= 1 << w;
    RETURN(0);
    END;
}

/* Into the set of those who wait: counted first. */
void come(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    if (!FAULT(come_counted_late)) {
        STEP("event.come");
        drain(m, self);
        m->s.participants[model_me(m, self)].sleepers[f->t]++;
    }
    CALL(enter, 0, f->t);
    if (FAULT(come_counted_late)) {
        STEP("event.come");
        drain(m, self);
        m->s.participants[model_me(m, self)].sleepers[f->t]++;
    }
    RETURN(0);
    END;
}

/* Nothing was there: into the set; or, after the look that follows, asleep while the event word is unchanged. */
void doze(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    f->a = self->watching;
    if (!f->a)
        CALL(come, 0, f->t);
    if (f->a || FAULT(wait_one_look)) {
        self->watching = f->t + 1;
        STEP("wait.sleep");
        self->asleep = !self->news || FAULT(wait_event_late);
        STEP_WHEN("wait.sleep", !self->asleep || model_may(m, TIMES_OUT));
        if (self->asleep) {
            self->asleep = 0;
            RETURN(1); /* the time is over */
        }
        STEP("event.stay");
        if (!(m->s.waiters[f->t][model_me(m, self) / m->config->width] >>
                  model_me(m, self) % m->config->width &
              1))
            CALL(enter, 0, f->t);
    }
    STEP("wait.sleep");
    self->watching = f->t + 1;
    self->news = 0;
    RETURN(0);
    END;
}

/* The last thread of a participant takes its bit out of the set, unless another one has come meanwhile. */
void go(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    STEP("event.go");
    drain(m, self);
    f->a = --m->s.participants[model_me(m, self)].sleepers[f->t];
    while (f->a == 0) {
        CALL(forget, 0, f->t);
        if (FAULT(go_one_look))
            break;
        STEP("event.go");
        if (m->s.participants[model_me(m, self)].sleepers[f->t] == 0)
            break;
        CALL(enter, 0, f->t);
        if (!FAULT(go_is_silent))
            CALL(wake_always, 0, f->t);
        if (FAULT(go_leaves_bit))
            break;
        STEP("event.go");
        f->a = m->s.participants[model_me(m, self)].sleepers[f->t];
    }
    self->watching = self->news = 0;
    RETURN(0);
    END;
}

/* Out of the set; a neighbour in the same word may have come meanwhile. */
void forget(model_t *m, thread_t *self, frame_t *f)
{
    int me = model_me(m, self), w = me / m->config->width;
    BEGIN;
    STEP("event.clear");
    drain(m, self);
    m->s.waiters[f->t][w] &= ~(1 << me % m->config->width);
    if (m->s.waiters[f->t][w] != 0)
        RETURN(0);
    STEP("event.clear");
    drain(m, self);
    m->s.waiters_summary[f->t] &= ~(1 << w);
    if (FAULT(forget_one_look))
        RETURN(0);
    STEP("event.clear");
    if (m->s.waiters[f->t][w] == 0)
        RETURN(0);
    STEP("event.clear");
    drain(m, self);
    m->s.waiters_summary[f->t] |= 1 << w;
    if (!FAULT(forget_is_silent))
        CALL(wake_always, 0, f->t);
    RETURN(0);
    END;
}
