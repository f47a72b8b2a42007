/* SPDX-License-Identifier: Apache-2.0 */
/* Getting a slot to write into. See src/protocol/claim.c. Result of all three: slot + 1, or 0. */
#include "model.h"

static int lowest_from(int bits, int n)
{
    for (int i = 0;; i++)
        if (bits >> i & 1 && n-- == 0)
            return i;
}

static int count(int bits)
{
    int n = 0;
    for (; bits; bits &= bits - 1)
        n++;
    return n;
}

static void free_map_clear(model_t *m, thread_t *self, int slot)
{
    drain(m, self);
    m->s.leaf[slot / m->config->width] &= ~(1 << slot % m->config->width);
}

/* The search starts anywhere (the write index). a: word of the lowest level, b: its bit above was seen. */
void claim(model_t *m, thread_t *self, frame_t *f)
{
    int words = (m->config->slots + m->config->width - 1) / m->config->width;
    BEGIN;
    for (;;) {
        f->slot = f->word = f->a = f->b = 0;
        STEP("bitmap.find");
        if (m->s.summary == 0)
            break;
        f->a = model_choose(m, words);
        f->b = m->s.summary >> f->a & 1;
        STEP("bitmap.find");
        if (m->s.leaf[f->a] == 0) {
            if (f->b)
                CALL(clear_up, f->a * m->config->width, 0);
            continue;
        }
        f->slot =
            f->a * m->config->width + lowest_from(m->s.leaf[f->a], model_choose(m, count(m->s.leaf[f->a])));
        f->a = f->b = 0;
        STEP("claim.map");
        f->word = m->s.slots[f->slot].word;
        if (word_state(f->word) == FREE) {
            if (FAULT(free_map_clear_before_claim)) {
                STEP("claim.map");
                free_map_clear(m, self, f->slot);
            }
            STEP("claim.map");
            if (!word_cas(m, self, f, word_make(CLAIMED, model_me(m, self), 0), !FAULT(free_same_version)))
                continue;
            f->word = 0;
            if (!FAULT(free_map_clear_before_claim) && !FAULT(free_map_clear_late)) {
                STEP("claim.map");
                free_map_clear(m, self, f->slot);
                if (m->s.leaf[f->slot / m->config->width] == 0)
                    CALL(clear_up, f->slot, 0);
            }
            STEP("claim.start");
            weak_sequence(m, self, f->slot, NONE);
            RETURN(f->slot + 1);
        }
        f->word = 0;
        STEP("claim.map");
        free_map_clear(m, self, f->slot);
        f->b = m->s.leaf[f->slot / m->config->width] == 0;
        if (!FAULT(free_map_clear_one_look)) {
            STEP("claim.map");
            if (word_state(m->s.slots[f->slot].word) == FREE) {
                f->b = 0;
                CALL(free_map_set, f->slot, 0);
                f->slot = 0;
                CALL(wake, 0, SPACE_EVENT);
                continue;
            }
        }
        if (f->b)
            CALL(clear_up, f->slot, 0);
    }
    if (model_may(m, KEEPS))
        CALL(walk_deferred, 0, 0);
    else
        CALL(walk, 0, 0);
    f->a = self->result;
    if (f->a && m->s.spans[f->a - 1].kind == SPAN && !FAULT(claim_leaves_pieces)) {
        CALL(span_free, 0, f->a - 1);
        CALL(wake, 0, SPACE_EVENT);
    }
    if (f->a || !model_may(m, GATHERS))
        RETURN(f->a);
    CALL(press, 0, 0);
    RETURN(0);
    END;
}

enum {
    NOTHING,
    PASS,
    AGAIN,
    TAKEN
};

/* t: where it is, a: `frontier` as it was loaded, b: the gate is fresh, c: what was found. */
void walk(model_t *m, thread_t *self, frame_t *f)
{
    participant_t *mine = &m->s.participants[model_me(m, self)];
    int i;
    BEGIN;
    STEP("claim.walk");
    f->a = m->s.frontier;
    if (!is_alone(m, self))
        STEP("claim.walk"); /* `walked` is shared by the threads of the handle */
    f->t = mine->walked > f->a ? mine->walked : f->a;
    for (;;) {
        STEP("claim.walk");
        f->c = entry_age(order_at(m, f->t), f->t) < 0 ? NOTHING : PASS;
        if (f->c == PASS && entry_age(order_at(m, f->t), f->t) == 0) {
            f->slot = order_at(m, f->t)->slot;
            if (!is_alone(m, self))
                STEP("claim.walk"); /* so is the gate */
            if (f->t >= mine->gate && !f->b && !FAULT(no_gate)) {
                f->b = 1;
                CALL(gate, 0, 0);
                i = self->result;
            } else {
                i = FAULT(no_gate) ? f->t + 1 : mine->gate;
            }
            f->c = f->t < i ? AGAIN : FAULT(walk_over_gated) ? PASS : NOTHING;
            if (f->c == NOTHING && (has_budgets(m->config) || model_may(m, BY_HAND | ABSENCES))) {
                CALL(revoke, 0, f->t);
                if (self->result) {
                    f->b = 0;
                    continue;
                }
            }
        }
        if (f->c == AGAIN) {
            CALL(try_listed, f->slot, f->t);
            f->c = self->result;
        }
        if (f->c == AGAIN)
            continue;
        f->slot = f->c == TAKEN ? f->slot : 0;
        if (f->c == NOTHING)
            break;
        f->t++;
        if (f->c == PASS) {
            STEP("withdrawn.skip");
            f->slot = withdrawn_skip(m, f->t, m->s.end);
            if (f->slot > f->t && !FAULT(skip_leaves_deferred)) {
                STEP("deferred.find");
                i = deferred_find(m, f->t);
                f->slot = i != NONE && i < f->slot ? i : f->slot;
            }
            f->t = f->slot;
            f->slot = 0;
        }
        if (f->c == TAKEN) {
            if (!is_alone(m, self))
                STEP("claim.walk");
            mine->walked = f->t;
            break;
        }
        if (f->t >= f->a + m->config->lag) {
            STEP("claim.frontier");
            drain(m, self);
            if (m->s.frontier == f->a || FAULT(frontier_stores))
                m->s.frontier = f->t;
            STEP("claim.frontier");
            f->a = m->s.frontier;
            f->t = f->t > f->a ? f->t : f->a;
        }
    }
    f->b = 0;
    if (f->t >= f->a + (f->c == TAKEN ? m->config->lag : 1)) {
        STEP("claim.frontier");
        drain(m, self);
        if (m->s.frontier == f->a || FAULT(frontier_stores))
            m->s.frontier = f->t;
    }
    RETURN(f->c == TAKEN ? f->slot + 1 : 0);
    END;
}

/* In a ring that keeps. t: what is left, b: the gate is fresh, c: what was found. */
void walk_deferred(model_t *m, thread_t *self, frame_t *f)
{
    participant_t *mine = &m->s.participants[model_me(m, self)];
    int i;
    BEGIN;
    for (;;) {
        f->slot = f->t = f->c = 0;
        STEP("claim.deferred");
        f->t = m->s.frontier;
        STEP("deferred.find");
        i = deferred_find(m, f->t);
        if (i == NONE)
            RETURN(0);
        f->t = i;
        STEP("claim.deferred");
        f->c = PASS;
        if (entry_age(order_at(m, f->t), f->t) == 0) {
            f->slot = order_at(m, f->t)->slot;
            if (!is_alone(m, self))
                STEP("claim.deferred");
            if (f->t >= mine->gate && !f->b && !FAULT(no_gate)) {
                f->b = 1;
                CALL(gate, 0, 0);
                i = self->result;
            } else {
                i = FAULT(no_gate) ? f->t + 1 : mine->gate;
            }
            f->c = f->t < i ? AGAIN : NOTHING;
            if (f->c == NOTHING && (has_budgets(m->config) || model_may(m, BY_HAND | ABSENCES))) {
                CALL(revoke, 0, f->t);
                if (self->result) {
                    f->b = 0;
                    continue;
                }
            }
        }
        if (f->c == NOTHING)
            RETURN(0);
        if (f->c == AGAIN) {
            CALL(try_listed, f->slot, f->t);
            f->c = self->result;
        }
        if (f->c == TAKEN)
            RETURN(f->slot + 1);
        if (f->c == PASS) {
            f->slot = 0;
            CALL(deferred_clear, 0, f->t);
        }
    }
    END;
}

/* Message t is below the gate and listed in `slot`. a: what was found, b: the word said withdrawn. Result: that. */
void try_listed(model_t *m, thread_t *self, frame_t *f)
{
    int i;
    BEGIN;
    f->a = AGAIN;
    if (FAULT(walk_word_after)) {
        STEP("claim.slot");
        f->a = load_sequence(m, self, f->slot) == f->t ? AGAIN : PASS;
    }
    STEP("claim.slot");
    f->word = m->s.slots[f->slot].word;
    if (!FAULT(walk_word_after)) {
        STEP("claim.slot");
        f->a = load_sequence(m, self, f->slot) == f->t ? AGAIN : PASS;
    }
    if (f->a == PASS || !word_is_committed(f->word) || f->word & RETIRED ||
        (word_state(f->word) == COMMIT && FAULT(walk_skips_commit)) ||
        (model_may(m, KEEPS) && !(f->word & WITHDRAWN) && !FAULT(walk_takes_kept)))
        RETURN(PASS);
    f->b = (f->word & WITHDRAWN) != 0;
    STEP("claim.slot");
    if (word_pinner(f->word) != NOBODY && !FAULT(walk_ignores_pin)) {
        i = FAULT(walk_drops_pin) ? NOBODY : word_pinner(f->word);
        if (!word_cas(m, self, f, word_make(PUBLISHED, i, RETIRED | (f->word & WITHDRAWN)), false))
            RETURN(AGAIN);
        f->word = 0;
        f->a = PASS;
    } else {
        if (!word_cas(
                m, self, f,
                word_make(RECLAIM, model_me(m, self), FAULT(reclaim_restores) ? 0 : f->word & WITHDRAWN),
                false))
            RETURN(AGAIN);
        f->word = 0;
        CALL(reclaim, f->slot, 0);
        f->a = self->result ? TAKEN : PASS;
    }
    if (f->b)
        CALL(deferred_clear, 0, f->t);
    RETURN(f->a);
    END;
}

/* RECLAIM(me) is set, with the flag in the word; nobody but a reader or my repairer changes that. */
void reclaim(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    f->word = m->s.slots[f->slot].word;
    for (;;) {
        if (!FAULT(reclaim_look_before)) {
            CALL(held, f->slot, 0);
            f->a = self->result;
        }
        if (!f->a) {
            STEP("claim.reclaim");
            if (FAULT(reclaim_stores))
                f->word = m->s.slots[f->slot].word;
            if (!word_cas(m, self, f, word_make(CLAIMED, model_me(m, self), 0), !FAULT(reclaim_same_version)))
                RETURN(0);
            f->word = 0;
            STEP("claim.start");
            weak_sequence(m, self, f->slot, NONE);
            RETURN(f->slot + 1);
        }
        STEP("claim.reclaim");
        if (!word_cas(
                m, self, f,
                word_make(PUBLISHED, NOBODY, (FAULT(walk_unretires) ? 0 : RETIRED) | (f->word & WITHDRAWN)),
                false))
            RETURN(0);
        if (FAULT(retire_one_look))
            RETURN(0);
        CALL(held, f->slot, 0);
        if (self->result)
            RETURN(0);
        STEP("claim.reclaim");
        if (!word_cas(m, self, f, word_make(RECLAIM, model_me(m, self), f->word & (RETIRED | WITHDRAWN)),
                      false))
            RETURN(0);
        f->a = 0;
    }
    END;
}

/* One more try after the reaping that a failed one brings. See src/traffic/allocate.c and src/members/reap.c. Result as
 * claim. */
void allocate(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    CALL(claim, 0, 0);
    if (self->result != 0 || !model_may(m, STOPS) || FAULT(reap_refills_nothing))
        RETURN(self->result);
    for (f->a = 0; f->a < m->config->slots; f->a++) {
        STEP("reap.map");
        if (word_state(m->s.slots[f->a].word) == FREE)
            CALL(free_map_set, f->a, 0);
    }
    CALL(claim, 0, 0);
    RETURN(self->result);
    END;
}
