/* SPDX-License-Identifier: Apache-2.0 */
/* What must hold in every state, and what when everything is over. */
#include "model.h"

static bool can_be_read(const slot_t *s, int t)
{
    int state = word_state(s->word);
    return s->message == t && (state == PUBLISHED || state == COMMIT || state == RECLAIM);
}

static void check_slot(model_t *m, int slot)
{
    const slot_t *s = &m->s.slots[slot];
    int state = word_state(s->word);
    if (s->withdrawn && !(s->word & WITHDRAWN) && state != FREE && state != CLAIMED)
        model_fail(m, "a message that was withdrawn can be had again by its ticket");
    if (s->message == NONE || s->word & RETIRED || (state != PUBLISHED && state != COMMIT))
        return;
    if (s->message < m->s.frontier)
        model_fail(m, "the frontier has passed a message that is in the walk");
    if (order_at(m, s->message)->sequence != s->message)
        model_fail(m, "a message lost its place in the order while it was in the walk");
}

static void check_thread(model_t *m, int i)
{
    const thread_t *self = &m->s.threads[i];
    for (int slot = 0; slot < m->config->slots; slot++)
        if (self->reading[slot] && !can_be_read(&m->s.slots[slot], self->reading[slot] - 1))
            model_fail(m, "what a reader reads was taken away under it");
    if (self->writing && word_state(m->s.slots[self->writing - 1].word) != CLAIMED &&
        word_state(m->s.slots[self->writing - 1].word) != COMMIT)
        model_fail(m, "what a producer writes was taken away under it");
    for (int j = 0; j < i; j++)
        if (self->writing && m->s.threads[j].writing == self->writing)
            model_fail(m, "two producers write into one slot");
}

/* delivered + missed = cursor - start, at each store. */
static void check_account(model_t *m, const subscription_t *subscription)
{
    int missed =
        subscription->cursor >= subscription->jump_to ? subscription->jump_missed : subscription->missed;
    int given = subscription->cursor > subscription->start ? subscription->cursor - subscription->start : 0;
    if (subscription->state == SUBSCRIPTION_ACTIVE &&
        subscription->delivered + missed + subscription->pending != given && given != 0)
        model_fail(m, "a reader's account is wrong");
    if (subscription->state == SUBSCRIPTION_ACTIVE && subscription->cursor > m->s.end)
        model_fail(m, "a reader's cursor is past the end");
}

void check_always(model_t *m)
{
    for (int slot = 0; slot < m->config->slots; slot++)
        check_slot(m, slot);
    for (int i = 0; i < m->threads; i++)
        check_thread(m, i);
    for (int r = 0; r < m->config->subscriptions; r++)
        check_account(m, &m->s.subscriptions[r]);
    if (m->s.frontier > m->s.end || m->s.tail > m->s.end)
        model_fail(m, "tail or oldest is past the end");
    if (m->s.end - m->s.tail > m->config->lag)
        model_fail(m, "tail is farther behind the end than the lag");
}

static bool rests(const model_t *m, int i)
{
    const thread_t *self = &m->s.threads[i];
    char role = m->config->roles[i];
    if (self->pending[0])
        return false;
    if (m->s.stopped == i + 1)
        return true;
    if (self->empty_at > m->s.end && (self->asleep || !model_may(m, WAITS)))
        return !model_may(m, STREAMS) || !is_stream_news_due(m, self); /* a reader that has had everything */
    return self->idle && (self->left == 0 || role == 'T' || role == 'O');
}

/* Nobody has anything left to do. */
bool is_quiet(const model_t *m)
{
    if (m->s.repairing)
        return false;
    for (int p = 0; p < MAX_PARTICIPANTS; p++)
        if (m->s.participants[p].dead)
            return false;
    for (int i = 0; i < m->threads; i++)
        if (!rests(m, i))
            return false;
    return true;
}

static bool can_be_had(model_t *m)
{
    int gate = m->s.end;
    for (int r = 0; r < m->config->subscriptions; r++)
        if (m->s.subscriptions[r].state == SUBSCRIPTION_ACTIVE && m->s.subscriptions[r].gates &&
            m->s.subscriptions[r].cursor < gate)
            gate = m->s.subscriptions[r].cursor;
    for (int i = 0; i < m->config->slots; i++) {
        const slot_t *s = &m->s.slots[i];
        bool listed =
            s->message != NONE && (word_state(s->word) == PUBLISHED || word_state(s->word) == COMMIT);
        if (word_state(s->word) == FREE ||
            (listed && !(s->word & RETIRED) && s->message < gate && s->hold == 0 &&
             word_pinner(s->word) == NOBODY && (!model_may(m, KEEPS) || s->word & WITHDRAWN)))
            return true;
    }
    return false;
}

/* Whoever asks for a slot now gets one exactly when there is one. */
static void check_claim(model_t *m, int participant)
{
    model_t alone = *m;
    bool there = can_be_had(m);
    alone.s.repairing = participant + 1;
    int got = model_run_alone(&alone, m->threads, model_may(m, STOPS) ? DO_allocate : DO_claim, 1000);
    if (got == NONE)
        model_fail(m, "at rest: an allocation does not end");
    else if ((got > 0) != there)
        model_fail(m, got > 0 ? "at rest: an allocation takes what it must not"
                              : "at rest: an allocation finds nothing although something is there");
}

static void check_claims(model_t *m)
{
    for (int i = 0; i < m->threads; i++)
        if (m->config->roles[i] == 'P' && m->s.stopped != i + 1)
            check_claim(m, m->config->participants[i] - '0');
}

static bool is_unused(const model_t *m)
{
    for (int p = 0; p < MAX_PARTICIPANTS; p++)
        if (has_participant(m->config, p) && !m->s.participants[p].closed)
            return false;
    return true;
}

static void check_slot_at_rest(model_t *m, int slot)
{
    const slot_t *s = &m->s.slots[slot];
    int word = slot / m->config->width;
    if (s->hold != 0)
        model_fail(m, "at rest: a hold bit is left");
    if (word_state(s->word) != FREE && word_state(s->word) != PUBLISHED &&
        (word_state(s->word) != COMMIT || s->message == NONE))
        model_fail(m, "at rest: a slot is neither free nor published");
    if (word_state(s->word) == FREE &&
        (!(m->s.leaf[word] >> slot % m->config->width & 1) || !(m->s.summary >> word & 1)))
        model_fail(m, "at rest: a free slot cannot be found");
    if (word_pinner(s->word) != NOBODY)
        model_fail(m, "at rest: a pin is left");
    if (s->word & RETIRED && (!model_may(m, KEEPS) || s->word & WITHDRAWN))
        model_fail(m, "at rest: a slot is retired and nobody will reclaim it");
    for (int p = 0; p < MAX_PARTICIPANTS; p++)
        if (m->s.participants[p].references[slot] || m->s.participants[p].clearing[slot] ||
            m->s.participants[p].pins[slot])
            model_fail(m, "at rest: a private reference is left");
}

void check_at_rest(model_t *m)
{
    int subscriptions = 0, readers = 0, messages = 0;
    if (m->s.stopped) {
        check_claims(m); /* the others do not suffer */
        return;
    }
    for (int slot = 0; slot < m->config->slots; slot++)
        check_slot_at_rest(m, slot);
    for (int r = 0; r < m->config->subscriptions; r++)
        subscriptions += m->s.subscriptions[r].state != SUBSCRIPTION_FREE;
    for (int i = 0; i < m->threads; i++) {
        readers += m->s.threads[i].empty_at > 0;
        messages += m->config->roles[i] == 'P' ? m->config->messages : 0;
    }
    for (int r = 0; r < m->config->subscriptions; r++)
        if ((m->s.gates >> r & 1) !=
            (m->s.subscriptions[r].state == SUBSCRIPTION_ACTIVE && m->s.subscriptions[r].gates))
            model_fail(m, "at rest: the set of subscriptions that gate is wrong");
    if (m->s.any_gates != (m->s.gates != 0))
        model_fail(m, "at rest: the summary of the subscriptions that gate is wrong");
    if (subscriptions != readers)
        model_fail(m, "at rest: a reader's place is left");
    if (m->config->kills == 0 && !model_may(m, MAY_ABORT | GIVES_UP | TIMES_OUT) && m->s.end != messages)
        model_fail(m, "at rest: a message was not published");
    for (int e = 0; e < EVENTS; e++)
        for (int p = 0; p < MAX_PARTICIPANTS; p++) {
            bool set = m->s.waiters[e][p / m->config->width] >> p % m->config->width & 1;
            if (set != (m->s.participants[p].sleepers[e] > 0))
                model_fail(m, "at rest: the set of those who wait is wrong");
        }
    if (m->s.remove_when_unused && is_unused(m) && !m->s.removed)
        model_fail(m, "at rest: nobody uses the ring, and it was not removed");
    check_claims(m);
}
