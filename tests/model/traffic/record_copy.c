/* SPDX-License-Identifier: Apache-2.0 */
/* An observer's copies of records, without being seen: the row, the slot's control line, the headers, the bytes, and the
 * header and the line again. See src/traffic/record_copy.c. */
#include "model.h"

static void check_refusal(model_t *m, const frame_t *f)
{
    if (is_block_of(m, f->slot, f->t / MAX_RECORDS) && has_records(m, f->slot) &&
        !m->s.slots[f->slot].withdrawn && !(m->s.blocks[f->slot].freed >> f->t % MAX_RECORDS & 1))
        model_fail(m, "an observer was refused the valid ticket of a record");
}

/* Headers of all records are the same word: all have one size. Which record it really is shows in the bytes. */
static bool is_there(const model_t *m, const frame_t *f)
{
    const block_t *block = &m->s.blocks[f->slot];
    return is_block_of(m, f->slot, f->t / MAX_RECORDS) && !block->spoilt &&
           block->headers[f->t % MAX_RECORDS] == header_of(block->writer, block->base + f->t % MAX_RECORDS);
}

static bool find(const model_t *m, const frame_t *f)
{
    const block_t *block = &m->s.blocks[f->slot];
    for (int i = 0; i <= f->t % MAX_RECORDS; i++)
        if (block->headers[i] < HEADER_RECORD)
            return false;
    return !(block->freed >> f->t % MAX_RECORDS & 1);
}

/* t: the block, and the place in it. word: what the row had claimed, then the slot's. a: whether the row names the slot,
 * then which was loaded first; b: the fields fit, then the bytes are those of the record; c: looks. */
void record_observer(model_t *m, thread_t *self, frame_t *f)
{
    const row_t *row = &m->s.rows[f->t / MAX_RECORDS % MAX_ROWS];
    int word, place;
    BEGIN;
    while (self->left > 0) {
        f->slot = f->word = f->t = f->a = f->b = f->c = 0;
        self->idle = 1;
        STEP_WHEN("record_ticket.take", record_tickets_there(m) > 0);
        place = record_ticket_number(m, model_choose(m, record_tickets_there(m)));
        f->slot = place % MAX_SLOTS;
        f->t = block_name(m, f->slot) * MAX_RECORDS + place / MAX_SLOTS;
        for (f->c = 0; f->c < 2; f->c++) {
            f->word = f->a = f->b = 0;
            STEP("record_copy.look");
            f->word = row->claimed;
            f->a = row->slot == f->slot ? 1 : 2; /* 2: it has another slot's version, which may be equal */
            STEP("record_copy.look");
            word = row->claimed;
            f->a =
                row->slot == f->slot && f->a == 1 ? word == f->word : (word & ~STALE) == (f->word & ~STALE);
            f->a = f->a && word != 0;
            f->word = f->a && row->slot == f->slot ? word : 0;
            STEP("record_copy.look");
            f->a = f->a && f->word != 0 && row->slot == f->slot;
            f->b = model_choose(m, 2); /* the words of a line come in any order */
            if (f->b) {
                STEP("record_copy.look");
                f->b = is_block_of(m, f->slot, f->t / MAX_RECORDS) ? 2 : 1;
            }
            STEP("record_copy.look");
            f->a = m->s.slots[f->slot].word == f->word && f->a;
            f->word = m->s.slots[f->slot].word;
            if (!f->b) {
                STEP("record_copy.look");
                f->b = is_block_of(m, f->slot, f->t / MAX_RECORDS) ? 2 : 1;
            }
            if (f->b == 1 || f->word & WITHDRAWN || word_state(f->word) == FREE ||
                (word_state(f->word) == CLAIMED && !f->a && !FAULT(record_copy_trusts_claimed))) {
                check_refusal(m, f);
                break;
            }
            f->a = f->b = 0;
            STEP("record_copy.look");
            f->a = find(m, f);
            if (f->a) {
                STEP("record_copy.payload");
                f->b = is_there(m, f);
                STEP("record_copy.payload");
                f->b = f->b && is_there(m, f);
                if (!FAULT(record_copy_one_look)) {
                    STEP("record_copy.again");
                    f->a = m->s.blocks[f->slot].headers[f->t % MAX_RECORDS] >= HEADER_RECORD ? 1 : 2;
                }
            }
            if (FAULT(record_copy_one_look) || FAULT(record_copy_header_only)) {
                if (f->a == 1 && !f->b)
                    model_fail(m, "an observer copied bytes that are not the record's");
                break;
            }
            STEP("record_copy.again");
            word = m->s.slots[f->slot].word;
            f->word = f->word & STALE || word_state(word) == FREE ? 0 : f->word;
            STEP("record_copy.again");
            if (f->word && !(f->word & STALE) && is_block_of(m, f->slot, f->t / MAX_RECORDS) && f->a != 2) {
                if (f->a == 0)
                    check_refusal(m, f);
                else if (!f->b)
                    model_fail(m, "an observer copied bytes that are not the record's");
                break;
            }
        }
        self->left--;
    }
    f->slot = f->word = f->t = f->a = f->b = f->c = 0;
    self->idle = 1;
    REST;
    END;
}
