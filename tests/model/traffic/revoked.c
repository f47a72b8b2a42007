/* SPDX-License-Identifier: Apache-2.0 */
/* A reader with a budget, as a role. See src/traffic/readers/revoked.c. It holds each message that it gets, as a lossy reader
 * does, so a revocation takes nothing out of its hands. */
#include "model.h"

bool is_budgeted(const model_t *m, const thread_t *self)
{
    int actor = (int)(self - m->s.threads);
    return actor < m->threads && m->config->roles[actor] == 'B';
}

bool has_budgets(const configuration_t *c)
{
    return has_role(c, 'B') || has_role(c, 'Q');
}

/* On to the first message that is still there. slot: the subscription, t: the cursor, a: the entry was newer, b: looks.
 * Result: the new cursor. */
void jump_far(model_t *m, thread_t *self, frame_t *f)
{
    int slot;
    BEGIN;
    for (;;) {
        STEP("gone.look");
        if (entry_age(order_at(m, f->t), f->t) < 0)
            RETURN(f->t);
        f->a = entry_age(order_at(m, f->t), f->t) > 0;
        if (!f->a) {
            f->b = order_at(m, f->t)->slot;
            STEP("gone.look");
            slot = f->b;
            f->b = 0;
            if (load_sequence(m, self, slot) == f->t && word_state(m->s.slots[slot].word) != FREE &&
                word_state(m->s.slots[slot].word) != CLAIMED)
                RETURN(f->t);
        }
        self->result = f->a;
        f->a = 0;
        CALL(jump, f->slot, f->t);
        f->t = self->result;
    }
    END;
}

/* t: cursor, a: subscription, b: what was found, c: from there on producers wait for it. */
void budgeted(model_t *m, thread_t *self, frame_t *f)
{
    subscription_t *subscription;
    BEGIN;
    while (self->left > 0) {
        f->slot = f->t = f->a = f->b = f->c = 0;
        self->idle = 1;
        forget_views(m, self);
        CALL(subscribe, 0, 1);
        f->a = self->result;
        if (f->a == NONE) {
            self->left--;
            continue;
        }
        f->c = f->t = m->s.subscriptions[f->a].cursor;
        if (m->rows)
            CALL(records_join, 1, 1);
        CALL(passed, 0, f->t);
        CALL(wake, 0, SPACE_EVENT);
        while (self->left > 0) {
            f->slot = f->b = 0;
            if (self->kept) {
                CALL(records_kept, 0, 0);
                self->left -= self->result;
                continue;
            }
            STEP("revoked.look");
            f->b = m->s.subscriptions[f->a].budget;
            if (f->b == OVER_BUDGET) /* it may become lossless again */
                f->b = model_choose(m, 2) ? OVER_BUDGET : 0;
            if (f->b == REVOKED) {
                STEP("revoked.tell");
                drain(m, self);
                m->s.subscriptions[f->a].budget = OVER_BUDGET;
                f->b = 0;
                if (self->watching)
                    CALL(go, 0, PUBLISHED_EVENT);
                CALL(jump_far, f->a, f->t);
                f->t = self->result;
                continue;
            }
            if (f->b == OVER_BUDGET) {
                f->b = f->c = 0;
                if (FAULT(rearm_end_first)) {
                    CALL(find_end, 0, 0);
                    f->c = self->result;
                }
                STEP("revoked.rearm");
                drain(m, self);
                m->s.subscriptions[f->a].gates = 1;
                m->s.subscriptions[f->a].budget = WITHIN_BUDGET;
                subscription_begins_anew(m, f->a);
                if (FAULT(rearm_at_cursor))
                    f->c = f->t;
                if (!FAULT(rearm_end_first) && !FAULT(rearm_at_cursor)) {
                    CALL(find_end, 0, 0);
                    f->c = self->result;
                }
                CALL(passed, 0, f->t);
                continue;
            }
            f->b = 0;
            if (m->rows) {
                CALL(records, 0, 1);
                if (self->result == 2)
                    continue; /* busy */
                if (self->result) {
                    if (self->watching)
                        CALL(go, 0, PUBLISHED_EVENT);
                    self->left--;
                    continue;
                }
            }
            STEP("deliver.give");
            if (nothing_there(m, self, f->t)) {
                if (m->rows && is_open_block_due(m, self))
                    continue;
                if (model_may(m, WAITS)) {
                    CALL(doze, 0, PUBLISHED_EVENT);
                    if (self->result)
                        CALL(go, 0, PUBLISHED_EVENT);
                }
                continue;
            }
            f->b = entry_age(order_at(m, f->t), f->t) > 0;
            if (!f->b)
                f->slot = order_at(m, f->t)->slot;
            if (!f->b && FAULT(budget_in_place)) {
                self->reading[f->slot] = f->t + 1;
                self->result = 1;
            } else if (!f->b) {
                CALL(acquire, f->slot, f->t);
            }
            if (!f->b && self->result == 2)
                continue; /* busy */
            if (f->b || !self->result) {
                f->slot = 0;
                STEP("gone.look");
                subscription = &m->s.subscriptions[f->a];
                if (subscription->budget == WITHIN_BUDGET && f->t >= f->c)
                    model_fail(m, "a reader within its budget lost a message");
                if (subscription->budget == REVOKED)
                    continue; /* it is told first */
                self->result = f->b;
                f->b = 0;
                CALL(jump, f->a, f->t);
                f->t = self->result;
                continue;
            }
            if (self->watching)
                CALL(go, 0, PUBLISHED_EVENT);
            if (m->s.blocks[f->slot].kind != WHOLE) {
                CALL(records_order, f->slot, f->t);
                f->b = self->result;
                self->left -= f->b > 0;
                if (f->b != 1) {
                    STEP("cursor.done");
                    m->s.subscriptions[f->a].delivered++;
                    m->s.subscriptions[f->a].cursor = ++f->t;
                    CALL(passed, 0, f->t);
                }
                if (f->b == 1 && keeps_blocks(m)) {
                    STEP("records.keep");
                    self->kept = model_choose(m, 2) ? f->slot + 1 : 0;
                }
                f->b = 0;
                if (self->kept)
                    continue;
                CALL(drop, f->slot, 0);
                CALL(wake, 0, SPACE_EVENT);
                continue;
            }
            STEP("cursor.done");
            drain(m, self);
            m->s.subscriptions[f->a].delivered++;
            self->left--;
            m->s.subscriptions[f->a].cursor = ++f->t;
            if (FAULT(budget_in_place))
                self->reading[f->slot] = 0;
            else
                CALL(drop, f->slot, 0);
            CALL(passed, 0, f->t);
            CALL(wake, 0, SPACE_EVENT);
        }
        self->empty_at = 0;
        if (self->kept) {
            f->slot = self->kept - 1;
            self->kept = 0;
            CALL(drop, f->slot, 0);
        }
        f->slot = f->b = f->c = 0;
        forget_views(m, self);
        if (!FAULT(revoked_stay_in_set) || m->s.subscriptions[f->a].gates)
            CALL(gate_out, 0, f->a);
        STEP("reader.end");
        drain(m, self);
        if (!FAULT(leave_as_it_came) || m->s.subscriptions[f->a].gates)
            subscription_leave(&m->s.subscriptions[f->a]);
        CALL(passed, 0, f->t);
        CALL(wake, 0, SPACE_EVENT);
    }
    f->slot = f->t = f->a = f->b = f->c = 0;
    CALL(quit, 0, 0);
    self->idle = 1;
    REST;
    END;
}
