/* SPDX-License-Identifier: Apache-2.0 */
/* Closing a handle: the repair, by itself and in its own name, without the process mutex; and the removal of a ring
 * when nobody uses it any more. See src/api/open.c and src/members/unlink.c. */
#include "model.h"

/* Everything was given back. */
void quit(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    if (!model_may(m, CLOSES))
        RETURN(0);
    if (FAULT(leave_looks_first)) {
        STEP("open.leave");
        f->a = m->s.remove_when_unused;
    }
    CALL(repairer, 0, 0);
    m->s.participants[model_me(m, self)].closed = 1;
    if (!FAULT(leave_looks_first)) {
        STEP("open.leave");
        f->a = m->s.remove_when_unused;
    }
    if (f->a) {
        STEP_WHEN("process_mutex.lock", m->s.mutex == 0 && !m->s.repairing);
        m->s.mutex = model_me(m, self) + 1;
        CALL(remove_if_unused, 0, 0);
    }
    RETURN(0);
    END;
}

/* The process mutex is mine, and dropped at the end. */
void remove_if_unused(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    for (f->a = 0; f->a < MAX_PARTICIPANTS; f->a++) {
        if (!has_participant(m->config, f->a) || is_bystander(m->config, f->a))
            continue;
        STEP("unlink.look");
        if (!m->s.participants[f->a].closed && !m->s.participants[f->a].dead)
            f->b = 1;
    }
    STEP("unlink.names");
    if (!f->b) {
        for (int p = 0; p < MAX_PARTICIPANTS; p++)
            if (has_participant(m->config, p) && !m->s.participants[p].closed && !m->s.participants[p].dead)
                model_fail(m, "a ring is removed that somebody uses");
        m->s.removed = 1;
    }
    m->s.mutex = 0;
    RETURN(0);
    END;
}

/* Asks for the removal as soon as nobody uses the ring. */
void remover(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    STEP_WHEN("process_mutex.lock", m->s.mutex == 0 && !m->s.repairing);
    m->s.mutex = model_me(m, self) + 1;
    if (FAULT(remove_flags_late)) {
        CALL(remove_if_unused, 0, 0);
        STEP("unlink.flag");
        m->s.remove_when_unused = 1;
    } else {
        STEP("unlink.flag");
        m->s.remove_when_unused = 1;
        CALL(remove_if_unused, 0, 0);
    }
    self->left = 0;
    self->idle = 1;
    REST;
    END;
}
