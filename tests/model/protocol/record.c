/* SPDX-License-Identifier: Apache-2.0 */
/* One record in an open block. See src/protocol/record.c. */
#include "model.h"

int room_for_records(const model_t *m)
{
    return model_may(m, SINGLES) ? 1 : MAX_RECORDS;
}

int header_of(int row, int number)
{
    return HEADER_RECORD + number * MAX_ROWS + row;
}

/* Whoever walks a block comes to its end, or to what is not committed yet, before record `number`. */
int header_at(const model_t *m, int slot, int number)
{
    const block_t *block = &m->s.blocks[slot];
    for (int i = 0; i < room_for_records(m); i++)
        if (block->headers[i] == HEADER_NONE || block->headers[i] == HEADER_END || i == number - block->base)
            return block->headers[i];
    return HEADER_END;
}

int records_in(const model_t *m, int slot)
{
    const block_t *block = &m->s.blocks[slot];
    int count = 0;
    if (block->kind == NUMBERED)
        return 1;
    while (count < room_for_records(m) && block->headers[count] != HEADER_NONE &&
           block->headers[count] != HEADER_END)
        count++;
    return count;
}

/* slot: my open block. t: the records in it. Result 1: the next does not fit. */
void record(model_t *m, thread_t *self, frame_t *f)
{
    block_t *block = &m->s.blocks[f->slot];
    BEGIN;
    if (f->t + 1 < room_for_records(m) && !FAULT(clear_after_commit) && !FAULT(nothing_cleared)) {
        STEP("record.clear");
        drain(m, self);
        block->headers[f->t + 1] = HEADER_NONE;
    }
    STEP("record.commit");
    if (m->s.slots[f->slot].word != word_make(CLAIMED, model_me(m, self), 0))
        model_fail(m, "an open block was taken away from its writer");
    weak_header(m, self, f->slot, f->t, header_of(block->writer, block->base + f->t));
    if (f->t + 1 < room_for_records(m) && FAULT(clear_after_commit)) {
        STEP("record.clear");
        drain(m, self);
        block->headers[f->t + 1] = HEADER_NONE;
    }
    STEP("append.fence");
    f->b = m->config->roles[self - m->s.threads] == 'W' || m->s.armed[PUBLISHED_EVENT] || m->s.left;
    if (m->config->roles[self - m->s.threads] == 'W' && !FAULT(record_unfenced))
        drain(m, self);
    f->a = f->t + 1 == room_for_records(m) || (model_may(m, EARLY) && model_choose(m, 2));
    f->slot = f->t = 0;
    if (f->b && !FAULT(record_is_silent))
        CALL(tell, 0, 1);
    RETURN(f->a);
    END;
}
