/* SPDX-License-Identifier: Apache-2.0 */
/* A member of a group: joining and leaving. The group's subscription belongs to nobody; each member has one of its own, beside
 * that (subscribe.c). It reads in place, under the group's gate: the cursor of the group does not pass what a member has.
 *
 * A kill leaves what protocol/group.c says, and the member's own subscription. Repair offers what the dead one had to the others, and
 * then sets that subscription FREE: until then the group has a member.
 */
#include "traffic/readers/member.h"

#include <stdlib.h>

#include "base/error.h"
#include "protocol/event.h"
#include "protocol/gate.h"
#include "protocol/group_members.h"
#include "protocol/letters.h"
#include "traffic/readers/records.h"
#include "traffic/readers/takeover.h"

int sr__member_make(slotring_reader_t *reader, const sr__properties_t *properties)
{
    uint32_t capacity = reader->given_capacity;
    reader->share = calloc(1, sizeof *reader->share + capacity * sizeof reader->share->taken[0]);
    if (!reader->share)
        return SLOTRING_E_NO_MEMORY;
    reader->share->capacity = capacity;
    reader->share->limits = properties->limits;
    reader->share->default_letters = properties->default_letters;
    reader->pressure.gates = false; /* its group does */
    reader->looks_first = true;
    if (properties->wanted.filters)
        reader->share->search.wanted = &reader->wanted;
    sr__records_free(reader); /* it follows no writer: it is given blocks one by one */
    return 0;
}

int sr__member_find_place(slotring_reader_t *reader)
{
    const sr__view_t *view = &reader->ring->member.view;
    for (uint32_t group = 0; group < view->group_count; group++)
        if (!sr__group_row(view, group)) {
            reader->share->group = group;
            return 0;
        }
    return sr__error(
        SLOTRING_E_READERS,
        "all %u groups of ring \"%s\" are taken: forget one (slotring_forget), or create the ring "
        "with more (max_groups)",
        view->group_count, view->header.name);
}

/* [member.make] Begins the group, before its subscription says that it is one. */
void sr__member_make_group(slotring_reader_t *reader)
{
    sr__member_t *member = &reader->ring->member;
    sr__letters_clear(member, reader->share->group, member->me);
    sr__group_begin(&member->view, reader->share->group, reader->subscription_number, reader->share->limits);
}

/* Who says nothing takes what the group has. */
static int check_limits(const slotring_reader_t *reader, const char *name, uint32_t group)
{
    const sr__view_t *view = &reader->ring->member.view;
    const sr__share_t *share = reader->share;
    uint64_t differ = share->limits ^ sr__peek(&view->groups[group].limits);
    if (share->limits == 0 || differ == 0 || (share->default_letters && (differ & 0xff) == 0))
        return 0;
    return sr__error(SLOTRING_E_INVALID,
                     "group \"%s\" of ring \"%s\" has tries %u and letters %u; a member that joins says the "
                     "same, or tries 0",
                     name, view->header.name, sr__group_tries(view, group), sr__group_letters(view, group));
}

static int check_group(const slotring_reader_t *reader, const char *name, const sr__named_t *named)
{
    const sr__view_t *view = &reader->ring->member.view;
    if (!sr__subscription_is_group(named->word))
        return sr__error(SLOTRING_E_INVALID,
                         "\"%s\" of ring \"%s\" is a durable subscription of one reader, and no group", name,
                         view->header.name);
    if (sr__subscription_flags(named->word) & SR__SUBSCRIPTION_REVOKED)
        return sr__error(
            SLOTRING_E_REVOKED,
            "group \"%s\" of ring \"%s\" is closed: it had no member for longer than producers wait "
            "for it; slotring_forget makes its name free",
            name, view->header.name);
    uint64_t group = sr__peek(&view->subscriptions[named->row].group);
    if (group == 0 || group > view->group_count)
        return sr__error(SLOTRING_E_CORRUPT, "subscription %u says that it is of group %llu; the ring has %u",
                         named->row, (unsigned long long)group, view->group_count);
    int failed = check_limits(reader, name, (uint32_t)group - 1);
    return failed ? failed : sr__named_check_wanted(reader, name, named);
}

int sr__member_find(slotring_reader_t *reader, const char *name, bool locked, sr__named_t *named)
{
    int code = sr__named_find(reader->ring, name, locked, named);
    if (!code)
        code = check_group(reader, name, named);
    if (!code)
        reader->share->group =
            (uint32_t)sr__peek(&reader->ring->member.view.subscriptions[named->row].group) - 1;
    return code;
}

/* [member.join] Makes the reader's own subscription ACTIVE, which says of which group it is a member. Nobody waits for it; its
 * cursor counts the messages that the member acknowledged. */
void sr__member_begin(slotring_reader_t *reader, uint64_t joined)
{
    const sr__member_t *member = &reader->ring->member;
    sr__poke(&reader->account->start, 0);
    sr__poke(&reader->subscription->cursor, 0);
    sr__poke(&member->view.offsets[reader->subscription_number], 0);
    reader->subscription_word = reader->quiet_word =
        sr__subscription_word(SR__SUBSCRIPTION_ACTIVE, member->me, sr__subscription_flags(joined),
                              sr__subscription_generation(joined));
    atomic_store_explicit(&reader->subscription->state, reader->subscription_word, memory_order_seq_cst);
}

bool sr__member_join(slotring_reader_t *reader, const sr__named_t *named)
{
    sr__view_t *view = &reader->ring->member.view;
    if (sr__group_join(view, named->row, named->word)) {
        const uint32_t row = named->row;
        reader->start = reader->cursor = sr__number(sr__load(&view->subscriptions[row].cursor));
        return true;
    }
    sr__subscription_free(view, reader->subscription_number, reader->subscription_word);
    reader->subscription = NULL;
    return false;
}

void sr__member_leave(slotring_reader_t *reader)
{
    sr__member_t *member = &reader->ring->member;
    sr__share_t *share = reader->share;
    for (uint32_t i = 0; i < share->count; i++)
        sr__group_offer(member, share->group, &share->taken[i]);
    if (share->count > 0) {
        sr__group_say_offered(member, share->group);
        sr__wake(member, SR__PUBLISHED_EVENT);
    }
    share->count = 0;
    sr__group_note_left(member, share->group, member->me);
}
