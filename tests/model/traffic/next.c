/* SPDX-License-Identifier: Apache-2.0 */
/* Readers in order, as roles. See src/traffic/readers/next.c. */
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
            STEP("next.jump");
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
        STEP("next.jump");
        subscription->cursor = f->b;
    }
    STEP("next.jump");
    subscription->missed = subscription->jump_missed;
    STEP("next.jump");
    subscription->jump_to = f->b;
    STEP("next.jump");
    subscription->jump_missed += f->b - f->t;
    STEP("next.jump");
    subscription->cursor = f->b;
    RETURN(f->b);
    END;
}

/* Is message t not there yet? */
static bool nothing_there(model_t *m, thread_t *self, int t)
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

/* t: cursor, a: subscription, b: is a look at the streams due; how many are given, c: slots of the history. */
void lossless(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    while (self->left > 0) {
        f->slot = f->t = f->a = f->b = f->c = 0;
        self->idle = 1;
        CALL(subscribe, 0, 1);
        f->a = self->result;
        if (f->a == NONE) {
            self->left--;
            continue;
        }
        f->t = m->s.subscriptions[f->a].cursor;
        if (model_may(m, FROM_OLDEST)) {
            CALL(history, 1, f->t);
            f->c = self->result;
            for (f->b = 0; f->c >> f->b; f->b++)
                f->slot += f->c >> f->b & 1;
            f->b = f->slot;
            f->slot = 0;
            STEP("past.begin");
            *(FAULT(history_counts_late) ? &m->s.subscriptions[f->a].start
                                         : &m->s.subscriptions[f->a].pending) +=
                FAULT(history_counts_late) ? -f->b : f->b;
            STEP("past.begin");
            *(FAULT(history_counts_late) ? &m->s.subscriptions[f->a].pending
                                         : &m->s.subscriptions[f->a].start) +=
                FAULT(history_counts_late) ? f->b : -f->b;
        }
        if (!FAULT(subscribe_is_silent))
            CALL(wake, 0, SPACE_EVENT);
        f->b = 0;
        while (f->c) {
            f->slot = frontier_read(m, self, f->c);
            f->c &= ~(1 << f->slot);
            CALL(drop, f->slot, 0);
            f->slot = 0;
            STEP("next.done");
            m->s.subscriptions[f->a].pending--;
            m->s.subscriptions[f->a].delivered++;
        }
        while (self->left > 0) {
            f->slot = f->b = 0;
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
            STEP("next.give");
            if (nothing_there(m, self, f->t)) {
                if (model_may(m, STREAMS) && FAULT(look_after_give)) {
                    CALL(stream_look, 0, f->t);
                    self->ended = self->result == ENDED;
                }
                if (self->ended) { /* everything, as far as this reader is concerned */
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
            self->reading[order_at(m, f->t)->slot] = f->t + 1;
            f->b = 1;
            if (self->watching)
                CALL(go, 0, PUBLISHED_EVENT);
            if (model_may(m, BATCHES) && self->left > 1) {
                STEP("next.give");
                if (entry_age(order_at(m, f->t + 1), f->t + 1) == 0) {
                    self->reading[order_at(m, f->t + 1)->slot] = f->t + 2;
                    f->b = 2;
                }
            }
            if (FAULT(cursor_after_wake))
                CALL(wake, 0, SPACE_EVENT);
            STEP("next.done");
            stop_reading(self);
            m->s.subscriptions[f->a].delivered += FAULT(cursor_is_released) ? 0 : f->b;
            f->t += f->b;
            self->left -= f->b;
            f->b = 0;
            if (FAULT(cursor_is_released))
                weak_cursor(m, self, f->a, f->t);
            else
                m->s.subscriptions[f->a].cursor = f->t;
            if (!FAULT(cursor_is_silent) && !FAULT(cursor_after_wake))
                CALL(wake, 0, SPACE_EVENT);
        }
        self->empty_at = self->ended = 0;
        if (!FAULT(leave_set_late))
            CALL(gate_out, 0, f->a);
        STEP("reader.end");
        drain(m, self);
        subscription_leave(&m->s.subscriptions[f->a]);
        if (FAULT(leave_set_late))
            CALL(gate_out, 0, f->a);
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

/* t: cursor, a: subscription, b: a second slot that is given + 1, c: the entry was newer. */
void lossy(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    while (self->left > 0) {
        f->slot = f->t = f->a = f->b = f->c = 0;
        self->idle = 1;
        CALL(subscribe, 0, 0);
        f->a = self->result;
        if (f->a == NONE) {
            self->left--;
            continue;
        }
        f->t = m->s.subscriptions[f->a].cursor;
        if (model_may(m, FROM_OLDEST)) {
            CALL(history, 0, f->t);
            f->t -= self->result;
            STEP("past.begin");
            m->s.subscriptions[f->a].cursor = f->t;
            STEP("past.begin");
            m->s.subscriptions[f->a].start = f->t;
        }
        CALL(wake, 0, SPACE_EVENT);
        while (self->left > 0) {
            f->slot = f->b = 0;
            STEP("next.give");
            if (nothing_there(m, self, f->t)) {
                if (model_may(m, WAITS)) {
                    CALL(doze, 0, PUBLISHED_EVENT);
                    if (self->result)
                        CALL(go, 0, PUBLISHED_EVENT);
                }
                continue;
            }
            f->c = entry_age(order_at(m, f->t), f->t) > 0;
            if (!f->c) {
                f->slot = order_at(m, f->t)->slot;
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
            if (model_may(m, BATCHES) && self->left > 1) {
                STEP("next.give");
                if (entry_age(order_at(m, f->t + 1), f->t + 1) == 0) {
                    f->b = order_at(m, f->t + 1)->slot + 1;
                    CALL(acquire, f->b - 1, f->t + 1);
                    f->b = self->result == 1 ? f->b : 0;
                }
            }
            STEP("next.done");
            m->s.subscriptions[f->a].delivered += f->b ? 2 : 1;
            self->left -= f->b ? 2 : 1;
            m->s.subscriptions[f->a].cursor = f->t += f->b ? 2 : 1;
            CALL(drop, f->slot, 0);
            if (f->b)
                CALL(drop, f->b - 1, 0);
            CALL(wake, 0, SPACE_EVENT);
        }
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
