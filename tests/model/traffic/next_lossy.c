/* SPDX-License-Identifier: Apache-2.0 */
/* A lossy reader in order, as a role. See src/traffic/readers/next.c and deliver.h. */
#include "model.h"

/* t: cursor, a: subscription, b: a second slot that is given + 1, c: the entry was newer. */
void lossy(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    while (self->left > 0) {
        f->slot = f->t = f->a = f->b = f->c = 0;
        self->idle = 1;
        forget_views(m, self);
        CALL(subscribe, 0, 0);
        f->a = self->result;
        if (f->a == NONE) {
            self->left--;
            continue;
        }
        f->t = m->s.subscriptions[f->a].cursor;
        if (model_may(m, MARKS))
            CALL(join_marks, 0, f->t);
        if (m->rows)
            CALL(records_join, 1, 1);
        if (model_may(m, FROM_OLDEST)) {
            CALL(history, 0, f->t);
            f->t -= self->result;
            STEP("past.begin");
            m->s.subscriptions[f->a].cursor = f->t;
            STEP("past.begin");
            m->s.subscriptions[f->a].account.start = f->t;
        }
        CALL(wake, 0, SPACE_EVENT);
        while (self->left > 0) {
            f->slot = f->b = 0;
            if (self->watching == PUBLISHED_EVENT + 1 && model_may(m, GATHERS)) {
                STEP("gathering.look");
                if (gathered(m, self, f->t) > 0) {
                    CALL(go, 0, PUBLISHED_EVENT);
                    CALL(gather, 0, f->t);
                }
            }
            if (self->kept) {
                CALL(records_kept, 0, 0);
                self->left -= self->result;
                continue;
            }
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
            nothing_there(m, self, f->t);
            if (model_may(m, MARKS)) {
                CALL(tell_mark, 0, f->t);
                if (self->result) {
                    if (self->watching)
                        CALL(go, 0, PUBLISHED_EVENT);
                    continue;
                }
                if (!self->empty_at)
                    check_marks_before(m, self, f->t);
            }
            if (self->empty_at) {
                if (m->rows && is_open_block_due(m, self))
                    continue;
                if (model_may(m, WAITS)) {
                    CALL(doze, 0, PUBLISHED_EVENT);
                    if (self->result)
                        CALL(go, 0, PUBLISHED_EVENT);
                }
                continue;
            }
            f->c = entry_age(order_at(m, f->t), f->t) > 0;
            if (!f->c)
                f->slot = order_at(m, f->t)->slot;
            if (!f->c && model_may(m, SELECTS)) {
                CALL(unwanted, f->slot, f->t);
                if (self->result) {
                    f->slot = 0;
                    CALL(pass_over, f->a, f->t);
                    f->t = self->result;
                    continue;
                }
            }
            if (!f->c) {
                CALL(acquire, f->slot, f->t);
            }
            if (!f->c && self->result == 2)
                continue; /* busy: the caller is told, and asks again */
            if (f->c || !self->result) {
                self->result = f->c;
                f->c = 0;
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
            if (model_may(m, BATCHES) && self->left > 1) {
                STEP("deliver.give");
                if (entry_age(order_at(m, f->t + 1), f->t + 1) == 0) {
                    f->b = order_at(m, f->t + 1)->slot + 1;
                    CALL(acquire, f->b - 1, f->t + 1);
                    f->b = self->result == 1 ? f->b : 0;
                }
            }
            STEP("cursor.done");
            m->s.subscriptions[f->a].delivered += f->b ? 2 : 1;
            self->left -= f->b ? 2 : 1;
            m->s.subscriptions[f->a].cursor = f->t += f->b ? 2 : 1;
            CALL(drop, f->slot, 0);
            if (f->b)
                CALL(drop, f->b - 1, 0);
            CALL(wake, 0, SPACE_EVENT);
        }
        if (self->kept) {
            f->slot = self->kept - 1;
            self->kept = 0;
            CALL(drop, f->slot, 0);
        }
        forget_views(m, self);
        self->marks = (told_t){0};
        STEP("reader.end");
        subscription_leave(&m->s.subscriptions[f->a]);
        CALL(wake, 0, SPACE_EVENT);
    }
    f->slot = f->t = f->a = f->b = f->c = 0;
    CALL(quit, 0, 0);
    self->idle = 1;
    REST;
    END;
}
