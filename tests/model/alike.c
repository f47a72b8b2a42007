/* SPDX-License-Identifier: Apache-2.0 */
/* Makes states that behave alike the same one, beyond what the procedures do by forgetting what they will not look at
 * again, and pack.c by the names of participants. README.md says why nothing is lost by it. */
#include "model.h"

/* A reader's account is only for the invariants: nobody in the model decides by it. As long as it is right it can
 * begin later: what was delivered before its last message, and what was missed, is taken out of both sides. Behind a
 * jump its target is of no use any more, nor is the number missed before it, since the next jump stores it anew. */
static void shorten_account(row_t *row)
{
    bool jumping = row->cursor < row->jump_to;
    int missed = jumping ? row->missed : row->jump_missed;
    if (row->state != ROW_ACTIVE || row->cursor <= row->start ||
        row->delivered + missed + row->pending != row->cursor - row->start)
        return;
    row->delivered += missed;
    row->jump_missed -= missed;
    row->missed = 0;
    row->jump_to = jumping ? row->jump_to : 0;
    if (row->delivered > 1) {
        row->start += row->delivered - 1;
        row->delivered = 1;
    }
}

/* Nothing is added to the account of a dead reader. */
static void close_account(row_t *row)
{
    row->start = row->cursor;
    row->delivered = row->gates && row->delivered > 0;
    row->missed = row->jump_to = row->jump_missed = row->pending = 0;
}

/* Whether anybody can still be repaired in the name of participant `p`. */
static bool can_be_repaired(const model_t *m, int p)
{
    return m->s.kills > 0 || m->s.participants[p].dead;
}

/* What only a repair would look at, when there will be none. */
static void forget_streams(model_t *m)
{
    for (int p = 0; p < m->participants; p++)
        if (!can_be_repaired(m, p))
            m->s.streams[p].noted = m->s.streams[p].last = NONE;
    for (int i = 0; i < m->config->slots; i++) {
        int producer = m->s.slots[i].producer % 8 - 1;
        if (producer >= 0 &&
            (!can_be_repaired(m, producer) || m->s.slots[i].producer != producer_mark(m, producer)))
            m->s.slots[i].producer = 0;
    }
}

void make_alike(model_t *m)
{
    for (int r = 0; r < m->config->rows; r++) {
        row_t *row = &m->s.rows[r];
        if (row->state == ROW_ACTIVE && m->s.participants[row->owner].dead)
            close_account(row);
        else
            shorten_account(row);
    }
    if (model_may(m, STREAMS))
        forget_streams(m);
}
