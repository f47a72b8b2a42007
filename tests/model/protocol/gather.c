/* SPDX-License-Identifier: Apache-2.0 */
/* Messages that gather, without time: no timer ends a gathering, so a wake-up that is lost leaves a reader asleep for ever.
 * See src/protocol/gather.c. */
#include "model.h"

/* Who has loaded the word does not take the number away. */
void count_armed(model_t *m)
{
    for (int i = 0; i < MAX_ACTORS; i++)
        for (int d = 0; d < m->s.threads[i].depth; d++) {
            frame_t *f = &m->s.threads[i].frames[d];
            if (f->procedure == DO_tell || (f->procedure == DO_answer && f->t == PUBLISHED_EVENT))
                f->b = 1;
        }
}

void gather_arm(model_t *m, thread_t *self, int messages)
{
    drain(m, self);
    if (m->s.left <= 1 || messages + 1 < m->s.left)
        m->s.left = messages + 1;
    count_armed(m);
}

/* t: messages that were published, at most as many as a batch has. b: since the count somebody has armed. */
void tell(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    CALL(wake, 0, PUBLISHED_EVENT);
    if (!model_may(m, GATHERS))
        RETURN(0);
    STEP("gather.count");
    drain(m, self);
    if (m->s.left == 0)
        RETURN(0);
    m->s.left = m->s.left > f->t + 1 ? m->s.left - f->t : 1;
    f->t = f->b = 0;
    if (m->s.left > 1)
        RETURN(0);
    CALL(wake, 0, GATHERED_EVENT);
    if (f->b && !FAULT(gather_over_always))
        RETURN(0);
    STEP("gather.over");
    drain(m, self);
    if (!f->b || FAULT(gather_over_always))
        m->s.left = 0;
    RETURN(0);
    END;
}

/* There is no slot. */
void press(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    if (!model_may(m, GATHERS) || FAULT(press_is_silent))
        RETURN(0);
    STEP("gather.press");
    if (!m->s.armed[GATHERED_EVENT])
        RETURN(0);
    STEP("gather.press");
    drain(m, self);
    for (int i = 0; i < m->threads; i++)
        if (m->s.threads[i].gathering)
            m->s.threads[i].gathering = 2;
    f->t = 0;
    CALL(wake, 0, GATHERED_EVENT);
    RETURN(0);
    END;
}
