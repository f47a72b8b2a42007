/* SPDX-License-Identifier: Apache-2.0 */
/* One CAS on the order numbers and publishes. See src/protocol/publish.c. */
#include "model.h"

/* The message at t would lose its position. */
void retire(model_t *m, thread_t *self, frame_t *f)
{
    int i;
    BEGIN;
    STEP("withdrawn.skip");
    f->a = withdrawn_skip(m, f->t, m->s.end);
    if (f->a > f->t && !FAULT(skip_leaves_deferred)) {
        STEP("deferred.find");
        i = deferred_find(m, f->t);
        f->a = i != NONE && i < f->a ? i : f->a;
    }
    if (f->a > f->t) {
        STEP("publish.retire");
        drain(m, self);
        if (m->s.frontier == f->t)
            m->s.frontier = f->a;
        RETURN(0);
    }
    f->a = 0;
    STEP("publish.retire");
    if (entry_age(order_at(m, f->t), f->t) == 0) {
        f->slot = order_at(m, f->t)->slot;
        CALL(retire_listed, f->slot, f->t);
        f->slot = 0;
    }
    STEP("publish.retire");
    drain(m, self);
    if (m->s.frontier == f->t)
        m->s.frontier++;
    RETURN(0);
    END;
}

static void list(model_t *m, thread_t *self, int t, int slot)
{
    m->s.streams[model_me(m, self)].last = t;
    if (has_role(m->config, 'O'))
        m->s.slots[slot].content = t;
    if (self - m->s.threads == m->threads) /* a repair publishes what the dead one had named */
        m->s.streams[model_me(m, self)].really_last[(m->s.streams[model_me(m, self)].deaths + 1) % 3] = t;
    if (m->s.slots[slot].message != NONE)
        model_fail(m, "a slot that is listed is listed again");
    if (m->rows)
        check_listing(m, slot);
    if (t != m->s.end)
        model_fail(m, "the order is not dense");
    for (int r = 0; r < MAX_SUBSCRIPTIONS; r++)
        if (m->s.subscriptions[r].delivered > 0 && m->s.subscriptions[r].gates &&
            m->s.subscriptions[r].state == SUBSCRIPTION_ACTIVE && !m->s.durables[r].revoked &&
            m->s.subscriptions[r].budget == NO_BUDGET && /* one that was armed again is still on its way */
            !m->s.participants[m->s.subscriptions[r].owner].dead &&
            m->s.subscriptions[r].cursor + m->config->order <= t)
            model_fail(m, "the order overtook a lossless reader");
    order_at(m, t)->sequence = t;
    order_at(m, t)->slot = slot;
    order_at(m, t)->tag = model_may(m, SELECTS) ? m->s.slots[slot].content : 0;
    m->s.slots[slot].message = t;
    m->s.slots[slot].withdrawn = 0;
    m->s.end = t + 1;
}

/* What a repair must not do. */
void append(model_t *m, thread_t *self, int slot)
{
    bool again = m->s.slots[slot].message != NONE;
    m->s.slots[slot].sequence = m->s.end;
    list(m, self, m->s.end, slot);
    if (again)
        model_fail(m, "a message is published twice");
}

/* slot: claimed by me. t on entry: it is COMMIT already. t: where the end is looked for, a: `tail`, b: `frontier`, c: the entry that was there. */
void publish(model_t *m, thread_t *self, frame_t *f)
{
    participant_t *mine = &m->s.participants[model_me(m, self)];
    int length = m->config->order, i;
    BEGIN;
    if (f->t == 0) {
        STEP("publish.commit");
        f->word = word_make(CLAIMED, model_me(m, self), 0);
        if (m->s.slots[f->slot].word != f->word)
            model_fail(m, "a slot that was claimed is not any more");
        f->a = word_make(COMMIT, model_me(m, self), 0);
        if (is_alone(m, self)) {
            weak_word(m, self, f->slot, f->a); /* no other thread can have a copy of the slot */
        } else {
            word_cas(m, self, f, f->a, false);
        }
        f->word = f->a = 0;
    }
    if (!is_alone(m, self))
        STEP("publish.list"); /* `seen_end` is shared by the threads of the handle */
    f->t = mine->seen_end;
    for (;;) {
        f->a = f->b = f->c = 0;
        STEP("publish.list");
        f->a = m->s.tail;
        STEP("publish.list");
        f->b = m->s.frontier;
        f->t = f->t > f->a ? f->t : f->a;
        STEP("publish.list");
        f->c = order_at(m, f->t)->sequence;
        if (f->c == f->t) {
            f->t++;
        } else if (f->c > f->t) {
            f->t = f->a;
        } else if (f->t - f->a >= m->config->lag && !FAULT(tail_never_moves)) {
            f->b = f->c = 0;
            STEP("publish.list");
            drain(m, self);
            if (m->s.tail == f->a || FAULT(tail_stores))
                m->s.tail = f->t;
        } else if (f->t >= length && f->b <= f->t - length && !FAULT(publish_retires_nothing)) {
            if (f->b < f->t - length)
                model_fail(m, "a sound ring would be called damaged: `frontier` lags too far");
            i = f->b;
            f->a = f->b = f->c = 0;
            CALL(retire, 0, i);
        } else {
            f->a = f->b = 0;
            if (!FAULT(publish_numbers_late)) {
                STEP("publish.number");
                weak_sequence(m, self, f->slot, f->t);
            }
            if (FAULT(seen_end_early))
                mine->seen_end = f->t + 1;
            STEP("publish.order");
            drain(m, self);
            if (order_at(m, f->t)->sequence == f->c) {
                list(m, self, f->t, f->slot);
                if (FAULT(publish_numbers_late)) {
                    STEP("publish.number");
                    weak_sequence(m, self, f->slot, f->t);
                }
                self->writing = f->c = 0;
                if (!is_alone(m, self))
                    STEP("publish.list");
                mine->seen_end = f->t + 1;
                break;
            }
        }
    }
    if (model_may(m, STREAMS)) {
        f->slot = 0;
        STEP("counters.note");
        m->s.streams[model_me(m, self)].noted = f->t;
    }
    RETURN(0);
    END;
}

/* After one publication, or a batch of them: news for readers, and what a blocked producer may reclaim. */
void announce(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    CALL(tell, 0, f->t);
    f->t = 0;
    if (!FAULT(publish_makes_no_space))
        CALL(wake, 0, SPACE_EVENT);
    RETURN(0);
    END;
}
