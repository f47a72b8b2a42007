/* SPDX-License-Identifier: Apache-2.0 */
/* Subscribing, and a start in the past. See src/traffic/readers/subscribe.c and past.c. */
#include "model.h"

/* Its cursor stays: a gate that saw the subscription ACTIVE may look at it still. */
void subscription_leave(subscription_t *subscription)
{
    *subscription = (subscription_t){.cursor = subscription->cursor};
}

/* t on entry: does it gate. Result: the subscription, or NONE. Its cursor is where the reader starts.
 * a: subscription, b: does it gate, c: free subscriptions were seen. */
void subscribe(model_t *m, thread_t *self, frame_t *f)
{
    subscription_t *subscription = &m->s.subscriptions[f->a];
    BEGIN;
    for (int p = 0; p < MAX_PARTICIPANTS && model_may(m, STREAMS); p++)
        self->told[p] = m->s.streams[p].deaths; /* told of those that come */
    self->stream_seen = NONE;
    self->due = NEVER;
    f->b = f->t;
    for (f->a = 0, f->t = 0; f->a < m->config->subscriptions; f->a++) {
        STEP("subscribe.join");
        if (m->s.subscriptions[f->a].state != SUBSCRIPTION_FREE)
            continue;
        STEP("subscribe.join");
        drain(m, self);
        subscription = &m->s.subscriptions[f->a];
        if (subscription->state != SUBSCRIPTION_FREE)
            continue;
        *subscription = (subscription_t){
            .state = SUBSCRIPTION_JOIN,
            .owner = model_me(m, self),
            .gates = f->b,
            .budget = is_budgeted(m, self) || is_read_by_ticket(m, self) ? WITHIN_BUDGET : NO_BUDGET,
            .cursor = subscription->cursor};
        subscription_begins_anew(m, f->a);
        break;
    }
    if (f->a == m->config->subscriptions)
        RETURN(NONE);
    if (f->b && !FAULT(subscribe_set_late))
        CALL(gate_in, 0, f->a);
    CALL(find_end, 0, 0);
    f->t = self->result;
    STEP("subscribe.activate");
    subscription->account.start = f->t;
    STEP("subscribe.activate");
    subscription->cursor = f->t;
    STEP("subscribe.activate");
    subscription->state = SUBSCRIPTION_ACTIVE;
    if (FAULT(durable_first) && f->b == 2)
        m->s.durables[f->a].durable = 1;
    if (!FAULT(subscribe_one_look)) {
        CALL(find_end, 0, 0);
        f->t = self->result;
        STEP("subscribe.activate");
        *(FAULT(subscribe_start_last) ? &subscription->cursor : &subscription->account.start) = f->t;
        STEP("subscribe.activate");
        subscription->account.start = subscription->cursor = f->t;
    }
    if (f->b && FAULT(subscribe_set_late))
        CALL(gate_in, 0, f->a);
    if (FAULT(subscribe_in_past) && f->t > 0) {
        STEP("subscribe.activate");
        subscription->account.start = subscription->cursor = f->t = f->t - 1;
    }
    RETURN(f->a);
    END;
}

/* Looks at what is there below t, newest first, until one is gone. slot on entry, then a: are the holds kept?
 * Result: the slots that are held, or else how many there were. */
void history(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    f->a = f->slot;
    f->slot = 0;
    while (f->t > 0 && f->c < m->config->slots) {
        STEP("past.begin");
        if (entry_age(order_at(m, f->t - 1), f->t - 1) != 0)
            break;
        f->slot = order_at(m, f->t - 1)->slot;
        CALL(acquire, f->slot, f->t - 1);
        if (self->result != 1)
            break;
        f->b |= 1 << f->slot;
        if (!f->a)
            CALL(drop, f->slot, 0);
        f->t--;
        f->c++;
    }
    RETURN(f->a ? f->b : f->c);
    END;
}
