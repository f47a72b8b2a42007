/* SPDX-License-Identifier: Apache-2.0 */
/* What a member of a group is given, and acknowledges. It reads in place, under the group's gate: the cursor of the group does not pass
 * what a member has. A kill leaves what protocol/group.c says.
 */
#include "traffic/readers/member_give.h"

#include "base/error.h"
#include "protocol/event.h"
#include "protocol/gate.h"
#include "protocol/group_members.h"
#include "protocol/letters.h"
#include "protocol/passed.h"
#include "traffic/readers/member_block.h"
#include "traffic/readers/records.h"
#include "traffic/slots.h"
#include "traffic/span.h"

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
