/* SPDX-License-Identifier: Apache-2.0 */
/* What must hold in every state, and what when everything is over. */
#include <string.h>

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
        model_fail(m, "a message lost its position in the order while it was in the walk");
}

/* As long as a span can be read, it has all its pieces. */
static void check_span(model_t *m, int slot)
{
    const slot_t *s = &m->s.slots[slot];
    int state = word_state(s->word);
    if (s->message != NONE && m->s.spans[slot].kind == SPAN &&
        (word_is_committed(s->word) || state == RECLAIM) && !is_whole(m, slot))
        model_fail(m, "a piece of a span that can be read was taken away");
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

/* delivered + missed + passed over = cursor - start, at each store. */
static void check_account(model_t *m, int row)
{
    const subscription_t *subscription = &m->s.subscriptions[row];
    const account_t *account = account_of(m, row);
    bool jumped = subscription->cursor >= account->jump_to;
    int missed = jumped ? account->jump_missed : account->missed;
    int passed_over = jumped ? account->jump_passed_over : account->passed_over;
    int pending = jumped ? account->pending : 0;
    int given = subscription->cursor > account->start ? subscription->cursor - account->start : 0;
    if (subscription->state == SUBSCRIPTION_ACTIVE &&
        subscription->delivered + missed + passed_over + pending != given && given != 0)
        model_fail(m, "a reader's account is wrong");
    if (subscription->state == SUBSCRIPTION_ACTIVE && subscription->cursor > m->s.end)
        model_fail(m, "a reader's cursor is past the end");
}

/* The name of a durable subscription is its own, and stays. */
static void check_names(model_t *m)
{
    int named = 0;
    for (int r = 0; r < m->config->subscriptions; r++)
        if (m->s.durables[r].durable) {
            named++;
            if (m->s.subscriptions[r].state != SUBSCRIPTION_ACTIVE)
                model_fail(m, "a durable subscription is gone with its owner");
        }
    if (named > 1)
        model_fail(m, "two durable subscriptions have one name");
}

/* Who makes a change and finds nobody armed wakes nobody, and may rely on it that nobody sleeps: nobody waits for
 * the wake-up of somebody else, who may be stopped. A thread that goes may have taken the bit of another one's. */
static void check_armed(model_t *m)
{
    for (int i = 0; i < m->threads; i++) {
        const thread_t *self = &m->s.threads[i];
        if (self->asleep && !m->s.armed[self->watching - 1] && is_alone(m, self))
            model_fail(m, "somebody sleeps whom the next waker would not wake");
    }
}

/* What a row names is claimed by its owner, or committed by it, until it is listed; and its records are those that were
 * committed. */
static void check_row(model_t *m, int r)
{
    const row_t *row = &m->s.rows[r];
    const slot_t *s = &m->s.slots[row->slot];
    const block_t *block = &m->s.blocks[row->slot];
    if (row->claimed == 0) {
        if (row->listed != row->committed)
            model_fail(m, "records that were committed lie in no block that is named or listed");
        if (row->total != row->committed)
            model_fail(m, "a row without an open block has another total than was committed");
        return;
    }
    if (row->listed_block >= row->block)
        return;
    if (row->claimed & STALE || (word_state(s->word) != CLAIMED && word_state(s->word) != COMMIT) ||
        word_owner(s->word) != word_owner(row->claimed))
        model_fail(m, "a block that is named was taken away before it was listed");
    else if (block->writer != r || block->number != row->block ||
             block->base + records_in(m, row->slot) != row->committed)
        model_fail(m, "the records in a block that is named are not those that were committed");
}

/* What a lossless reader has picked up is listed at or above its cursor, or will be. */
static void check_view(model_t *m, const thread_t *self, int r)
{
    const view_t *view = &self->views[r];
    const slot_t *s = &m->s.slots[view->slot - 1];
    const block_t *block = &m->s.blocks[view->slot - 1];
    if (view->slot == 0)
        return;
    if (block->kind != RECORDS || block->writer != r || block->number != view->number)
        model_fail(m, "the block that a reader has picked up is another one by now");
    else if (s->message == NONE && (m->s.rows[r].claimed == 0 || m->s.rows[r].slot != view->slot - 1 ||
                                    m->s.rows[r].listed_block >= view->number))
        model_fail(m, "the block that a reader has picked up will not be listed");
    else if (s->message != NONE && s->message < m->s.subscriptions[self->frames[0].a].cursor)
        model_fail(m, "the block that a reader has picked up is listed below its cursor");
}

void check_always(model_t *m)
{
    for (int slot = 0; slot < m->config->slots; slot++)
        check_slot(m, slot);
    for (int slot = 0; slot < m->config->slots && has_spans(m->config); slot++)
        check_span(m, slot);
    for (int i = 0; i < m->threads; i++)
        check_thread(m, i);
    for (int r = 0; r < m->config->subscriptions; r++)
        check_account(m, r);
    check_names(m);
    if (has_group(m->config))
        check_group(m);
    if (has_letters(m->config))
        check_letters(m);
    check_armed(m);
    for (int r = 0; r < m->rows; r++) {
        check_row(m, r);
        for (int i = 0; i < m->threads; i++)
            if (strchr("LD", m->config->roles[i]))
                check_view(m, &m->s.threads[i], r);
    }
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
    if (strchr("GK", role) && self->empty_at > 0 && !model_may(m, WAITS) && self->share.seen != UP_TO_DATE)
        return false; /* it will find what was offered again */
    if (self->share.passes)
        return false; /* it will move the cursor over what it has passed over */
    if (self->empty_at > m->s.end && has_all_records(m, self) && has_all_marks(m, self) &&
        (self->asleep || !model_may(m, WAITS)))
        return !model_may(m, STREAMS) || !is_stream_news_due(m, self); /* a reader that has had everything */
    if (self->gathering && self->asleep)
        return gathers_on(m, self); /* until its time is over */
    return self->idle && (self->left == 0 || strchr("TROC", role));
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
            (listed && !(s->word & RETIRED) && s->message < gate && s->hold == 0 && !s->letter &&
             word_pinner(s->word) == NOBODY && (!model_may(m, KEEPS) || s->word & WITHDRAWN)))
            return true;
    }
    return false;
}

/* In a hot ring: what every lossless reader has passed went at once. */
static void check_passed(model_t *m)
{
    int gate = NEVER;
    for (int r = 0; r < m->config->subscriptions; r++)
        if (m->s.subscriptions[r].state == SUBSCRIPTION_ACTIVE && m->s.subscriptions[r].gates &&
            m->s.subscriptions[r].cursor < gate)
            gate = m->s.subscriptions[r].cursor;
    for (int i = 0; i < m->config->slots && gate != NEVER; i++)
        if (m->s.slots[i].message != NONE && m->s.slots[i].message < gate && !m->s.slots[i].letter)
            model_fail(m, "at rest: a message is there that every lossless reader of a hot ring has passed");
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
        if (strchr("PWES", m->config->roles[i]) && m->s.stopped != i + 1)
            check_claim(m, m->config->participants[i] - '0');
}

static bool is_unused(const model_t *m)
{
    for (int p = 0; p < MAX_PARTICIPANTS; p++)
        if (has_participant(m->config, p) && !m->s.participants[p].closed)
            return false;
    return true;
}

/* Its writer idles. */
static bool is_open_block(const model_t *m, int slot)
{
    for (int i = 0; i < m->threads; i++)
        if (m->s.threads[i].writing == slot + 1 && m->s.threads[i].idle == 2)
            return word_state(m->s.slots[slot].word) == CLAIMED;
    return false;
}

static bool is_in_a_span(const model_t *m, int slot)
{
    int spans = 0;
    for (int head = 0; head < m->config->slots; head++)
        if (m->s.slots[head].message != NONE && m->s.spans[head].kind == SPAN)
            for (int piece = head, n = 0; m->s.spans[piece].next && n < MAX_SLOTS; n++) {
                piece = (m->s.spans[piece].next & ~STALE) - 1;
                spans += piece == slot;
            }
    return spans == 1;
}

static void check_slot_at_rest(model_t *m, int slot)
{
    const slot_t *s = &m->s.slots[slot];
    int word = slot / m->config->width;
    if (s->hold != 0)
        model_fail(m, "at rest: a hold bit is left");
    if (word_state(s->word) == PIECE && !is_in_a_span(m, slot))
        model_fail(m, "at rest: a piece belongs to no span");
    if (word_state(s->word) != FREE && word_state(s->word) != PUBLISHED && word_state(s->word) != PIECE &&
        (word_state(s->word) != COMMIT || s->message == NONE) && !is_open_block(m, slot))
        model_fail(m, "at rest: a slot is neither free nor published");
    if (word_state(s->word) == FREE &&
        (!(m->s.leaf[word] >> slot % m->config->width & 1) || !(m->s.summary >> word & 1)))
        model_fail(m, "at rest: a free slot cannot be found");
    if (frees_records(m) && s->message != NONE && !(s->word & WITHDRAWN) && is_all_freed(m, slot))
        model_fail(m, "at rest: all records of a block are freed, and it is not withdrawn");
    if (word_pinner(s->word) != NOBODY)
        model_fail(m, "at rest: a pin is left");
    if (s->word & RETIRED && (!model_may(m, KEEPS) || s->word & WITHDRAWN) && !s->letter)
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
        if (!has_budgets(m->config)) /* else a producer decides whether there is a slot */
            check_claims(m);         /* the others do not suffer */
        return;
    }
    for (int slot = 0; slot < m->config->slots; slot++)
        check_slot_at_rest(m, slot);
    for (int r = 0; r < m->config->subscriptions; r++)
        subscriptions += m->s.subscriptions[r].state != SUBSCRIPTION_FREE;
    for (int i = 0; i < m->threads; i++) {
        readers += m->s.threads[i].empty_at > 0 && (!strchr("GK", m->config->roles[i]) || readers == 0);
        messages += strchr("PS", m->config->roles[i]) ? m->config->messages : 0;
    }
    for (int r = 0; r < m->config->subscriptions; r++)
        if ((m->s.gates >> r & 1) != (m->s.subscriptions[r].state == SUBSCRIPTION_ACTIVE &&
                                      (m->s.subscriptions[r].gates || m->s.durables[r].revoked ||
                                       m->s.subscriptions[r].budget != NO_BUDGET)))
            model_fail(m, "at rest: the set of subscriptions that gate is wrong");
    if (m->s.any_gates != (m->s.gates != 0))
        model_fail(m, "at rest: the summary of the subscriptions that gate is wrong");
    if (subscriptions != readers && !has_letters(m->config))
        model_fail(m, "at rest: a reader's subscription is left");
    if (m->config->kills == 0 && m->rows == 0 && !model_may(m, MAY_ABORT | GIVES_UP | TIMES_OUT) &&
        m->s.end != messages)
        model_fail(m, "at rest: a message was not published");
    for (int e = 0; e < EVENTS; e++)
        for (int p = 0; p < MAX_PARTICIPANTS; p++) {
            bool set = m->s.waiters[e][p / m->config->width] >> p % m->config->width & 1;
            if (set != (m->s.participants[p].sleepers[e] > 0))
                model_fail(m, "at rest: the set of those who wait is wrong");
        }
    if (model_may(m, HOT))
        check_passed(m);
    if (has_group(m->config))
        check_group_at_rest(m);
    if (has_letters(m->config))
        check_letters_at_rest(m);
    if (m->s.token)
        model_fail(m, "at rest: somebody still has the token");
    if (m->s.remove_when_unused && is_unused(m) && !m->s.removed)
        model_fail(m, "at rest: nobody uses the ring, and it was not removed");
    check_claims(m);
}
