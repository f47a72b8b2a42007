/* SPDX-License-Identifier: Apache-2.0 */
/* A reader with a budget holds producers back, as a lossless one does, as long as it acknowledges at least so many messages
 * in so much time while it stands in their way. Else it is revoked: one CAS takes its gate away.
 *
 * Only who needs a slot decides that, so being late is no offence while nobody needs one. A producer that finds nothing below
 * the gate looks at the readers at the gate. The first one that finds a reader there notes since when, and at which cursor
 * (its `stall`). When the reader has acknowledged its number of messages from there, its time begins anew. When the time is
 * over before that, the reader is revoked. Its time also begins anew when it has acknowledged something and nobody has found
 * it in the way for as long as its time is: then producers did not need it meanwhile.
 *
 * The reader holds each message that it was given by its bit, as a lossy reader does. So a revocation takes nothing out of its
 * hands. It is told by its own next call (revoked.c).
 *
 * A kill leaves: a stall, from which the next producer goes on; or a revoked reader, and producers that wait for space and
 * were not woken: they look again after a slice at most. In a ring with hot slots it also leaves what only that reader
 * had not passed, which goes with the next change of the gate, or by a claim.
 */
#include "protocol/budget.h"
#include "protocol/counters.h"
#include "protocol/event.h"
#include "protocol/passed.h"
#include "protocol/there.h"

#define AHEAD_MS 60000u /* who noted the time may have asked the clock later than who looks now */

static uint32_t elapsed(uint32_t then_ms, uint32_t now_ms)
{
    uint32_t ms = now_ms - then_ms;
    return ms > UINT32_MAX - AHEAD_MS ? 0 : ms;
}

/* A durable subscription that nobody has, or a group without a member, is to acknowledge one message in the time that the ring's owner grants. */
uint64_t sr__budget_of(const sr__view_t *view, const sr__subscription_t *subscription, uint64_t word)
{
    if (!sr__subscription_is_left(word))
        return sr__peek(&subscription->budget);
    if (sr__somebody_has(view, (uint32_t)(subscription - view->subscriptions), word))
        return 0;
    return view->header.absence_ms == 0 ? 0 : sr__budget(1, view->header.absence_ms);
}

/* Does its time begin now? stall: as it was loaded. */
static bool begins_anew(const sr__subscription_t *subscription, uint64_t budget, uint64_t word,
                        uint64_t stall, uint64_t cursor, uint32_t now_ms)
{
    if (!sr__stall_is_of(stall, word))
        return true;
    uint32_t progress = sr__stall_progress(stall, cursor);
    /* Relaxed: a late one begins the time anew, or does not. */
    uint32_t seen = atomic_load_explicit(&subscription->seen, memory_order_relaxed);
    return progress >= sr__budget_messages(budget) ||
           (progress > 0 && elapsed(seen, now_ms) > sr__budget_ms(budget));
}

uint32_t sr__budget_left(const sr__view_t *view, const sr__subscription_t *subscription, uint64_t word,
                         uint64_t cursor, uint32_t now_ms)
{
    uint64_t budget = sr__budget_of(view, subscription, word);
    uint32_t most = sr__budget_ms(budget);
    uint64_t stall = sr__load(&subscription->stall);
    uint32_t passed = elapsed(sr__stall_time(stall), now_ms);
    if (begins_anew(subscription, budget, word, stall, cursor, now_ms))
        return most;
    return passed > most ? 0 : most - passed;
}

/* [budget.look] Looks whether a reader that can be revoked is in the way of publication `at`. Its state word first: a
 * revocation is a CAS from this very word, and with another reader, or after it was armed again, the word is another one. */
static bool is_in_the_way(const sr__view_t *view, const sr__subscription_t *subscription, uint64_t at,
                          uint64_t *word, uint64_t *cursor)
{
    *word = sr__load(&subscription->state);
    if (!sr__subscription_gates(*word) || sr__budget_of(view, subscription, *word) == 0)
        return false;
    *cursor = sr__number(sr__load(&subscription->cursor));
    return *cursor <= at;
}

/* Notes since when it is in the way, or looks whether that is too long. True: it is. *left: the milliseconds
 * until then. By CAS: of several producers one begins its time. */
static bool is_over(sr__subscription_t *subscription, uint64_t budget, uint64_t word, uint64_t cursor,
                    uint32_t now_ms, uint32_t *left)
{
    uint32_t most = sr__budget_ms(budget);
    uint64_t stall = sr__load(&subscription->stall);
    bool anew = begins_anew(subscription, budget, word, stall, cursor, now_ms);
    /* Relaxed: see begins_anew. */
    atomic_store_explicit(&subscription->seen, now_ms, memory_order_relaxed);
    *left = most + 1;
    if (anew) {
        sr__cas(&subscription->stall, stall, sr__stall(word, cursor, now_ms));
        return false;
    }
    uint32_t passed = elapsed(sr__stall_time(stall), now_ms);
    *left = passed > most ? 0 : most + 1 - passed;
    return passed > most;
}

/* [budget.revoke] Takes the gate away from a reader that is over its budget. What its cursor protected may go from here on;
 * what it has in its hands it holds. */
static bool revoke(sr__subscription_t *subscription, uint64_t word, uint64_t now)
{
    sr__revoked_at(subscription, now);
    return sr__cas(&subscription->state, word, sr__subscription_revoked(word));
}

/* When a producer that waits is to look again. */
static void note_end(sr__member_t *member, uint64_t now, uint32_t left)
{
    atomic_store_explicit(&member->budget_ends, left == UINT32_MAX ? 0 : now + left * SR__NS_IN_MS,
                          memory_order_relaxed);
}

bool sr__budgets_press(sr__member_t *member, uint64_t at)
{
    sr__view_t *view = &member->view;
    uint64_t now = member->os->system.clock_ns(), word, cursor;
    uint32_t least = UINT32_MAX, left, revoked = 0;
    for (uint32_t r = 0; r < sr__subscriptions_high(view); r++) {
        sr__subscription_t *subscription = &view->subscriptions[r];
        if (!is_in_the_way(view, subscription, at, &word, &cursor))
            continue;
        if (is_over(subscription, sr__budget_of(view, subscription, word), word, cursor, sr__in_ms(now),
                    &left))
            revoked += revoke(subscription, word, now);
        else if (left < least)
            least = left;
    }
    note_end(member, now, least);
    if (revoked == 0)
        return false;
    sr__count(member, SR__REVOCATIONS, revoked);
    if (view->hot)
        sr__free_passed(member, member->me);
    sr__wake(member, SR__SPACE_EVENT); /* others may take what this one does not need */
    return true;
}

uint64_t sr__budget_due_in(sr__member_t *member, uint64_t now)
{
    /* Relaxed: a thread of the handle that takes another one's end looks again in its place, and that one after a slice. */
    if (atomic_load_explicit(&member->budget_ends, memory_order_relaxed) == 0)
        return UINT64_MAX;
    uint64_t ends = atomic_exchange_explicit(&member->budget_ends, 0, memory_order_relaxed);
    if (ends == 0)
        return UINT64_MAX;
    return ends > now ? ends - now : 1;
}
