/* SPDX-License-Identifier: Apache-2.0 */
/* A durable reader that is told of marks: which of them it is done with stands in its subscription, as one number, for its next owner.
 * See src/traffic/readers/marks_done.c. For the invariants each mark has a bit, by its serial number: `had` when its reader went on
 * from it, `given` when the subscription says so. */
#include "model.h"

static durable_t *subscription_of(model_t *m, const thread_t *self)
{
    return &m->s.durables[self->marks.row - 1];
}

bool follows_marks(const thread_t *self)
{
    return self->marks.row > 0;
}

static int serial_of(const model_t *m, int class, int number)
{
    return m->s.marks.order[class][number] - 1;
}

static bool lies_at_most_at(const model_t *m, int class, int number, int t)
{
    return m->s.marks.really[class][number] && m->s.marks.really[class][number] - 1 <= t;
}

/* All marks below this serial number the reader was told of, has gone on from, and has acknowledged all messages that lie before
 * them. */
static int done_with(const model_t *m, const thread_t *self)
{
    const told_t *told = &self->marks;
    int cursor = FAULT(marks_done_ahead) ? NEVER : m->s.subscriptions[told->row - 1].cursor,
        done = told->done;
    for (int class = 0; class < MARK_CLASSES; class ++)
        for (int n = 0; n < told->next[class]; n++) {
            int serial = serial_of(m, class, n);
            if (lies_at_most_at(m, class, n, cursor) && serial + 1 != told->fresh && serial >= done)
                done = serial + 1;
        }
    return done;
}

bool has_looked_at(const model_t *m, const thread_t *self, int t)
{
    return !model_may(m, MARKS) || self->marks.looked > t;
}

int up_to_mark(const model_t *m, const thread_t *self, int t, int count)
{
    if (!model_may(m, MARKS) || FAULT(marks_done_jumped))
        return count;
    if (count > self->marks.looked - t)
        count = self->marks.looked - t;
    for (int class = 0; class < MARK_CLASSES; class ++)
        for (int n = 0; n < self->marks.next[class]; n++) {
            int place = m->s.marks.really[class][n] - 1;
            if (serial_of(m, class, n) >= self->marks.done && place > t && place - t < count)
                count = place - t;
        }
    return count;
}

/* Stores how far the reader is. a: how far. */
void marks_done(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    f->a = done_with(m, self);
    if (f->a > self->marks.done) {
        STEP("marks_done.store");
        drain(m, self);
        subscription_of(m, self)->marks = f->a + 1;
        subscription_of(m, self)->given |= (1 << f->a) - 1;
        self->marks.done = f->a;
    }
    RETURN(0);
    END;
}

/* The reader asks for what comes behind the mark that it was told of last. */
void go_on_from_mark(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    subscription_of(m, self)->had |= 1 << self->marks.fresh >> 1;
    self->marks.fresh = 0;
    if (!FAULT(marks_done_late))
        CALL(marks_done, 0, 0);
    RETURN(0);
    END;
}

/* A new subscription, whose start is found: t. slot: its row. */
void marks_begin(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    self->marks.row = f->slot + 1;
    CALL(join_marks, 0, f->t);
    self->marks.done = self->result;
    STEP("marks_done.begin");
    subscription_of(m, self)->marks = self->marks.done + 1;
    subscription_of(m, self)->first = self->marks.done;
    subscription_of(m, self)->had = subscription_of(m, self)->given = 0;
    RETURN(0);
    END;
}

/* The subscription in row `slot` is this reader's: what its last owner was not done with, it is told of. */
void marks_take(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    self->marks.row = f->slot + 1;
    STEP("marks_done.take");
    if (subscription_of(m, self)->marks == 0)
        model_fail(m, "a durable subscription does not say which marks its owner is done with");
    self->marks.done = self->marks.resumed = subscription_of(m, self)->marks - 1;
    f->t = FAULT(marks_done_forgotten)  ? m->s.subscriptions[f->slot].cursor
           : FAULT(marks_done_by_start) ? account_of(m, f->slot)->start
                                        : NONE;
    CALL(join_marks, 0, f->t);
    self->marks.resumed = 0;
    RETURN(0);
    END;
}

/* A durable reader is told of the mark with this serial number. */
void check_told_again(model_t *m, thread_t *self, int serial)
{
    if (subscription_of(m, self)->given >> serial & 1)
        model_fail(m, "a durable reader is told of a mark that was given back");
    self->marks.fresh = serial + 1;
}

/* Before message t is given: what lies before it somebody was done with, or it was displaced; what lies behind it nobody gave back. */
void check_marks_around(model_t *m, const thread_t *self, int t)
{
    const durable_t *d = &m->s.durables[self->marks.row - 1];
    for (int class = 0; class < MARK_CLASSES; class ++)
        for (int n = 0; n < m->s.marks.counts[class]; n++) {
            int serial = serial_of(m, class, n);
            bool before = lies_at_most_at(m, class, n, t);
            bool kept = m->s.marks.counts[class] - n < MARK_ENTRIES;
            if (before && kept && serial >= d->first && !(d->had >> serial & 1))
                model_fail(m, "a durable subscription passes a mark that no owner has gone on from");
            if (!before && d->given >> serial & 1)
                model_fail(m, "a message is given again that lies before a mark which was given back");
        }
}
