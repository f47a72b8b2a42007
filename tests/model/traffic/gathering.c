/* SPDX-License-Identifier: Apache-2.0 */
/* A reader that lets messages gather. See src/traffic/readers/gathering.c. A count is one step here: of what a lossless
 * reader counts nothing goes, and what a lossy one counts is only a number. */
#include "model.h"

/* How many messages are to gather. A ring of one slot never has so many. */
static int wanted(const model_t *m)
{
    return m->config->slots > 2 ? 3 : 2;
}

static int in_block(const model_t *m, const thread_t *self, int slot)
{
    const block_t *block = &m->s.blocks[slot];
    int next = self->views[block->writer].next, count = 0;
    for (int i = 0; i < records_in(m, slot); i++)
        count += next == NONE || block->base + i >= next;
    return count;
}

int gathered(const model_t *m, const thread_t *self, int t)
{
    int count = 0, named = NONE;
    for (int r = 0; r < m->rows; r++)
        if (m->s.rows[r].claimed && m->s.blocks[m->s.rows[r].slot].kind == RECORDS) {
            named = m->s.rows[r].slot;
            count += in_block(m, self, named);
        }
    for (; count < wanted(m); t++) {
        const entry_t *entry = &m->s.order[t % m->config->order];
        if (entry_age(entry, t) < 0)
            return count;
        if (entry_age(entry, t) > 0)
            return wanted(m);
        if (entry->slot != named)
            count += m->s.blocks[entry->slot].kind == WHOLE ? 1 : in_block(m, self, entry->slot);
    }
    return count;
}

/* For the invariants. */
bool gathers_on(const model_t *m, const thread_t *self)
{
    for (int d = 0; d < self->depth; d++)
        if (self->frames[d].procedure == DO_gather)
            return gathered(m, self, self->frames[d].t) < wanted(m) && self->gathering == 1 &&
                   (!model_may(m, STREAMS) || !is_stream_news_due(m, self));
    return false;
}

/* t: cursor, a: messages that are there, b: that were there before it armed. */
void gather(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    STEP("gather.press");
    self->gathering = 1;
    for (;;) {
        CALL(doze, 0, GATHERED_EVENT);
        if (self->result)
            break; /* the time is over */
        STEP("gathering.look");
        f->a = gathered(m, self, f->t);
        if (FAULT(gather_arms_late))
            f->b = f->a;
        while (f->a < wanted(m) && !FAULT(gather_arms_late)) {
            STEP("gather.arm");
            gather_arm(m, self, wanted(m) - f->a);
            if (m->s.unfenced && !FAULT(gatherer_fences_not))
                CALL(fence_all, 0, 0);
            f->b = f->a;
            if (FAULT(gather_one_look))
                break;
            STEP("gathering.look");
            f->a = gathered(m, self, f->t);
            if (f->a <= f->b || FAULT(gather_arms_once))
                break;
        }
        if (f->a >= wanted(m))
            break;
        f->a = f->b = 0;
        STEP("gathering.look");
        if (m->s.armed[SPACE_EVENT] && !FAULT(gather_ignores_space))
            break;
        STEP("gathering.look");
        if (self->gathering == 2)
            break;
        if (model_may(m, STREAMS)) {
            STEP("gathering.look");
            if (self->stream_seen != UP_TO_DATE || f->t >= self->due)
                break;
        }
        if (FAULT(gather_arms_late)) {
            STEP("gather.arm");
            gather_arm(m, self, wanted(m) - 1);
        }
    }
    f->a = f->b = self->gathering = 0;
    CALL(go, 0, GATHERED_EVENT);
    RETURN(0);
    END;
}
