/* SPDX-License-Identifier: Apache-2.0 */
/* A lossless reader in order, as a role. See src/traffic/readers/next.c and deliver.h. next_lossy.c has the lossy one. */
#include "model.h"

/* Is message t not there yet? */
bool nothing_there(model_t *m, thread_t *self, int t)
{
    bool nothing = entry_age(order_at(m, t), t) < 0;
    self->empty_at = nothing ? t + 1 : 0;
    return nothing;
}

static void stop_reading(thread_t *self)
{
    for (int i = 0; i < MAX_SLOTS; i++)
        self->reading[i] = 0;
}

static int frontier_read(const model_t *m, const thread_t *self, int slots)
{
    int oldest = NONE;
    for (int i = 0; i < m->config->slots; i++)
        if (slots >> i & 1 && (oldest == NONE || self->reading[i] < self->reading[oldest]))
            oldest = i;
    return oldest;
}

/* A lossless reader has moved on from t: it wakes producers if nobody holds them back there any more. a: subscription,
 * b: subscriptions of the set. */
void room(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    if (!model_may(m, WAITS))
        RETURN(0);
    STEP("event.look");
    if (!m->s.armed[SPACE_EVENT])
        RETURN(0);
    STEP("gate.past");
    f->b = m->s.any_gates;
    if (f->b) {
        STEP("gate.past");
        f->b = m->s.gates;
    }
    for (f->a = 0; f->b >> f->a; f->a++) {
        if (!(f->b >> f->a & 1))
            continue;
        STEP("gate.past");
        if (m->s.subscriptions[f->a].state != SUBSCRIPTION_ACTIVE || !m->s.subscriptions[f->a].gates)
            continue;
        STEP("gate.past");
        if (m->s.subscriptions[f->a].cursor <= f->t + FAULT(room_beside_others))
            RETURN(0);
    }
    CALL(wake, 0, SPACE_EVENT);
    RETURN(0);
    END;
}

/* t: cursor, a: subscription, b: is a look at the streams due; how many are given, c: slots of the history. */
void lossless(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    while (self->left > 0) {
        f->slot = f->t = f->a = f->b = f->c = 0;
        self->idle = 1;
        forget_views(m, self);
        if (m->rows && FAULT(join_before_active))
            CALL(records_join, 0, 0);
        CALL(subscribe, 0, 1);
        f->a = self->result;
        if (f->a == NONE) {
            self->left--;
            continue;
        }
        f->t = m->s.subscriptions[f->a].cursor;
        if (model_may(m, MARKS))
            CALL(join_marks, 0, f->t);
        if (m->rows && !FAULT(join_before_active))
            CALL(records_join, 0, 0);
        if (model_may(m, FROM_OLDEST)) {
            CALL(history, 1, f->t);
            f->c = self->result;
            for (f->b = 0; f->c >> f->b; f->b++)
                f->slot += f->c >> f->b & 1;
            f->b = f->slot;
            f->slot = 0;
            STEP("past.begin");
            *(FAULT(history_counts_late) ? &m->s.subscriptions[f->a].account.start
                                         : &m->s.subscriptions[f->a].account.pending) +=
                FAULT(history_counts_late) ? -f->b : f->b;
            STEP("past.begin");
            *(FAULT(history_counts_late) ? &m->s.subscriptions[f->a].account.pending
                                         : &m->s.subscriptions[f->a].account.start) +=
                FAULT(history_counts_late) ? f->b : -f->b;
        }
        if (!FAULT(subscribe_frees_nothing))
            CALL(passed, 0, f->t);
        if (!FAULT(subscribe_is_silent))
            CALL(wake, 0, SPACE_EVENT);
        f->b = 0;
        while (f->c) {
            f->slot = frontier_read(m, self, f->c);
            f->c &= ~(1 << f->slot);
            CALL(drop, f->slot, 0);
            f->slot = 0;
            STEP("cursor.done");
            m->s.subscriptions[f->a].account.pending--;
            m->s.subscriptions[f->a].delivered++;
        }
        while (self->left > 0) {
            f->slot = f->b = 0;
            if (model_may(m, BY_HAND)) {
                STEP("revoked.look");
                f->b = m->s.subscriptions[f->a].budget == REVOKED;
            }
            if (f->b) { /* with nothing in its hands. As a lossy one it would go on as that role does: here it leaves */
                f->b = 0;
                STEP("revoked.tell");
                drain(m, self);
                m->s.subscriptions[f->a].gates = 0;
                m->s.subscriptions[f->a].budget = OVER_BUDGET;
                if (self->watching)
                    CALL(go, 0, PUBLISHED_EVENT);
                CALL(passed, 0, f->t);
                CALL(wake, 0, SPACE_EVENT);
                self->left--;
                break;
            }
            if (self->watching == PUBLISHED_EVENT + 1 && model_may(m, GATHERS)) {
                STEP("gathering.look");
                if (gathered(m, self, f->t) > 0) {
                    CALL(go, 0, PUBLISHED_EVENT);
                    CALL(gather, 0, f->t);
                }
            }
            if (model_may(m, STREAMS) && !FAULT(look_after_give)) {
                STEP("news.look");
                f->b = self->stream_seen != UP_TO_DATE || f->t >= self->due;
            }
            if (f->b) {
                CALL(stream_look, 0, f->t);
                self->ended = self->result == ENDED;
                if (self->result == DIED) {
                    if (self->watching)
                        CALL(go, 0, PUBLISHED_EVENT);
                    continue;
                }
            }
            f->b = 0;
            if (m->rows) {
                CALL(records, 0, 0);
                if (self->result) {
                    if (self->watching)
                        CALL(go, 0, PUBLISHED_EVENT);
                    self->left--;
                    continue;
                }
            }
            if (model_may(m, MARKS) && FAULT(marks_before_order)) {
                CALL(tell_mark, 0, f->t);
                f->b = self->result;
            }
            STEP("deliver.give");
            nothing_there(m, self, f->t);
            if (model_may(m, MARKS)) {
                if (!FAULT(marks_before_order)) {
                    CALL(tell_mark, 0, f->t);
                    f->b = self->result;
                }
                if (f->b) {
                    f->b = 0;
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
                if (model_may(m, STREAMS) && FAULT(look_after_give)) {
                    CALL(stream_look, 0, f->t);
                    self->ended = self->result == ENDED;
                }
                if (self->ended) { /* everything, as far as this reader is concerned */
                    if (!is_any_open(m) && !has_all_records(m, self))
                        model_fail(m, "a reader is told the end before it had every record");
                    if (m->s.end > f->t && FAULT(look_after_give))
                        model_fail(m, "a reader is told the end before it had everything");
                    if (self->watching)
                        CALL(go, 0, PUBLISHED_EVENT);
                    self->left = 0;
                    break;
                }
                if (model_may(m, MAY_LEAVE) && !self->watching && model_choose(m, 2) == 1)
                    break;
                if (model_may(m, WAITS)) {
                    CALL(doze, 0, PUBLISHED_EVENT);
                    if (self->result)
                        CALL(go, 0, PUBLISHED_EVENT);
                }
                continue;
            }
            if (entry_age(order_at(m, f->t), f->t) > 0)
                model_fail(m, "a lossless reader lost a message");
            if (model_may(m, SELECTS)) {
                f->slot = order_at(m, f->t)->slot;
                CALL(unwanted, f->slot, f->t);
                f->slot = 0;
                if (self->result) {
                    if (self->watching)
                        CALL(go, 0, PUBLISHED_EVENT);
                    CALL(pass_over, f->a, f->t);
                    f->t = self->result;
                    CALL(room, 0, f->t - 1);
                    continue;
                }
            }
            self->reading[order_at(m, f->t)->slot] = f->t + 1;
            f->b = 1;
            if (self->watching)
                CALL(go, 0, PUBLISHED_EVENT);
            if (m->s.blocks[order_at(m, f->t)->slot].kind != WHOLE) {
                CALL(records_order, order_at(m, f->t)->slot, f->t);
                f->b = self->result;
                self->left -= f->b > 0;
                if (f->b == 1) {
                    stop_reading(self);
                    continue;
                }
                STEP("cursor.done");
                stop_reading(self);
                m->s.subscriptions[f->a].delivered++;
                m->s.subscriptions[f->a].cursor = ++f->t;
                CALL(passed, 0, f->t);
                CALL(wake, 0, SPACE_EVENT);
                continue;
            }
            if (model_may(m, BATCHES) && self->left > 1) {
                STEP("deliver.give");
                if (entry_age(order_at(m, f->t + 1), f->t + 1) == 0) {
                    self->reading[order_at(m, f->t + 1)->slot] = f->t + 2;
                    f->b = 2;
                }
            }
            if (FAULT(cursor_after_wake))
                CALL(wake, 0, SPACE_EVENT);
            if (FAULT(passed_looks_first))
                CALL(passed, 0, f->t);
            STEP("cursor.done");
            stop_reading(self);
            m->s.subscriptions[f->a].delivered += FAULT(cursor_is_released) ? 0 : f->b;
            f->t += f->b;
            self->left -= f->b;
            if (FAULT(cursor_is_released))
                weak_cursor(m, self, f->a, f->t);
            else
                m->s.subscriptions[f->a].cursor = f->t;
            if (!FAULT(passed_looks_first))
                CALL(passed, 0, f->t);
            if (!FAULT(cursor_is_silent) && !FAULT(cursor_after_wake))
                CALL(room, 0, f->t - f->b);
        }
        self->empty_at = self->ended = 0;
        self->marks = (told_t){0};
        forget_views(m, self);
        if (!FAULT(leave_set_late)) {
            STEP("gate.leave");
            drain(m, self);
            m->s.subscriptions[f->a].state = SUBSCRIPTION_JOIN;
            CALL(gate_out, 0, f->a);
        }
        STEP("reader.end");
        drain(m, self);
        subscription_leave(&m->s.subscriptions[f->a]);
        if (FAULT(leave_set_late))
            CALL(gate_out, 0, f->a);
        if (!FAULT(leave_frees_nothing))
            CALL(passed, 0, f->t);
        if (!FAULT(unsubscribe_is_silent))
            CALL(wake, 0, SPACE_EVENT);
        self->left -= self->left > 0 && model_may(m, MAY_LEAVE);
    }
    f->slot = f->t = f->a = f->b = f->c = 0;
    CALL(quit, 0, 0);
    self->idle = 1;
    REST;
    END;
}
