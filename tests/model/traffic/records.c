/* SPDX-License-Identifier: Apache-2.0 */
/* A reader and the blocks of records, open ones and those in the order. See src/traffic/readers/records.c. */
#include <string.h>

#include "model.h"

void forget_views(const model_t *m, thread_t *self)
{
    self->openings = 0;
    memset(self->views, 0, (size_t)m->rows * sizeof self->views[0]);
}

bool is_open_block_due(const model_t *m, thread_t *self)
{
    bool due = false;
    for (int r = 0; r < m->rows; r++)
        if (self->views[r].slot && self->views[r].behind == BEHIND) {
            self->views[r].behind = ORDER_WAS_EMPTY;
            due = true;
        }
    return due;
}

/* A lossy reader will count what it does not have; but what an open block has, it gets. */
bool has_all_records(const model_t *m, const thread_t *self)
{
    bool lossy = strchr("YB", m->config->roles[self - m->s.threads]) != NULL;
    for (int r = 0; r < m->rows; r++)
        if (self->views[r].next != m->s.rows[r].committed &&
            (!lossy || (m->s.rows[r].claimed && m->s.rows[r].listed != m->s.rows[r].committed)) &&
            (self->views[r].next != NONE || m->s.rows[r].committed > m->s.rows[r].listed))
            return false;
    return true;
}

static int cursor_of(const model_t *m, const thread_t *self)
{
    return m->s.subscriptions[self->frames[0].a].cursor;
}

/* Records are counted as missed although they still lie where this reader will come. */
static void check_missed(model_t *m, const thread_t *self, int r, int from, int to)
{
    for (int i = 0; i < m->config->slots; i++) {
        const block_t *block = &m->s.blocks[i];
        if (block->kind != WHOLE && block->writer == r && block->base >= from && block->base < to &&
            records_in(m, i) > 0 &&
            (m->s.slots[i].message >= cursor_of(m, self) ||
             (m->s.rows[r].claimed && m->s.rows[r].slot == i && m->s.rows[r].listed <= block->base)))
            model_fail(m, "records are counted as missed that still lie ahead");
    }
    if (to > m->s.rows[r].committed)
        model_fail(m, "records are counted as missed that never were");
}

static void check_record(model_t *m, const thread_t *self, int r, int header)
{
    if (header < HEADER_RECORD)
        model_fail(m, "a reader takes for a record what is none");
    else if (header != header_of(r, self->views[r].next))
        model_fail(m, "a reader gets another record than the next of its writer");
}

/* t: a row. Its open block, if it has one: its slot, number and word into the view. Result 1: one was found; a lossy
 * reader has yet to hold it. slot, word: claimed. b: the slot, c: the block. slot on entry: of a lossy reader. a: that. */
void records_pick(model_t *m, thread_t *self, frame_t *f)
{
    const row_t *row = &m->s.rows[f->t];
    const block_t *block;
    view_t *view = &self->views[f->t];
    BEGIN;
    f->a = f->slot;
    f->slot = 0;
    STEP("open_blocks.pick");
    f->word = row->claimed;
    f->slot = row->slot; /* whose version that is: this reader does not know it yet */
    if (f->word == 0)
        RETURN(0);
    STEP("open_blocks.pick");
    f->b = row->slot;
    STEP("open_blocks.pick");
    f->c = row->block;
    if (!FAULT(pick_one_look)) {
        STEP("open_blocks.pick"); /* versions of two slots may be equal */
        if (row->slot == f->slot ? row->claimed != f->word
                                 : (row->claimed & ~STALE) != (f->word & ~STALE) || !model_choose(m, 2))
            RETURN(0);
    }
    if (f->b != f->slot)
        f->word = f->b == row->slot && row->claimed ? row->claimed : f->word & ~STALE;
    f->slot = f->b;
    f->b = 0;
    if (f->c <= view->done)
        RETURN(0);
    if (!f->a) {
        if (!FAULT(pick_without_word)) {
            STEP("open_blocks.pick");
            if (m->s.slots[f->slot].word != (FAULT(pick_without_version) ? f->word & ~STALE : f->word))
                RETURN(0);
        }
        STEP("open_blocks.pick");
        block = &m->s.blocks[f->slot];
        if (!FAULT(pick_without_fields) &&
            (block->kind != RECORDS || block->writer != f->t || block->number != f->c))
            RETURN(0);
        view->base = block->base;
    }
    view->slot = f->slot + 1;
    view->number = f->c;
    view->word = f->a ? f->word : 0;
    view->behind = IN_TURN;
    RETURN(1);
    END;
}

/* Where there is a slot for each writer's block, for each reader's, and one more. The planted bugs have no hold to keep. */
bool keeps_blocks(const model_t *m)
{
    return m->config->slots > m->rows + m->config->subscriptions && !FAULT(lossy_without_bit) &&
           !FAULT(lossy_bit_last);
}

static void leave_block(view_t *view)
{
    view->slot = view->number = view->base = view->word = view->behind = 0;
}

/* t: a row. A lossy reader holds the block that it knows: bit first, then the word, which may have gone on to be
 * committed. Result 1: it holds it; 0: it knows it no more; 2: busy, another thread of this participant is clearing
 * the bit, and what is CLAIMED by somebody else cannot be pinned. */
void records_hold(model_t *m, thread_t *self, frame_t *f)
{
    view_t *view = &self->views[f->t];
    int word;
    BEGIN;
    f->slot = view->slot - 1;
    if (!FAULT(lossy_without_bit) && !FAULT(lossy_bit_last))
        CALL(take, f->slot, 0);
    if (!FAULT(lossy_without_bit) && !FAULT(lossy_bit_last) && !FAULT(lossy_ignores_clearing) &&
        self->result == 0)
        RETURN(2);
    STEP("open_blocks.pick");
    word = m->s.slots[f->slot].word;
    f->a = (FAULT(lossy_without_version) || !(view->word & STALE)) &&
           (word == (view->word & ~STALE) || (word_is_committed(word) && !(word & WITHDRAWN)));
    if (f->a) {
        STEP("open_blocks.pick");
        f->a = m->s.blocks[f->slot].kind == RECORDS && m->s.blocks[f->slot].writer == f->t &&
               m->s.blocks[f->slot].number == view->number;
        view->base = f->a ? m->s.blocks[f->slot].base : 0;
    }
    if (FAULT(lossy_bit_last))
        CALL(take, f->slot, 0);
    if (!f->a) {
        leave_block(view);
        if (!FAULT(openings_trusted))
            self->openings = 0;
        if (!FAULT(lossy_without_bit))
            CALL(drop, f->slot, 0);
    }
    RETURN(f->a);
    END;
}

/* The block's first record is not this reader's next: those between come by the order first, or are missed. */
static bool waits_for_order(model_t *m, thread_t *self, int r, bool lossy)
{
    view_t *view = &self->views[r];
    if (view->next != NONE && view->base <= view->next)
        return false;
    if (!lossy && view->next != NONE && !FAULT(open_before_order))
        return true;
    if (view->behind != ORDER_WAS_EMPTY && !(lossy && FAULT(missed_before_order)) &&
        !(view->next == NONE && FAULT(oldest_is_open)) && !FAULT(open_before_order)) {
        view->behind = BEHIND;
        return true;
    }
    view->behind = IN_TURN;
    check_missed(m, self, r, view->next == NONE ? 0 : view->next, view->base);
    view->next = view->base;
    return false;
}

/* The next record of the block that a lossy reader has kept, if there is one; else it keeps it no more. Result 1: one was
 * given. slot: of the block, a: its row, b: keep it on, c: the header. */
void records_kept(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    f->slot = self->kept - 1;
    f->a = m->s.blocks[f->slot].writer;
    STEP("records.read");
    f->c = header_at(m, f->slot, self->views[f->a].next);
    if (f->c != HEADER_NONE && f->c != HEADER_END) {
        check_record(m, self, f->a, f->c);
        STEP("cursor.done");
        if (!(m->s.slots[f->slot].hold >> model_me(m, self) & 1))
            model_fail(m, "a lossy reader reads a block without its bit");
        if (header_at(m, f->slot, self->views[f->a].next) != f->c)
            model_fail(m, "a record was taken away under its reader");
        self->views[f->a].next++;
        STEP("records.keep");
        f->b = model_choose(m, 2);
    }
    f->a = 0;
    f->c = f->c != HEADER_NONE && f->c != HEADER_END;
    if (!f->b) {
        self->kept = 0;
        if (!FAULT(keep_for_good))
            CALL(drop, f->slot, 0);
    } else if (FAULT(keep_drops_early)) {
        CALL(drop, f->slot, 0);
    }
    RETURN(f->c);
    END;
}

/* One record of an open block, if there is one. t: for a lossy reader. Result 1: one was given; 2: busy. a: the row,
 * b: all rows are looked at (1), one was busy (2), c: the header; slot: of the block. */
void records(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    STEP("open_blocks.pick");
    self->empty_at = 0;
    f->b = self->openings != UP_TO_DATE;
    self->openings = UP_TO_DATE;
    for (f->a = 0; f->a < m->rows; f->a++) {
        if (!self->views[f->a].slot && f->b & 1)
            CALL(records_pick, f->t, f->a);
        if (!self->views[f->a].slot)
            continue;
        if (f->t) {
            CALL(records_hold, 0, f->a);
            if (self->result != 1) {
                f->b |= self->result; /* busy: the caller asks again */
                continue;
            }
        }
        f->slot = self->views[f->a].slot - 1;
        if (!waits_for_order(m, self, f->a, f->t)) {
            STEP("records.read");
            f->c = header_at(m, f->slot, self->views[f->a].next);
            if (f->c == HEADER_END) {
                self->views[f->a].done = self->views[f->a].number;
                leave_block(&self->views[f->a]);
                if (!FAULT(openings_trusted))
                    self->openings = 0; /* a new one may have been named since */
                f->c = 0;
            } else if (f->c != HEADER_NONE) {
                check_record(m, self, f->a, f->c);
                STEP("cursor.done");
                if (f->t && !(m->s.slots[f->slot].hold >> model_me(m, self) & 1))
                    model_fail(m, "a lossy reader reads an open block without its bit");
                if (header_at(m, f->slot, self->views[f->a].next) != f->c)
                    model_fail(m, "a record was taken away under its reader");
                self->views[f->a].next++;
                if (f->b & 1 && !FAULT(scan_cut_short))
                    self->openings = 0; /* the other rows have not been looked at */
                f->a = f->b = 0;
                f->c = 1;
            }
        }
        if (f->t && f->c && keeps_blocks(m)) {
            STEP("records.keep");
            self->kept = model_choose(m, 2) ? f->slot + 1 : 0;
        }
        if (f->t && !self->kept && !FAULT(lossy_without_bit))
            CALL(drop, f->slot, 0);
        f->slot = 0;
        if (f->c)
            RETURN(1);
    }
    RETURN(f->b & 2);
    END;
}

/* slot: at the cursor t of the order, and it stays. Result 0: this reader has had all of it; 1: a record was given;
 * 2: the message was, and that is all. a: the row, c: the header. */
void records_order(model_t *m, thread_t *self, frame_t *f)
{
    const block_t *block = &m->s.blocks[f->slot];
    view_t *view = &self->views[block->writer];
    BEGIN;
    STEP("records.order");
    f->a = block->writer;
    if (view->next == NONE) {
        view->next = block->base;
    } else if (block->base > view->next) {
        if (strchr("LD", m->config->roles[self - m->s.threads]) ||
            (is_budgeted(m, self) && m->s.subscriptions[self->frames[0].a].budget == WITHIN_BUDGET &&
             self->frames[0].t >= self->frames[0].c))
            model_fail(m, "a lossless reader lost records");
        check_missed(m, self, f->a, view->next, block->base);
        view->next = block->base;
    }
    if (block->kind == NUMBERED) {
        f->c = view->next == block->base ? 2 : 0;
        view->next += f->c != 0;
        RETURN(f->c);
    }
    STEP("records.order");
    f->c = header_at(m, f->slot, view->next);
    if (f->c == HEADER_NONE)
        model_fail(m, "a block in the order has no end");
    if (f->c == HEADER_END) {
        view->done = block->number > view->done ? block->number : view->done;
        if (view->number == block->number) {
            leave_block(view);
            if (!FAULT(openings_trusted))
                self->openings = 0;
        }
        RETURN(0);
    }
    check_record(m, self, f->a, f->c);
    STEP("cursor.done");
    if (header_at(m, f->slot, view->next) != f->c)
        model_fail(m, "a record was taken away under its reader");
    view->next++;
    RETURN(1);
    END;
}

/* Where a reader starts in each row, by number: an open block is looked at first, since what is listed from here on
 * comes by the order. t: for a lossy reader. a: the row, b: what was committed before. */
void records_join(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    for (f->a = 0; f->a < m->rows; f->a++) {
        if (model_may(m, FROM_OLDEST)) {
            self->views[f->a].next = NONE;
            continue;
        }
        f->b = m->s.rows[f->a].committed;
        CALL(records_pick, f->t, f->a);
        if (self->views[f->a].slot && f->t)
            CALL(records_hold, 0, f->a);
        if (self->views[f->a].slot && f->t && self->result == 2) {
            leave_block(&self->views[f->a]);
            f->a--; /* once more */
            f->b = 0;
            continue;
        }
        STEP("open_blocks.join");
        if (self->views[f->a].slot) {
            f->slot = self->views[f->a].slot - 1;
            self->views[f->a].next = self->views[f->a].base + records_in(m, f->slot);
        } else {
            self->views[f->a].next = m->s.rows[f->a].total;
        }
        if (self->views[f->a].next < f->b && !model_may(m, MIXES))
            model_fail(m, "a reader that starts now gets records of before");
        if (self->views[f->a].next > m->s.rows[f->a].committed)
            model_fail(m, "a reader starts in the future");
        f->b = 0;
        if (self->views[f->a].slot && f->t && !FAULT(lossy_without_bit))
            CALL(drop, f->slot, 0);
        f->slot = 0;
    }
    RETURN(0);
    END;
}
