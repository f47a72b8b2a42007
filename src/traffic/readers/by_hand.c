/* SPDX-License-Identifier: Apache-2.0 */
/* The owner of a ring has producers stop waiting for a reader. One with a budget holds what it has in its hands, so its gate goes at
 * once. A lossless one reads in place, under its gate alone: it is asked to give its gate up, which it does in its next call with
 * nothing in its hands (revoked.c). Until then producers wait for it.
 * A durable subscription that nobody has is revoked at once, too: its next reader is told what it missed.
 * A kill leaves the subscription revoked, or not; and producers that were not woken: they look again after a slice at most.
 */
#include <inttypes.h>

#include "base/error.h"
#include "members/enter.h"
#include "protocol/budget.h"
#include "protocol/counters.h"
#include "protocol/event.h"
#include "protocol/group_members.h"
#include "protocol/passed.h"
#include "traffic/readers/grant.h"

static int check_rights(slotring_t *ring)
{
    if (sr__is_owner(ring))
        return 0;
    return sr__error(SLOTRING_E_ACCESS,
                     "ring \"%s\" belongs to user %" PRIu64 ": only this user and root may revoke a reader",
                     ring->member.view.header.name, ring->member.view.header.owner);
}

/* gone: its gate is. */
static void tell_all(sr__member_t *member, bool gone)
{
    sr__count(member, SR__REVOCATIONS, 1);
    if (gone && member->view.hot)
        sr__free_passed(member, member->me);
    if (gone)
        sr__wake(member, SR__SPACE_EVENT);
    sr__wake(member, SR__PUBLISHED_EVENT); /* one that waits for messages is told at once */
    sr__wake(member, SR__GATHERED_EVENT);
}

/* Refuses what cannot be revoked. 0: it can be, or 1: it is already. */
static int check_state(const sr__view_t *view, uint32_t row, uint64_t w)
{
    uint32_t flags = sr__subscription_flags(w);
    if (sr__subscription_state(w) != SR__SUBSCRIPTION_ACTIVE)
        return sr__error(SLOTRING_E_NOT_FOUND, "no reader has place %" PRIu32 " of ring \"%s\"", row,
                         view->header.name);
    if (sr__subscription_is_member(w))
        return sr__error(SLOTRING_E_STATE,
                         "reader %" PRIu32
                         " of ring \"%s\" is a member of a group: producers wait for the group",
                         row, view->header.name);
    if (!(flags & SR__SUBSCRIPTION_IN_SET))
        return sr__error(SLOTRING_E_STATE,
                         "reader %" PRIu32 " of ring \"%s\" is lossy: producers never wait for it", row,
                         view->header.name);
    /* Who joins later changes the state `w`, so the revocation fails. */
    if (sr__group_row_has_members(view, row))
        return sr__error(SLOTRING_E_STATE,
                         "reader %" PRIu32
                         " of ring \"%s\" is a group that has members: it stays lossless until they leave it",
                         row, view->header.name);
    if (sr__subscription_is_left(w))
        return !sr__subscription_gates(w);
    if (flags & SR__SUBSCRIPTION_DURABLE)
        return sr__error(SLOTRING_E_STATE,
                         "reader %" PRIu32
                         " of ring \"%s\" is durable, and a process has it: it stays lossless until that "
                         "process leaves it",
                         row, view->header.name);
    return (flags & (SR__SUBSCRIPTION_REVOKED | SR__SUBSCRIPTION_LOSSY)) != 0;
}

/* [by_hand.revoke] Revokes the reader, or asks it to give its gate up. False: its state has changed. *gone: its gate is. */
static bool revoke_reader(sr__subscription_t *subscription, uint64_t w, bool *gone)
{
    bool in_place = sr__peek(&subscription->budget) == 0;
    *gone = !in_place;
    return sr__cas(&subscription->state, w, sr__subscription_revoked_by_hand(w, in_place));
}

/* [by_hand.left] Takes the gate from a durable subscription that nobody has: from the word that says so, since whoever takes it
 * over reads in place. */
static bool revoke_left(sr__subscription_t *subscription, uint64_t w, bool *gone)
{
    *gone = true;
    return sr__cas(&subscription->state, w, sr__subscription_revoked_by_hand(w, false));
}

static int revoke(slotring_t *ring, uint32_t row)
{
    sr__member_t *member = &ring->member;
    sr__view_t *view = &member->view;
    if (row >= view->subscription_count)
        return sr__error(SLOTRING_E_INVALID,
                         "reader %" PRIu32 " is none: ring \"%s\" has places for %" PRIu32, row,
                         view->header.name, view->subscription_count);
    sr__subscription_t *subscription = &view->subscriptions[row];
    for (uint32_t turn = 0; turn < SR__LOOP_LIMIT; turn++) {
        uint64_t w = sr__load(&subscription->state);
        int code = check_state(view, row, w);
        if (code)
            return code < 0 ? code : 0;
        bool gone;
        sr__revoked_at(subscription, member->os->system.clock_ns());
        if (!(sr__subscription_is_left(w) ? revoke_left : revoke_reader)(subscription, w, &gone))
            continue;
        tell_all(member, gone);
        return 0;
    }
    return sr__error(SLOTRING_E_CORRUPT, "the state of a subscription changes all the time");
}

int slotring_revoke(slotring_t *ring, uint32_t row)
{
    int failed = sr__enter(ring);
    if (!failed)
        failed = check_rights(ring);
    return failed ? failed : revoke(ring, row);
}
