/* SPDX-License-Identifier: Apache-2.0 */
/* Subscribing, and a start in the past. See src/traffic/reader.c. */
#include "model.h"

/* Its cursor stays: a gate that saw the row ACTIVE may look at it still. */
void row_leave(row_t *row)
{
    *row = (row_t){.cursor = row->cursor};
}

/* t on entry: does it gate. Result: the row, or NONE. Its cursor is where the reader starts.
 * a: row, b: does it gate, c: free rows were seen. */
void subscribe(model_t *m, thread_t *self, frame_t *f)
{
    row_t *row = &m->s.rows[f->a];
    BEGIN;
    for (int p = 0; p < MAX_PARTICIPANTS && model_may(m, STREAMS); p++)
        self->told[p] = m->s.streams[p].deaths; /* told of those that come */
    self->stream_seen = NONE;
    self->due = NEVER;
    f->b = f->t;
    for (f->a = 0, f->t = 0; f->a < m->config->rows; f->a++) {
        STEP("subscribe.join");
        if (m->s.rows[f->a].state != ROW_FREE)
            continue;
        STEP("subscribe.join");
        drain(m, self);
        row = &m->s.rows[f->a];
        if (row->state != ROW_FREE)
            continue;
        *row = (row_t){.state = ROW_JOIN, .owner = model_me(m, self), .gates = f->b, .cursor = row->cursor};
        break;
    }
    if (f->a == m->config->rows)
        RETURN(NONE);
    if (f->b && !FAULT(subscribe_set_late))
        CALL(gate_in, 0, f->a);
    CALL(find_end, 0, 0);
    f->t = self->result;
    STEP("subscribe.activate");
    row->start = f->t;
    STEP("subscribe.activate");
    row->cursor = f->t;
    STEP("subscribe.activate");
    row->state = ROW_ACTIVE;
    if (!FAULT(subscribe_one_look)) {
        CALL(find_end, 0, 0);
        f->t = self->result;
        STEP("subscribe.activate");
        *(FAULT(subscribe_start_last) ? &row->cursor : &row->start) = f->t;
        STEP("subscribe.activate");
        row->start = row->cursor = f->t;
    }
    if (f->b && FAULT(subscribe_set_late))
        CALL(gate_in, 0, f->a);
    if (FAULT(subscribe_in_past) && f->t > 0) {
        STEP("subscribe.activate");
        row->start = row->cursor = f->t = f->t - 1;
    }
    RETURN(f->a);
    END;
}

/* Looks at what is there below t, newest first, until one is gone. slot on entry, then a: are the holds kept?
 * Result: the slots that are held, or else how many there were. */
void history(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    f->a = f->slot;
    f->slot = 0;
    while (f->t > 0 && f->c < m->config->slots) {
        STEP("subscribe.history");
        if (entry_age(order_at(m, f->t - 1), f->t - 1) != 0)
            break;
        f->slot = order_at(m, f->t - 1)->slot;
        CALL(acquire, f->slot, f->t - 1);
        if (self->result != 1)
            break;
        f->b |= 1 << f->slot;
        if (!f->a)
            CALL(drop, f->slot, 0);
        f->t--;
        f->c++;
    }
    RETURN(f->a ? f->b : f->c);
    END;
}
