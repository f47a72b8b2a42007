/* SPDX-License-Identifier: Apache-2.0 */
/* What each thread does. A role rests where `idle` is set: nothing is held, claimed or subscribed there. */
#include "model.h"

/* slot: claimed, a: claimed before it (a batch) + 1, c: what was found. */
void producer(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    while (self->left > 0) {
        f->slot = 0;
        self->idle = f->a == 0 && !self->watching;
        CALL(claim, 0, 0);
        f->c = self->result;
        if (f->c == 0 && (!f->a || FAULT(batch_waits))) { /* a batch does not wait while it holds a slot */
            if (model_may(m, WAITS))
                CALL(doze, 0, SPACE_EVENT);
            else
                self->left -= model_may(m, GIVES_UP) != 0;
            continue;
        }
        if (self->watching)
            CALL(go, 0, SPACE_EVENT);
        if (f->c && model_may(m, BATCHES) && !f->a && self->left > 1) {
            f->a = f->c;
            f->c = 0;
            continue;
        }
        f->slot = f->c ? f->c - 1 : f->a - 1;
        if (f->c == 0)
            f->a = 0;
        f->c = 0;
        while (true) {
            self->writing = f->slot + 1;
            STEP("publish.fields");
            if (model_may(m, MAY_ABORT) && model_choose(m, 2) == 1) {
                STEP("abort.free");
                f->word = word_make(CLAIMED, model_me(m, self), 0);
                if (FAULT(abort_hints_first)) {
                    CALL(hint, f->slot, 0);
                    STEP("abort.free");
                }
                if (!word_cas(m, self, f, word_make(FREE, NOBODY, 0), false))
                    model_fail(m, "a slot that was claimed cannot be aborted");
                self->writing = f->word = 0;
                if (!FAULT(abort_hints_first))
                    CALL(hint, f->slot, 0);
                CALL(wake, 0, SPACE_EVENT);
            } else {
                CALL(publish, f->slot, 0);
            }
            if (FAULT(unhint_late)) {
                STEP("claim.hint");
                m->s.leaf[f->slot / m->config->width] &= ~(1 << f->slot % m->config->width);
            }
            self->left--;
            if (f->a == 0)
                break;
            f->slot = f->a - 1;
            f->a = 0;
        }
    }
    self->idle = 1;
    REST;
    END;
}

/* Is message f->t not there yet? */
static bool nothing_there(model_t *m, thread_t *self, const frame_t *f)
{
    bool nothing = entry_age(order_at(m, f->t), f->t) < 0;
    self->empty_at = nothing ? f->t + 1 : 0;
    return nothing;
}

/* t: cursor, a: row, c: slots of the history. */
void lossless(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    while (self->left > 0) {
        f->slot = f->t = f->a = f->c = 0;
        self->idle = 1;
        CALL(subscribe, 0, 1);
        f->a = self->result;
        if (f->a == NONE) {
            self->left--;
            continue;
        }
        f->t = m->s.rows[f->a].cursor;
        if (model_may(m, FROM_OLDEST)) {
            CALL(history, 0, f->t);
            f->c = self->result;
        }
        CALL(wake, 0, SPACE_EVENT);
        for (f->slot = 0; f->slot < m->config->slots; f->slot++)
            if (f->c >> f->slot & 1)
                CALL(drop, f->slot, 0);
        f->slot = f->c = 0;
        while (self->left > 0) {
            STEP("next.give");
            if (nothing_there(m, self, f)) {
                if (model_may(m, MAY_LEAVE) && !self->watching && model_choose(m, 2) == 1)
                    break;
                if (model_may(m, WAITS))
                    CALL(doze, 0, PUBLISHED_EVENT);
                continue;
            }
            if (entry_age(order_at(m, f->t), f->t) > 0)
                model_fail(m, "a lossless reader lost a message");
            f->slot = order_at(m, f->t)->slot;
            self->reading[f->slot] = f->t + 1;
            if (self->watching)
                CALL(go, 0, PUBLISHED_EVENT);
            if (FAULT(cursor_after_wake))
                CALL(wake, 0, SPACE_EVENT);
            STEP("next.done");
            self->reading[f->slot] = 0;
            f->slot = 0;
            m->s.rows[f->a].delivered++;
            m->s.rows[f->a].cursor = ++f->t;
            self->left--;
            if (!FAULT(cursor_is_silent) && !FAULT(cursor_after_wake))
                CALL(wake, 0, SPACE_EVENT);
        }
        self->empty_at = 0;
        STEP("reader.end");
        m->s.rows[f->a] = (row_t){.cursor = m->s.rows[f->a].cursor, .start = m->s.rows[f->a].start};
        CALL(wake, 0, SPACE_EVENT);
        self->left -= self->left > 0 && model_may(m, MAY_LEAVE);
    }
    self->idle = 1;
    REST;
    END;
}

/* t: cursor, a: row. */
void lossy(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    while (self->left > 0) {
        f->slot = f->t = f->a = f->c = 0;
        self->idle = 1;
        CALL(subscribe, 0, 0);
        f->a = self->result;
        if (f->a == NONE) {
            self->left--;
            continue;
        }
        f->t = m->s.rows[f->a].cursor;
        while (self->left > 0) {
            f->slot = 0;
            STEP("next.give");
            if (nothing_there(m, self, f)) {
                if (model_may(m, WAITS))
                    CALL(doze, 0, PUBLISHED_EVENT);
                continue;
            }
            f->c = entry_age(order_at(m, f->t), f->t) > 0;
            if (!f->c) {
                f->slot = order_at(m, f->t)->slot;
                CALL(acquire, f->slot, f->t);
                if (self->result) {
                    if (self->watching)
                        CALL(go, 0, PUBLISHED_EVENT);
                    STEP("next.done");
                    m->s.rows[f->a].delivered++;
                    m->s.rows[f->a].cursor = ++f->t;
                    CALL(drop, f->slot, 0);
                    CALL(wake, 0, SPACE_EVENT);
                    self->left--;
                    continue;
                }
            }
            self->result = f->c;
            f->c = 0;
            CALL(jump, f->a, f->t);
            f->t = self->result;
        }
        STEP("reader.end");
        m->s.rows[f->a] = (row_t){.cursor = m->s.rows[f->a].cursor, .start = m->s.rows[f->a].start};
    }
    self->idle = 1;
    REST;
    END;
}

static bool has_ticket(const model_t *m, int slot)
{
    const slot_t *s = &m->s.slots[slot];
    return s->message != NONE || (model_may(m, MAY_FORGE) && s->sequence != NONE);
}

static int tickets_there(const model_t *m)
{
    int count = 0;
    for (int i = 0; i < m->config->slots; i++)
        count += has_ticket(m, i);
    return count;
}

static int ticket_number(const model_t *m, int n)
{
    for (int i = 0;; i++)
        if (has_ticket(m, i) && n-- == 0)
            return i;
}

/* Learns a ticket at one time and uses it at another. */
void tickets(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    while (self->left > 0) {
        f->slot = f->t = f->a = 0;
        self->idle = 1;
        STEP_WHEN("ticket.take", tickets_there(m) > 0);
        f->slot = ticket_number(m, model_choose(m, tickets_there(m)));
        f->t = m->s.slots[f->slot].sequence;
        CALL(acquire, f->slot, f->t);
        if (self->result) {
            STEP("ticket.take");
            f->a = !model_may(m, MAY_RELEASE) ? 1 : model_may(m, MAY_FREE) ? model_choose(m, 2) : 0;
            if (f->a && FAULT(free_drops_first))
                CALL(drop, f->slot, 0);
            if (f->a)
                CALL(mark_freed, f->slot, f->t);
            if (!f->a || !FAULT(free_drops_first))
                CALL(drop, f->slot, 0);
            if (f->a)
                CALL(wake, 0, SPACE_EVENT);
        }
        self->left--;
    }
    self->idle = 1;
    REST;
    END;
}
