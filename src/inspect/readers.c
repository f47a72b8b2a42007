/* SPDX-License-Identifier: Apache-2.0 */
/* Who reads: the readers with their accounts, for people at a console and for monitors. */
#include "inspect/readers.h"

#include <string.h>

#include "base/error.h"
#include "members/enter.h"
#include "protocol/budget.h"
#include "protocol/gate.h"
#include "protocol/group_members.h"
#include "protocol/group_pass.h"
#include "protocol/letters.h"
#include "protocol/marks.h"
#include "protocol/snapshot.h"
#include "protocol/there.h"

static bool in_group(const slotring_t *ring, const sr__subscription_copy_t *subscription)
{
    return subscription->group > 0 && subscription->group <= ring->member.view.group_count;
}

int sr__reader_read(slotring_t *ring, uint32_t number, sr__subscription_copy_t *subscription,
                    sr__participant_copy_t *owner)
{
    const sr__word_t *state = &ring->member.view.subscriptions[number].state;
    int code = sr__subscription_read(&ring->member, number, subscription);
    if (code)
        return code;
    code = sr__participant_read(&ring->member, sr__subscription_owner(subscription->word), true, owner);
    if (sr__subscription_is_left(subscription->word)) /* a group with members has no process of its own */
        owner->pid =
            sr__somebody_has(&ring->member.view, number, subscription->word) ? 0 : subscription->left_by;
    if (code >= 0)
        code = sr__look_again(&ring->member, state, sizeof *state);
    return code < 0 ? code : sr__subscription_goes_on(sr__load(state), subscription->word) ? 0 : SR__LEFT;
}

/* A budget, and what became of it. */
static void describe_budget(slotring_t *ring, const sr__subscription_copy_t *subscription,
                            slotring_reader_info_t *out)
{
    uint32_t flags = sr__subscription_flags(subscription->word);
    out->mode = subscription->budget != 0         ? SLOTRING_BUDGETED
                : flags & SR__SUBSCRIPTION_IN_SET ? SLOTRING_LOSSLESS
                                                  : SLOTRING_LOSSY;
    out->budget_messages = sr__budget_messages(subscription->budget);
    out->budget_ns = sr__budget_ms(subscription->budget) * SR__NS_IN_MS;
    if ((flags & (SR__SUBSCRIPTION_REVOKED | SR__SUBSCRIPTION_LOSSY)) &&
        !((flags & SR__SUBSCRIPTION_DURABLE) && sr__subscription_gates(subscription->word)))
        out->revoked =
            flags & SR__SUBSCRIPTION_BY_HAND ? SLOTRING_REVOKED_BY_HAND : SLOTRING_REVOKED_BY_BUDGET;
    out->lost = sr__lost_messages(subscription->lost);
    if (!out->revoked || subscription->revoked_at == 0)
        return;
    uint64_t now = ring->member.os->system.clock_ns(),
             then = (subscription->revoked_at - UINT64_C(1)) * SR__NS_IN_SECOND;
    out->revoked_ns = now > then ? now - then : 0;
}

/* What gaps added between the reader's start and its cursor. The offset at the start is looked at between the two looks at the
 * subscription. */
static int read_gap(slotring_t *ring, uint32_t number, uint64_t cursor, uint64_t *gap)
{
    sr__word_t *start = &ring->member.view.offsets[number];
    int failed = sr__look_again(&ring->member, start, sizeof *start);
    if (failed)
        return failed;
    uint64_t before = sr__peek(start), now = 0;
    int code = sr__mark_offset_at(&ring->member, cursor, &now);
    *gap = code == 0 && before <= now ? now - before : UINT64_MAX;
    return code < 0 ? code : 0;
}

uint64_t sr__left_for(const slotring_t *ring, uint32_t number, const sr__subscription_copy_t *subscription)
{
    if (sr__somebody_has(&ring->member.view, number, subscription->word))
        return 0;
    uint64_t now = ring->member.os->system.clock_ns();
    return now > subscription->left_at ? now - subscription->left_at : 1;
}

/* What a group has passed over, and for which cursor that is right. */
static int describe_passed(slotring_t *ring, uint32_t group, slotring_reader_info_t *out)
{
    uint64_t cursor;
    int failed = sr__group_passed_over(&ring->member, group, out->row, &cursor, &out->passed_over);
    if (failed)
        return failed;
    uint64_t moved = cursor > out->cursor ? cursor - out->cursor : 0;
    out->lag -= moved < out->lag ? moved : out->lag;
    out->cursor = cursor;
    out->delivered = cursor - out->start > out->passed_over ? cursor - out->start - out->passed_over : 0;
    return 0;
}

/* A group, or a member of one: its cursor is a count, so it is behind nothing. */
static int describe_group(slotring_t *ring, const sr__subscription_copy_t *subscription,
                          slotring_reader_info_t *out)
{
    uint32_t group = (uint32_t)subscription->group - 1;
    out->group = group + 1;
    out->mode = SLOTRING_LOSSLESS;
    if (sr__subscription_is_member(subscription->word)) {
        out->lag = 0;
        return 0;
    }
    out->participant = UINT32_MAX;
    int failed = sr__look_again(&ring->member, &ring->member.view.groups[group], sizeof(sr__group_t));
    out->members = sr__group_members(&ring->member.view, group, SR__NOBODY);
    if (failed)
        return failed;
    const sr__view_t *view = &ring->member.view;
    out->redelivered = sr__group_redelivered(view, group);
    out->dead_lettered = sr__total_of(sr__load(&view->groups[group].dead_lettered));
    out->letters_lost = sr__letters_lost(view, group);
    out->tries = sr__group_tries(view, group);
    out->letters = sr__group_letters(view, group);
    return subscription->mask != 0 || subscription->every > 1 ? describe_passed(ring, group, out) : 0;
}

static int describe_subscription(slotring_t *ring, uint32_t number, uint64_t end, slotring_reader_info_t *out)
{
    const sr__word_t *state = &ring->member.view.subscriptions[number].state;
    sr__subscription_copy_t subscription;
    sr__participant_copy_t owner;
    int code = sr__reader_read(ring, number, &subscription, &owner);
    if (code)
        return code;
    *out = (slotring_reader_info_t){.row = number, .participant = sr__subscription_owner(subscription.word)};
    describe_budget(ring, &subscription, out);
    out->durable = (sr__subscription_flags(subscription.word) & SR__SUBSCRIPTION_DURABLE) != 0;
    out->left_ns = sr__left_for(ring, number, &subscription);
    if (out->left_ns > 0)
        out->participant = UINT32_MAX;
    out->life = owner.life;
    out->pid = owner.pid;
    out->start = subscription.account.start;
    out->cursor = subscription.account.cursor;
    out->delivered = subscription.account.delivered;
    out->missed = subscription.account.missed;
    out->pending = subscription.account.pending;
    out->lag = (end > out->cursor ? end - out->cursor : 0) + out->pending;
    out->bytes_read = subscription.bytes_read;
    out->records = subscription.records;
    out->records_missed = subscription.records_missed;
    out->passed_over = subscription.account.passed_over;
    out->records_passed_over = subscription.records_passed_over;
    out->tag_mask = subscription.mask;
    out->tag_match = subscription.match;
    out->every = subscription.every;
    out->flags = subscription.flags;
    out->window = subscription.window;
    out->wanted = subscription.latest ? SLOTRING_WANTS_LATEST : SLOTRING_WANTS_ALL;
    memcpy(out->name, subscription.name, sizeof out->name);
    bool member = sr__subscription_is_member(subscription.word);
    if (in_group(ring, &subscription))
        code = describe_group(ring, &subscription, out);
    if (code >= 0)
        code = member ? 0 : read_gap(ring, number, out->cursor, &out->gap);
    if (code == 0) /* is it still the same subscription? */
        code = sr__look_again(&ring->member, state, sizeof *state);
    return code < 0 ? code : sr__subscription_goes_on(sr__load(state), subscription.word) ? 0 : SR__LEFT;
}

static int list_readers(slotring_t *ring, slotring_reader_info_t *list, uint32_t capacity, uint32_t *count)
{
    int failed = sr__enter_list(ring, SR__NEED_PARTICIPANTS | SR__NEED_SUBSCRIPTIONS | SR__NEED_END, list,
                                capacity, count);
    if (failed)
        return failed;
    uint64_t end = sr__published_end(&ring->member.view);
    for (uint32_t r = 0; r < sr__subscriptions_high(&ring->member.view) && failed >= 0; r++) {
        if (sr__subscription_state(sr__load(&ring->member.view.subscriptions[r].state)) !=
            SR__SUBSCRIPTION_ACTIVE)
            continue;
        failed = *count < capacity ? describe_subscription(ring, r, end, &list[*count]) : 0;
        *count += failed == 0;
    }
    return sr__leave_any(ring, failed < 0 ? failed : 0);
}

int slotring_readers(slotring_t *ring, slotring_reader_info_t *list, uint32_t capacity, uint32_t *count)
{
    return SR__UNCANCELLED(list_readers(ring, list, capacity, count));
}

static int describe_reader(slotring_reader_t *reader, slotring_reader_info_t *info)
{
    int failed = sr__reader_enter_any(reader);
    if (!failed && !info)
        failed = sr__error(SLOTRING_E_INVALID, "info is NULL");
    if (failed)
        return failed;
    uint64_t end = sr__published_end(&reader->ring->member.view);
    return describe_subscription(reader->ring, reader->subscription_number, end, info) == 0
               ? 0
               : sr__plain(SLOTRING_E_EVICTED);
}

int slotring_reader_info(slotring_reader_t *reader, slotring_reader_info_t *info)
{
    return SR__UNCANCELLED(describe_reader(reader, info));
}
