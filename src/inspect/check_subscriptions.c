/* SPDX-License-Identifier: Apache-2.0 */
/* The audit of the subscriptions, those in use and those that were, and of the groups that this version does not
 * make. */
#include "inspect/check.h"
#include "protocol/gate.h"

#define KIND(field) SR__KIND(SR__AUDIT_SUBSCRIPTION, sr__subscription_t, field)

/* A lossless reader can still have everything from its cursor on. */
static void audit_lossless(sr__audit_t *a, uint32_t r, uint64_t cursor)
{
    sr__view_t *view = a->view;
    uint64_t length = view->order_mask + 1;
    for (uint64_t t = cursor; t < a->end && t - cursor < length; t++) {
        uint64_t entry = sr__load(sr__order_at(view, t));
        uint32_t slot = sr__entry_slot(view, entry);
        if (sr__entry_age(view, entry, t) == SR__CURRENT && slot < view->slot_count &&
            sr__load(&sr__slot(view, slot)->sequence) == t)
            continue;
        if (sr__load(&view->subscriptions[r].cursor) > t)
            continue; /* it has had it meanwhile */
        sr__find(a, KIND(cursor) + 1, r, t,
                 "lossless reader %" PRIu32 " at %" PRIu64 " can no longer have sequence %" PRIu64, r, cursor,
                 t);
        return;
    }
}

/* Every publication was delivered, missed or is pending; of nothing more is any word of a subscription, in use or
 * not. */
static void audit_account(sr__audit_t *a, uint32_t r, const sr__subscription_t *subscription, bool active)
{
    uint64_t jump_to = sr__load(&subscription->jump_to), jump_missed = sr__load(&subscription->jump_missed);
    uint64_t missed = sr__load(&subscription->missed), pending = sr__load(&subscription->pending),
             start = sr__load(&subscription->start);
    uint64_t cursor = sr__load(&subscription->cursor), end = sr__published_end(a->view);
    const char *published = "at most what was published";
    sr__audit_field(a, cursor <= end, KIND(cursor), r, "cursor", cursor, published);
    sr__audit_field(a, start <= end, KIND(start), r, "start", start, published);
    sr__audit_field(a, missed <= end, KIND(missed), r, "missed", missed, published);
    sr__audit_field(a, jump_to <= end, KIND(jump_to), r, "jump_to", jump_to, published);
    sr__audit_field(a, jump_missed <= end, KIND(jump_missed), r, "jump_missed", jump_missed, published);
    sr__audit_field(a, pending <= a->view->slot_count, KIND(pending), r, "pending", pending,
                    "at most the slots that there are");
    uint64_t lost = (cursor >= jump_to ? jump_missed : missed) + pending;
    sr__audit_field(a, !active || (cursor >= start && cursor - start >= lost), KIND(start) + 1, r, "start",
                    start, "so far below the cursor as it missed and has still to get");
}

static void audit_reserved(sr__audit_t *a, uint32_t r, const sr__subscription_t *subscription)
{
    const sr__word_t *words[] = {&subscription->wanted, &subscription->filtered, &subscription->mask,
                                 &subscription->match};
    for (uint32_t i = 0; i < 4; i++)
        sr__audit_field(a, sr__peek(words[i]) == 0, KIND(wanted) + 8 * i, r, "a reserved word",
                        sr__peek(words[i]), "0");
    sr__audit_zero(a, KIND(lag_budget), r, &subscription->lag_budget, sizeof subscription->lag_budget);
    sr__audit_zero(a, KIND(sample_every), r, &subscription->sample_every, sizeof subscription->sample_every);
    uint32_t wake = atomic_load_explicit(&subscription->wake_word, memory_order_relaxed);
    sr__audit_field(a, wake == 0, KIND(wake_word), r, "wake_word", wake, "0");
    sr__audit_zero(a, KIND(reserved0), r, subscription->reserved0, sizeof subscription->reserved0);
    sr__audit_zero(a, KIND(reserved1), r, subscription->reserved1, sizeof subscription->reserved1);
}

static void audit_row(sr__audit_t *a, uint32_t r)
{
    sr__view_t *view = a->view;
    const sr__subscription_t *subscription = &view->subscriptions[r];
    uint64_t w = sr__load(&subscription->state);
    uint32_t state = sr__subscription_state(w);
    bool active = state == SR__SUBSCRIPTION_ACTIVE;
    if (state > SR__SUBSCRIPTION_ACTIVE)
        sr__find(a, KIND(state), r, w, "subscription %" PRIu32 " has unknown state %" PRIu32, r, state);
    else if (state != SR__SUBSCRIPTION_FREE && !sr__is_attached(view, sr__subscription_owner(w)))
        sr__find(a, KIND(state), r, w,
                 "subscription %" PRIu32 " belongs to participant %" PRIu32 ", who is not attached", r,
                 sr__subscription_owner(w));
    sr__audit_field(a, state != SR__SUBSCRIPTION_FREE || (uint32_t)w == 0, KIND(state) + 1, r, "state", w,
                    "a generation and nothing else while it is free");
    sr__audit_field(a, (sr__subscription_flags(w) & ~(uint32_t)SR__SUBSCRIPTION_GATES) == 0, KIND(state) + 2,
                    r, "state", w, "one with flags of this version");
    audit_account(a, r, subscription, active);
    audit_reserved(a, r, subscription);
    sr__audit_name(a, KIND(name), r, subscription->name);
    if (active && sr__subscription_gates(w)) {
        if (!sr__gates_have(view, r))
            sr__find(a, KIND(state) + 3, r, w,
                     "lossless reader %" PRIu32 " is missing in the set of those that hold producers back",
                     r);
        audit_lossless(a, r, sr__load(&subscription->cursor));
    }
}

void sr__audit_subscriptions(sr__audit_t *a)
{
    for (uint32_t r = 0; r < a->view->subscription_count; r++)
        audit_row(a, r);
}

void sr__audit_groups(sr__audit_t *a)
{
    for (uint32_t g = 0; g < a->view->group_count; g++) {
        const sr__group_t *group = &a->view->groups[g];
        uint64_t w = sr__load(&group->state), cursor = sr__load(&group->cursor);
        sr__audit_field(a, (w & 0xf) <= SR__GROUP_OPEN, SR__KIND(SR__AUDIT_GROUP, sr__group_t, state), g,
                        "state", w, "a state from 0 to 3");
        sr__audit_field(a, cursor <= sr__published_end(a->view),
                        SR__KIND(SR__AUDIT_GROUP, sr__group_t, cursor), g, "cursor", cursor,
                        "at most what was published");
    }
}
