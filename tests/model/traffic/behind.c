/* SPDX-License-Identifier: Apache-2.0 */
/* A reader goes on over what is gone, and over what it does not want. See src/traffic/readers/behind.c and cursor.c. */
#include "model.h"

/* What nobody withdrew, and the order names, a lossy reader gets: in a ring that keeps, and wherever it passes over
 * what was withdrawn. */
static void check_jump(model_t *m, int from, int to)
{
    for (int i = 0; i < m->config->slots; i++) {
        const slot_t *s = &m->s.slots[i];
        if (s->message >= from && s->message < to && !s->withdrawn &&
            order_at(m, s->message)->sequence == s->message)
            model_fail(m, "a lossy reader passes over what nobody withdrew");
    }
}

/* On from cursor t to the first that may still be there. slot: the subscription, a: the order was newer. Stored:
 * where to, how many are missed then, and last the cursor, so that the account holds at each store. Result: the new
 * cursor. */
void jump(model_t *m, thread_t *self, frame_t *f)
{
    subscription_t *subscription = &m->s.subscriptions[f->slot];
    int reach = model_may(m, KEEPS) ? m->config->order : m->config->slots;
    BEGIN;
    f->a = self->result;
    f->b = f->t + 1;
    CALL(find_end, 0, 0);
    f->c = self->result;
    if (f->a || !model_may(m, KEEPS)) {
        if (!model_may(m, KEEPS)) {
            STEP("cursor.jump");
            if (m->s.frontier > f->b)
                f->b = m->s.frontier;
        }
        if (f->c - reach > f->b)
            f->b = f->c - reach;
    }
    if (f->b > f->c && !FAULT(jump_past_end))
        f->b = f->t + 1;
    if (FAULT(jump_past_end))
        f->b = f->c + 1;
    if (model_may(m, KEEPS))
        check_jump(m, f->t, f->b);
    STEP("withdrawn.skip");
    f->a = withdrawn_skip(m, f->b, f->c);
    check_jump(m, f->b, f->a);
    f->b = f->a;
    f->a = f->c = 0;
    if (FAULT(jump_counts_late)) {
        STEP("cursor.jump");
        subscription->cursor = f->b;
    }
    STEP("cursor.jump");
    subscription->account.missed = subscription->account.jump_missed;
    if (model_may(m, SELECTS)) {
        STEP("cursor.jump");
        subscription->account.passed_over = subscription->account.jump_passed_over;
    }
    STEP("cursor.jump");
    subscription->account.jump_to = f->b;
    STEP("cursor.jump");
    subscription->account.jump_missed += f->b - f->t;
    STEP("cursor.jump");
    subscription->cursor = f->b;
    RETURN(f->b);
    END;
}

/* On over message t, which is not wanted, as a jump goes on over what is gone. slot: the subscription. Result: the new
 * cursor. */
void pass_over(model_t *m, thread_t *self, frame_t *f)
{
    subscription_t *subscription = &m->s.subscriptions[f->slot];
    BEGIN;
    if (FAULT(passed_over_late)) {
        STEP("cursor.jump");
        subscription->cursor = f->t + 1;
    }
    STEP("cursor.jump");
    subscription->account.missed = subscription->account.jump_missed;
    STEP("cursor.jump");
    subscription->account.passed_over = subscription->account.jump_passed_over;
    STEP("cursor.jump");
    subscription->account.jump_to = f->t + 1;
    STEP("cursor.jump");
    subscription->account.jump_passed_over++;
    STEP("cursor.jump");
    drain(m, self);
    subscription->cursor = f->t + 1;
    RETURN(f->t + 1);
    END;
}
