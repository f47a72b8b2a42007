/* SPDX-License-Identifier: Apache-2.0 */
/* Hold bits, the private counts behind them, and pins. See src/protocol/hold.c and src/protocol/pin.c. */
#include "model.h"

bool is_alone(const model_t *m, const thread_t *self)
{
    int threads = 0;
    for (int i = 0; i < m->threads; i++)
        threads += m->config->participants[i] == m->config->participants[self - m->s.threads];
    return threads == 1;
}

/* Does anybody hold `slot`? Word by word, as sets of many participants are. */
void held(model_t *m, thread_t *self, frame_t *f)
{
    int word = model_may(m, WIDE_SETS) ? 1 << f->a : ~0;
    BEGIN;
    for (; f->a < (model_may(m, WIDE_SETS) ? MAX_PARTICIPANTS : 1); f->a++) {
        STEP("view.held");
        if (m->s.slots[f->slot].hold & word & (FAULT(own_bit) ? ~(1 << model_me(m, self)) : ~0))
            RETURN(1);
    }
    if (has_letters(m->config)) {
        STEP("view.held");
        if (m->s.slots[f->slot].letter)
            RETURN(1);
    }
    RETURN(0);
    END;
}

/* One more reference of mine on `slot`: with the first comes the bit. A participant's only thread counts alone.
 * Result 0: another thread is clearing the bit, and may be stopped before it does; nothing is taken. a: there are
 * others. */
void take(model_t *m, thread_t *self, frame_t *f)
{
    participant_t *mine = &m->s.participants[model_me(m, self)];
    BEGIN;
    if (!is_alone(m, self)) {
        STEP_WHEN("hold_count.change", !FAULT(clearing_waits) || !mine->clearing[f->slot]);
        if (mine->clearing[f->slot] && !FAULT(clearing_takes))
            RETURN(0);
        f->a = mine->references[f->slot]++ > 0;
        if (f->a && FAULT(nested_trusts_count))
            RETURN(1);
        if (f->a) {
            STEP("hold.set"); /* whoever was first may not have set it yet */
            if (m->s.slots[f->slot].hold >> model_me(m, self) & 1)
                RETURN(1);
        }
    }
    STEP("hold.set");
    drain(m, self);
    m->s.slots[f->slot].hold |= 1 << model_me(m, self);
    mine->references[f->slot] += is_alone(m, self);
    RETURN(1);
    END;
}

void drop(model_t *m, thread_t *self, frame_t *f)
{
    participant_t *mine = &m->s.participants[model_me(m, self)];
    BEGIN;
    self->reading[f->slot] = 0;
    if (self->pinned[f->slot]) {
        f->t = 0;
        CALL(unpin, f->slot, 0);
        RETURN(0);
    }
    if (!is_alone(m, self)) {
        STEP("hold_count.change");
        if (--mine->references[f->slot] > 0)
            RETURN(0);
        mine->clearing[f->slot] = !FAULT(clear_unmarked) && !(FAULT(undo_unmarked) && f->t);
    }
    STEP("hold.clear");
    drain(m, self);
    m->s.slots[f->slot].hold &= ~(1 << model_me(m, self));
    mine->references[f->slot] -= is_alone(m, self);
    if (!is_alone(m, self)) {
        STEP("hold_count.change");
        mine->clearing[f->slot] = 0;
    }
    if (FAULT(drop_without_look) || (FAULT(undo_without_look) && f->t))
        RETURN(0);
    f->t = 0;
    STEP("hold.drop");
    if (word_is_retired(m->s.slots[f->slot].word))
        CALL(reclaim_retired, f->slot, 0);
    RETURN(0);
    END;
}

/* A reader does not wait for a writer: it puts the slot back. */
static int reinstate(const model_t *m, int word)
{
    int flags = (FAULT(reinstate_unretired) ? word & RETIRED : RETIRED) |
                (FAULT(reinstate_restores) ? 0 : word & WITHDRAWN);
    return word_make(PUBLISHED, NOBODY, flags);
}

/* It stays. The word that says so must not say that it was withdrawn. */
static void keep_reading(model_t *m, thread_t *self, frame_t *f)
{
    if (f->word & WITHDRAWN && !is_budgeted(m, self))
        model_fail(m, "a message that was withdrawn is had again");
    f->word = 0;
    self->reading[f->slot] = f->t + 1;
}

/* By the word, where the bit cannot be had. See src/protocol/pin.c. Result 1: message t stays in `slot`; 0: stale;
 * 2: another participant has pinned it. After 0 and 2 the caller unpins. */
void pin(model_t *m, thread_t *self, frame_t *f)
{
    participant_t *mine = &m->s.participants[model_me(m, self)];
    int flags;
    BEGIN;
    STEP("pin.count");
    mine->pins[f->slot]++;
    self->pinned[f->slot] = 1;
    for (;;) {
        f->word = f->a = 0;
        STEP("pin.look");
        f->word = m->s.slots[f->slot].word;
        if (word_pinner(f->word) != NOBODY && word_pinner(f->word) != model_me(m, self))
            RETURN(2);
        if (word_state(f->word) != FREE && word_state(f->word) != CLAIMED && f->word & WITHDRAWN &&
            is_budgeted(m, self))
            RETURN(2);
        if (word_state(f->word) == FREE || word_state(f->word) == CLAIMED || f->word & WITHDRAWN)
            RETURN(0);
        STEP("pin.look");
        f->a = load_sequence(m, self, f->slot) == f->t;
        if (!f->a && word_state(f->word) != COMMIT)
            RETURN(0);
        if (word_state(f->word) == COMMIT) {
            if (f->a) {
                STEP("pin.look");
                f->a = order_at(m, f->t)->sequence == f->t && order_at(m, f->t)->slot == f->slot;
            }
            if (!f->a) {
                STEP("pin.look");
                if (m->s.slots[f->slot].word == f->word)
                    RETURN(0);
                continue;
            }
        }
        f->a = 0;
        STEP("pin.set");
        flags = FAULT(pin_retires) || word_state(f->word) == RECLAIM ? RETIRED : f->word & RETIRED;
        if (word_cas(m, self, f, word_make(PUBLISHED, model_me(m, self), flags), !FAULT(pin_same_version))) {
            keep_reading(m, self, f);
            RETURN(1);
        }
    }
    END;
}

/* The last thread of a participant that holds by the word takes the pin away; a new one makes a new version first. */
void unpin(model_t *m, thread_t *self, frame_t *f)
{
    participant_t *mine = &m->s.participants[model_me(m, self)];
    int me = model_me(m, self);
    BEGIN;
    self->pinned[f->slot] = 0;
    STEP("pin.count");
    if (--mine->pins[f->slot] > 0)
        RETURN(0);
    for (;;) {
        f->word = 0;
        if (!FAULT(unpin_word_late)) {
            STEP("pin.clear");
            f->word = m->s.slots[f->slot].word;
            if (word_pinner(f->word) != me)
                RETURN(0);
        }
        STEP("pin.clear");
        if (mine->pins[f->slot] > 0)
            RETURN(0);
        if (FAULT(unpin_word_late)) {
            STEP("pin.clear");
            f->word = m->s.slots[f->slot].word;
            if (word_pinner(f->word) != me)
                RETURN(0);
        }
        STEP("pin.clear");
        if (word_cas(m, self, f, word_make(PUBLISHED, NOBODY, f->word & (RETIRED | WITHDRAWN)), false) ||
            FAULT(unpin_once))
            break;
    }
    f->a = f->word & RETIRED;
    f->word = 0;
    if (f->a && !FAULT(unpin_unreclaimed))
        CALL(reclaim_retired, f->slot, 0);
    RETURN(0);
    END;
}

/* Result 1: message t stays in `slot`; 0: stale, nothing is held; 2: busy, nothing is held. */
void acquire(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    f->b = 1;
    if (!FAULT(acquire_bit_last)) {
        CALL(take, f->slot, 0);
        f->b = self->result;
    }
    if (!f->b) {
        CALL(pin, f->slot, f->t);
        f->b = self->result;
        if (f->b == 1)
            RETURN(1);
    } else {
        f->b = 0;
    }
    while (!self->pinned[f->slot]) {
        f->word = f->a = 0;
        STEP("hold.readable");
        f->word = m->s.slots[f->slot].word;
        if (word_state(f->word) == RECLAIM) {
            STEP("hold.reinstate");
            word_cas(m, self, f, reinstate(m, f->word), !FAULT(reinstate_same_version));
            continue;
        }
        if (word_state(f->word) != PUBLISHED && word_state(f->word) != COMMIT)
            break;
        STEP("hold.readable");
        f->a = load_sequence(m, self, f->slot) == f->t;
        if (word_state(f->word) == PUBLISHED || (f->a && FAULT(acquire_trusts_commit))) {
            if (f->a && (!(f->word & WITHDRAWN) || FAULT(acquire_withdrawn) ||
                         (is_budgeted(m, self) && !FAULT(budget_skips_withdrawn)))) {
                if (FAULT(acquire_bit_last))
                    CALL(take, f->slot, 0);
                keep_reading(m, self, f);
                RETURN(1);
            }
            break;
        }
        if (f->a) {
            STEP("view.listed");
            if (order_at(m, f->t)->sequence == f->t && order_at(m, f->t)->slot == f->slot) {
                keep_reading(m, self, f);
                RETURN(1);
            }
        }
        f->a = 0;
        if (FAULT(acquire_one_look))
            break;
        STEP("view.listed");
        if (m->s.slots[f->slot].word == f->word)
            break;
    }
    f->word = f->a = 0;
    if (f->b != 2 && model_may(m, MAY_FORGE) == 0 && m->s.slots[f->slot].message == f->t &&
        !m->s.slots[f->slot].withdrawn)
        model_fail(m, "a valid ticket was refused");
    f->t = 0;
    if (!FAULT(acquire_bit_last) || self->pinned[f->slot])
        CALL(drop, f->slot, 1);
    RETURN(f->b);
    END;
}

/* I hold the message. Result 1, or 0: it was withdrawn before. See src/traffic/ticket.c. a: the gate, then whether a
 * lossless reader needs the message. */
void mark_withdrawn(model_t *m, thread_t *self, frame_t *f)
{
    participant_t *mine = &m->s.participants[model_me(m, self)];
    BEGIN;
    f->a = mine->gate;
    if (f->t >= f->a) {
        CALL(gate, 0, 0);
        f->a = self->result;
    }
    f->a = f->t >= f->a && !FAULT(free_ignores_gate);
    if (FAULT(withdrawn_early))
        CALL(withdrawn_mark, 0, f->t);
    if (FAULT(deferred_early) && f->a) {
        STEP("ticket.defer");
        order_at(m, f->t)->deferred = 1;
    }
    for (;;) {
        f->word = 0;
        STEP("ticket.withdraw");
        f->word = m->s.slots[f->slot].word;
        if (word_state(f->word) == RECLAIM) {
            STEP("ticket.reinstate");
            word_cas(m, self, f, reinstate(m, f->word), !FAULT(reinstate_same_version));
            continue;
        }
        if (f->word & WITHDRAWN)
            RETURN(0);
        STEP("ticket.withdraw");
        if (FAULT(free_leaves_commit) && word_state(f->word) == COMMIT && f->a) {
            if (!word_cas(m, self, f, f->word | WITHDRAWN, false))
                continue;
            m->s.slots[f->slot].withdrawn = 1;
            RETURN(1);
        }
        if (word_cas(m, self, f,
                     word_make(PUBLISHED, FAULT(free_drops_pin) ? NOBODY : word_pinner(f->word),
                               WITHDRAWN | (f->word & RETIRED) | (f->a ? 0 : RETIRED)),
                     false)) {
            if (m->s.slots[f->slot].withdrawn)
                model_fail(m, "one message was withdrawn twice");
            m->s.slots[f->slot].withdrawn = 1;
            break;
        }
    }
    f->a = !(f->word & RETIRED);
    f->word = f->slot = 0;
    if (FAULT(withdrawn_before_deferred))
        CALL(withdrawn_mark, 0, f->t);
    if (f->a && !FAULT(free_leaves_nothing) && !FAULT(deferred_early)) {
        STEP("ticket.defer");
        drain(m, self);
        order_at(m, f->t)->deferred = 1;
    }
    f->a = 0;
    CALL(withdrawn_mark, 0, f->t);
    RETURN(1);
    END;
}
