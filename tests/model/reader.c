/* SPDX-License-Identifier: Apache-2.0 */
/* Subscribing; what a lossy reader does when it fell behind. See src/reader.c and src/next.c. */
#include "model.h"

/* t on entry: does it gate. Result: the row, or NONE. Its cursor is where the reader starts.
 * a: row, b: does it gate, c: free rows were seen. */
void subscribe(model_t *m, thread_t *self, frame_t *f)
{
    row_t *row = &m->s.rows[f->a];
    BEGIN;
    f->b = f->t;
    for (f->a = 0, f->t = 0; f->a < m->config->rows; f->a++) {
        STEP("subscribe.join");
        if (m->s.rows[f->a].state != ROW_FREE)
            continue;
        if (m->s.rows_high < f->a + 1 && !FAULT(subscribe_high_late)) {
            STEP("subscribe.join");
            drain(m, self);
            if (m->s.rows_high < f->a + 1)
                m->s.rows_high = f->a + 1;
        }
        STEP("subscribe.join");
        drain(m, self);
        row = &m->s.rows[f->a];
        if (row->state != ROW_FREE)
            continue;
        *row = (row_t){.state = ROW_JOIN,
                       .owner = model_me(m, self),
                       .gates = f->b,
                       .cursor = row->cursor,
                       .start = row->start};
        break;
    }
    if (f->a == m->config->rows)
        RETURN(NONE);
    CALL(find_end, 0, 0);
    f->t = self->result;
    STEP("subscribe.activate");
    row->start = f->t;
    STEP("subscribe.activate");
    row->cursor = f->t;
    STEP("subscribe.activate");
    row->state = ROW_ACTIVE;
    if (m->s.rows_high < f->a + 1) {
        STEP("subscribe.join");
        m->s.rows_high = f->a + 1;
    }
    if (!FAULT(subscribe_one_look)) {
        CALL(find_end, 0, 0);
        f->t = self->result;
        STEP("subscribe.activate");
        *(FAULT(subscribe_start_last) ? &row->cursor : &row->start) = f->t;
        STEP("subscribe.activate");
        row->start = row->cursor = f->t;
    }
    if (FAULT(subscribe_in_past) && f->t > 0) {
        STEP("subscribe.activate");
        row->start = row->cursor = f->t = f->t - 1;
    }
    RETURN(f->a);
    END;
}

/* Holds what is there below t, newest first, until one is gone. Result: the slots that are held. */
void history(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    while (f->t > 0 && f->c < m->config->slots) {
        STEP("subscribe.history");
        if (entry_age(order_at(m, f->t - 1), f->t - 1) != 0)
            break;
        f->slot = order_at(m, f->t - 1)->slot;
        CALL(acquire, f->slot, f->t - 1);
        if (!self->result)
            break;
        f->b |= 1 << f->slot;
        f->t--;
        f->c++;
    }
    RETURN(f->b);
    END;
}

/* A ring that keeps has what nobody freed: as long as the order names it, a lossy reader gets it. */
static void check_jump(model_t *m, int from, int to)
{
    for (int i = 0; i < m->config->slots; i++) {
        const slot_t *s = &m->s.slots[i];
        if (s->message >= from && s->message < to && !s->freed &&
            order_at(m, s->message)->sequence == s->message)
            model_fail(m, "a lossy reader passes a kept message over");
    }
}

/* On from cursor t to the first that may still be there. slot: the row, a: the order was newer. Stored: where to,
 * how many are missed then, and last the cursor, so that the account holds at each store. Result: the new cursor. */
void jump(model_t *m, thread_t *self, frame_t *f)
{
    row_t *row = &m->s.rows[f->slot];
    int reach = model_may(m, KEEPS) ? m->config->order : m->config->slots;
    BEGIN;
    f->a = self->result;
    f->b = f->t + 1;
    CALL(find_end, 0, 0);
    f->c = self->result;
    if (f->a || !model_may(m, KEEPS)) {
        if (!model_may(m, KEEPS) || FAULT(jump_keeps_oldest)) {
            STEP("next.jump");
            if (m->s.oldest > f->b)
                f->b = m->s.oldest;
        }
        if (f->c - reach > f->b)
            f->b = f->c - reach;
    }
    if (f->b > f->c && !FAULT(jump_past_end))
        f->b = f->t + 1;
    if (FAULT(jump_past_end))
        f->b = f->c + 1;
    f->a = f->c = 0;
    if (model_may(m, KEEPS))
        check_jump(m, f->t, f->b);
    if (FAULT(jump_counts_late)) {
        STEP("next.jump");
        row->cursor = f->b;
    }
    STEP("next.jump");
    row->missed = row->jump_missed;
    STEP("next.jump");
    row->jump_to = f->b;
    STEP("next.jump");
    row->jump_missed += f->b - f->t;
    STEP("next.jump");
    row->cursor = f->b;
    RETURN(f->b);
    END;
}
