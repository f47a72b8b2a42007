/* SPDX-License-Identifier: Apache-2.0 */
/* A reader that is read by ticket, as a role. See src/traffic/readers/by_ticket.c. It holds each message that it is given, as by
 * any ticket, and then moves its cursor: behind all that lies farther below that message than the window, and behind what was
 * given. A queue brings any ticket of what is there, late, twice or never. */
#include "model.h"

#define WINDOW 1 /* a ring of two slots allows no more */
#define LOSSY 99 /* producers wait for nothing: its messages are those from so far on */

bool is_read_by_ticket(const model_t *m, const thread_t *self)
{
    int actor = (int)(self - m->s.threads);
    return actor < m->threads && m->config->roles[actor] == 'Q';
}

/* The role's own frame has the cursor and, from there on, which messages were given. */
static bool was_given(const frame_t *role, int t)
{
    return t >= role->t && (role->b >> (t - role->t) & 1) != 0;
}

/* The cursor's store: it leaves what lies below `to`. */
static void leave(model_t *m, frame_t *role, int to)
{
    subscription_t *subscription = &m->s.subscriptions[role->a];
    for (; role->t < to; role->t++, role->b >>= 1)
        subscription->delivered += role->b & 1;
    subscription->cursor = to;
}

/* Is message t gone? A look without a hold. Result. */
void is_gone(model_t *m, thread_t *self, frame_t *f)
{
    int state;
    BEGIN;
    STEP("gone.look");
    if (entry_age(order_at(m, f->t), f->t) != 0)
        RETURN(entry_age(order_at(m, f->t), f->t) > 0);
    f->slot = order_at(m, f->t)->slot;
    STEP("gone.look");
    state = word_state(m->s.slots[f->slot].word);
    RETURN(load_sequence(m, self, f->slot) != f->t || state == FREE || state == CLAIMED);
    END;
}

/* Message t was given, and is held; or NONE: on to the first message that is there, since producers wait no more.
 * slot: the message that is looked at, a: missed, b: passed over, c: where the cursor goes. */
void follow_ticket(model_t *m, thread_t *self, frame_t *f)
{
    frame_t *role = &self->frames[0];
    subscription_t *subscription = &m->s.subscriptions[role->a];
    BEGIN;
    f->c = role->t;
    if (f->t == NONE) {
        for (; f->c < LOSSY; f->c++) {
            if (was_given(role, f->c) && !FAULT(lose_forgets_given))
                continue;
            CALL(is_gone, 0, f->c);
            if (!self->result)
                break;
            f->a++;
        }
    } else {
        if (f->t < role->t)
            RETURN(0);
        if (f->t - WINDOW > f->c)
            f->c = f->t - WINDOW;
        for (f->slot = role->t; f->slot < f->c; f->slot++) {
            if (was_given(role, f->slot))
                continue;
            self->result = 0;
            if (role->t < role->c) /* it may have missed it */
                CALL(is_gone, 0, f->slot);
            f->a += self->result != 0;
            f->b += self->result == 0;
        }
        role->b |= 1 << (f->t - role->t);
        while (was_given(role, f->c))
            f->c++;
    }
    f->slot = 0;
    f->t = 0;
    if (f->c == role->t)
        RETURN(0);
    if (FAULT(ticket_counts_late)) {
        STEP("by_ticket.move");
        leave(m, role, f->c);
    }
    if (f->a + f->b > 0) {
        STEP("by_ticket.move");
        subscription->account.missed = subscription->account.jump_missed;
        STEP("by_ticket.move");
        subscription->account.passed_over = subscription->account.jump_passed_over;
        STEP("by_ticket.move");
        subscription->account.jump_to = f->c;
        STEP("by_ticket.move");
        subscription->account.jump_missed += f->a;
        STEP("by_ticket.move");
        subscription->account.jump_passed_over += f->b;
    }
    f->a = f->b = 0;
    STEP("by_ticket.move");
    drain(m, self);
    leave(m, role, f->c);
    CALL(passed, 0, f->c);
    CALL(wake, 0, SPACE_EVENT);
    RETURN(0);
    END;
}

/* slot, t: the ticket. a: producers wait for its message, as far as the reader knows. */
void take_ticket(model_t *m, thread_t *self, frame_t *f)
{
    frame_t *role = &self->frames[0];
    BEGIN;
    f->a = f->t < m->s.end && f->t >= role->t && f->t >= role->c && !was_given(role, f->t);
    if (FAULT(ticket_cursor_first))
        CALL(follow_ticket, 0, f->t);
    CALL(acquire, f->slot, f->t);
    if (self->result != 1) {
        if (f->a && m->s.subscriptions[role->a].budget == WITHIN_BUDGET &&
            !(m->s.slots[f->slot].message == f->t && m->s.slots[f->slot].withdrawn))
            model_fail(m, "a reader by ticket lost a message that producers wait for");
        if (FAULT(ticket_refused_moves))
            CALL(follow_ticket, 0, f->t);
        RETURN(0);
    }
    f->a = 0;
    if (!FAULT(ticket_cursor_first))
        CALL(follow_ticket, 0, f->t);
    f->t = 0;
    CALL(drop, f->slot, 0);
    RETURN(0);
    END;
}

/* a: subscription, t: cursor, b: which messages from there on were given, c: from there on producers wait for it. */
void ticket_reader(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    self->idle = 1;
    CALL(subscribe, 0, 1);
    f->a = self->result;
    if (f->a != NONE) {
        f->c = f->t = m->s.subscriptions[f->a].cursor;
        CALL(passed, 0, f->t);
        CALL(wake, 0, SPACE_EVENT);
        while (self->left > 0) {
            f->slot = 0;
            self->left--;
            STEP("revoked.look");
            if (m->s.subscriptions[f->a].budget == REVOKED) {
                STEP("revoked.tell");
                drain(m, self);
                m->s.subscriptions[f->a].budget = OVER_BUDGET;
                f->c = LOSSY;
                CALL(follow_ticket, 0, NONE);
                STEP("revoked.rearm");
                if (model_choose(m, 2)) { /* in time; how far it is behind is left out */
                    drain(m, self);
                    m->s.subscriptions[f->a].gates = 1;
                    m->s.subscriptions[f->a].budget = WITHIN_BUDGET;
                    subscription_begins_anew(m, f->a);
                    CALL(find_end, 0, 0);
                    f->c = self->result;
                    CALL(passed, 0, f->t);
                }
            }
            STEP("ticket.take");
            if (tickets_there(m) == 0)
                continue;
            f->slot = ticket_number(m, model_choose(m, tickets_there(m)));
            CALL(take_ticket, f->slot, m->s.slots[f->slot].sequence);
        }
        f->slot = f->b = f->c = 0;
        CALL(gate_out, 0, f->a);
        STEP("reader.end");
        drain(m, self);
        subscription_leave(&m->s.subscriptions[f->a]);
        CALL(passed, 0, f->t);
        CALL(wake, 0, SPACE_EVENT);
    }
    self->left = 0;
    f->slot = f->t = f->a = f->b = f->c = 0;
    CALL(quit, 0, 0);
    self->idle = 1;
    REST;
    END;
}
