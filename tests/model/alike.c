/* SPDX-License-Identifier: Apache-2.0 */
/* Makes states that behave alike the same one, beyond what the procedures do by forgetting what they will not look at
 * again, and pack.c by the names of participants. README.md says why nothing is lost by it. */
#include "model.h"

/* A reader's account is only for the invariants: nobody in the model decides by it. As long as it is right it can
 * begin later: what was delivered before its last message, what was missed, and what was passed over, is taken out of both sides. Behind a
 * jump its target is of no use any more, nor is the number missed before it, since the next jump stores it anew. */
static void shorten_account(subscription_t *subscription)
{
    bool jumping = subscription->cursor < subscription->account.jump_to;
    int missed = jumping ? subscription->account.missed : subscription->account.jump_missed;
    int passed_over = jumping ? subscription->account.passed_over : subscription->account.jump_passed_over;
    if (subscription->state != SUBSCRIPTION_ACTIVE || subscription->cursor <= subscription->account.start ||
        subscription->delivered + missed + passed_over + subscription->account.pending !=
            subscription->cursor - subscription->account.start)
        return;
    subscription->delivered += missed + passed_over;
    subscription->account.jump_missed -= missed;
    subscription->account.jump_passed_over -= passed_over;
    subscription->account.missed = subscription->account.passed_over = 0;
    subscription->account.jump_to = jumping ? subscription->account.jump_to : 0;
    if (subscription->delivered > 1) {
        subscription->account.start += subscription->delivered - 1;
        subscription->delivered = 1;
    }
}

/* Nothing is added to the account of a dead reader, also while it is repaired, and no invariant asks for it any more. Not even whether anything was
 * delivered: a shortened account counts what was missed as delivered. */
static void close_account(subscription_t *subscription)
{
    subscription->account.start = subscription->cursor;
    subscription->delivered = 0;
    subscription->account.missed = subscription->account.jump_to = subscription->account.jump_missed =
        subscription->account.pending = 0;
    subscription->account.passed_over = subscription->account.jump_passed_over = 0;
}

/* Nobody adds to its account any more: its reader is dead, or has left, or is about to. Who is about to join has no account yet. */
static bool is_over(const model_t *m, const subscription_t *subscription)
{
    const account_t *account = &subscription->account;
    bool has_account =
        subscription->delivered + account->jump_missed + account->jump_passed_over + account->pending > 0;
    return subscription->state == SUBSCRIPTION_FREE ||
           (subscription->state == SUBSCRIPTION_JOIN && has_account) ||
           m->s.participants[subscription->owner].dead;
}

/* Whether anybody can still be repaired in the name of participant `p`. */
static bool can_be_repaired(const model_t *m, int p)
{
    return m->s.kills > 0 || m->s.participants[p].dead;
}

/* Which span a slot is a part of matters while it is one, and to a repair. */
static void forget_heads(model_t *m)
{
    bool repaired = m->s.kills > 0 || model_may(m, CLOSES);
    for (int p = 0; p < m->participants; p++)
        repaired = repaired || m->s.participants[p].dead;
    for (int i = 0; i < m->config->slots && !repaired; i++)
        m->s.spans[i].head = 0;
}

/* What only a repair would look at, when there will be none. */
static void forget_streams(model_t *m)
{
    for (int p = 0; p < m->participants; p++)
        if (!can_be_repaired(m, p))
            m->s.streams[p].noted = m->s.streams[p].last = NONE;
    for (int i = 0; i < m->config->slots; i++) {
        int producer = m->s.slots[i].producer % 8 - 1;
        if (producer >= 0 &&
            (!can_be_repaired(m, producer) || m->s.slots[i].producer != producer_mark(m, producer)))
            m->s.slots[i].producer = 0;
    }
}

void make_alike(model_t *m)
{
    for (int r = 0; r < m->config->subscriptions; r++) {
        subscription_t *subscription = &m->s.subscriptions[r];
        if (has_role(m->config, 'D') || has_group(m->config)) /* its next owner goes on with it */
            continue;
        if (is_over(m, subscription))
            close_account(subscription);
        else
            shorten_account(subscription);
    }
    if (model_may(m, STREAMS))
        forget_streams(m);
    if (has_spans(m->config))
        forget_heads(m);
}
