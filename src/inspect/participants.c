/* SPDX-License-Identifier: Apache-2.0 */
/* Who is there, who reads, and who stands in the way: for people at a console. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "members/enter.h"
#include "protocol/gate.h"
#include "protocol/seqlock.h"
#include "protocol/snapshot.h"

typedef struct tally {
    uint64_t writing, held;
    uint32_t readers;
} tally_t;

/* A slot in work is told from a published one by the order. */
#define NEED_TALLY (SR__NEED_PARTICIPANTS | SR__NEED_SUBSCRIPTIONS | SR__NEED_SLOTS | SR__NEED_ORDER)

/* What each participant holds, writes and reads. NULL: no memory. */
static tally_t *tally(const sr__view_t *view)
{
    tally_t *tallies = calloc(view->participant_count, sizeof *tallies);
    for (uint32_t i = 0; tallies && i < view->slot_count; i++) {
        sr__slot_t *slot = sr__slot(view, i);
        uint64_t w = sr__peek(&slot->word), sequence = sr__peek(&slot->sequence);
        if (sr__is_being_written(view, i, w, sequence) && sr__owner(w) < view->participant_count)
            tallies[sr__owner(w)].writing++;
        uint32_t pinner = sr__pinner(w);
        if (pinner < view->participant_count &&
            !(sr__peek(sr__hold_word(slot, pinner / 64)) >> pinner % 64 & 1)) /* a slot counts once */
            tallies[pinner].held++;
        for (uint32_t h = 0; h < view->hold_words; h++) {
            uint64_t bits = sr__peek(sr__hold_word(slot, h));
            for (uint32_t b = 0; bits; b++, bits >>= 1)
                if ((bits & 1) && h * 64 + b < view->participant_count)
                    tallies[h * 64 + b].held++;
        }
    }
    for (uint32_t r = 0; tallies && r < sr__subscriptions_high(view); r++) {
        uint64_t w = sr__load(&view->subscriptions[r].state);
        if (sr__subscription_state(w) == SR__SUBSCRIPTION_ACTIVE &&
            sr__subscription_owner(w) < view->participant_count)
            tallies[sr__subscription_owner(w)].readers++;
    }
    return tallies;
}

/* 0, SR__LEFT or an error, as sr__participant_read. */
static int describe(slotring_t *ring, uint32_t index, const tally_t *tally, slotring_participant_t *out)
{
    sr__participant_copy_t copy;
    int code = sr__participant_read(&ring->member, index, true, &copy);
    *out = (slotring_participant_t){.index = index, .life = copy.life, .incarnation = copy.incarnation};
    out->pid = copy.pid;
    out->pid_namespace = copy.pid_namespace;
    out->start_time = copy.start_time;
    out->uid = copy.uid;
    out->producing = copy.producing;
    out->readers = tally->readers;
    out->slots_writing = tally->writing;
    out->slots_held = tally->held;
    out->bytes_written = copy.counts[SR__BYTES_WRITTEN];
    out->bytes_read = copy.counts[SR__BYTES_READ];
    out->full = copy.counts[SR__FULL];
    out->waits = copy.counts[SR__WAITS];
    out->waited_ns = copy.counts[SR__WAITED_NS];
    out->last_sequence = copy.last_sequence;
    memcpy(out->name, copy.name, sizeof out->name);
    return code;
}

static int enter_list(slotring_t *ring, uint32_t needs, const void *list, uint32_t capacity, uint32_t *count)
{
    int failed = sr__enter_any(ring, needs);
    if (!failed && (!count || (!list && capacity > 0)))
        failed = sr__leave_any(
            ring, sr__error(SLOTRING_E_INVALID, "count is NULL, or list is NULL with a capacity"));
    if (!failed)
        *count = 0;
    return failed;
}

static int list_participants(slotring_t *ring, slotring_participant_t *list, uint32_t capacity,
                             uint32_t *count)
{
    int failed = enter_list(ring, NEED_TALLY, list, capacity, count);
    if (failed)
        return failed;
    tally_t *tallies = tally(&ring->member.view);
    if (!tallies)
        return sr__leave_any(ring, sr__plain(SLOTRING_E_NO_MEMORY));
    for (uint32_t p = 0; p < sr__participants_high(&ring->member.view) && failed >= 0; p++) {
        if (!sr__is_attached(&ring->member.view, p))
            continue;
        failed = *count < capacity ? describe(ring, p, &tallies[p], &list[*count]) : 0;
        *count += failed == 0;
    }
    free(tallies);
    return sr__leave_any(ring, failed < 0 ? failed : 0);
}

int slotring_participants(slotring_t *ring, slotring_participant_t *list, uint32_t capacity, uint32_t *count)
{
    return SR__UNCANCELLED(list_participants(ring, list, capacity, count));
}

/* The subscription, and whose it is: while it is the same one, it is the same participant's. 0, SR__LEFT or an
 * error. */
static int read_subscription(slotring_t *ring, uint32_t number, sr__subscription_copy_t *subscription,
                             sr__participant_copy_t *owner)
{
    const sr__word_t *state = &ring->member.view.subscriptions[number].state;
    int code = sr__subscription_read(&ring->member, number, subscription);
    if (code)
        return code;
    code = sr__participant_read(&ring->member, sr__subscription_owner(subscription->word), true, owner);
    if (code >= 0)
        code = sr__look_again(&ring->member, state, sizeof *state);
    return code < 0 ? code : sr__load(state) == subscription->word ? 0 : SR__LEFT;
}

static int describe_subscription(slotring_t *ring, uint32_t number, uint64_t end, slotring_reader_info_t *out)
{
    sr__subscription_copy_t subscription;
    sr__participant_copy_t owner;
    int code = read_subscription(ring, number, &subscription, &owner);
    if (code)
        return code;
    *out = (slotring_reader_info_t){.row = number, .participant = sr__subscription_owner(subscription.word)};
    out->mode = sr__subscription_gates(subscription.word) ? SLOTRING_LOSSLESS : SLOTRING_LOSSY;
    out->life = owner.life;
    out->pid = owner.pid;
    out->start = subscription.account.start;
    out->cursor = subscription.account.cursor;
    out->delivered = subscription.account.delivered;
    out->missed = subscription.account.missed;
    out->pending = subscription.account.pending;
    out->lag = (end > out->cursor ? end - out->cursor : 0) + out->pending;
    out->bytes_read = subscription.bytes_read;
    memcpy(out->name, subscription.name, sizeof out->name);
    return 0;
}

static int list_readers(slotring_t *ring, slotring_reader_info_t *list, uint32_t capacity, uint32_t *count)
{
    int failed = enter_list(ring, SR__NEED_PARTICIPANTS | SR__NEED_SUBSCRIPTIONS | SR__NEED_END, list,
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
    int failed = sr__reader_enter(reader);
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

/* -- who stands in the way -- */

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
        code = read_subscription(b->ring, r, &subscription, &owner);
        if (code || !sr__subscription_gates(subscription.word) || oldest == SR__NO_SEQUENCE ||
            subscription.account.cursor > oldest || subscription.account.cursor >= end)
            continue;
        add_blocker(b, SLOTRING_BLOCKS_BY_LAG, sr__subscription_owner(subscription.word),
                    end - subscription.account.cursor, &owner, subscription.name);
        b->all[b->count - 1].row = r;
    }
    return code < 0 ? code : 0;
}

static int add_holders(blockers_t *b, const tally_t *tallies)
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
    int failed = enter_list(ring, NEED_TALLY, list, capacity, count);
    if (failed)
        return failed;
    sr__view_t *view = &ring->member.view;
    blockers_t b = {.ring = ring};
    tally_t *tallies = tally(view);
    b.all = calloc((size_t)view->subscription_count + 2 * (size_t)view->participant_count, sizeof *b.all);
    failed = tallies && b.all ? add_laggards(&b) : sr__plain(SLOTRING_E_NO_MEMORY);
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
