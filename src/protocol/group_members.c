/* SPDX-License-Identifier: Apache-2.0 */
/* Which groups there are, and who is a member. The subscription of a group belongs to nobody. Each member has a subscription of its
 * own beside it, which says of which group it is.
 *
 * A kill leaves: a group that is not whole, and that no subscription names; a member that has not said that it came, and that repair
 * takes away with its subscription.
 */
#include "protocol/group_members.h"
#include "protocol/group_pass.h"
#include "protocol/seqlock.h"

void sr__group_begin(sr__view_t *view, uint32_t group, uint32_t row, uint64_t limits)
{
    sr__group_t *g = &view->groups[group];
    uint64_t start = sr__number(sr__load(&view->subscriptions[row].cursor));
    uint64_t before = (sr__lap_of(view, start) - 1) & SR__TAKE_LAP, word = 0;
    if (before != 0) /* laps are compared with wrap, so 0 is not before every one of them */
        word = sr__take_word(before, 0, SR__TAKE_DONE, SR__NOBODY);
    for (uint64_t t = 0; t < UINT64_C(1) << view->slot_bits; t++)
        sr__poke(sr__take_at(view, group, t), word);
    sr__poke(&g->next, start);
    sr__poke(&g->redelivered, 0);
    sr__poke(&g->dead_lettered, 0);
    sr__poke(&g->limits, limits);
    sr__poke(&g->passed_over, sr__passed_word(0, start));
    for (uint32_t i = 0; i < SR__LETTERS; i++)
        sr__poke(&g->gone[i], 0);
    atomic_store_explicit(&g->row, (uint64_t)row + 1, memory_order_release);
}

const sr__subscription_t *sr__group_row(const sr__view_t *view, uint32_t group)
{
    uint64_t row = sr__load(&view->groups[group].row);
    if (row == 0 || row > view->subscription_count)
        return NULL;
    const sr__subscription_t *subscription = &view->subscriptions[row - 1];
    bool same = sr__subscription_is_group(sr__load(&subscription->state)) &&
                sr__peek(&subscription->group) == (uint64_t)group + 1;
    return same ? subscription : NULL;
}

/* [group_members.look] Looks for a member. Who joins has its own subscription first, and then changes the state of the group's. So who
 * loads that state, finds no member, and makes a CAS from the state that it loaded, takes the group from nobody. */
static bool is_member(const sr__view_t *view, uint32_t r, uint64_t word, uint64_t group)
{
    return sr__subscription_is_member(word) && sr__peek(&view->subscriptions[r].group) == group;
}

uint32_t sr__group_members(const sr__view_t *view, uint32_t group, uint32_t of)
{
    uint32_t count = 0;
    for (uint32_t r = 0; r < sr__subscriptions_high(view); r++) {
        uint64_t word = sr__load(&view->subscriptions[r].state);
        count += is_member(view, r, word, (uint64_t)group + 1) &&
                 (of == SR__NOBODY || sr__subscription_owner(word) == of);
    }
    return count;
}

bool sr__group_row_has_members(const sr__view_t *view, uint32_t row)
{
    uint64_t group = sr__peek(&view->subscriptions[row].group);
    return sr__subscription_is_group(sr__load(&view->subscriptions[row].state)) && group > 0 &&
           group <= view->group_count && sr__group_members(view, (uint32_t)group - 1, SR__NOBODY) > 0;
}

bool sr__group_works(sr__member_t *member, uint32_t row)
{
    const sr__view_t *view = &member->view;
    if (!sr__subscription_is_group(sr__load(&view->subscriptions[row].state)))
        return false;
    uint64_t group = sr__peek(&view->subscriptions[row].group);
    for (uint32_t r = 0; r < sr__subscriptions_high(view); r++) {
        uint64_t word = sr__load(&view->subscriptions[r].state);
        sr__participant_copy_t owner;
        if (is_member(view, r, word, group) &&
            sr__participant_read(member, sr__subscription_owner(word), true, &owner) == 0 &&
            owner.life != SLOTRING_LIFE_DEAD)
            return true;
    }
    return false;
}

/* [group_members.join] Says that a member came: the state of the group's subscription gets another generation. From the state that was seen,
 * so it is the same group, and nobody has taken it from nobody meanwhile. */
bool sr__group_join(sr__view_t *view, uint32_t row, uint64_t word)
{
    uint64_t next = sr__subscription_word(SR__SUBSCRIPTION_ACTIVE, SR__NOBODY, sr__subscription_flags(word),
                                          sr__subscription_generation(word) + 1);
    return sr__cas(&view->subscriptions[row].state, word, next);
}

/* For people: when the last member left. */
void sr__group_note_left(sr__member_t *member, uint32_t group, uint32_t d)
{
    sr__view_t *view = &member->view;
    uint64_t row = sr__load(&view->groups[group].row);
    if (!sr__group_row(view, group) || row == 0 || row > view->subscription_count)
        return;
    sr__poke(&view->subscriptions[row - 1].left_at, member->os->system.clock_ns());
    sr__poke(&view->subscriptions[row - 1].left_by, sr__peek(&view->participants[d].pid));
}
