/* SPDX-License-Identifier: Apache-2.0 */
/* What each thread does. A role rests where `idle` is set: nothing is held, claimed or subscribed there. */
#include "model.h"

/* Its bytes go where headers stood. */
static void write_whole(model_t *m, thread_t *self, int slot)
{
    if (m->rows == 0)
        return;
    drain(m, self);
    m->s.blocks[slot].kind = WHOLE;
    m->s.blocks[slot].freed = 0;
    for (int i = 0; i < MAX_RECORDS; i++)
        m->s.blocks[slot].headers[i] = HEADER_GARBAGE;
}

/* slot: claimed, a: claimed before it (a batch) + 1, b: how many were published, c: what was found. */
void producer(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    while (self->left > 0) {
        f->slot = f->b = 0;
        self->idle = f->a == 0 && !self->watching && !model_may(m, STREAMS);
        if (model_may(m, STREAMS) && !m->s.participants[model_me(m, self)].streaming)
            CALL(stream_open, 0, 0);
        CALL(allocate, 0, 0);
        f->c = self->result;
        if (f->c == 0 && (!f->a || FAULT(batch_waits))) { /* a batch does not wait while it holds a slot */
            if (!model_may(m, WAITS)) {
                self->left -= model_may(m, GIVES_UP) != 0;
                continue;
            }
            CALL(doze, 0, SPACE_EVENT);
            if (self->result) { /* the time is over */
                CALL(go, 0, SPACE_EVENT);
                self->left--;
            }
            continue;
        }
        if (self->watching)
            CALL(go, 0, SPACE_EVENT);
        if (f->c && model_may(m, BATCHES) && !f->a && self->left > 1) {
            f->a = f->c;
            f->c = 0;
            continue;
        }
        f->slot = f->c ? f->c - 1 : f->a - 1;
        if (f->c == 0)
            f->a = 0;
        f->c = 0;
        while (true) {
            self->writing = f->slot + 1;
            if (has_role(m->config, 'C')) { /* its bytes come before its fields */
                STEP("mark_ready.fields");
                drain(m, self);
                m->s.blocks[f->slot].spoilt = 1;
            }
            STEP("mark_ready.fields");
            if (has_role(m->config, 'O'))
                weak_content(m, self, f->slot, NONE);
            if (model_may(m, SELECTS))
                weak_content(m, self, f->slot, model_choose(m, 2));
            if (model_may(m, STREAMS))
                m->s.slots[f->slot].producer = producer_mark(m, model_me(m, self));
            write_whole(m, self, f->slot);
            m->s.spans[f->slot].kind = NO_SPAN;
            if (model_may(m, MAY_ABORT) && model_choose(m, 2) == 1) {
                STEP("abort.free");
                f->word = word_make(CLAIMED, model_me(m, self), 0);
                if (FAULT(abort_marks_first)) {
                    CALL(free_map_set, f->slot, 0);
                    STEP("abort.free");
                }
                if (!word_cas(m, self, f, word_make(FREE, NOBODY, 0), false))
                    model_fail(m, "a slot that was claimed cannot be aborted");
                self->writing = f->word = 0;
                if (!FAULT(abort_marks_first))
                    CALL(free_map_set, f->slot, 0);
                if (!FAULT(abort_is_silent))
                    CALL(wake, 0, SPACE_EVENT);
            } else {
                f->c = 0;
                if (model_may(m, HOLDS_OWN) && !FAULT(keeps_after_publish)) {
                    CALL(take, f->slot, 0);
                    f->c = self->result;
                }
                CALL(publish, f->slot, 0);
                if (model_may(m, HOLDS_OWN) && FAULT(keeps_after_publish)) {
                    CALL(take, f->slot, 0);
                    f->c = self->result;
                }
                if (f->c) {
                    if (m->s.slots[f->slot].message == NONE)
                        model_fail(m, "what a producer publishes and holds is gone");
                    self->reading[f->slot] = m->s.slots[f->slot].message + 1;
                    STEP("mark_ready.keep");
                    f->c = 0;
                    CALL(drop, f->slot, 0);
                }
                f->b++;
            }
            if (FAULT(free_map_clear_late)) {
                STEP("claim.map");
                m->s.leaf[f->slot / m->config->width] &= ~(1 << f->slot % m->config->width);
            }
            self->left--;
            if (f->a == 0)
                break;
            f->slot = f->a - 1;
            f->a = 0;
        }
        f->slot = 0;
        if (f->b && !FAULT(publish_is_silent)) {
            f->t = f->b;
            f->b = 0;
            CALL(announce, 0, f->t);
            f->t = 0;
        }
    }
    /* A proxy tells the death of the producer for which it publishes, by the same steps as a repairer. */
    if (m->s.participants[model_me(m, self)].streaming) {
        f->t = m->config->roles[self - m->s.threads] == 'X' && model_choose(m, 2) == 1 ? DIED : ENDED;
        if (f->t == DIED)
            stream_dies(m, model_me(m, self));
        CALL(stream_close, 0, f->t);
        f->t = 0;
    }
    f->slot = f->b = 0;
    CALL(quit, 0, 0);
    self->idle = 1;
    REST;
    END;
}

static bool has_ticket(const model_t *m, int slot)
{
    const slot_t *s = &m->s.slots[slot];
    return s->message != NONE || (model_may(m, MAY_FORGE) && s->sequence != NONE);
}

int tickets_there(const model_t *m)
{
    int count = 0;
    for (int i = 0; i < m->config->slots; i++)
        count += has_ticket(m, i);
    return count;
}

int ticket_number(const model_t *m, int n)
{
    for (int i = 0;; i++)
        if (has_ticket(m, i) && n-- == 0)
            return i;
}

/* Learns a ticket at one time and uses it at another. */
void tickets(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    while (self->left > 0) {
        f->slot = f->t = f->a = f->b = 0;
        self->idle = 1;
        STEP_WHEN("ticket.take", tickets_there(m) > 0);
        f->slot = ticket_number(m, model_choose(m, tickets_there(m)));
        f->t = m->s.slots[f->slot].sequence;
        CALL(acquire, f->slot, f->t);
        if (self->result == 1) {
            STEP("ticket.take");
            f->a = !model_may(m, MAY_RELEASE) ? 1 : model_may(m, MAY_FREE) ? model_choose(m, 2) : 0;
            if (f->a && FAULT(free_drops_first))
                CALL(drop, f->slot, 0);
            if (f->a)
                CALL(mark_withdrawn, f->slot, f->t);
            f->b = f->a && self->result; /* withdrawn by me */
            f->t = 0;
            if (!f->a || !FAULT(free_drops_first)) {
                f->a = 0;
                CALL(drop, f->slot, 0);
            }
            f->slot = f->a = 0;
            if (f->b)
                CALL(wake, 0, SPACE_EVENT);
        }
        self->left--;
    }
    f->slot = f->t = f->a = f->b = 0;
    CALL(quit, 0, 0);
    self->idle = 1;
    REST;
    END;
}

static void check_refusal(model_t *m, int slot, int t)
{
    if (!model_may(m, MAY_FORGE) && m->s.slots[slot].message == t && !m->s.slots[slot].withdrawn)
        model_fail(m, "an observer was refused a valid ticket");
}

/* Copies by ticket without being seen: control line, order, payload, control line. The words of a line may come in any
 * order. a: the sequence is the ticket's, b: which word was first, and that the payload read so far is the message's,
 * c: looks. See src/traffic/copy.c. */
void observer(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    while (self->left > 0) {
        f->slot = f->word = f->t = f->a = f->b = f->c = 0;
        self->idle = 1;
        STEP_WHEN("ticket.take", tickets_there(m) > 0);
        f->slot = ticket_number(m, model_choose(m, tickets_there(m)));
        f->t = m->s.slots[f->slot].sequence;
        for (f->c = 0; f->c < 2; f->c++) { /* of 16 looks */
            f->word = 0;
            STEP("copy.look");
            f->b = model_choose(m, 2);
            if (f->b)
                f->a = m->s.slots[f->slot].sequence == f->t;
            else
                f->word = m->s.slots[f->slot].word;
            STEP("copy.look");
            if (f->b)
                f->word = m->s.slots[f->slot].word;
            else
                f->a = m->s.slots[f->slot].sequence == f->t;
            f->b = 0;
            if (!f->a || f->word & WITHDRAWN || word_state(f->word) == FREE ||
                word_state(f->word) == CLAIMED) {
                check_refusal(m, f->slot, f->t);
                break;
            }
            if (word_state(f->word) == COMMIT) {
                STEP("copy.listed");
                if (order_at(m, f->t)->sequence != f->t || order_at(m, f->t)->slot != f->slot) {
                    if (FAULT(copy_one_listed)) {
                        check_refusal(m, f->slot, f->t);
                        break;
                    }
                    continue; /* finished meanwhile, and its entry perhaps overwritten */
                }
            }
            f->a = 0;
            STEP("copy.payload");
            f->b = m->s.slots[f->slot].content == f->t;
            STEP("copy.payload");
            f->b = f->b && m->s.slots[f->slot].content == f->t;
            if (FAULT(copy_one_look)) {
                f->c = 100;
                break;
            }
            STEP("copy.again");
            f->a = word_state(m->s.slots[f->slot].word) != CLAIMED &&
                   word_state(m->s.slots[f->slot].word) != FREE && !(f->word & STALE);
            f->word = 0;
            STEP("copy.again");
            if (f->a && m->s.slots[f->slot].sequence == f->t) {
                f->c = 100;
                break;
            }
        }
        if (f->c >= 100 && !f->b)
            model_fail(m, "an observer copied bytes of another message");
        self->left--;
    }
    f->slot = f->word = f->t = f->a = f->b = f->c = 0;
    self->idle = 1;
    REST;
    END;
}
