/* SPDX-License-Identifier: Apache-2.0 */
/* A producer that finds no slot takes the gate away from a reader that is over its budget. See src/protocol/budget.c. Time is
 * left out: whoever is in the way may be over its budget at any moment, so `stall` is not here. */
#include "model.h"

/* The code compares all of the state word, which has a generation and a count of arms: a saved copy of it is of no use any
 * more when the subscription was taken anew, or was armed again. */
void subscription_begins_anew(model_t *m, int subscription)
{
    for (int i = 0; i < MAX_ACTORS; i++)
        for (int d = 0; d < m->s.threads[i].depth; d++) {
            frame_t *f = &m->s.threads[i].frames[d];
            if (f->procedure == DO_revoke && f->a == subscription)
                f->b = 0;
        }
}

/* By hand, too: one that reads in place. A durable subscription has a budget while nobody has it. */
static bool can_be_revoked(const model_t *m, int row)
{
    const subscription_t *subscription = &m->s.subscriptions[row];
    return subscription->state == SUBSCRIPTION_ACTIVE && subscription->gates &&
           (subscription->budget == WITHIN_BUDGET ||
            (model_may(m, ABSENCES) && (is_left(m, row) || FAULT(by_hand_of_owned))) ||
            (subscription->budget == NO_BUDGET && model_may(m, BY_HAND) && !model_may(m, ABSENCES)));
}

/* Message t is listed, and a reader holds producers back there. Result 1: one was revoked. a: subscription, b: its saved state
 * word is right. */
void revoke(model_t *m, thread_t *self, frame_t *f)
{
    subscription_t *subscription = &m->s.subscriptions[f->a];
    BEGIN;
    if (self - m->s.threads ==
        m->threads) /* whoever asks at rest whether there is a slot: nobody's time is over */
        RETURN(0);
    for (f->a = 0; f->a < m->config->subscriptions; f->a++) {
        f->b = 0;
        STEP("budget.look");
        if (!can_be_revoked(m, f->a))
            continue;
        f->b = UP_TO_DATE;
        if (has_group(m->config) && !FAULT(by_hand_of_members)) {
            STEP("group_members.look");
            if (group_has_members(m))
                continue;
        }
        STEP("budget.look");
        /* By hand, what nobody has goes whether it is in the way or not. */
        if (m->s.subscriptions[f->a].cursor > f->t && !(model_may(m, BY_HAND) && model_may(m, ABSENCES)))
            continue;
        if (m->s.subscriptions[f->a].budget == NO_BUDGET &&
            !model_may(m, ABSENCES)) { /* it gives its gate up itself */
            STEP("by_hand.revoke");
            subscription = &m->s.subscriptions[f->a];
            if (!model_choose(m, 2) || f->b != UP_TO_DATE || !can_be_revoked(m, f->a))
                continue;
            drain(m, self);
            subscription->budget = REVOKED;
            subscription->gates = !FAULT(by_hand_at_once);
            CALL(wake, 0, PUBLISHED_EVENT);
            continue;
        }
        if (model_may(m, BY_HAND))
            STEP("by_hand.left");
        else
            STEP("budget.revoke");
        if (!model_choose(m, 2))
            continue; /* its time is not over */
        drain(m, self);
        subscription = &m->s.subscriptions[f->a];
        if (FAULT(revoke_any) ? subscription->state != SUBSCRIPTION_ACTIVE
                              : (f->b != UP_TO_DATE || !can_be_revoked(m, f->a)) && !FAULT(absence_stores))
            continue;
        subscription->gates = 0;
        if (model_may(m, ABSENCES)) {
            m->s.durables[f->a].revoked = 1;
            state_changes(m, f->a);
        } else {
            subscription->budget = REVOKED;
        }
        f->b = 0;
        CALL(passed, 0, f->t);
        CALL(wake, 0, SPACE_EVENT);
        RETURN(1);
    }
    RETURN(0);
    END;
}
