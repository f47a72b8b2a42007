/* SPDX-License-Identifier: Apache-2.0 */
/* Who stands in the way of producers: for people at a console. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "inspect/blocks.h"
#include "inspect/readers.h"
#include "inspect/tally.h"
#include "members/enter.h"
#include "protocol/budget.h"
#include "protocol/gate.h"
#include "protocol/span.h"

typedef struct blockers {
    slotring_t *ring;
    slotring_blocker_t *all;
    uint32_t count;
} blockers_t;

/* `name`: the reader's, or NULL. Who has left meanwhile, or is none, has no name, no process and no known life. */
static void add_blocker(blockers_t *b, uint32_t why, uint32_t participant, uint64_t slots,
                        const sr__participant_copy_t *copy, const char *name)
{
    slotring_blocker_t *blocker = &b->all[b->count++];
    *blocker =
        (slotring_blocker_t){.why = why, .participant = participant, .row = UINT32_MAX, .slots = slots};
    blocker->life = copy->life;
    blocker->pid = copy->pid;
    memcpy(blocker->name, name ? name : copy->name, sizeof blocker->name);
}

/* A ring that keeps has space for a producer in what was freed. What of that a lossless reader still needs is not
 * retired. */
static uint64_t oldest_deferred(const sr__view_t *view)
{
    uint64_t oldest = SR__NO_SEQUENCE;
    for (uint32_t i = 0; i < view->slot_count; i++) {
        uint64_t w = sr__load(&sr__slot(view, i)->word), sequence = sr__load(&sr__slot(view, i)->sequence);
        if (sr__slot_state(w) == SR__PUBLISHED && sr__is_withdrawn(w) && !sr__is_retired(w) &&
            sequence < oldest)
            oldest = sequence;
    }
    return oldest;
}

/* A block that is open takes a slot, which is not among those that its participant is writing. */
static int add_writers(blockers_t *b, sr__tally_t *tallies)
{
    sr__member_t *member = &b->ring->member;
    sr__view_t *view = &member->view;
    int code = 0;
    for (uint32_t r = 0; r < sr__writers_high(view) && code >= 0; r++) {
        sr__writer_sight_t sight;
        sr__participant_copy_t owner;
        if (sr__load(&view->writers[r].claimed) == 0)
            continue;
        code = sr__writer_look(member, r, &sight);
        uint32_t p = sr__writer_owner(sight.word);
        if (code || sight.slot == SR__NO_SLOT || sr__writer_state(sight.word) != SR__WRITER_WRITING ||
            sight.kind != SR__BLOCK)
            continue;
        code = sr__participant_read(member, p, true, &owner);
        add_blocker(b, SLOTRING_BLOCKS_BY_RECORDS, p, 1, &owner, NULL);
        b->all[b->count - 1].row = r;
        if (p < view->participant_count && tallies[p].writing > 0)
            tallies[p].writing--;
    }
    return code < 0 ? code : 0;
}

/* How long it may go on like that. */
static void add_budget(blockers_t *b, uint32_t r, const sr__subscription_copy_t *subscription)
{
    slotring_blocker_t *blocker = &b->all[b->count - 1];
    const sr__member_t *member = &b->ring->member;
    uint32_t now_ms = sr__in_ms(member->os->system.clock_ns());
    blocker->mode = subscription->budget != 0 ? SLOTRING_BUDGETED : SLOTRING_LOSSLESS;
    const sr__subscription_t *row = &member->view.subscriptions[r];
    if (sr__budget_of(&member->view, row, subscription->word) != 0)
        blocker->budget_left_ns =
            sr__budget_left(&member->view, row, subscription->word, subscription->account.cursor, now_ms) *
            SR__NS_IN_MS;
}

/* Slots that the messages from `from` on take beyond one each. */
static uint64_t pieces_from(const sr__view_t *view, uint64_t from, uint64_t end)
{
    uint64_t pieces = 0;
    for (uint64_t t = from; t < end && t - from < view->slot_count; t++) {
        uint64_t entry = sr__load(sr__order_at(view, t));
        uint32_t slot = sr__entry_slot(view, entry);
        if (sr__entry_age(view, entry, t) == SR__CURRENT && slot < view->slot_count)
            pieces += sr__slots_at(view, slot) - 1;
    }
    return pieces;
}

/* Only a reader that has not passed the oldest publication keeps a producer from reclaiming it. */
static int add_laggards(blockers_t *b)
{
    sr__view_t *view = &b->ring->member.view;
    uint64_t oldest = view->keep ? oldest_deferred(view) : sr__load(&view->state->frontier);
    uint64_t end = sr__published_end(view);
    int code = 0;
    for (uint32_t r = 0; r < sr__subscriptions_high(view) && code >= 0; r++) {
        if (!sr__subscription_gates(sr__load(&view->subscriptions[r].state)))
            continue;
        sr__subscription_copy_t subscription;
        sr__participant_copy_t owner;
        code = sr__reader_read(b->ring, r, &subscription, &owner);
        if (code || !sr__subscription_gates(subscription.word) || oldest == SR__NO_SEQUENCE ||
            subscription.account.cursor > oldest || subscription.account.cursor >= end)
            continue;
        uint64_t cursor = subscription.account.cursor, messages = end - cursor;
        add_blocker(b, SLOTRING_BLOCKS_BY_LAG, sr__subscription_owner(subscription.word),
                    messages + pieces_from(view, cursor, end), &owner, subscription.name);
        b->all[b->count - 1].row = r;
        b->all[b->count - 1].messages = messages;
        add_budget(b, r, &subscription);
        b->all[b->count - 1].left_ns = sr__left_for(b->ring, r, &subscription);
        if (sr__subscription_is_left(subscription.word))
            b->all[b->count - 1].participant = UINT32_MAX;
    }
    return code < 0 ? code : 0;
}

static int add_holders(blockers_t *b, const sr__tally_t *tallies)
{
    int code = 0;
    for (uint32_t p = 0; p < b->ring->member.view.participant_count && code >= 0; p++) {
        sr__participant_copy_t copy;
        if (!tallies[p].held && !tallies[p].writing)
            continue;
        code = sr__participant_read(&b->ring->member, p, true, &copy);
        if (tallies[p].held)
            add_blocker(b, SLOTRING_BLOCKS_BY_HOLDING, p, tallies[p].held, &copy, NULL);
        if (tallies[p].writing)
            add_blocker(b, SLOTRING_BLOCKS_BY_WRITING, p, tallies[p].writing, &copy, NULL);
    }
    return code < 0 ? code : 0;
}

static int by_weight(const void *a, const void *b)
{
    const slotring_blocker_t *left = a, *right = b;
    return left->slots > right->slots ? -1 : left->slots < right->slots;
}

static int list_blockers(slotring_t *ring, slotring_blocker_t *list, uint32_t capacity, uint32_t *count)
{
    int failed = sr__enter_list(ring, SR__NEED_TALLY, list, capacity, count);
    if (failed)
        return failed;
    sr__view_t *view = &ring->member.view;
    blockers_t b = {.ring = ring};
    sr__tally_t *tallies = sr__tally(view);
    b.all =
        calloc((size_t)view->subscription_count + view->writer_count + 2 * (size_t)view->participant_count,
               sizeof *b.all);
    failed = tallies && b.all ? add_laggards(&b) : sr__plain(SLOTRING_E_NO_MEMORY);
    if (!failed)
        failed = add_writers(&b, tallies);
    if (!failed)
        failed = add_holders(&b, tallies);
    if (!failed) {
        qsort(b.all, b.count, sizeof *b.all, by_weight);
        for (uint32_t i = 0; i < b.count && i < capacity; i++)
            list[i] = b.all[i];
        *count = b.count;
    }
    free(tallies);
    free(b.all);
    return sr__leave_any(ring, failed);
}

int slotring_blockers(slotring_t *ring, slotring_blocker_t *list, uint32_t capacity, uint32_t *count)
{
    return SR__UNCANCELLED(list_blockers(ring, list, capacity, count));
}
