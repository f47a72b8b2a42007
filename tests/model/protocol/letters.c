/* SPDX-License-Identifier: Apache-2.0 */
/* The dead letters of a group: what was tried too often stays, and is listed, until somebody drops it or a newer one needs its place. See
 * src/protocol/letters.c. There is one place.
 */
#include "model.h"

/* A place: (message + 1) * 8 + who is taking the letter away, + 1, * 2 + is that for a newer one. 0: it is empty. */
enum {
    LOST = 1,
    OWNER = 2,
    MESSAGE = 8
};

static int place_word(int t, int owner, int lost)
{
    return (t + 1) * MESSAGE + owner * OWNER + lost;
}

static int message_in(int word)
{
    return word / MESSAGE - 1;
}

static int owner_in(int word)
{
    return word % MESSAGE / OWNER;
}

bool has_letters(const configuration_t *c)
{
    return has_role(c, 'K');
}

int letter_owner(const model_t *m)
{
    return owner_in(m->s.group.place) - 1;
}

/* What is listed is there. */
void check_letters(model_t *m)
{
    const group_t *group = &m->s.group;
    const slot_t *s = &m->s.slots[group->place_slot];
    int ahead = 0, cursor = m->s.subscriptions[0].cursor;
    if (!m->s.durables[0].durable)
        return;
    if (group->place && owner_in(group->place) == 0 &&
        (s->message != message_in(group->place) ||
         (!word_is_committed(s->word) && word_state(s->word) != RECLAIM)))
        model_fail(m, "a dead letter was taken away");
    if (group->place && owner_in(group->place) == 0 && !s->letter)
        model_fail(m, "a dead letter is listed, and its slot is not kept");
    if (group->gone + group->dropped + (group->place && owner_in(group->place) == 0) >
        __builtin_popcount((unsigned)group->listed))
        model_fail(m, "a dead letter that went is counted twice");
    if (group->dead_counted == cursor + 1 && is_dead_letter(*take_of(m, cursor), cursor))
        ahead = 1;
    if (group->dead != __builtin_popcount((unsigned)group->passed_dead) + ahead)
        model_fail(m, "a group counts another number of dead letters");
}

/* Each of the dead is listed, or was dropped, or went for a newer one, or never had a place. */
void check_letters_at_rest(model_t *m)
{
    const group_t *group = &m->s.group;
    int held = 0, listed = __builtin_popcount((unsigned)group->listed);
    for (int slot = 0; slot < m->config->slots; slot++)
        if (m->s.slots[slot].letter &&
            (!m->s.durables[0].durable || !group->place || group->place_slot != slot))
            model_fail(m, "at rest: a slot is kept for a dead letter that is not listed");
    if (!m->s.durables[0].durable)
        return;
    held = group->place != 0;
    if (owner_in(group->place))
        model_fail(m, "at rest: a dead letter is being taken away");
    if (listed != held + group->gone + group->dropped)
        model_fail(m, "at rest: a dead letter is neither listed nor dropped nor counted as gone");
}

/* The message of the letter is dead from here on: nobody lists it again. */
static void dies(model_t *m, int t, int word)
{
    *take_of(m, t) = dead_of(t, word);
    if (m->s.durables[0].acknowledged >> t & 1)
        model_fail(m, "a message of a group is a dead letter, and was acknowledged");
    if (!((m->s.group.listed | m->s.group.unlisted) >> t & 1))
        model_fail(m, "a message is dead, and no letter");
    m->s.durables[0].acknowledged |= 1 << t;
    m->s.group.buried |= 1 << t;
}

/* Is the message dead? Else another member lists it again. */
static bool is_over(const model_t *m, int t)
{
    int word = m->s.group.takes[t % GROUP_TAKES];
    return group_message(word) != t || is_dead_letter(word, t);
}

/* The slot is kept for no letter any more. */
void letter_drop(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    STEP("letters.drop");
    drain(m, self);
    m->s.slots[f->slot].letter = 0;
    if (FAULT(letter_drop_is_blind))
        RETURN(0);
    STEP("letters.drop");
    if (word_is_retired(m->s.slots[f->slot].word))
        CALL(reclaim_retired, f->slot, 0);
    RETURN(0);
    END;
}

/* The place says that I take this letter away, or that the one does in whose name I repair. a: the place, b: the slot is kept, c: it
 * still has the letter. */
void letter_away(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    STEP("letters.away");
    f->a = m->s.group.place;
    f->slot = m->s.group.place_slot;
    if (FAULT(letter_place_first)) {
        m->s.group.place = 0;
        m->s.group.gone += f->a % 2;
        CALL(letter_drop, f->slot, 0);
        RETURN(0);
    }
    STEP("letters.away");
    f->b = m->s.slots[f->slot].letter;
    if (f->b) {
        f->b = 0;
        STEP("letters.away");
        f->c = load_sequence(m, self, f->slot) == message_in(f->a);
    }
    if (f->c) {
        f->c = 0;
        if (f->a & LOST) {
            STEP("letters.lost");
            if (m->s.group.gone_counted != message_in(f->a) + 1 || FAULT(letter_lost_twice)) {
                m->s.group.gone_counted = message_in(f->a) + 1;
                m->s.group.gone++;
            }
        }
        CALL(letter_drop, f->slot, 0);
    }
    STEP("letters.gone");
    drain(m, self);
    if (m->s.group.place == f->a)
        m->s.group.place = 0;
    RETURN(0);
    END;
}

/* Message t, which I have taken, is not given, but becomes a dead letter. Result: the cursor moved. a: the place, b: there is none for it. */
void letters_bury(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    STEP("letters.hold");
    drain(m, self);
    f->slot = order_at(m, f->t)->slot;
    if (order_at(m, f->t)->sequence != f->t || m->s.slots[f->slot].message != f->t)
        model_fail(m, "a group buries a message that is gone");
    m->s.slots[f->slot].letter = !FAULT(letter_listed_first);
    if (FAULT(letter_dead_first)) {
        STEP("letters.dead");
        if (*take_of(m, f->t) == self->share.word)
            dies(m, f->t, self->share.word);
    }
    for (;;) {
        f->a = 0;
        STEP("letters.list");
        f->a = m->s.group.place;
        if (message_in(f->a) == f->t && owner_in(f->a) == 0)
            break;
        if (f->a == 0) {
            STEP("letters.list");
            drain(m, self);
            if (m->s.group.place != 0)
                continue;
            m->s.group.place = place_word(f->t, 0, 0);
            m->s.group.place_slot = f->slot;
            if (m->s.group.listed >> f->t & 1)
                model_fail(m, "a dead letter is listed again");
            m->s.group.listed |= 1 << f->t;
            break;
        }
        f->b = owner_in(f->a) != 0;
        if (!f->b && !FAULT(letter_goes_alive)) {
            STEP("letters.over");
            f->b = !is_over(m, message_in(f->a));
        }
        if (f->b)
            break; /* whoever takes the letter there away, or is about to bury it, may be stopped */
        STEP("letters.take");
        drain(m, self);
        if (m->s.group.place != f->a)
            continue;
        m->s.group.place = place_word(message_in(f->a), model_me(m, self) + 1, LOST);
        f->a = 0;
        CALL(letter_away, 0, 0);
    }
    f->a = 0;
    if (f->b) {
        f->b = 0;
        m->s.group.unlisted |= 1 << f->t;
        CALL(letter_drop, f->slot, 0);
    }
    if (FAULT(letter_listed_first)) {
        STEP("letters.hold");
        m->s.slots[f->slot].letter = 1;
    }
    if (!FAULT(letter_dead_first)) {
        STEP("letters.dead");
        drain(m, self);
        if (*take_of(m, f->t) == self->share.word)
            dies(m, f->t, self->share.word);
        else
            model_fail(m, "a dead letter was taken away from a member that lives");
    }
    self->share.word = 0;
    CALL(group_settle, 0, 0);
    RETURN(self->result);
    END;
}

/* Somebody has looked at the letter, and drops it. a: the place, b: its message is dead. */
void letter_by_hand(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    STEP_WHEN("process_mutex.lock", m->s.mutex == 0 && !m->s.repairing);
    m->s.mutex = model_me(m, self) + 1;
    STEP("letters.list");
    f->a = m->s.group.place;
    if (f->a && owner_in(f->a) == 0 && m->s.durables[0].durable) {
        STEP("letters.over");
        f->b = is_over(m, message_in(f->a)) || FAULT(letter_goes_alive);
        STEP("letters.take");
        drain(m, self);
        if (f->b && m->s.group.place == f->a) {
            m->s.group.place = place_word(message_in(f->a), model_me(m, self) + 1, 0);
            m->s.group.dropped++;
            CALL(letter_away, 0, 0);
        }
    }
    f->a = f->b = 0;
    STEP("process_mutex.lock");
    m->s.mutex = 0;
    RETURN(0);
    END;
}

/* The group is over. */
void letters_clear(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    for (f->a = 0; f->a < m->config->slots; f->a++) {
        STEP("letters.clear");
        if (m->s.slots[f->a].letter)
            CALL(letter_drop, f->a, 0);
    }
    STEP("letters.clear");
    m->s.group.place = m->s.group.place_slot = 0;
    RETURN(0);
    END;
}
