/* SPDX-License-Identifier: Apache-2.0 */
/* A producer of spans, as a role. See src/traffic/span.c. */
#include "model.h"

/* t: slots that are wanted. slot: the head, a: how many it has, b: it has the token, c: the last one of them. Result: the
 * head + 1, or 0: it has given up. */
void allocate_span(model_t *m, thread_t *self, frame_t *f)
{
    int got;
    BEGIN;
    for (;;) {
        while (f->a < f->t) {
            CALL(allocate, 0, 0);
            got = self->result;
            if (got == 0)
                break;
            f->a++;
            if (f->a == 1) {
                f->slot = f->c = got - 1;
                continue;
            }
            CALL(span_chain, got - 1, f->c + 1);
            f->c = m->s.spans[f->c].next - 1;
        }
        if (f->a == f->t)
            break;
        if (!f->b && f->a > 0 && !FAULT(waits_without_token)) {
            CALL(span_give_back, f->slot, f->a);
            f->slot = f->a = f->c = 0;
        }
        if (!model_may(m, WAITS) || model_may(m, GIVES_UP))
            break;
        do {
            CALL(doze, 0, SPACE_EVENT);
            if (self->result && f->b && f->a > 0) { /* or a slice is */
                STEP("span_take.rest");
                if (model_choose(m, 2) == 1) {
                    CALL(span_give_back, f->slot, f->a);
                    if (!FAULT(rest_keeps_count))
                        f->slot = f->a = f->c = 0;
                    break;
                }
                self->result = 1;
            }
            if (self->result) { /* the time is over */
                CALL(go, 0, SPACE_EVENT);
                if (f->a > 0)
                    CALL(span_give_back, f->slot, f->a);
                f->slot = f->a = f->c = 0;
                if (f->b)
                    CALL(token_give, 0, 0);
                RETURN(0);
            }
            if (!f->b) {
                STEP("token.take");
                drain(m, self);
                if (m->s.token == 0 || FAULT(waits_without_token)) {
                    m->s.token = FAULT(waits_without_token) ? 0 : model_me(m, self) + 1;
                    f->b = 1;
                }
            }
        } while (!f->b);
    }
    f->c = 0;
    if (self->watching)
        CALL(go, 0, SPACE_EVENT);
    if (f->b && !FAULT(waits_without_token))
        CALL(token_give, 0, 0);
    RETURN(f->a == f->t ? f->slot + 1 : 0);
    END;
}

/* slot: the head, a: slots of the message. */
void spanner(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    while (self->left > 0) {
        f->slot = f->a = f->b = 0;
        self->idle = 1;
        STEP("span.begin");
        f->a = model_may(m, SHORT) && model_choose(m, 2) == 1 ? 1 : model_may(m, LONG) ? 3 : 2;
        CALL(allocate_span, 0, f->a);
        if (self->result == 0) {
            self->left -= model_may(m, GIVES_UP | TIMES_OUT) != 0;
            continue;
        }
        f->slot = self->result - 1;
        self->writing = f->slot + 1;
        STEP("mark_ready.fields");
        if (has_role(m->config, 'O'))
            weak_content(m, self, f->slot, NONE);
        f->b = model_may(m, MAY_ABORT) ? model_choose(m, 2) : 0;
        if (f->b) {
            self->writing = 0;
            CALL(span_give_back, f->slot, f->a);
        } else {
            if (f->a > 1)
                CALL(span_publish, f->slot, 0);
            f->a = 0;
            CALL(publish, f->slot, 0);
        }
        self->left--;
        f->slot = f->a = 0;
        if (!f->b)
            CALL(announce, 0, 0);
    }
    f->slot = f->a = f->b = 0;
    CALL(quit, 0, 0);
    self->idle = 1;
    REST;
    END;
}
