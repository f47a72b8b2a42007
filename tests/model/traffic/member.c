/* SPDX-License-Identifier: Apache-2.0 */
/* A member of a group, as a role: it finds the group of the one name or makes it, joins, works, leaves, and in the end forgets the
 * group if nobody is in it. See src/traffic/readers/member.c. */
#include "model.h"

static int own_bit(const model_t *m, const thread_t *self)
{
    return 1 << (self - m->s.threads);
}

/* The group is new, and begins where a lossless reader would. */
void make_group(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    CALL(subscribe, 0, 1);
    f->a = self->result;
    if (f->a == NONE)
        RETURN(NONE);
    if (has_letters(m->config))
        CALL(letters_clear, 0, 0);
    STEP("member.make");
    group_begins(m);
    STEP("subscribe.activate");
    drain(m, self);
    m->s.durables[f->a].durable = m->s.durables[f->a].left = 1;
    m->s.durables[f->a].second = m->s.durables[f->a].revoked = 0;
    m->s.subscriptions[f->a].owner = 0;
    RETURN(f->a);
    END;
}

/* May the group stay when its last member has gone: is there nothing that anybody waits for? */
static bool may_stay(const model_t *m)
{
    for (int i = 0; i < m->threads; i++)
        if (m->config->roles[i] == 'P' && (m->s.threads[i].left > 0 || !m->s.threads[i].idle))
            return false;
    return has_letters(m->config) && m->s.subscriptions[0].cursor == m->s.end;
}

/* a: row 0, b: its state is still the one that was seen, t: a message, c: the cursor moved. */
void member(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    while (self->left > 0) {
        f->slot = f->t = f->a = f->b = f->c = 0;
        self->share = (share_t){0};
        self->idle = 1;
        STEP("takeover.find");
        f->b = m->s.durables[0].durable;
        if (!f->b) {
            STEP_WHEN("process_mutex.lock", m->s.mutex == 0 && !m->s.repairing);
            m->s.mutex = model_me(m, self) + 1;
            STEP("takeover.find");
            if (!m->s.durables[0].durable)
                CALL(make_group, 0, 0);
            STEP("process_mutex.lock");
            m->s.mutex = 0;
            CALL(passed, 0, 0);
            CALL(wake, 0, SPACE_EVENT);
            continue;
        }
        if (m->s.durables[0].revoked) { /* closed */
            f->b = 0;
            CALL(forget_name, 0, 0);
            self->left--;
            continue;
        }
        if (FAULT(group_joins_first)) {
            STEP("group_members.join");
            if (!f->b)
                continue;
            state_changes(m, 0);
        }
        STEP("member.join");
        drain(m, self);
        m->s.group.members |= own_bit(m, self);
        if (!FAULT(group_joins_first)) {
            STEP("group_members.join");
            drain(m, self);
            if (!f->b) {
                STEP("reader.end");
                m->s.group.members &= ~own_bit(m, self);
                continue;
            }
            if (!FAULT(group_joins_silently))
                state_changes(m, 0);
        }
        f->b = 0;
        while (self->left > 0) {
            f->slot = f->t = f->c = 0;
            CALL(group_take, 0, 0);
            f->t = self->result;
            if (self->share.passes) {
                CALL(group_settle, 0, 0);
                f->c = self->result;
                if (f->c) {
                    f->c = 0;
                    CALL(passed, 0, 0);
                    CALL(room, 0, m->s.subscriptions[0].cursor - 1);
                }
                self->share.passes = 0;
            }
            if (f->t == 0) {
                STEP("deliver.give");
                if (!self->watching && model_choose(m, 2) == 1)
                    break; /* leaves */
                if (model_may(m, WAITS)) {
                    CALL(doze, 0, PUBLISHED_EVENT);
                    if (self->result)
                        CALL(go, 0, PUBLISHED_EVENT);
                }
                continue;
            }
            if (self->watching)
                CALL(go, 0, PUBLISHED_EVENT);
            if (is_due(m, self->share.word)) {
                CALL(letters_bury, 0, f->t - 1);
                f->t = 0;
                f->c = self->result;
                if (f->c) {
                    f->c = 0;
                    CALL(passed, 0, 0);
                    CALL(room, 0, m->s.subscriptions[0].cursor - 1);
                }
                continue;
            }
            self->left--;
            STEP("deliver.give");
            if (model_may(m, MAY_LEAVE) && model_choose(m, 2) == 1)
                break; /* with the message in its hands */
            CALL(group_done, 0, f->t - 1);
            f->t = 0;
            f->c = self->result;
            if (f->c) {
                f->c = 0;
                CALL(passed, 0, 0);
                CALL(room, 0, m->s.subscriptions[0].cursor - 1);
            }
        }
        self->empty_at = 0;
        if (self->share.word) {
            for (f->t = 0; f->t < MAX_SLOTS; f->t++)
                self->reading[f->t] = 0;
            self->share.word = f->t = 0;
            CALL(group_offer, 0, model_me(m, self));
            CALL(wake, 0, PUBLISHED_EVENT);
            CALL(wake, 0, SPACE_EVENT);
        }
        f->c = 0;
        STEP("reader.end");
        drain(m, self);
        m->s.group.members &= ~own_bit(m, self);
        self->left -= self->left > 0;
    }
    f->slot = f->t = f->a = f->b = f->c = 0;
    self->share = (share_t){0};
    if (has_letters(m->config) && model_choose(m, 2) == 1)
        CALL(letter_by_hand, 0, 0);
    STEP("reader.end");
    if (!may_stay(m) || model_choose(m, 2) == 1)
        CALL(forget_name, 0, 0);
    CALL(quit, 0, 0);
    self->idle = 1;
    REST;
    END;
}

/* A killed member's place goes, after what it had was offered. t: its participant. */
void member_repair(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    if (has_letters(m->config) && !FAULT(letter_left_going)) {
        STEP("letters.away");
        if (letter_owner(m) == f->t)
            CALL(letter_away, 0, 0);
        if (!m->s.durables[0].durable &&
            self - m->s.threads >= m->threads) /* a killed one was about to forget it */
            CALL(letters_clear, 0, 0);
    }
    if (!FAULT(group_repair_forgets))
        CALL(group_offer, 0, f->t);
    STEP("repair.subscriptions");
    for (int i = 0; i < m->threads; i++)
        if (m->config->participants[i] - '0' == f->t)
            m->s.group.members &= ~(1 << i);
    RETURN(0);
    END;
}
