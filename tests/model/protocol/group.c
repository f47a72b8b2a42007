/* SPDX-License-Identifier: Apache-2.0 */
/* A group: a durable subscription with several members at once. Each message goes to one of them; what a killed member had in its
 * hands goes to another one. See src/protocol/group.c. The subscription is in row 0. */
#include "model.h"

/* A take word: (message + 1) * KINDS + what became of it: TAKEN by a participant, OFFERED again, or DONE, each with how often it was
 * tried before. A word of an older message says that nobody has had this one. */
enum {
    TRIES = 4,
    OFFERED = 3 * TRIES, /* below: TAKEN by 0, 1, 2 */
    DONE = OFFERED + TRIES,
    DEAD = DONE + TRIES,   /* DONE, as a dead letter */
    PASSED = DEAD + TRIES, /* DONE, since the group does not want it */
    KINDS = PASSED + TRIES,
    LIMIT = 1 /* of tries, where there is one */
};

int *take_of(model_t *m, int t)
{
    return &m->s.group.takes[t % GROUP_TAKES];
}

static int taken(int t, int owner, int tries)
{
    return (t + 1) * KINDS + owner * TRIES + tries;
}

static int offered(int t, int tries)
{
    return (t + 1) * KINDS + OFFERED + (tries < TRIES ? tries : TRIES - 1);
}

static int done(int t, int tries)
{
    return (t + 1) * KINDS + DONE + tries;
}

static int tries_of(int word)
{
    return word % TRIES;
}

static bool is_offered(int word, int t)
{
    return word / KINDS == t + 1 && word % KINDS >= OFFERED && word % KINDS < DONE;
}

static bool is_done(int word, int t)
{
    return word / KINDS == t + 1 && word % KINDS >= DONE;
}

int dead_of(int t, int word)
{
    return (t + 1) * KINDS + DEAD + tries_of(word);
}

bool is_dead_letter(int word, int t)
{
    return word / KINDS == t + 1 && word % KINDS >= DEAD && word % KINDS < PASSED;
}

static bool is_passed(int word, int t)
{
    return word / KINDS == t + 1 && word % KINDS >= PASSED;
}

bool is_due(const model_t *m, int word)
{
    return has_letters(m->config) && word >= KINDS && word % KINDS < DONE && tries_of(word) >= LIMIT;
}

/* How often it was given again, once the cursor is there. */
static int again(int word, int t)
{
    return is_dead_letter(word, t) ? LIMIT - 1 : tries_of(word);
}

static bool is_taken_by(int word, int owner)
{
    return word >= KINDS && word % KINDS < OFFERED && word % KINDS / TRIES == owner;
}

int group_message(int word)
{
    return word / KINDS - 1;
}

bool group_has_members(const model_t *m)
{
    return m->s.group.members != 0;
}

/* Below the cursor everything was acknowledged. Of that, and of what is counted already, the tries are in the total. */
void check_group(model_t *m)
{
    const group_t *group = &m->s.group;
    int cursor = m->s.subscriptions[0].cursor, ahead = 0;
    if (!m->s.durables[0].durable)
        return;
    if (group->counted == cursor + 1 && is_done(*take_of(m, cursor), cursor))
        ahead = again(*take_of(m, cursor), cursor);
    if (group->total != group->settled + ahead)
        model_fail(m, "a group counts another number of messages that were given again");
    ahead = group->passed_counted == cursor + 1 && is_passed(*take_of(m, cursor), cursor);
    if (group->passed_over != group->passed + ahead)
        model_fail(m, "a group counts another number of messages that it does not want");
}

/* At rest nothing waits for a member that could be given to one. */
void check_group_at_rest(model_t *m)
{
    if (m->s.durables[0].durable && m->s.subscriptions[0].cursor != m->s.end)
        model_fail(m, "at rest: a group has a message that nobody is given");
}

/* The new group begins at its cursor. */
void group_begins(model_t *m)
{
    m->s.group = (group_t){.members = m->s.group.members,
                           .next = m->s.subscriptions[0].cursor,
                           .passed_counted = m->s.subscriptions[0].cursor};
    m->s.durables[0].acknowledged = 0;
}

/* Something was offered again: whoever has looked through the group's messages looks once more. */
static void bump(model_t *m)
{
    for (int i = 0; i < MAX_ACTORS; i++)
        m->s.threads[i].share.seen = m->s.threads[i].share.begun = 0;
}

/* The total changes: a saved copy of it is out of date. */
static void total_changes(model_t *m, int which)
{
    for (int i = 0; i < MAX_ACTORS; i++)
        for (int d = 0; d < m->s.threads[i].depth; d++)
            if (m->s.threads[i].frames[d].procedure == DO_group_settle)
                m->s.threads[i].frames[d].b &= ~which;
}

/* It has it now, to give it or to bury it. */
static void give(model_t *m, thread_t *self, int t, int word)
{
    int slot = order_at(m, t)->slot;
    self->share.word = word;
    if (is_due(m, word))
        return;
    if (order_at(m, t)->sequence != t)
        model_fail(m, "a group gives a message that is not in the order");
    if (m->s.durables[0].acknowledged >> t & 1)
        model_fail(m, "a group gives a message again that was acknowledged");
    if (has_letters(m->config) && m->s.group.given[t] >= LIMIT)
        model_fail(m, "a group gives a message more often than its limit allows");
    if (m->s.group.given[t] > tries_of(word))
        model_fail(m, "a group gives a message more often than its count says");
    m->s.group.given[t]++;
    self->reading[slot] = t + 1;
}

/* Has nobody had message t, or was it offered again? */
static bool is_for_taking(int word, int t)
{
    return word / KINDS <= t || is_offered(word, t);
}

/* The hint says that all up to message t was taken once. */
static void raise_next(model_t *m, int t)
{
    if (m->s.group.next < t + 1)
        m->s.group.next = t + 1;
}

enum {
    WANTED,
    PASSED_OVER,
    CHANGED
};

/* Who repairs is none, and does not know what the group wants. */
static bool is_member(const model_t *m, const thread_t *self)
{
    return self - m->s.threads < m->threads && (m->s.group.members >> (self - m->s.threads) & 1);
}

/* Passes over message t, whose take word is `slot`, if nobody has had it and the group does not want it. Result: WANTED, PASSED_OVER, or
 * CHANGED: the word has. a: its slot, b: its tag. */
void group_pass(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    if (!model_may(m, SELECTS) || f->slot / KINDS > f->t || !is_member(m, self))
        RETURN(WANTED);
    STEP("group_pass.look");
    if (entry_age(order_at(m, f->t), f->t) != 0)
        RETURN(WANTED);
    f->a = order_at(m, f->t)->slot;
    STEP("group_pass.look");
    f->b = m->s.slots[f->a].content;
    f->a = 0;
    if (f->b != 1)
        RETURN(WANTED);
    f->b = 0;
    STEP("group_pass.pass");
    drain(m, self);
    if (*take_of(m, f->t) != f->slot && !FAULT(group_pass_stores))
        RETURN(CHANGED);
    if (order_at(m, f->t)->sequence != f->t || order_at(m, f->t)->tag != 1)
        model_fail(m, "a group passes over a message that it wants");
    if (m->s.durables[0].acknowledged >> f->t & 1)
        model_fail(m, "a group passes over a message that is done");
    m->s.durables[0].acknowledged |= 1 << f->t;
    *take_of(m, f->t) = (f->t + 1) * KINDS + PASSED;
    STEP("group.next");
    raise_next(m, f->t);
    RETURN(PASSED_OVER);
    END;
}

/* Goes along all messages, if something was offered again since this member did so last; in as many calls as it takes something.
 * Result: as group_take. a: a word, t: a message. */
void group_take_offered(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    STEP("group.offered");
    if (self->share.seen == UP_TO_DATE)
        RETURN(0);
    if (self->share.begun != UP_TO_DATE) {
        if (!FAULT(group_seen_late))
            self->share.begun = UP_TO_DATE;
        STEP("group.look");
        self->share.at = m->s.subscriptions[0].cursor;
        if (FAULT(group_looks_to_next)) {
            STEP("group.next");
            self->share.end = m->s.group.next;
        } else {
            CALL(find_end, 0, 0);
            self->share.end = self->result;
        }
    }
    while (self->share.at < self->share.end) {
        f->t = self->share.at;
        f->a = 0;
        STEP("group.look");
        f->a = *take_of(m, f->t);
        if (!is_for_taking(f->a, f->t)) {
            self->share.at++;
            continue;
        }
        CALL(group_pass, f->a, f->t);
        if (self->result == PASSED_OVER) {
            self->share.passes = !FAULT(group_pass_settles_nothing);
            self->share.at++;
        }
        if (self->result != WANTED)
            continue;
        STEP("group.take");
        drain(m, self);
        if (*take_of(m, f->t) != f->a)
            continue;
        self->share.at++;
        *take_of(m, f->t) = taken(f->t, model_me(m, self), is_offered(f->a, f->t) ? tries_of(f->a) : 0);
        give(m, self, f->t, *take_of(m, f->t));
        RETURN(f->t + 1);
    }
    f->t = f->a = 0;
    if (FAULT(group_seen_late)) {
        STEP("group.offered");
        self->share.begun = UP_TO_DATE;
    }
    self->share.at = self->share.end = 0;
    self->share.seen = self->share.begun;
    RETURN(0);
    END;
}

/* Result: message + 1 that this member has taken; 0: there is none. a: a word, b: its tries, c: is the message in the order. */
void group_take(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    self->empty_at = 0;
    CALL(group_take_offered, 0, 0);
    if (self->result)
        RETURN(self->result);
    STEP("group.next");
    f->t = m->s.group.next;
    for (;;) {
        f->a = 0;
        STEP("group.look");
        f->c = entry_age(order_at(m, f->t), f->t);
        self->empty_at = f->c < 0 ? f->t + 1 : 0;
        if (f->c < 0)
            RETURN(0);
        if (f->c > 0) {
            f->c = 0;
            STEP("group.look");
            f->t = m->s.subscriptions[0].cursor;
            continue;
        }
        f->c = 0;
        STEP("group.look");
        f->a = *take_of(m, f->t);
        if (!is_for_taking(f->a, f->t)) {
            f->t++;
            continue;
        }
        CALL(group_pass, f->a, f->t);
        if (self->result == PASSED_OVER) {
            self->share.passes = !FAULT(group_pass_settles_nothing);
            f->t++;
        }
        if (self->result != WANTED)
            continue;
        STEP("group.take");
        drain(m, self);
        if (*take_of(m, f->t) != f->a && !FAULT(group_take_stores))
            continue;
        f->b = is_offered(f->a, f->t) ? tries_of(f->a) : 0;
        *take_of(m, f->t) = taken(f->t, model_me(m, self), f->b);
        f->a = f->b = 0;
        give(m, self, f->t, *take_of(m, f->t));
        STEP("group.next");
        raise_next(m, f->t);
        RETURN(f->t + 1);
    }
    END;
}

/* Message t is done with. Result: the cursor moved. */
void group_done(model_t *m, thread_t *self, frame_t *f)
{
    int slot = 0;
    BEGIN;
    STEP("group.done");
    drain(m, self);
    if (*take_of(m, f->t) != self->share.word)
        model_fail(m, "a message of a group was taken away from a member that lives");
    *take_of(m, f->t) = done(f->t, tries_of(self->share.word));
    if (m->s.durables[0].acknowledged >> f->t & 1)
        model_fail(m, "a message of a group is acknowledged twice");
    m->s.durables[0].acknowledged |= 1 << f->t;
    for (slot = 0; slot < MAX_SLOTS; slot++)
        self->reading[slot] = 0;
    self->share.word = 0;
    CALL(group_settle, 0, 0);
    RETURN(self->result);
    END;
}

/* One more is counted: as given again, or as a dead letter. The total was loaded before the cursor, and its copy is out of date by
 * now if another one has counted. */
enum {
    GIVEN_AGAIN = 1,
    DEAD_LETTERS = 2,
    NOT_WANTED = 4,
    COUNTED = 16,
    PLACES =
        2 /* the word that counts what is not wanted says no more of a message than its number modulo this */
};

static void count(model_t *m, int t, int which, int word)
{
    if (which == GIVEN_AGAIN) {
        m->s.group.counted = t + 1;
        m->s.group.total += again(word, t);
    } else if (which == NOT_WANTED) {
        m->s.group.passed_counted = t + 1;
        m->s.group.passed_over += is_passed(word, t);
    } else {
        m->s.group.dead_counted = t + 1;
        m->s.group.dead++;
    }
    total_changes(m, which);
}

/* Moves the cursor over all that is done. t: the cursor, a: a word, b: which of the totals that were seen are the present ones, c: what
 * they count last; slot: the result. */
void group_settle(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    for (;;) {
        f->t = f->a = f->b = f->c = 0;
        STEP("group.count");
        f->b = GIVEN_AGAIN;
        f->c = m->s.group.counted;
        if (has_letters(m->config)) {
            STEP("group.count");
            f->b |= DEAD_LETTERS;
            f->c += m->s.group.dead_counted * COUNTED;
        }
        STEP("group.settle");
        f->t = m->s.subscriptions[0].cursor;
        STEP("group.settle");
        f->a = *take_of(m, f->t);
        if (f->a / KINDS > f->t + 1) {
            STEP("group.settle");
            if (m->s.subscriptions[0].cursor != f->t)
                continue;
            RETURN(f->slot);
        }
        if (!is_done(f->a, f->t)) {
            f->b = f->c = 0;
            CALL(group_pass, f->a, f->t);
            if (self->result != WANTED)
                continue;
            RETURN(f->slot);
        }
        if (again(f->a, f->t) > 0 && f->c % COUNTED != f->t + 1 && !FAULT(group_cursor_first)) {
            STEP("group.count");
            drain(m, self);
            if (!(f->b & GIVEN_AGAIN))
                continue;
            count(m, f->t, GIVEN_AGAIN, f->a);
        }
        if (is_dead_letter(f->a, f->t) && f->c / COUNTED != f->t + 1 && !FAULT(letter_cursor_first)) {
            STEP("group.count");
            drain(m, self);
            if (!(f->b & DEAD_LETTERS) && !FAULT(letter_count_adds))
                continue;
            count(m, f->t, DEAD_LETTERS, f->a);
        }
        f->b = f->c = 0;
        if (model_may(m, SELECTS) && !(FAULT(group_passed_cursor_first) && is_passed(f->a, f->t)) &&
            (!FAULT(group_place_kept) || is_passed(f->a, f->t))) {
            STEP("group_pass.count");
            f->b = NOT_WANTED;
            f->c = m->s.group.passed_counted % PLACES;
            if (!FAULT(group_passed_blind)) {
                STEP("group_pass.count");
                if (m->s.subscriptions[0].cursor != f->t)
                    continue;
            }
            if (f->c != (f->t + 1) % PLACES) {
                STEP("group_pass.count");
                drain(m, self);
                if (!(f->b & NOT_WANTED))
                    continue;
                count(m, f->t, NOT_WANTED, f->a);
            }
            f->b = f->c = 0;
        }
        STEP("group.cursor");
        drain(m, self);
        if (m->s.subscriptions[0].cursor == f->t) {
            if (!(m->s.durables[0].acknowledged >> f->t & 1))
                model_fail(m, "a group passes a message that nobody acknowledged");
            m->s.subscriptions[0].cursor++;
            m->s.subscriptions[0].delivered++;
            m->s.group.settled += again(f->a, f->t);
            m->s.group.passed += is_passed(f->a, f->t);
            m->s.group.passed_dead |= is_dead_letter(f->a, f->t) << f->t;
            f->slot = 1;
            if (again(f->a, f->t) > 0 && FAULT(group_cursor_first)) {
                STEP("group.count");
                count(m, f->t, GIVEN_AGAIN, f->a);
            }
            if (is_dead_letter(f->a, f->t) && FAULT(letter_cursor_first)) {
                STEP("group.count");
                count(m, f->t, DEAD_LETTERS, f->a);
            }
            if (is_passed(f->a, f->t) && FAULT(group_passed_cursor_first)) {
                STEP("group_pass.count");
                count(m, f->t, NOT_WANTED, f->a);
            }
        }
    }
    END;
}

/* What participant t has taken goes to others. a: a place, b: its word. */
void group_offer(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    if (FAULT(group_offered_first)) {
        STEP("group.offered");
        bump(m);
    }
    for (f->a = 0; f->a < GROUP_TAKES; f->a++) {
        f->b = 0;
        STEP("group.offer");
        f->b = m->s.group.takes[f->a];
        if (!is_taken_by(f->b, f->t))
            continue;
        STEP("group.offer");
        drain(m, self);
        if (m->s.group.takes[f->a] == f->b)
            m->s.group.takes[f->a] = offered(group_message(f->b), tries_of(f->b) + !FAULT(group_tries_kept));
    }
    f->a = f->b = 0;
    if (!FAULT(group_offered_first) && !FAULT(group_offers_silently)) {
        STEP("group.offered");
        drain(m, self);
        bump(m);
    }
    if (!FAULT(group_repair_settles_nothing))
        CALL(group_settle, 0, 0);
    RETURN(0);
    END;
}
