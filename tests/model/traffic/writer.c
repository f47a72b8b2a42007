/* SPDX-License-Identifier: Apache-2.0 */
/* A writer of records, as a role. See src/traffic/writer.c. */
#include "model.h"

static int free_row(const model_t *m) /* NONE: there is none */
{
    for (int r = 0; r < m->rows; r++)
        if (m->s.rows[r].owner == 0)
            return r;
    return NONE;
}

/* slot: of the open block + 1, t: row + 1, a: the records in it, b: the next does not fit, c: what was found. */
void writer(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    while (self->left > 0) {
        if (!f->t) {
            self->idle = 1;
            STEP_WHEN("writer.row", free_row(m) != NONE);
            f->t = free_row(m) + 1;
            m->s.rows[f->t - 1].owner = model_me(m, self) + 1;
            if (m->config->roles[self - m->s.threads] == 'E' && !FAULT(unfenced_silently)) {
                STEP("writer.unfenced");
                drain(m, self);
                m->s.unfenced = 1;
            }
        }
        if (model_may(m, STREAMS) && !m->s.participants[model_me(m, self)].streaming)
            CALL(stream_open, 0, 0);
        if (f->slot && f->b && !FAULT(claim_before_close)) {
            CALL(block_close, f->slot - 1, f->t - 1 + MAX_ROWS * f->a);
            f->slot = f->a = f->b = self->writing = 0;
        }
        if (!f->slot || f->b) {
            CALL(allocate, 0, 0);
            f->c = self->result;
            if (f->c == 0) {
                if (!model_may(m, WAITS)) {
                    self->left -= model_may(m, GIVES_UP) != 0;
                    if (self->left == 0)
                        break;
                    continue;
                }
                CALL(doze, 0, SPACE_EVENT);
                if (self->result)
                    CALL(go, 0, SPACE_EVENT);
                continue;
            }
            if (self->watching)
                CALL(go, 0, SPACE_EVENT);
            if (f->b)
                CALL(block_close, f->slot - 1, f->t - 1 + MAX_ROWS * f->a);
            f->slot = f->c;
            f->a = f->b = f->c = 0;
            self->writing = f->slot;
            CALL(block_open, f->slot - 1, f->t - 1);
            if (!self->result) {
                f->slot = self->writing = 0;
                self->left--;
                continue;
            }
            f->b = self->result == 2;
            if (f->b) {
                self->left--;
                continue;
            }
        }
        CALL(record, f->slot - 1, f->a);
        f->b = self->result;
        f->a++;
        self->left--;
    }
    if (model_may(m, IDLES) && !model_may(m, CLOSES) && f->slot && !f->b) {
        self->idle = 2; /* but what it holds can still be taken over from it */
        REST;
    }
    if (f->slot && !(model_may(m, IDLES) && model_may(m, CLOSES))) /* or its handle is closed as it is */
        CALL(block_close, f->slot - 1, f->t - 1 + MAX_ROWS * f->a);
    f->slot = f->a = f->b = self->writing = 0;
    if (f->t && !(model_may(m, IDLES) && model_may(m, CLOSES))) {
        STEP("writer.row");
        drain(m, self);
        m->s.rows[f->t - 1].owner = 0;
    }
    f->t = 0;
    if (m->s.participants[model_me(m, self)].streaming)
        CALL(stream_close, 0, ENDED);
    CALL(quit, 0, 0);
    self->idle = 1;
    REST;
    END;
}
