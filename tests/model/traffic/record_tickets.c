/* SPDX-License-Identifier: Apache-2.0 */
/* Tickets of single records, also of an open block: who has one holds the slot, whoever writes there. See
 * src/traffic/record_ticket.c. */
#include "model.h"

bool has_records(const model_t *m, int slot)
{
    const block_t *block = &m->s.blocks[slot];
    const row_t *row = &m->s.rows[block->writer];
    bool open = row->claimed != 0 && row->slot == slot && row->listed_block < block->number;
    return block->kind == RECORDS && (open || m->s.slots[slot].message != NONE) &&
           block->headers[0] >= HEADER_RECORD;
}

/* One for each block, or, where records are freed, for each record. */
static bool has_ticket(const model_t *m, int slot, int place)
{
    if (!has_records(m, slot))
        return false;
    return frees_records(m) || has_role(m->config, 'C')
               ? place < records_in(m, slot) && !(m->s.blocks[slot].freed >> place & 1)
               : place == 0;
}

int record_tickets_there(const model_t *m)
{
    int count = 0;
    for (int i = 0; i < m->config->slots * MAX_RECORDS; i++)
        count += has_ticket(m, i / MAX_RECORDS, i % MAX_RECORDS);
    return count;
}

int record_ticket_number(const model_t *m, int n) /* its slot, and the place above it */
{
    for (int i = 0;; i++)
        if (has_ticket(m, i / MAX_RECORDS, i % MAX_RECORDS) && n-- == 0)
            return i / MAX_RECORDS + i % MAX_RECORDS * MAX_SLOTS;
}

int block_name(const model_t *m, int slot)
{
    return m->s.blocks[slot].number * MAX_ROWS + m->s.blocks[slot].writer;
}

static bool is_freed(const model_t *m, const frame_t *f)
{
    return m->s.blocks[f->slot].freed >> f->b & 1;
}

/* slot; t: its block, which has had a record; b: the place of that. a: what its header said. c: it is to be freed. */
void record_tickets(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    while (self->left > 0) {
        f->slot = f->t = f->a = f->b = f->c = 0;
        self->idle = 1;
        STEP_WHEN("record_ticket.take", record_tickets_there(m) > 0);
        f->b = record_ticket_number(m, model_choose(m, record_tickets_there(m)));
        f->slot = f->b % MAX_SLOTS;
        f->b /= MAX_SLOTS;
        f->t = block_name(m, f->slot);
        CALL(record_acquire, f->slot, f->t);
        if (self->result) {
            STEP("record_ticket.take");
            f->a = m->s.blocks[f->slot].headers[f->b];
            if (f->a < HEADER_RECORD || block_name(m, f->slot) != f->t)
                model_fail(m, "a ticket of a record leads to something else");
            f->c = frees_records(m) && !is_freed(m, f) && (!model_may(m, MAY_RELEASE) || model_choose(m, 2));
            if (f->c) {
                CALL(freed_mark, f->slot, f->b);
            } else {
                STEP("record_ticket.take");
            }
            if (m->s.blocks[f->slot].headers[f->b] != f->a)
                model_fail(m, "a record was taken away under the holder of its ticket");
            f->t = f->a = f->b = f->c = 0;
            CALL(drop, f->slot, 0);
        }
        self->left--;
    }
    f->slot = f->t = f->a = f->b = f->c = 0;
    CALL(quit, 0, 0);
    self->idle = 1;
    REST;
    END;
}
