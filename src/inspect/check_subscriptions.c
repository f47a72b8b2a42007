/* SPDX-License-Identifier: Apache-2.0 */
/* The audit of the subscriptions, those in use and those that were. */
#include "inspect/check.h"
#include "protocol/gate.h"

#define KIND(field) SR__KIND(SR__AUDIT_SUBSCRIPTION, sr__subscription_t, field)
#define FIELD(field) (uint32_t) offsetof(sr__account_words_t, field)

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
        if (sr__number(sr__load(&view->subscriptions[r].cursor)) > t)
            continue; /* it has had it meanwhile */
        sr__find(a, KIND(cursor) + 1, r, t,
                 "lossless reader %" PRIu32 " at %" PRIu64 " can no longer have sequence %" PRIu64, r, cursor,
                 t);
        return;
    }
}

/* Every publication was delivered, missed or is pending; of nothing more is any word of an account, in use or not. */
static void audit_copy(sr__audit_t *a, uint32_t r, uint32_t copy, uint64_t cursor, uint64_t end, bool counts)
{
    const sr__account_words_t *account = &a->view->subscriptions[r].accounts[copy];
    uint32_t kind =
        SR__KIND(SR__AUDIT_SUBSCRIPTION, sr__subscription_t, accounts) + copy * (uint32_t)sizeof *account;
    uint64_t jump_to = sr__load(&account->jump_to), jump_missed = sr__load(&account->jump_missed);
    uint64_t missed = sr__load(&account->missed), pending = sr__load(&account->pending),
             start = sr__load(&account->start);
    uint64_t passed = sr__load(&account->passed_over), jump_passed = sr__load(&account->jump_passed_over);
    const char *published = "at most what was published";
    sr__audit_field(a, start <= end, kind + FIELD(start), r, "start", start, published);
    sr__audit_field(a, missed <= end, kind + FIELD(missed), r, "missed", missed, published);
    sr__audit_field(a, jump_to <= end, kind + FIELD(jump_to), r, "jump_to", jump_to, published);
    sr__audit_field(a, jump_missed <= end, kind + FIELD(jump_missed), r, "jump_missed", jump_missed,
                    published);
    sr__audit_field(a, pending <= a->view->slot_count, kind + FIELD(pending), r, "pending", pending,
                    "at most the slots that there are");
    sr__audit_field(a, passed <= end, kind + FIELD(passed_over), r, "passed_over", passed, published);
    sr__audit_field(a, jump_passed <= end, kind + FIELD(jump_passed_over), r, "jump_passed_over", jump_passed,
                    published);
    uint64_t lost = cursor >= jump_to ? jump_missed + jump_passed + pending : missed + passed;
    sr__audit_field(a, !counts || (cursor >= start && cursor - start >= lost), kind + FIELD(start) + 1, r,
                    "start", start, "so far below the cursor as it missed, passed over and has still to get");
}

static void audit_account(sr__audit_t *a, uint32_t r, const sr__subscription_t *subscription, uint64_t w)
{
    const sr__account_words_t *current = sr__account_of(subscription, w);
    uint64_t word = sr__load(&subscription->cursor), end = sr__audit_published(a);
    bool durable = (sr__subscription_flags(w) & SR__SUBSCRIPTION_DURABLE) != 0;
    uint64_t cursor = sr__subscription_has_started(w) && !durable ? word : sr__number(word);
    sr__audit_field(a, cursor <= end, KIND(cursor), r, "cursor", cursor, "at most what was published");
    for (uint32_t copy = 0; copy < 2; copy++)
        audit_copy(a, r, copy, cursor, end,
                   sr__subscription_has_started(w) && current == &subscription->accounts[copy]);
}

static void audit_reserved(sr__audit_t *a, uint32_t r, const sr__subscription_t *subscription)
{
    uint64_t mask = sr__peek(&subscription->mask), match = sr__peek(&subscription->match);
    sr__audit_field(a, (match & ~mask) == 0, KIND(match), r, "match", match, "within the mask");
    uint32_t latest = atomic_load_explicit(&subscription->latest, memory_order_relaxed);
    sr__audit_field(a, latest <= 1, KIND(latest), r, "latest", latest, "0 or 1");
    uint32_t flags = atomic_load_explicit(&subscription->flags, memory_order_relaxed);
    sr__audit_field(a, flags < SLOTRING_BY_TICKET << 1, KIND(flags), r, "flags", flags,
                    "those of a reader's options of this version");
    uint64_t group = sr__peek(&subscription->group);
    sr__audit_field(a, group <= a->view->group_count, KIND(group), r, "group", group,
                    "the number of a group plus 1, or 0");
    sr__audit_zero(a, KIND(reserved0), r, subscription->reserved0, sizeof subscription->reserved0);
    sr__audit_zero(a, KIND(reserved1), r, subscription->reserved1, sizeof subscription->reserved1);
}

/* Read before the number of the ring's marks, which only grows. */
static void audit_marks_done(sr__audit_t *a, uint32_t r, const sr__subscription_t *subscription)
{
    uint64_t done = sr__number(sr__load(&subscription->marks));
    sr__audit_field(a, done <= sr__marks_total(sr__load(&a->view->state->marks)) + 1, KIND(marks), r, "marks",
                    done, "at most the marks that were made, plus 1");
}

static void audit_budget(sr__audit_t *a, uint32_t r, const sr__subscription_t *subscription, uint64_t w)
{
    uint64_t budget = sr__load(&subscription->budget),
             lost = sr__lost_messages(sr__load(&subscription->lost));
    uint32_t messages = sr__budget_messages(budget), ms = sr__budget_ms(budget),
             flags = sr__subscription_flags(w);
    bool has_some = messages > 0 && ms > 0 && messages <= SR__BUDGET_MESSAGES_MAX && ms <= SR__BUDGET_MS_MAX;
    sr__audit_field(a, budget == 0 || has_some, KIND(budget), r, "budget", budget,
                    "messages and milliseconds within their limits, or 0");
    sr__audit_field(a, lost <= sr__audit_published(a), KIND(lost), r, "lost", lost,
                    "at most what was published");
    sr__audit_field(a, !(flags & SR__SUBSCRIPTION_LOSSY) || !(flags & SR__SUBSCRIPTION_GATES),
                    KIND(state) + 4, r, "state", w, "one that holds producers back, or that does not");
}

static void audit_offset(sr__audit_t *a, uint32_t r)
{
    uint64_t offset = sr__peek(&a->view->offsets[r]);
    sr__audit_field(a, offset <= SLOTRING_NUMBER_MAX || offset == SR__NO_SEQUENCE, KIND(reserved1) + 1, r,
                    "the offset of its numbers", offset, "at most 2^62, or none");
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
    else if (state != SR__SUBSCRIPTION_FREE && !sr__subscription_is_left(w) &&
             !sr__is_attached(view, sr__subscription_owner(w)))
        sr__find(a, KIND(state), r, w,
                 "subscription %" PRIu32 " belongs to participant %" PRIu32 ", who is not attached", r,
                 sr__subscription_owner(w));
    sr__audit_field(a, state != SR__SUBSCRIPTION_FREE || (uint32_t)w == 0, KIND(state) + 1, r, "state", w,
                    "a generation and nothing else while it is free");
    sr__audit_field(
        a,
        (sr__subscription_flags(w) &
         ~(uint32_t)(SR__SUBSCRIPTION_IN_SET | SR__SUBSCRIPTION_STARTING | SR__SUBSCRIPTION_DURABLE |
                     SR__SUBSCRIPTION_GROUP | SR__SUBSCRIPTION_BY_HAND | SR__SUBSCRIPTION_ARMS)) == 0,
        KIND(state) + 2, r, "state", w, "one with flags of this version");
    audit_account(a, r, subscription, w);
    audit_budget(a, r, subscription, w);
    audit_reserved(a, r, subscription);
    audit_marks_done(a, r, subscription);
    audit_offset(a, r);
    sr__audit_name(a, KIND(name), r, subscription->name);
    if (active && sr__subscription_gates(w)) {
        if (!sr__gates_have(view, r))
            sr__find(a, KIND(state) + 3, r, w,
                     "lossless reader %" PRIu32 " is missing in the set of those that hold producers back",
                     r);
        /* Else it may be on its way to where it is safe. */
        if (sr__load(&subscription->budget) == 0 && !(sr__subscription_flags(w) & SR__SUBSCRIPTION_REVOKED))
            audit_lossless(a, r, sr__number(sr__load(&subscription->cursor)));
    }
}

void sr__audit_subscriptions(sr__audit_t *a)
{
    for (uint32_t r = 0; r < a->view->subscription_count; r++)
        audit_row(a, r);
}
