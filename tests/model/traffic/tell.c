/* SPDX-License-Identifier: Apache-2.0 */
/* A reader is told of marks: it looks at them after the order's entry, and before it takes what that names. t: where the
 * reader is. See src/traffic/readers/tell.c. */
#include <string.h>

#include "model.h"

void check_marks_before(model_t *m, const thread_t *self, int t)
{
    if (follows_marks(self))
        check_marks_around(m, self, t);
    for (int class = 0; class < MARK_CLASSES; class ++)
        for (int n = self->marks.next[class]; n < m->s.marks.counts[class]; n++)
            if (m->s.marks.really[class][n] && m->s.marks.really[class][n] - 1 <= t)
                model_fail(m, "a reader passes a mark that it was not told of");
}

bool has_all_marks(const model_t *m, const thread_t *self)
{
    for (int class = 0; class < MARK_CLASSES; class ++)
        if (self->marks.next[class] != m->s.marks.counts[class])
            return false;
    return true;
}

/* Is mark `number` in its table, if its class has come to `count`? */
static bool is_kept(int number, int count)
{
    return count - number < MARK_ENTRIES;
}

static void check_told(model_t *m, thread_t *self, int class, int t)
{
    int number = self->marks.next[class], place = self->marks.place[class];
    if (number >= m->s.marks.counts[class] || m->s.marks.really[class][number] != place + 1)
        model_fail(m, "a mark is told at another place than it has");
    if (strchr("LD", m->config->roles[self - m->s.threads]) && !model_may(m, ABSENCES) && place != t)
        model_fail(m, "a lossless reader is told of a mark late");
    if (follows_marks(self))
        check_told_again(m, self, self->marks.serial[class]);
}

static void forget_copies(thread_t *self)
{
    for (int class = 0; class < MARK_CLASSES; class ++)
        self->marks.serial[class] = self->marks.place[class] = 0;
}

/* Result: is one told? a, b: marks of each class; b is used for both, one after the other. slot: a class. */
void tell_mark(model_t *m, thread_t *self, frame_t *f)
{
    const marks_t *marks = &m->s.marks;
    told_t *told = &self->marks;
    BEGIN;
    if (told->fresh)
        CALL(go_on_from_mark, 0, 0);
    for (;;) {
        STEP("tell.look");
        f->a = marks->counts[0];
        f->b = marks->counts[1];
        for (int class = 0; class < MARK_CLASSES; class ++)
            while (told->next[class] < marks->counts[class] &&
                   !is_kept(told->next[class], marks->counts[class]))
                told->next[class]++; /* it has slept through this one */
        forget_copies(self);
        if (told->next[0] == f->a && told->next[1] == f->b)
            RETURN(0);
        for (f->slot = 0; f->slot < MARK_CLASSES; f->slot++) {
            told->serial[f->slot] = NEVER;
            if (told->next[f->slot] == (f->slot ? f->b : f->a))
                continue;
            STEP("tell.copy");
            told->serial[f->slot] = marks->serials[f->slot][told->next[f->slot] % MARK_ENTRIES];
            STEP("tell.copy");
            told->place[f->slot] = marks->places[f->slot][told->next[f->slot] % MARK_ENTRIES];
        }
        f->slot = 0;
        if (!FAULT(marks_one_look)) {
            STEP("tell.again");
            if (!is_kept(told->next[0], marks->counts[0]) || !is_kept(told->next[1], marks->counts[1]))
                continue;
        }
        f->slot = told->serial[1] < told->serial[0];
        f->a = f->b = 0;
        if (told->place[f->slot] >= PENDING) {
            CALL(mark_place, f->slot, told->next[f->slot]);
            f->slot = 0;
            continue;
        }
        f->a = told->place[f->slot] <= f->t;
        if (f->a) {
            check_told(m, self, f->slot, f->t);
            told->next[f->slot]++;
        }
        forget_copies(self);
        if (f->a && FAULT(marks_done_early)) {
            STEP("marks_done.store");
            m->s.durables[told->row - 1].marks = told->fresh + 1;
        }
        RETURN(f->a);
    }
    END;
}

/* Behind which marks does a reader begin that starts at t? slot: a class, a: marks of it. b, the result, of a durable one: the first
 * that is to be told, by its serial number. */
void join_marks(model_t *m, thread_t *self, frame_t *f)
{
    const marks_t *marks = &m->s.marks;
    told_t *told = &self->marks;
    BEGIN;
    STEP("tell.join");
    told->next[0] = marks->counts[0];
    told->next[1] = marks->counts[1];
    f->b = follows_marks(self) ? marks->counts[0] + marks->counts[1] : 0;
    for (f->slot = 0; f->slot < MARK_CLASSES; f->slot++) {
        f->a = told->next[f->slot];
        while (told->next[f->slot] > 0 && is_kept(told->next[f->slot] - 1, f->a)) {
            STEP("tell.copy");
            told->place[f->slot] = marks->places[f->slot][(told->next[f->slot] - 1) % MARK_ENTRIES];
            if (follows_marks(self)) {
                STEP("tell.copy");
                told->serial[f->slot] = marks->serials[f->slot][(told->next[f->slot] - 1) % MARK_ENTRIES];
            }
            STEP("tell.again");
            if (!is_kept(told->next[f->slot] - 1, marks->counts[f->slot]))
                break;
            if (told->place[f->slot] >= PENDING) {
                CALL(mark_place, f->slot, told->next[f->slot] - 1);
                continue;
            }
            if (told->place[f->slot] <= f->t || told->serial[f->slot] < told->resumed)
                break;
            told->next[f->slot]--;
            if (told->serial[f->slot] < f->b)
                f->b = told->serial[f->slot];
        }
    }
    forget_copies(self);
    RETURN(f->b);
    END;
}
