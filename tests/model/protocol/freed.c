/* SPDX-License-Identifier: Apache-2.0 */
/* Records that were freed by ticket, and the block that is withdrawn when all of its are. See src/protocol/freed.c. */
#include "model.h"

bool frees_records(const model_t *m)
{
    return model_may(m, MAY_FREE) && has_role(m->config, 'R');
}

bool is_all_freed(const model_t *m, int slot)
{
    const block_t *block = &m->s.blocks[slot];
    return block->kind == RECORDS && block->freed == (1 << records_in(m, slot)) - 1;
}

static void note_withdrawn(model_t *m, int slot)
{
    slot_t *s = &m->s.slots[slot];
    if (s->withdrawn)
        model_fail(m, "one block was withdrawn twice");
    if (s->message == NONE || !is_all_freed(m, slot))
        model_fail(m, "a block was withdrawn that has a record which is not freed");
    s->withdrawn = 1;
}

/* t: the place from which it looks first. a: where it looks, then whether a lossless reader needs the block; b: it has
 * yet to look from the start; c: the sequence. */
void freed_look(model_t *m, thread_t *self, frame_t *f)
{
    const block_t *block = &m->s.blocks[f->slot];
    int header;
    BEGIN;
    if (!FAULT(freed_unfenced)) {
        STEP("freed.fence");
        drain(m, self);
    }
    for (;;) {
        f->word = f->a = f->b = f->c = 0;
        STEP("freed.look");
        f->word = m->s.slots[f->slot].word;
        if (!word_is_committed(f->word) || f->word & WITHDRAWN)
            RETURN(0);
        if (word_state(f->word) == COMMIT) {
            STEP("freed.look");
            f->c = load_sequence(m, self, f->slot);
            if (f->c != NONE) {
                STEP("freed.look");
                f->a = order_at(m, f->c)->sequence == f->c && order_at(m, f->c)->slot == f->slot;
            }
            f->c = 0;
            if (!f->a) {
                if (FAULT(freed_one_look))
                    RETURN(0);
                STEP("freed.look");
                if (m->s.slots[f->slot].word == f->word)
                    RETURN(0);
                continue;
            }
        }
        STEP("freed.look");
        if (block->kind != RECORDS)
            RETURN(0);
        f->a = f->t;
        f->b = f->t > 0;
        for (;;) {
            if (f->a < room_for_records(m)) {
                STEP("freed.look");
                header = block->headers[f->a];
                if (header == HEADER_NONE || (header >= HEADER_RECORD && !(block->freed >> f->a & 1)))
                    RETURN(0);
                f->a = header >= HEADER_RECORD ? f->a + 1 : room_for_records(m);
                continue;
            }
            if (!f->b || FAULT(freed_looks_ahead))
                break;
            f->a = f->b = 0;
        }
        f->a = f->b = 0;
        STEP("freed.withdraw");
        f->c = load_sequence(m, self, f->slot);
        f->a = m->s.participants[model_me(m, self)].gate;
        if (f->c >= f->a) {
            CALL(gate, 0, 0);
            f->a = self->result;
        }
        f->a = f->c >= f->a && !FAULT(freed_ignores_gate);
        STEP("freed.withdraw");
        if (FAULT(freed_stores)) {
            f->word = m->s.slots[f->slot].word;
            if (f->c == NONE || !word_is_committed(f->word))
                RETURN(0);
        }
        if (word_cas(m, self, f,
                     word_make(PUBLISHED, word_pinner(f->word),
                               WITHDRAWN | (f->word & RETIRED) | (f->a ? 0 : RETIRED)),
                     false))
            break;
    }
    note_withdrawn(m, f->slot);
    f->a = !(f->word & RETIRED);
    f->word = f->t = 0;
    if (f->a && !FAULT(freed_leaves_nothing)) {
        STEP("freed.defer");
        drain(m, self);
        order_at(m, f->c)->deferred = 1;
    }
    CALL(withdrawn_mark, 0, f->c);
    f->c = 0;
    if (!f->a)
        CALL(reclaim_retired, f->slot, 0);
    f->slot = f->a = 0;
    CALL(wake, 0, SPACE_EVENT);
    RETURN(0);
    END;
}

/* I hold the block. t: the place of the record. Result 1, or 0: it was freed before. */
void freed_mark(model_t *m, thread_t *self, frame_t *f)
{
    block_t *block = &m->s.blocks[f->slot];
    BEGIN;
    if (FAULT(freed_looks_first))
        CALL(freed_look, f->slot, f->t);
    STEP("freed.mark");
    if (block->freed >> f->t & 1)
        RETURN(0);
    if (FAULT(freed_unfenced)) {
        weak_freed(m, self, f->slot, f->t);
    } else {
        drain(m, self);
        block->freed |= 1 << f->t;
    }
    if (!FAULT(freed_looks_first))
        CALL(freed_look, f->slot, f->t);
    RETURN(1);
    END;
}
