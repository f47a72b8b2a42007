/* SPDX-License-Identifier: Apache-2.0 */
/* Repair after a dead participant, in its name; the repairer can be killed too. See src/protocol/repair.c. */
#include "model.h"

/* a: d's own state was seen. */
void repair_slot(model_t *m, thread_t *self, frame_t *f)
{
    int d = model_me(m, self);
    BEGIN;
    STEP("repair.slot");
    f->word = m->s.slots[f->slot].word;
    while (word_pinner(f->word) == d &&
           !FAULT(repair_leaves_pin)) { /* others may retire or free it meanwhile */
        STEP("repair.pin");
        if (word_cas(m, self, f, word_make(PUBLISHED, NOBODY, f->word & (RETIRED | WITHDRAWN)), false) ||
            FAULT(repair_pin_once))
            break;
        STEP("repair.pin");
        f->word = m->s.slots[f->slot].word;
    }
    f->a = word_owner(f->word) == d ? word_state(f->word) : 0;
    f->word = f->a ? f->word : 0;
    if (f->a == CLAIMED) {
        STEP("repair.slot");
        word_cas(m, self, f, word_make(FREE, NOBODY, 0), false);
    } else if (f->a == COMMIT && FAULT(repair_publishes)) {
        STEP("repair.commit");
        word_cas(m, self, f, word_make(PUBLISHED, NOBODY, 0), false);
    } else if (f->a == COMMIT) {
        STEP("repair.commit");
        f->t = m->s.slots[f->slot].sequence;
        f->b = 0;
        if (f->t != NONE) {
            STEP("repair.commit");
            f->b = order_at(m, f->t)->sequence == f->t && order_at(m, f->t)->slot == f->slot;
        }
        f->t = 0;
        STEP("repair.commit");
        if (f->b) {
            word_cas(m, self, f, word_make(PUBLISHED, NOBODY, f->word & WITHDRAWN), false);
        } else if (FAULT(repair_appends)) {
            append(m, self, f->slot);
            word_cas(m, self, f, word_make(PUBLISHED, NOBODY, 0), false);
        } else if (m->s.slots[f->slot].word == f->word && m->s.slots[f->slot].message != NONE)
            model_fail(m, "a repair drops a listed message");
        else if (word_cas(m, self, f,
                          word_make(RECLAIM, d, RETIRED | (FAULT(repair_not_withdrawn) ? 0 : WITHDRAWN)),
                          false))
            f->a = word_state(f->word);
        f->b = 0;
    }
    if (f->a == RECLAIM && f->word != 0) {
        CALL(held, f->slot, 0);
        f->b = self->result;
        STEP("repair.reclaim");
        if (FAULT(repair_stores))
            f->word = m->s.slots[f->slot].word;
        word_cas(m, self, f,
                 f->b ? word_make(PUBLISHED, NOBODY,
                                  (FAULT(repair_unretires) ? 0 : RETIRED) | (f->word & WITHDRAWN))
                      : word_make(FREE, NOBODY, 0),
                 false);
    }
    f->word = f->a = f->b = 0;
    STEP("repair.hold");
    if (m->s.slots[f->slot].hold >> d & 1 && !FAULT(repair_leaves_bit)) {
        STEP("repair.hold");
        m->s.slots[f->slot].hold &= ~(1 << d);
    }
    if (!FAULT(repair_unreclaimed)) {
        STEP("repair.retired");
        f->a = m->s.slots[f->slot].word;
        if (word_is_retired(f->a)) {
            f->a = 0;
            CALL(reclaim_retired, f->slot, 0);
        } else if (word_state(f->a) == PUBLISHED && f->a & WITHDRAWN && !FAULT(repair_leaves_nothing)) {
            f->a = 0;
            STEP("repair.deferred");
            f->a = m->s.slots[f->slot].sequence + 1;
            if (f->a) {
                STEP("repair.deferred");
                drain(m, self);
                order_at(m, f->a - 1)->deferred = 1;
            }
        }
    }
    RETURN(0);
    END;
}

/* a: how far it is. */
void repairer(model_t *m, thread_t *self, frame_t *f)
{
    int d = model_me(m, self);
    BEGIN;
    for (f->a = 0; f->a < m->config->subscriptions && !FAULT(repair_leaves_subscription); f->a++) {
        STEP("repair.subscriptions");
        if (m->s.subscriptions[f->a].state == SUBSCRIPTION_FREE || m->s.subscriptions[f->a].owner != d)
            continue;
        if (m->s.subscriptions[f->a].gates)
            CALL(gate_out, 0, f->a);
        STEP("repair.subscriptions");
        subscription_leave(&m->s.subscriptions[f->a]);
    }
    for (f->a = 0; f->a < m->config->slots; f->a++)
        CALL(repair_slot, f->a, 0);
    for (f->a = 0; f->a < EVENTS && model_may(m, WAITS) && !FAULT(repair_leaves_waiter); f->a++) {
        if (!FAULT(repair_only_clears)) /* the dead one may have cleared the summary, and not looked again */
            CALL(enter, 0, f->a);
        CALL(forget, 0, f->a);
    }
    if (model_may(m, STREAMS) && !FAULT(repair_leaves_stream))
        CALL(stream_close, 0, self - m->s.threads < m->threads ? ENDED : DIED);
    for (f->a = 0; f->a < m->config->slots && !FAULT(repair_refills_nothing); f->a++) {
        STEP("repair.map");
        if (word_state(m->s.slots[f->a].word) == FREE)
            CALL(free_map_set, f->a, 0);
    }
    if (model_may(m, WAITS) && !FAULT(repair_is_silent)) {
        CALL(wake_always, 0, PUBLISHED_EVENT);
        CALL(wake_always, 0, SPACE_EVENT);
    }
    STEP("repair.done");
    RETURN(0);
    END;
}
