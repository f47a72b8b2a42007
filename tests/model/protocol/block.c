/* SPDX-License-Identifier: Apache-2.0 */
/* An open block, from its claim to its listing, and the rows that name it. See src/protocol/block.c. */
#include <string.h>

#include "model.h"

/* N writers on N slots would block the ring for ever. */
int writer_rows(const configuration_t *c)
{
    int writers = 0;
    for (int i = 0; c->roles[i]; i++)
        writers += strchr("WE", c->roles[i]) != NULL;
    writers = writers < c->slots ? writers : c->slots - 1;
    return writers < MAX_ROWS ? writers : MAX_ROWS;
}

/* The count of openings only grows, and readers compare it with the one that they saw. */
void new_opening(model_t *m)
{
    for (int i = 0; i < m->threads; i++)
        if (m->s.threads[i].openings == UP_TO_DATE)
            m->s.threads[i].openings = 0;
}

/* Listed means sealed, counted and in turn. */
void check_listing(model_t *m, int slot)
{
    const block_t *block = &m->s.blocks[slot];
    row_t *row = &m->s.rows[block->writer];
    int count = records_in(m, slot);
    if (block->kind == WHOLE)
        return;
    if (block->kind == RECORDS && count < room_for_records(m) && block->headers[count] != HEADER_END)
        model_fail(m, "a block is listed that has no end");
    if (row->total != block->base + count)
        model_fail(m, "a block is listed that is not counted");
    if (block->base != row->listed || block->number <= row->listed_block)
        model_fail(m, "the blocks of a writer are listed out of order");
    row->listed = row->total;
    row->listed_block = block->number;
}

/* slot: claimed by me. t: my row. Result 1: it is an open block; 2: nothing will be written into it; 0: it was a message of its own, which is published
 * already: its name comes when it is complete, so that a repair publishes it. */
void block_open(model_t *m, thread_t *self, frame_t *f)
{
    row_t *row = &m->s.rows[f->t];
    block_t *block = &m->s.blocks[f->slot];
    BEGIN;
    if (model_may(m, MIXES) &&
        has_role(m->config, 'C')) { /* the bytes of a message of its own come before its fields */
        STEP("block.fields");
        drain(m, self);
        block->spoilt = 1;
    }
    STEP("block.fields");
    drain(m, self);
    f->a = model_may(m, MIXES) ? model_choose(m, 2) : 0;
    if (model_may(m, STREAMS))
        m->s.slots[f->slot].producer = producer_mark(m, model_me(m, self));
    *block = (block_t){
        .kind = f->a ? NUMBERED : RECORDS, .writer = f->t, .number = row->block + 1, .base = row->total};
    for (int i = f->a ? 0 : 1; i < room_for_records(m); i++)
        block->headers[i] = HEADER_GARBAGE;
    if (f->a && model_may(m, SPANS)) {
        CALL(allocate, 0, 0);
        if (self->result) {
            CALL(span_chain, self->result - 1, f->slot + 1);
            CALL(span_publish, f->slot, 0);
        }
    } else if (f->a && has_spans(m->config)) {
        m->s.spans[f->slot].kind = NO_SPAN;
    }
    if (f->a && FAULT(whole_unnamed)) {
        STEP("block.total");
        row->total++;
        row->committed++;
        CALL(publish, f->slot, 0);
        RETURN(0);
    }
    if (FAULT(openings_first)) {
        STEP("block.name");
        new_opening(m);
    }
    if (FAULT(name_slot_last)) {
        STEP("block.name");
        row->claimed = m->s.slots[f->slot].word;
    }
    STEP("block.name");
    drain(m, self);
    row->slot = f->slot;
    STEP("block.name");
    row->block = block->number;
    if (!FAULT(name_slot_last)) {
        STEP("block.name");
        row->claimed = m->s.slots[f->slot].word;
    }
    row->committed += f->a; /* whatever happens now, it will be published */
    if (!FAULT(openings_first)) {
        STEP("block.name");
        new_opening(m);
    }
    if (!f->a)
        RETURN(model_may(m, EARLY) ? 1 + model_choose(m, 2) : 1);
    CALL(block_close, f->slot, f->t);
    RETURN(0);
    END;
}

static void seal(model_t *m, thread_t *self, int slot, int count)
{
    if (m->s.blocks[slot].kind == RECORDS && count < room_for_records(m))
        weak_header(m, self, slot, count, HEADER_END);
}

/* slot: my open block. t: my row; above it, how many records I have written: of one that was not seen yet I know. */
void block_close(model_t *m, thread_t *self, frame_t *f)
{
    int *total = &m->s.rows[f->t % MAX_ROWS].total, count = f->t / MAX_ROWS;
    BEGIN;
    if (m->s.blocks[f->slot].kind == NUMBERED)
        f->t += MAX_ROWS;
    f->b = frees_records(m) && m->s.blocks[f->slot].kind == RECORDS; /* then it may be another's */
    count = f->t / MAX_ROWS;
    if (FAULT(empty_is_aborted) && count == 0) {
        STEP("block.unname");
        m->s.rows[f->t].claimed = 0;
        STEP("abort.free");
        f->word = m->s.slots[f->slot].word;
        word_cas(m, self, f, word_make(FREE, NOBODY, 0), false);
        f->word = 0;
        CALL(free_map_set, f->slot, 0);
        RETURN(0);
    }
    if (m->s.blocks[f->slot].kind == RECORDS && count < room_for_records(m) && !FAULT(end_after_commit) &&
        !FAULT(no_end)) {
        STEP("block.end");
        seal(m, self, f->slot, count);
    }
    if (!FAULT(total_after_listing)) {
        STEP("block.total");
        drain(m, self);
        *total = m->s.blocks[f->slot].base + count;
    }
    if (FAULT(unname_before_listing)) {
        STEP("block.unname");
        drain(m, self);
        m->s.rows[f->t % MAX_ROWS].claimed = 0;
    }
    CALL(publish, f->slot, 0);
    if (FAULT(end_after_commit)) {
        STEP("block.end");
        seal(m, self, f->slot, count);
    }
    if (FAULT(total_after_listing)) {
        STEP("block.total");
        *total = m->s.blocks[f->slot].base + count;
    }
    if (f->b && !FAULT(close_is_blind) && !FAULT(unname_before_look)) {
        STEP("block.freed");
        CALL(freed_look, f->slot, 0);
    }
    f->slot = f->b && FAULT(unname_before_look) ? f->slot : 0;
    STEP("block.unname");
    drain(m, self);
    m->s.rows[f->t % MAX_ROWS].claimed = 0;
    STEP("block.unname");
    new_opening(m);
    if (f->b && FAULT(unname_before_look)) {
        STEP("block.freed");
        CALL(freed_look, f->slot, 0);
    }
    f->slot = f->t = f->b = 0;
    if (!FAULT(unname_is_silent))
        CALL(wake, 0, PUBLISHED_EVENT);
    if (!FAULT(unname_makes_no_space))
        CALL(wake, 0, SPACE_EVENT);
    RETURN(0);
    END;
}
