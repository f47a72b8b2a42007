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
    if (m->s.armed[f->t])
        CALL(answer, 0, f->t);
    RETURN(0);
    END;
}

void wake_always(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    STEP("event.look");
    CALL(answer, 0, f->t);
    RETURN(0);
    END;
}

enum {
    LOOKED = 2
};

static bool has_bit(const model_t *m, const thread_t *self, int event)
{
    int me = model_me(m, self), width = m->config->width;
    return m->s.waiters[event][me / width] >> me % width & 1;
}

/* Its caller has just loaded the armed word. b: since then somebody has armed, or there was nothing to disarm, so the
 * compare-and-swap that disarms changes nothing. Participants are woken by name, as some systems do. */
void answer(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    f->b = !m->s.armed[f->t];
    if (FAULT(disarm_first))
        m->s.armed[f->t] = 0;
    STEP("event.wake");
    drain(m, self);
    for (int i = 0; i < m->threads; i++)
        if (m->s.threads[i].watching == f->t + 1 && m->s.threads[i].news != LOOKED)
            m->s.threads[i].news = 1;
    STEP("event.wake");
    for (int i = 0; i < m->threads; i++)
        if (m->s.threads[i].watching == f->t + 1 && has_bit(m, &m->s.threads[i], f->t))
            m->s.threads[i].asleep = 0;
    if (f->b && !FAULT(disarm_always))
        RETURN(0);
    STEP("event.disarm");
    drain(m, self);
    if (!f->b || FAULT(disarm_always))
        m->s.armed[f->t] = 0;
    RETURN(0);
    END;
}

/* A number of its own, which those who have loaded the word before do not compare equal to. */
static void arm(model_t *m, thread_t *self, int event)
{
    drain(m, self);
    if (m->s.armed[event] && FAULT(arm_once))
        return;
    if (model_may(m, UNARMS)) {
        bool alone = !m->s.armed[event];
        for (int i = 0; i < m->threads; i++)
            m->s.threads[i].mine &= ~(1 << event);
        self->mine |= alone << event;
    }
    m->s.armed[event] = 1;
    for (int i = 0; i < MAX_ACTORS; i++)
        for (int d = 0; d < m->s.threads[i].depth; d++) {
            frame_t *f = &m->s.threads[i].frames[d];
            if (f->procedure == DO_answer && f->t == event)
                f->b = 1;
        }
    if (event == PUBLISHED_EVENT)
        count_armed(m);
}

void enter(model_t *m, thread_t *self, frame_t *f)
{
    int me = model_me(m, self), w = me / m->config->width;
    BEGIN;
    STEP("event.set");
    drain(m, self);
    m->s.waiters[f->t][w] |= 1 << me % m->config->width;
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

/* Nothing was there: into the set; or, after the look that follows, asleep while the event word is unchanged. Whoever
 * has slept looks before it arms anew, so that it does not leave the ring armed if it finds what it waits for. */
void doze(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    f->a = self->watching;
    if (!f->a && !model_may(m, HELPERS))
        CALL(come, 0, f->t);
    if ((f->a && self->news != LOOKED) || FAULT(wait_one_look)) {
        self->watching = f->t + 1;
        if (FAULT(arm_late)) {
            STEP("event.arm");
            arm(m, self, f->t);
        }
        if (model_may(m, HELPERS) && !FAULT(helper_comes_late)) {
            STEP("watcher.come");
            CALL(come, 0, f->t);
        }
        STEP("wait.sleep");
        self->asleep = !self->news || FAULT(wait_event_late);
        if (FAULT(helper_comes_late)) {
            STEP("watcher.come");
            CALL(come, 0, f->t);
        }
        STEP_WHEN("wait.sleep", !self->asleep || model_may(m, TIMES_OUT));
        if (model_may(m, HELPERS))
            CALL(part, 0, f->t);
        if (self->asleep) {
            self->asleep = 0;
            RETURN(1); /* the time is over */
        }
        if (!model_may(m, HELPERS))
            STEP("event.stay");
        if (!model_may(m, HELPERS) && !has_bit(m, self, f->t))
            CALL(enter, 0, f->t);
        if (!FAULT(wait_one_look)) {
            self->news = LOOKED;
            RETURN(0);
        }
    }
    if (FAULT(arm_early)) {
        STEP("event.arm");
        arm(m, self, f->t);
    }
    STEP("event.arm");
    self->watching = f->t + 1;
    self->news = 0;
    if (FAULT(arm_early) || FAULT(arm_late))
        RETURN(0);
    if (FAULT(sleeper_fences_first))
        CALL(fence_all, 0, 0);
    STEP("event.arm");
    arm(m, self, f->t);
    if (f->t == PUBLISHED_EVENT && m->s.unfenced && !FAULT(sleeper_fences_first))
        CALL(fence_all, 0, 0);
    RETURN(0);
    END;
}

/* Each thread's late stores become visible, as if it had made a fence itself. */
void fence_all(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    STEP("event.fence");
    (void)self, (void)f;
    for (int i = 0; i < m->threads && !FAULT(sleeper_fences_not); i++)
        drain(m, &m->s.threads[i]);
    RETURN(0);
    END;
}

/* A thread waits no more. One that waits for several events takes its arming back, if nobody else has armed. */
void go(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    if (model_may(m, UNARMS)) {
        STEP("event.unarm");
        drain(m, self);
        if ((self->mine >> f->t & 1) || FAULT(unarm_always))
            m->s.armed[f->t] = 0;
        self->mine &= ~(1 << f->t);
    }
    if (!model_may(m, HELPERS))
        CALL(part, 0, f->t);
    self->watching = self->news = 0;
    RETURN(0);
    END;
}

/* The last thread of a participant takes its bit out of the set, unless another one has come meanwhile. */
void part(model_t *m, thread_t *self, frame_t *f)
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
    RETURN(0);
    END;
}

/* Out of the set. */
void forget(model_t *m, thread_t *self, frame_t *f)
{
    int me = model_me(m, self), w = me / m->config->width;
    BEGIN;
    STEP("event.clear");
    drain(m, self);
    m->s.waiters[f->t][w] &= ~(1 << me % m->config->width);
    RETURN(0);
    END;
}
