/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting and waking, without time: no slice ever ends, so a wake-up that is lost leaves somebody asleep for ever.
 * t is the kind of news. See src/event.c. */
#include "model.h"

void wake(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    if (!model_may(m, WAITS))
        RETURN(0);
    STEP("wake.look");
    if (m->s.waiters_summary[f->t] != 0)
        CALL(wake_always, 0, f->t);
    RETURN(0);
    END;
}

void wake_always(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    STEP("wake.all");
    drain(m, self);
    for (int i = 0; i < m->threads; i++)
        if (m->s.threads[i].watching == f->t + 1)
            m->s.threads[i].news = 1;
    STEP("wake.all");
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
    STEP("wait.set");
    drain(m, self);
    m->s.waiters[f->t][w] |= 1 << me % m->config->width;
    STEP("wait.set");
    m->s.waiters_summary[f->t] |= 1 << w;
    RETURN(0);
    END;
}

/* Into the set of those who wait: the first thread of a participant sets its bit. */
void come(model_t *m, thread_t *self, frame_t *f)
{
    participant_t *mine = &m->s.participants[model_me(m, self)];
    BEGIN;
    STEP_WHEN("wait.lock", !mine->sleepers_locked);
    mine->sleepers_locked = 1;
    if (mine->sleepers[f->t]++ == 0)
        CALL(enter, 0, f->t);
    mine->sleepers_locked = 0;
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
    }
    STEP("wait.sleep");
    self->watching = f->t + 1;
    self->news = 0;
    RETURN(0);
    END;
}

void go(model_t *m, thread_t *self, frame_t *f)
{
    participant_t *mine = &m->s.participants[model_me(m, self)];
    BEGIN;
    STEP_WHEN("wait.lock", !mine->sleepers_locked);
    mine->sleepers_locked = 1;
    if (--mine->sleepers[f->t] == 0)
        CALL(forget, 0, f->t);
    mine->sleepers_locked = 0;
    self->watching = self->news = 0;
    RETURN(0);
    END;
}

/* Out of the set; a neighbour in the same word may have come meanwhile. */
void forget(model_t *m, thread_t *self, frame_t *f)
{
    int me = model_me(m, self), w = me / m->config->width;
    BEGIN;
    STEP("wait.clear");
    drain(m, self);
    m->s.waiters[f->t][w] &= ~(1 << me % m->config->width);
    if (m->s.waiters[f->t][w] != 0)
        RETURN(0);
    STEP("wait.clear");
    drain(m, self);
    m->s.waiters_summary[f->t] &= ~(1 << w);
    if (FAULT(forget_one_look))
        RETURN(0);
    STEP("wait.clear");
    if (m->s.waiters[f->t][w] == 0)
        RETURN(0);
    STEP("wait.clear");
    drain(m, self);
    m->s.waiters_summary[f->t] |= 1 << w;
    if (!FAULT(forget_is_silent))
        CALL(wake_always, 0, f->t);
    RETURN(0);
    END;
}
