/* SPDX-License-Identifier: Apache-2.0 */
/* Holding the block of a record's ticket, whoever writes there. See src/protocol/hold_block.c. */
#include "model.h"

bool is_block_of(const model_t *m, int slot, int t)
{
    const block_t *block = &m->s.blocks[slot];
    return block->kind == RECORDS && block->writer == t % MAX_ROWS && block->number == t / MAX_ROWS;
}

/* By the word, if the block is in the order. Result 1: it stays; 0: it is stale; 2: it is not in the order. */
void pin_block(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    if (!FAULT(pin_looks_late)) {
        CALL(unlisted, f->slot, f->t);
        if (self->result)
            RETURN(2);
    }
    STEP("hold_block.there");
    f->a = m->s.slots[f->slot].sequence;
    if (f->a != NONE) {
        CALL(pin, f->slot, f->a);
        f->a = self->result;
        if (f->a == 1) {
            STEP("hold_block.there");
            if (is_block_of(m, f->slot, f->t))
                RETURN(1);
        }
        f->b = f->a == 2 ? 2 : 0;
        f->a = 0;
        CALL(drop, f->slot, 0);
    }
    f->a = 0;
    if (FAULT(pin_looks_late)) {
        CALL(unlisted, f->slot, f->t);
        f->b = self->result ? 2 : f->b;
    }
    RETURN(f->b);
    END;
}

/* Result 1: the block is in the slot, and not in the order. */
void unlisted(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    STEP("hold_block.there");
    f->a = m->s.slots[f->slot].word;
    f->a = word_state(f->a) == CLAIMED || word_state(f->a) == COMMIT ? word_state(f->a) : 0;
    STEP("hold_block.there");
    if (!is_block_of(m, f->slot, f->t) || f->a == 0)
        RETURN(0);
    if (f->a == CLAIMED)
        RETURN(1);
    STEP("hold_block.there");
    f->t = m->s.slots[f->slot].sequence;
    if (f->t == NONE)
        RETURN(1);
    STEP("hold_block.there");
    RETURN(order_at(m, f->t)->sequence != f->t || order_at(m, f->t)->slot != f->slot);
    END;
}

/* t: a block, by its number and its row. Result 1: it stays in `slot`. What is CLAIMED is that block only if its row
 * says so: its old fields stand there also when somebody is about to write others. b: not held, since it is busy. */
void record_acquire(model_t *m, thread_t *self, frame_t *f)
{
    const row_t *row = &m->s.rows[f->t % MAX_ROWS];
    BEGIN;
    CALL(take, f->slot, 0);
    if (self->result == 0) {
        CALL(pin_block, f->slot, f->t);
        if (self->result == 0 && is_block_of(m, f->slot, f->t) && has_records(m, f->slot) &&
            !m->s.slots[f->slot].withdrawn)
            model_fail(m, "a valid ticket of a record was refused");
        RETURN(self->result == 1);
    }
    for (;;) {
        f->word = f->a = 0;
        STEP("hold_block.there");
        f->word = m->s.slots[f->slot].word;
        if (word_state(f->word) == FREE)
            break;
        if (word_state(f->word) == CLAIMED && !FAULT(ticket_trusts_claimed)) {
            STEP("hold_block.there");
            f->a = row->slot == f->slot ? row->claimed == f->word
                                        : (row->claimed & ~STALE) == (f->word & ~STALE);
            STEP("hold_block.there");
            f->a = f->a && row->slot == f->slot;
            STEP("hold_block.there");
            f->a = f->a && row->claimed == f->word;
            if (!f->a) {
                STEP("hold_block.there");
                if (m->s.slots[f->slot].word == f->word)
                    break;
                continue;
            }
        }
        f->a = 0;
        STEP("hold_block.there");
        if (!is_block_of(m, f->slot, f->t))
            break;
        if (word_state(f->word) == RECLAIM) {
            STEP("hold_block.reinstate");
            word_cas(m, self, f, word_make(PUBLISHED, NOBODY, RETIRED | (f->word & WITHDRAWN)), true);
            continue;
        }
        if (f->word & WITHDRAWN)
            break;
        RETURN(1);
    }
    f->word = f->a = 0;
    if (is_block_of(m, f->slot, f->t) && has_records(m, f->slot) && !m->s.slots[f->slot].withdrawn)
        model_fail(m, "a valid ticket of a record was refused");
    f->t = 0;
    CALL(drop, f->slot, 1);
    RETURN(0);
    END;
}
