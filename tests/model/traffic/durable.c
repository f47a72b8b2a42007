/* SPDX-License-Identifier: Apache-2.0 */
/* A durable lossless reader, as a role: it finds the subscription of the one name, takes it over or makes it, goes on at the
 * first message that was not acknowledged, leaves it, and in the end forgets it. See src/traffic/readers/takeover.c, durable.c and
 * forget.c, and src/protocol/left.c.
 */
#include <string.h>

#include "model.h"

/* The state of a subscription changes: whoever saw the old one, and is about to change it, will notice. */
void state_changes(model_t *m, int row)
{
    subscription_begins_anew(m, row);
    for (int i = 0; i < MAX_ACTORS; i++)
        for (int d = 0; d < m->s.threads[i].depth; d++) {
            frame_t *f = &m->s.threads[i].frames[d];
            if ((f->procedure == DO_take_over || f->procedure == DO_forget_name ||
                 f->procedure == DO_member) &&
                f->a == row)
                f->b = 0;
        }
}

void durable_leave(model_t *m, int row)
{
    m->s.durables[row].left = 1;
    m->s.subscriptions[row].owner = 0;
    state_changes(m, row);
}

bool is_left(const model_t *m, int row)
{
    return m->s.subscriptions[row].state == SUBSCRIPTION_ACTIVE && m->s.durables[row].durable &&
           m->s.durables[row].left;
}

/* ---- A window: messages that are out, and are acknowledged in any order ---------------------------------- */

enum {
    WINDOW = 2, /* messages out at a time */
    LOOKED = 4  /* for a message, of which nothing is there; + 1: it is there */
};

/* A bit is 1 for what is acknowledged in an even lap of the window, and for what is not in an odd one. */
static bool bit_if(int t, bool acknowledged)
{
    return acknowledged != (t / WINDOW % 2 == 1);
}

static bool wipes(const model_t *m)
{
    return FAULT(acks_wiped_first) || FAULT(acks_wiped_late);
}

static bool is_acknowledged(const model_t *m, int row, int t)
{
    const durable_t *d = &m->s.durables[row];
    if (!model_may(m, MAY_RELEASE) || (d->acks_until && m->s.subscriptions[row].cursor + 1 >= d->acks_until))
        return false;
    bool bit = d->acks >> t % WINDOW & 1;
    return wipes(m) ? bit : bit == bit_if(t, true);
}

/* Bits that say of a window from t on that nothing in it is acknowledged. */
static int fresh_acks(const model_t *m, int t)
{
    int acks = 0;
    for (int i = 0; i < WINDOW && !wipes(m); i++)
        acks |= bit_if(t + i, false) << (t + i) % WINDOW;
    return acks;
}

/* How many of the messages from `from` on, below `to`, are acknowledged. */
static int count_acknowledged(const model_t *m, int row, int from, int to)
{
    int count = 0;
    for (int t = from; t < to && t < m->s.subscriptions[row].cursor + WINDOW; t++)
        count += is_acknowledged(m, row, t);
    return count;
}

/* The cursor moves over what is acknowledged without a gap: how far. */
static int run_of_acknowledged(const model_t *m, int row, int t)
{
    int count = 0;
    while (count < WINDOW && is_acknowledged(m, row, t + count))
        count++;
    return count;
}

static void move_over(model_t *m, int row, int to)
{
    subscription_t *subscription = &m->s.subscriptions[row];
    for (; subscription->cursor < to; subscription->cursor++) {
        if (!(m->s.durables[row].acknowledged >> subscription->cursor & 1))
            model_fail(m, "a cursor moves over a message that nobody has acknowledged");
        subscription->delivered++;
    }
}

static void turn(model_t *m, int row, int t)
{
    m->s.durables[row].acks ^= 1 << t % WINDOW;
}

/* slot: the row, t: the cursor, a: a bit for each message of the window that is out, b: which one is released + 1. */
void window(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    self->marks.looked = model_may(m, MARKS) ? f->t : 0;
    for (;;) {
        while (is_acknowledged(m, f->slot, f->t) && has_looked_at(m, self, f->t)) {
            f->b = up_to_mark(m, self, f->t, run_of_acknowledged(m, f->slot, f->t));
            if (FAULT(acks_wiped_first)) {
                STEP("acks.turn");
                for (int i = 0; i < f->b; i++)
                    m->s.durables[f->slot].acks &= ~(1 << (f->t + i) % WINDOW);
            }
            STEP("durable.cursor");
            drain(m, self);
            move_over(m, f->slot, f->t + f->b);
            if (FAULT(acks_wiped_late)) {
                STEP("acks.turn");
                for (int i = 0; i < f->b; i++)
                    m->s.durables[f->slot].acks &= ~(1 << (f->t + i) % WINDOW);
            }
            f->a >>= f->b;
            f->t += f->b;
            if (model_may(m, MARKS))
                CALL(marks_done, 0, 0);
            CALL(room, 0, f->t - f->b);
            f->b = 0;
        }
        STEP("deliver.give");
        f->b = model_choose(m, 2 + WINDOW);
        if (f->b == 1 + WINDOW)
            break; /* leaves, whatever is out */
        if (f->b > 0 && !(f->a >> (f->b - 1) & 1)) {
            f->b = 0;
            continue; /* that one is not out */
        }
        if (f->b == 0) {
            f->c = 0;
            while (f->c < WINDOW && (f->a >> f->c & 1 || is_acknowledged(m, f->slot, f->t + f->c)))
                f->c++;
            if (model_may(m, MARKS))
                f->c = self->marks.looked - f->t;
            if (f->c < WINDOW && model_may(m, MARKS)) {
                f->b = LOOKED + (entry_age(order_at(m, f->t + f->c), f->t + f->c) >= 0);
                CALL(tell_mark, 0, f->t + f->c);
                if (self->result || f->b == LOOKED || self->left == 0) {
                    f->b = f->c = 0;
                    continue;
                }
                f->b = 0;
                check_marks_before(m, self, f->t + f->c);
                self->marks.looked++;
                if (is_acknowledged(m, f->slot, f->t + f->c)) {
                    f->c = 0;
                    continue;
                }
            }
            if (f->c < WINDOW && self->left > 0 && entry_age(order_at(m, f->t + f->c), f->t + f->c) >= 0) {
                int t = f->t + f->c;
                if (entry_age(order_at(m, t), t) > 0)
                    model_fail(m, "a durable reader lost a message");
                if (m->s.durables[f->slot].acknowledged >> t & 1)
                    model_fail(m, "a message is given again that was acknowledged");
                self->reading[order_at(m, t)->slot] = t + 1;
                f->a |= 1 << f->c;
                self->left--;
            }
            f->c = 0;
            continue;
        }
        if (FAULT(acks_late) && f->b == 1) {
            STEP("durable.cursor");
            drain(m, self);
            self->reading[order_at(m, f->t)->slot] = 0;
            m->s.durables[f->slot].acknowledged |= 1 << f->t;
            move_over(m, f->slot, f->t + 1);
            STEP("acks.turn");
            turn(m, f->slot, f->t);
            f->a >>= 1;
            f->t++;
            f->b = 0;
            CALL(room, 0, f->t - 1);
            continue;
        }
        STEP("acks.turn");
        drain(m, self);
        self->reading[order_at(m, f->t + f->b - 1)->slot] = 0;
        if (m->s.durables[f->slot].acknowledged >> (f->t + f->b - 1) & 1)
            model_fail(m, "a message is acknowledged that was acknowledged before");
        m->s.durables[f->slot].acknowledged |= 1 << (f->t + f->b - 1);
        turn(m, f->slot, f->t + f->b - 1);
        f->a &= ~(1 << (f->b - 1));
        f->b = 0;
    }
    f->b = 0;
    memset(self->reading, 0, sizeof self->reading);
    RETURN(0);
    END;
}

/* What counts of the account: the owner's copy, or the other one. */
account_t *account_of(model_t *m, int row)
{
    return m->s.durables[row].second ? &m->s.durables[row].copy : &m->s.subscriptions[row].account;
}

/* What the last owner acknowledged of each writer. t: the row. */
void take_progress(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    for (f->a = 0; f->a < m->rows; f->a++) {
        STEP("takeover.progress");
        self->views[f->a].next = m->s.durables[f->t].progress[f->a];
        if (self->views[f->a].next < m->s.durables[f->t].records_done[f->a])
            model_fail(m, "records are given again that were acknowledged");
        if (self->views[f->a].next > m->s.durables[f->t].records_done[f->a])
            model_fail(m, "the next owner is not given records that were not acknowledged");
    }
    RETURN(0);
    END;
}

/* Notes what this one has. t: the row. */
void note_progress(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    for (f->a = 0; f->a < m->rows; f->a++) {
        STEP("durable.progress");
        m->s.durables[f->t].records_done[f->a] = self->views[f->a].next;
        if (FAULT(progress_by_cursor))
            continue;
        drain(m, self);
        m->s.durables[f->t].progress[f->a] = self->views[f->a].next;
    }
    RETURN(0);
    END;
}

enum {
    FAR = 16 /* above every sequence in a configuration with such a reader */
};

/* The subscription in row t is this reader's, it gates again, and what is at its cursor may be gone. What is there it holds; the rest
 * was missed. Result: the slots that it holds. slot: the row; t: how far down; a: the cursor and the end, b: the slots, c: one of them. */
void restart(model_t *m, thread_t *self, frame_t *f)
{
    subscription_t *subscription = &m->s.subscriptions[f->slot];
    account_t *last = account_of(m, f->slot), *first = &subscription->account;
    account_t *own = last == first ? &m->s.durables[f->slot].copy : first;
    bool jumped = subscription->cursor >= last->jump_to;
    BEGIN;
    f->slot = f->t;
    subscription = &m->s.subscriptions[f->slot];
    f->a = subscription->cursor;
    CALL(find_end, 0, 0);
    f->t = self->result;
    f->a += f->t * FAR;
    while (f->t > f->a % FAR && f->a / FAR - f->t < m->config->slots) {
        if (is_acknowledged(m, f->slot, f->t - 1)) {
            f->t--; /* in the hands of nobody, and not missed */
            continue;
        }
        STEP("past.begin");
        if (entry_age(order_at(m, f->t - 1), f->t - 1) != 0)
            break;
        f->c = order_at(m, f->t - 1)->slot;
        if (f->b >> f->c & 1)
            break; /* gone: its slot has a newer one */
        CALL(acquire, f->c, f->t - 1);
        if (self->result != 1)
            break;
        f->b |= 1 << f->c;
        f->t--;
    }
    f->c = 0;
    if (FAULT(restart_moves_first)) {
        STEP("takeover.move");
        subscription->cursor = f->a / FAR;
    }
    STEP("takeover.gap");
    own->missed = jumped ? last->jump_missed + last->pending : last->missed;
    STEP("takeover.gap");
    own->jump_missed = own->missed + f->t - f->a % FAR - count_acknowledged(m, f->slot, f->a % FAR, f->t);
    STEP("takeover.gap");
    own->start = last->start;
    own->passed_over = own->jump_passed_over = jumped ? last->jump_passed_over : last->passed_over;
    STEP("takeover.gap");
    own->jump_to = f->a / FAR;
    own->pending = f->a / FAR - f->t - count_acknowledged(m, f->slot, f->t, f->a / FAR);
    STEP("takeover.gap");
    m->s.durables[f->slot].second = !m->s.durables[f->slot].second;
    if (FAULT(restart_is_over_early)) {
        STEP("revoked.durable");
        m->s.durables[f->slot].revoked = 0;
    }
    if (model_may(m, MAY_RELEASE)) {
        STEP("acks.leave");
        if (FAULT(acks_begin_first))
            m->s.durables[f->slot].acks = fresh_acks(m, f->a / FAR);
        else
            m->s.durables[f->slot].acks_until = f->a / FAR + 1;
    }
    if (!FAULT(restart_moves_first)) {
        STEP("takeover.move");
        drain(m, self);
        subscription->delivered += count_acknowledged(m, f->slot, f->a % FAR, f->a / FAR);
        subscription->cursor = f->a / FAR;
    }
    if (model_may(m, MAY_RELEASE) && !FAULT(acks_begin_first)) {
        STEP("acks.leave");
        m->s.durables[f->slot].acks = fresh_acks(m, f->a / FAR);
        STEP("acks.leave");
        m->s.durables[f->slot].acks_until = 0;
    }
    RETURN(f->b);
    END;
}

/* Result: row + 1; 0: there is none of the name; NONE: it has an owner, or somebody else was faster. a: row, b: its state is still the
 * one that was seen, c: what is missed with the last owner. */
void take_over(model_t *m, thread_t *self, frame_t *f)
{
    account_t *last = account_of(m, f->a), *first = &m->s.subscriptions[f->a].account;
    account_t *own = last == first ? &m->s.durables[f->a].copy : first;
    BEGIN;
    for (f->a = 0; f->a < m->config->subscriptions; f->a++) {
        STEP("takeover.find");
        f->b = m->s.subscriptions[f->a].state == SUBSCRIPTION_ACTIVE && m->s.durables[f->a].durable;
        if (!f->b)
            continue;
        if (!is_left(m, f->a))
            RETURN(NONE);
        STEP("takeover.own");
        drain(m, self);
        if (!f->b && !FAULT(take_over_stores))
            RETURN(NONE);
        m->s.subscriptions[f->a].owner = model_me(m, self);
        m->s.durables[f->a].left = 0;
        m->s.subscriptions[f->a].gates = 1;
        state_changes(m, f->a);
        f->b = 0;
        STEP("takeover.cursor");
        f->t = m->s.subscriptions[f->a].cursor;
        if (m->s.durables[f->a].acks_until && !FAULT(acks_stay_left)) {
            STEP("acks.take");
            if (f->t + 1 >= m->s.durables[f->a].acks_until)
                m->s.durables[f->a].acks = fresh_acks(m, f->t);
            STEP("acks.take");
            m->s.durables[f->a].acks_until = 0;
        }
        if (m->s.durables[f->a].revoked) {
            f->t = 0;
            CALL(restart, 0, f->a);
            RETURN(f->a + 1 + (self->result << 2));
        }
        if (model_may(m, MAY_RELEASE) && FAULT(acks_forgotten)) {
            STEP("acks.take");
            m->s.durables[f->a].acks = fresh_acks(m, f->t);
        }
        CALL(take_progress, 0, f->a);
        if (FAULT(account_in_place)) {
            STEP("takeover.account");
            last->jump_missed += last->pending;
            STEP("takeover.account");
            last->pending = 0;
            RETURN(f->a + 1);
        }
        STEP("takeover.account"); /* nobody else changes what is copied */
        f->c = f->t < last->jump_to ? 0 : last->pending;
        STEP("takeover.account");
        own->start = last->start;
        STEP("takeover.account");
        own->jump_missed = own->missed = (f->t < last->jump_to ? last->missed : last->jump_missed) + f->c;
        STEP("takeover.account");
        own->jump_passed_over = own->passed_over =
            f->t < last->jump_to ? last->passed_over : last->jump_passed_over;
        STEP("takeover.account");
        own->pending = own->jump_to = 0;
        f->c = f->t = 0;
        STEP("takeover.account");
        m->s.durables[f->a].second = !m->s.durables[f->a].second;
        RETURN(f->a + 1);
    }
    RETURN(0);
    END;
}

/* The subscription is this reader's, and nobody has its name: as others, and durable last of all. slot on entry: as the result of
 * subscribe + 1; t: the start. */
void make_durable(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    CALL(subscribe, 0, FAULT(durable_first) ? 2 : 1);
    f->a = self->result;
    if (f->a == NONE)
        RETURN(NONE);
    if (m->rows)
        CALL(records_join, 0, 0);
    if (model_may(m, FROM_OLDEST)) {
        CALL(history, 1, m->s.subscriptions[f->a].cursor);
        f->c = self->result;
        for (f->b = 0; f->c >> f->b; f->b++)
            f->slot += f->c >> f->b & 1;
        f->b = f->slot;
        f->slot = 0;
        STEP("past.begin");
        m->s.subscriptions[f->a].account.pending = f->b;
        STEP("past.begin");
        m->s.subscriptions[f->a].account.start -= f->b;
        f->b = 0;
    }
    if (model_may(m, MARKS))
        CALL(marks_begin, f->a, m->s.subscriptions[f->a].account.start);
    for (f->b = 0; f->b < m->rows; f->b++) {
        STEP("takeover.begin");
        m->s.durables[f->a].progress[f->b] = m->s.durables[f->a].records_done[f->b] = self->views[f->b].next;
    }
    f->b = 0;
    if (model_may(m, MAY_RELEASE)) {
        STEP("takeover.begin");
        m->s.durables[f->a].acks = fresh_acks(m, m->s.subscriptions[f->a].cursor);
    }
    STEP("subscribe.activate");
    m->s.durables[f->a].durable = 1;
    m->s.durables[f->a].second = m->s.durables[f->a].left = 0;
    RETURN(f->a | f->c << 2);
    END;
}

/* Ends the subscription that nobody has. a: row, b: its state is still the one that was seen. */
void forget_name(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    STEP_WHEN("process_mutex.lock", m->s.mutex == 0 && !m->s.repairing);
    m->s.mutex = model_me(m, self) + 1;
    for (f->a = 0; f->a < m->config->subscriptions; f->a++) {
        STEP("takeover.find");
        f->b = is_left(m, f->a);
        if (!f->b)
            continue;
        if (has_group(m->config)) {
            STEP("group_members.look");
            if (group_has_members(m))
                break;
        }
        if (FAULT(forget_clears_first))
            CALL(gate_out, 0, f->a);
        STEP("forget.take");
        drain(m, self);
        if (!f->b) {
            f->a--; /* somebody has changed it: once more */
            continue;
        }
        m->s.subscriptions[f->a].state = SUBSCRIPTION_JOIN;
        m->s.subscriptions[f->a].gates = 1;
        m->s.subscriptions[f->a].owner = model_me(m, self);
        m->s.durables[f->a] = (durable_t){0};
        state_changes(m, f->a);
        if (!FAULT(forget_clears_first))
            CALL(gate_out, 0, f->a);
        STEP("forget.free");
        drain(m, self);
        subscription_leave(&m->s.subscriptions[f->a]);
        if (has_letters(m->config) && !FAULT(letters_not_forgotten))
            CALL(letters_clear, 0, 0);
        if (!FAULT(forget_is_silent))
            CALL(wake, 0, SPACE_EVENT);
        break;
    }
    f->a = f->b = 0;
    STEP("process_mutex.lock");
    m->s.mutex = 0;
    RETURN(0);
    END;
}

/* Message t is acknowledged. */
static void acknowledge(model_t *m, int row, int t)
{
    if (m->s.durables[row].acknowledged >> t & 1)
        model_fail(m, "a message is acknowledged that was acknowledged before");
    m->s.durables[row].acknowledged |= 1 << t;
    m->s.subscriptions[row].delivered++;
}

static int oldest_read(const model_t *m, const thread_t *self, int slots)
{
    int oldest = NONE;
    for (int i = 0; i < m->config->slots; i++)
        if (slots >> i & 1 && (oldest == NONE || self->reading[i] < self->reading[oldest]))
            oldest = i;
    return oldest;
}

/* t: cursor, a: subscription, c: slots of the history. */
void durable(model_t *m, thread_t *self, frame_t *f)
{
    account_t *account = account_of(m, f->a > 0 && f->a < MAX_SUBSCRIPTIONS ? f->a : 0);
    BEGIN;
    while (self->left > 0) {
        f->slot = f->t = f->a = f->b = f->c = 0;
        self->idle = 1;
        forget_views(m, self);
        CALL(take_over, 0, 0);
        f->a = self->result;
        if (f->a == 0) {
            STEP_WHEN("process_mutex.lock", m->s.mutex == 0 && !m->s.repairing);
            m->s.mutex = model_me(m, self) + 1;
            if (!FAULT(name_one_look))
                CALL(take_over, 0, 0);
            f->a = self->result;
            if (f->a == 0) {
                CALL(make_durable, 0, 0);
                f->a = self->result;
                if (f->a != NONE) {
                    f->c = f->a >> 2;
                    f->a = (f->a & 3) + 1;
                }
            }
            STEP("process_mutex.lock");
            m->s.mutex = 0;
        }
        if (f->a == NONE) {
            self->left--;
            continue;
        }
        f->c |= f->a >> 2;
        f->a = (f->a & 3) - 1;
        if (model_may(m, MARKS) && !follows_marks(self))
            CALL(marks_take, f->a, 0);
        if (m->s.durables[f->a].revoked) { /* told by its first call */
            STEP("revoked.durable");
            m->s.durables[f->a].revoked = 0;
            state_changes(m, f->a);
        }
        f->t = m->s.subscriptions[f->a].cursor;
        CALL(wake, 0, SPACE_EVENT);
        while (f->c) {
            f->slot = oldest_read(m, self, f->c);
            f->b = self->reading[f->slot] - 1;
            if (model_may(m, MARKS)) {
                CALL(tell_mark, 0, f->b);
                if (self->result) {
                    f->slot = f->b = 0;
                    continue;
                }
                check_marks_before(m, self, f->b);
            }
            f->c &= ~(1 << f->slot);
            CALL(drop, f->slot, 0);
            f->slot = 0;
            STEP("cursor.done");
            account_of(m, f->a)->pending--;
            acknowledge(m, f->a, f->b);
        }
        if (model_may(m, MAY_RELEASE))
            CALL(window, f->a, f->t);
        while (self->left > 0 && !model_may(m, MAY_RELEASE)) {
            f->b = f->slot = 0;
            if (m->rows) {
                CALL(records, 0, 0);
                if (self->result) {
                    if (self->watching)
                        CALL(go, 0, PUBLISHED_EVENT);
                    self->left--;
                    CALL(note_progress, 0, f->a);
                    continue;
                }
            }
            STEP("deliver.give");
            self->empty_at = entry_age(order_at(m, f->t), f->t) < 0 ? f->t + 1 : 0;
            if (model_may(m, MARKS)) {
                CALL(tell_mark, 0, f->t);
                if (self->result) {
                    if (self->watching)
                        CALL(go, 0, PUBLISHED_EVENT);
                    continue;
                }
                if (!self->empty_at)
                    check_marks_before(m, self, f->t);
            }
            if (self->empty_at) {
                if (m->rows && is_open_block_due(m, self))
                    continue;
                if (!self->watching && model_choose(m, 2) == 1)
                    break; /* leaves */
                if (model_may(m, WAITS)) {
                    CALL(doze, 0, PUBLISHED_EVENT);
                    if (self->result)
                        CALL(go, 0, PUBLISHED_EVENT);
                }
                continue;
            }
            if (entry_age(order_at(m, f->t), f->t) > 0)
                model_fail(m, "a durable reader lost a message");
            if (m->s.durables[f->a].acknowledged >> f->t & 1)
                model_fail(m, "a message is given again that was acknowledged");
            f->slot = order_at(m, f->t)->slot;
            if (model_may(m, SELECTS)) {
                CALL(unwanted, f->slot, f->t);
                if (self->result) {
                    f->slot = 0;
                    if (self->watching)
                        CALL(go, 0, PUBLISHED_EVENT);
                    STEP("cursor.jump");
                    account->missed = account->jump_missed;
                    STEP("cursor.jump");
                    account->passed_over = account->jump_passed_over;
                    STEP("cursor.jump");
                    account->jump_to = f->t + 1;
                    STEP("cursor.jump");
                    account->jump_passed_over++;
                    STEP("durable.cursor");
                    drain(m, self);
                    m->s.subscriptions[f->a].cursor = ++f->t;
                    CALL(room, 0, f->t - 1);
                    continue;
                }
            }
            self->reading[f->slot] = f->t + 1;
            f->b = 1;
            if (self->watching)
                CALL(go, 0, PUBLISHED_EVENT);
            if (m->rows && m->s.blocks[f->slot].kind != WHOLE) {
                CALL(records_order, f->slot, f->t);
                f->b = self->result;
            }
            self->left -= f->b > 0;
            if (m->rows && !FAULT(progress_late))
                CALL(note_progress, 0, f->a);
            if (m->rows && m->s.blocks[f->slot].kind == RECORDS && f->b == 1) {
                memset(self->reading, 0, sizeof self->reading);
                continue; /* there is more in it */
            }
            f->slot = f->b = 0;
            STEP("durable.cursor");
            memset(self->reading, 0, sizeof self->reading);
            acknowledge(m, f->a, f->t);
            drain(m, self);
            m->s.subscriptions[f->a].cursor = ++f->t;
            if (FAULT(marks_done_late))
                CALL(marks_done, 0, 0);
            if (m->rows && FAULT(progress_late))
                CALL(note_progress, 0, f->a);
            CALL(room, 0, f->t - 1);
        }
        forget_views(m, self);
        self->empty_at = 0;
        self->marks = (told_t){0};
        STEP("left.nobody");
        drain(m, self);
        durable_leave(m, f->a);
        STEP("reader.leave");
        CALL(wake, 0, SPACE_EVENT);
        self->left -= self->left > 0;
    }
    f->slot = f->t = f->a = f->b = f->c = 0;
    CALL(forget_name, 0, 0);
    CALL(quit, 0, 0);
    self->idle = 1;
    REST;
    END;
}
