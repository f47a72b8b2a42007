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
    if (word_pinner(f->word) == d && frees_records(m) && !FAULT(repair_hold_is_blind)) {
        f->word = 0;
        CALL(freed_look, f->slot, 0);
        STEP("repair.freed");
        f->word = m->s.slots[f->slot].word;
    }
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
        if (m->s.spans[f->slot].kind == SPAN && !FAULT(repair_leaves_pieces))
            CALL(span_free, 0, f->slot);
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
        if (!f->b && m->s.spans[f->slot].kind == SPAN && !FAULT(repair_reclaims_head)) {
            STEP("repair.reclaim");
            if (word_cas(m, self, f, word_make(CLAIMED, d, 0), true))
                CALL(span_free, 0, f->slot);
        }
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
    if (frees_records(m) && !FAULT(repair_hold_is_blind) && !FAULT(repair_drops_first)) {
        STEP("repair.freed");
        if (m->s.slots[f->slot].hold >> d & 1)
            CALL(freed_look, f->slot, 0);
    }
    STEP("repair.hold");
    if (m->s.slots[f->slot].hold >> d & 1 && !FAULT(repair_leaves_bit)) {
        STEP("repair.hold");
        m->s.slots[f->slot].hold &= ~(1 << d);
        if (frees_records(m) && FAULT(repair_drops_first))
            CALL(freed_look, f->slot, 0);
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
    f->a = 0;
    if (has_spans(m->config))
        CALL(span_orphan, f->slot, 0);
    RETURN(0);
    END;
}

/* t: a row of writers. A block of d's that it names is closed as d would have closed it: its records are published.
 * a: it has to be listed, and is CLAIMED or COMMIT; b: the records in it. */
void repair_block(model_t *m, thread_t *self, frame_t *f)
{
    row_t *row = &m->s.rows[f->t];
    int d = model_me(m, self);
    BEGIN;
    STEP("repair.block");
    if (row->owner != d + 1)
        RETURN(0);
    if (FAULT(repair_frees_row_first)) {
        STEP("repair.writer");
        row->owner = 0;
    }
    STEP("repair.block");
    f->word = row->claimed;
    f->slot = row->slot;
    if (f->word != 0 && !FAULT(repair_leaves_block)) {
        STEP("repair.block");
        f->a = f->word & STALE && !FAULT(repair_ignores_version) ? 0
               : word_owner(m->s.slots[f->slot].word) == d       ? word_state(m->s.slots[f->slot].word)
                                                                 : 0;
        f->a = f->a == CLAIMED || f->a == COMMIT ? f->a : 0;
        f->word = f->a ? m->s.slots[f->slot].word : 0;
        f->b = records_in(m, f->slot);
        if (f->a == CLAIMED && f->b == 0 && FAULT(repair_aborts_empty))
            f->a = 0;
        if (f->a == CLAIMED) {
            if (f->b < room_for_records(m) && m->s.blocks[f->slot].kind == RECORDS &&
                m->s.blocks[f->slot].headers[f->b] != HEADER_END) {
                STEP("repair.block");
                m->s.blocks[f->slot].headers[f->b] = HEADER_END;
            }
            if (!FAULT(repair_without_total)) {
                STEP("repair.block");
                row->total = m->s.blocks[f->slot].base + f->b;
            }
            f->word = f->b = 0;
            CALL(publish, f->slot, 0);
        } else if (f->a == COMMIT) {
            f->a = f->b = 0;
            STEP("repair.block");
            f->c = m->s.slots[f->slot].sequence;
            if (f->c != NONE && !FAULT(repair_relists)) {
                STEP("repair.block");
                f->a = order_at(m, f->c)->sequence == f->c && order_at(m, f->c)->slot == f->slot;
            }
            f->c = 0;
            if (!f->a && !FAULT(repair_one_look)) {
                STEP("repair.block");
                f->a = m->s.slots[f->slot].word != f->word;
            }
            f->word = 0;
            if (!f->a && !FAULT(repair_leaves_commit))
                CALL(publish, f->slot, 1);
        }
        f->word = f->a = f->b = 0;
        if (frees_records(m) && !FAULT(repair_row_is_blind))
            CALL(freed_look, f->slot, 0);
    }
    f->slot = f->word = f->a = f->b = 0;
    STEP("repair.block");
    row->claimed = 0;
    STEP("repair.block");
    new_opening(m);
    if (!FAULT(repair_leaves_row)) {
        STEP("repair.writer");
        if (row->owner == d + 1)
            row->owner = 0;
    }
    RETURN(0);
    END;
}

/* a: how far it is. */
void repairer(model_t *m, thread_t *self, frame_t *f)
{
    int d = model_me(m, self);
    BEGIN;
    if (has_group(m->config))
        CALL(member_repair, 0, d);
    for (f->a = 0; f->a < m->config->subscriptions && !FAULT(repair_leaves_subscription); f->a++) {
        STEP("repair.subscriptions");
        if (m->s.subscriptions[f->a].state == SUBSCRIPTION_FREE || m->s.subscriptions[f->a].owner != d ||
            is_left(m, f->a))
            continue;
        if (m->s.subscriptions[f->a].state == SUBSCRIPTION_ACTIVE && m->s.durables[f->a].durable &&
            !FAULT(repair_frees_durable)) {
            STEP("repair.durable");
            drain(m, self);
            durable_leave(m, f->a);
            continue;
        }
        if (m->s.subscriptions[f->a].gates ||
            (m->s.subscriptions[f->a].budget != NO_BUDGET && !FAULT(repair_forgets_revoked))) {
            STEP("gate.leave");
            m->s.subscriptions[f->a].state = SUBSCRIPTION_JOIN;
            CALL(gate_out, 0, f->a);
        }
        STEP("repair.subscriptions");
        subscription_leave(&m->s.subscriptions[f->a]);
    }
    for (f->a = 0; f->a < m->rows && !FAULT(repair_block_last); f->a++)
        CALL(repair_block, 0, f->a);
    for (f->a = 0; f->a < m->config->slots; f->a++)
        CALL(repair_slot, f->a, 0);
    for (f->a = 0; f->a < m->rows && FAULT(repair_block_last); f->a++)
        CALL(repair_block, 0, f->a);
    if (!FAULT(repair_frees_nothing))
        CALL(passed, 0, 0);
    if (has_spans(m->config)) {
        STEP("token.repair");
        if (m->s.token == d + 1 && !FAULT(repair_leaves_token))
            m->s.token = 0;
    }
    for (f->a = 0; f->a < EVENTS && model_may(m, WAITS) && !FAULT(repair_leaves_waiter); f->a++)
        CALL(forget, 0, f->a);
    if (model_may(m, STREAMS) && !FAULT(repair_leaves_stream))
        CALL(stream_close, 0, self - m->s.threads < m->threads ? ENDED : DIED);
    for (f->a = 0; f->a < m->config->slots && !FAULT(repair_refills_nothing); f->a++) {
        STEP("repair.map");
        if (word_state(m->s.slots[f->a].word) == FREE)
            CALL(free_map_set, f->a, 0);
    }
    if (model_may(m, GATHERS) && !FAULT(repair_disarms_late)) {
        STEP("gather.repair");
        m->s.left = 0;
    }
    if (model_may(m, WAITS) && !FAULT(repair_is_silent)) {
        CALL(wake_always, 0, PUBLISHED_EVENT);
        CALL(wake_always, 0, SPACE_EVENT);
        if (model_may(m, GATHERS))
            CALL(wake_always, 0, GATHERED_EVENT);
    }
    if (model_may(m, GATHERS) && FAULT(repair_disarms_late)) {
        STEP("gather.repair");
        m->s.left = 0;
    }
    STEP("repair.done");
    RETURN(0);
    END;
}
