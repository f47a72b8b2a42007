/* SPDX-License-Identifier: Apache-2.0 */
/* A member of a group: joining, working, leaving. The group's subscription belongs to nobody; each member has one of its own, beside
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
#include "protocol/passed.h"
#include "traffic/readers/member_block.h"
#include "traffic/readers/records.h"
#include "traffic/readers/takeover.h"
#include "traffic/slots.h"
#include "traffic/span.h"

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

/* Nothing is there for this member. What the others have in their hands may come to it, so it is told the end only when all is
 * acknowledged. */
static int nothing(slotring_reader_t *reader, uint64_t end)
{
    const sr__subscription_t *group = sr__group_row(&reader->ring->member.view, reader->share->group);
    if (!group || reader->given > 0)
        return group ? SLOTRING_E_EMPTY : sr__plain(SLOTRING_E_EVICTED);
    reader->cursor = sr__number(sr__load(&group->cursor));
    if (reader->ended && reader->cursor < end) {
        reader->ended = false;
        reader->stream_seen = SR__NO_SEQUENCE; /* the next look asks again */
    }
    return SLOTRING_E_EMPTY;
}

/* What it has just taken. SR__SKIPPED: a block without a record. */
static int give_taken(slotring_reader_t *reader, slotring_slot_t *out)
{
    const sr__view_t *view = &reader->ring->member.view;
    sr__share_t *share = reader->share;
    const sr__take_t *take = &share->taken[share->count - 1];
    uint64_t entry = sr__load(sr__order_at(view, take->sequence));
    uint32_t slot = sr__entry_slot(view, entry);
    if (sr__entry_age(view, entry, take->sequence) != SR__CURRENT || slot >= view->slot_count)
        return sr__error(SLOTRING_E_CORRUPT,
                         "the order has lost sequence %llu before a group had it that producers wait for",
                         (unsigned long long)take->sequence);
    uint64_t content = sr__peek(&sr__slot(view, slot)->content);
    if (sr__content_kind(content) == SR__BLOCK) {
        sr__member_block_begin(reader, slot);
        return sr__member_block_give(reader, out);
    }
    int failed = sr__content_for_reading(reader->ring, slot, take->sequence, content, SR__SLOT_GIVEN, out);
    out->deliveries = failed ? 0 : sr__take_tries(take->word);
    return failed;
}

/* Offers the message that it took last to all. What was given before it stays. */
static void give_back_last(slotring_reader_t *reader)
{
    sr__member_t *member = &reader->ring->member;
    sr__share_t *share = reader->share;
    sr__group_offer(member, share->group, &share->taken[--share->count]);
    sr__group_say_offered(member, share->group);
    sr__wake(member, SR__PUBLISHED_EVENT);
}

/* The group's cursor has moved on from `from`. */
static void announce(slotring_reader_t *reader, uint64_t from)
{
    sr__member_t *member = &reader->ring->member;
    if (member->view.hot)
        sr__free_passed(member, member->me);
    if (sr__is_armed(member, SR__SPACE_EVENT) && sr__gate_may_be_past(&member->view, from))
        sr__wake(member, SR__SPACE_EVENT);
    /* The end may be due now, to members that wait. */
    if (reader->ended || reader->death_due != SR__NO_SEQUENCE ||
        sr__load(&member->view.state->stream_generation) != reader->stream_seen)
        sr__wake(member, SR__PUBLISHED_EVENT);
}

/* Moves the cursor over what was passed over. False: it is time to look around, since more of that may come for ever. */
static bool settle_passed(slotring_reader_t *reader, uint32_t *count)
{
    sr__share_t *share = reader->share;
    uint64_t from;
    *count += share->search.passed;
    if (share->search.passed > 0 &&
        sr__group_settle(&reader->ring->member, share->group, share->search.wanted, &from))
        announce(reader, from);
    share->search.passed = 0;
    return *count < reader->ring->member.view.slot_count;
}

/* The next message that is for a member. What it does not want it passes over, and what was tried too often it buries on the way, also
 * if it only looks. */
static int take_next(slotring_reader_t *reader, sr__take_t *take)
{
    sr__member_t *member = &reader->ring->member;
    sr__share_t *share = reader->share;
    uint32_t passed = 0;
    for (;;) { /* ends: each message is buried once */
        uint64_t from;
        int code = sr__group_take(member, share->group, &share->search, reader->only_looks, take);
        bool goes_on = settle_passed(reader, &passed);
        if (code == SLOTRING_E_BUSY && goes_on)
            continue;
        if (code == SLOTRING_E_BUSY) {
            atomic_store_explicit(&reader->unlooked, 1, memory_order_relaxed);
            take->sequence = reader->cursor;
            return SLOTRING_E_EMPTY;
        }
        if (code || take->word == 0 || !sr__take_is_due(&member->view, share->group, take->word))
            return code;
        if (sr__letters_bury(member, share->group, share->search.wanted, take, &from))
            announce(reader, from);
    }
}

/* E_EMPTY: there is none, or no room for it. What is damaged in the middle of a batch goes back: a later call tells it. */
static int take_and_give(slotring_reader_t *reader, slotring_slot_t *out)
{
    sr__share_t *share = reader->share;
    sr__take_t take;
    if (share->count == share->capacity)
        return SLOTRING_E_EMPTY;
    int code = take_next(reader, &take);
    if (code == SLOTRING_E_EMPTY)
        return nothing(reader, take.sequence);
    if (code || reader->only_looks)
        return code;
    share->taken[share->count++] = take;
    code = give_taken(reader, out);
    if (code != 0 && code != SR__SKIPPED && reader->given > 0 && !share->in_block)
        give_back_last(reader);
    return code;
}

int sr__member_give(slotring_reader_t *reader, slotring_slot_t *out)
{
    sr__share_t *share = reader->share;
    if (share->in_block && reader->only_looks)
        return 0;
    for (;;) {
        int code = share->in_block ? sr__member_block_give(reader, out) : take_and_give(reader, out);
        if (code == 0 || code == SLOTRING_E_EMPTY || reader->only_looks)
            return code;
        if (reader->given == 0)
            sr__member_release(reader); /* a message that is damaged is told once, and not given again */
        if (code != SR__SKIPPED)
            return code;
    }
}

int sr__member_release(slotring_reader_t *reader)
{
    sr__member_t *member = &reader->ring->member;
    sr__share_t *share = reader->share;
    uint32_t done = share->count - share->in_block;
    uint64_t from;
    bool evicted = false;
    for (uint32_t i = 0; i < done; i++)
        evicted = !sr__group_done(member, share->group, &share->taken[i]) || evicted;
    if (done == 0)
        return 0;
    share->taken[0] = share->taken[share->count - 1];
    share->count = share->in_block;
    sr__poke(&reader->subscription->cursor, sr__peek(&reader->subscription->cursor) + done);
    if (sr__group_settle(member, share->group, share->search.wanted, &from))
        announce(reader, from);
    const sr__subscription_t *group = sr__group_row(&member->view, share->group);
    if (group)
        reader->cursor = sr__number(sr__load(&group->cursor));
    return evicted ? sr__plain(SLOTRING_E_EVICTED) : 0;
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
