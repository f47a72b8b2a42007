/* SPDX-License-Identifier: Apache-2.0 */
/* Marks beside the order, made under the process mutex; whoever looks gives a mark its place, if its maker did not. slot
 * is the class of a mark, t its number in its class. See src/protocol/marks.c. */
#include "model.h"

static void give_place(model_t *m, int class, int number, int place)
{
    marks_t *marks = &m->s.marks;
    marks->places[class][number % MARK_ENTRIES] = place;
    if (marks->really[class][number])
        model_fail(m, "a mark gets two places");
    if (marks->serials[class][number % MARK_ENTRIES] != marks->placed)
        model_fail(m, "a mark gets its place before the one that was made before it");
    if (place < marks->last_place)
        model_fail(m, "a mark gets a place below that of the mark before");
    marks->really[class][number] = place + 1;
    marks->last_place = place;
    marks->placed++;
}

/* Unless it has one. */
void mark_place(model_t *m, thread_t *self, frame_t *f)
{
    const int *place = &m->s.marks.places[f->slot][f->t % MARK_ENTRIES];
    BEGIN;
    STEP("marks.place");
    if (*place != PENDING + f->t)
        RETURN(0);
    CALL(find_end, 0, 0);
    f->a = self->result;
    STEP("marks.place");
    drain(m, self);
    if (*place == PENDING + f->t || FAULT(marks_place_stores))
        give_place(m, f->slot, f->t, f->a);
    RETURN(0);
    END;
}

/* slot: the class, t: its number there. a: the end as it was before, for a planted bug. */
void mark(model_t *m, thread_t *self, frame_t *f)
{
    marks_t *marks = &m->s.marks;
    BEGIN;
    STEP_WHEN("process_mutex.lock", m->s.mutex == 0 && !m->s.repairing);
    m->s.mutex = model_me(m, self) + 1;
    f->slot = model_choose(m, 2);
    for (f->b = 0; f->b < MARK_CLASSES && !FAULT(marks_last_unlooked); f->b++)
        if (marks->counts[f->b] > 0)
            CALL(mark_place, f->b, marks->counts[f->b] - 1);
    f->b = 0;
    f->t = marks->counts[f->slot]; /* its maker alone changes it */
    if (f->t >= MAX_MARKS)
        model_fail(m, "the model has room for fewer marks");
    if (FAULT(marks_place_early)) {
        CALL(find_end, 0, 0);
        f->a = self->result;
    }
    STEP("marks.fill");
    drain(m, self);
    marks->places[f->slot][f->t % MARK_ENTRIES] = PENDING + f->t;
    STEP("marks.fill");
    marks->serials[f->slot][f->t % MARK_ENTRIES] = marks->counts[0] + marks->counts[1];
    STEP("marks.count");
    marks->order[f->slot][f->t] = marks->counts[0] + marks->counts[1] + 1;
    marks->counts[f->slot]++;
    if (FAULT(marks_place_early)) {
        STEP("marks.place");
        if (marks->places[f->slot][f->t % MARK_ENTRIES] == PENDING + f->t)
            give_place(m, f->slot, f->t, f->a);
        f->a = 0;
    } else {
        CALL(mark_place, f->slot, f->t);
    }
    if (!FAULT(marks_are_silent))
        CALL(wake, 0, PUBLISHED_EVENT);
    if (model_may(m, GATHERS))
        CALL(wake, 0, GATHERED_EVENT);
    STEP("process_mutex.lock");
    m->s.mutex = 0;
    RETURN(0);
    END;
}

/* As a role. */
void marker(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    while (self->left > 0) {
        self->idle = 1;
        CALL(mark, 0, 0);
        self->left--;
    }
    CALL(quit, 0, 0);
    self->idle = 1;
    REST;
    END;
}
