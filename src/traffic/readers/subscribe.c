/* SPDX-License-Identifier: Apache-2.0 */
/* Subscribing. A reader has a subscription of the ring: the cursor of one that gates holds producers back, the cursor
 * of any other one is only for accounting. A kill leaves a subscription JOIN(p) or ACTIVE(p), which repair sets FREE, or, if
 * it is durable by then, leaves to its next owner; and hold bits, which repair drops.
 */
#include "traffic/readers/subscribe.h"

#include "base/error.h"
#include "members/reap.h"
#include "protocol/gate.h"
#include "protocol/marks.h"
#include "traffic/readers/member.h"
#include "traffic/readers/news.h"
#include "traffic/readers/open_blocks.h"
#include "traffic/readers/tell.h"

/* [subscribe.join] Takes a free subscription. A free subscription, as JOIN(me). */
static bool take_subscription(slotring_t *ring, uint32_t flags, uint32_t rows, uint32_t *number,
                              uint64_t *word)
{
    sr__view_t *view = &ring->member.view;
    for (uint32_t r = 0; r < rows; r++) {
        uint64_t w = sr__load(&view->subscriptions[r].state);
        if (sr__subscription_state(w) != SR__SUBSCRIPTION_FREE)
            continue;
        sr__raise_high(&view->state->readers_high, r + 1);
        *word = sr__subscription_word(SR__SUBSCRIPTION_JOIN, ring->member.me, flags,
                                      sr__subscription_generation(w) + 1);
        if (sr__cas(&view->subscriptions[r].state, w, *word)) {
            if (flags & SR__SUBSCRIPTION_GATES)
                sr__gates_add(view, r);
            *number = r;
            return true;
        }
    }
    return false;
}

/* The subscription's record begins: JOIN with a new generation comes before what is written now, for who copies
 * between two looks at the state (seqlock.c), and ACTIVE after it. */
void sr__subscribe_write(sr__subscription_t *subscription, uint32_t generation,
                         const sr__properties_t *properties, uint64_t group, const char *name)
{
    const sr__wanted_t *wanted = &properties->wanted;
    sr__account_words_t *account = &subscription->accounts[0];
    atomic_thread_fence(memory_order_release);
    sr__poke(&subscription->budget, properties->budget);
    sr__poke(&subscription->lost, 0);
    sr__poke(&subscription->missed_before, 0);
    atomic_store_explicit(&subscription->revoked_at, 0, memory_order_relaxed);
    sr__poke(&account->missed, 0);
    sr__poke(&account->passed_over, 0);
    sr__poke(&account->jump_to, 0);
    sr__poke(&account->jump_missed, 0);
    sr__poke(&account->jump_passed_over, 0);
    sr__poke(&account->pending, 0);
    /* The first copy counts when it becomes durable. */
    sr__poke(&account->generation, generation);
    sr__poke(&subscription->group, group);
    sr__poke(&subscription->accounts[1].generation, generation - 1);
    sr__poke(&subscription->acks, 0);
    sr__poke(&subscription->acks_until, 0);
    sr__poke(&subscription->marks, 0);
    sr__poke(&subscription->left_at, 0);
    sr__poke(&subscription->left_by, 0);
    sr__poke(&subscription->bytes_read, 0);
    sr__poke(&subscription->records, 0);
    sr__poke(&subscription->records_missed, 0);
    sr__poke(&subscription->records_passed_over, 0);
    sr__poke(&subscription->mask, wanted->mask);
    sr__poke(&subscription->match, wanted->match);
    atomic_store_explicit(&subscription->every, wanted->every, memory_order_relaxed);
    atomic_store_explicit(&subscription->latest, wanted->latest, memory_order_relaxed);
    atomic_store_explicit(&subscription->flags, 0, memory_order_relaxed);
    atomic_store_explicit(&subscription->window, 0, memory_order_relaxed);
    sr__name_store(subscription->name, name);
}

/* [subscribe.activate] Makes the subscription ACTIVE and finds its start. ACTIVE first, then the end of the
 * order once more: a producer whose gate was computed before it saw this subscription reclaims only below
 * an end that it loaded earlier, which is at or below this one. */
static uint64_t activate(slotring_reader_t *reader, uint64_t joined)
{
    slotring_t *ring = reader->ring;
    sr__view_t *view = &ring->member.view;
    sr__subscription_t *subscription = reader->subscription;
    uint32_t generation = reader->durable ? sr__subscription_generation(joined) : 0;
    uint64_t at = sr__published_end(view);
    atomic_store_explicit(&reader->account->start, at, memory_order_seq_cst);
    atomic_store_explicit(&subscription->cursor, sr__numbered(at, generation), memory_order_seq_cst);
    reader->subscription_word = sr__subscription_word(
        SR__SUBSCRIPTION_ACTIVE, ring->member.me, sr__subscription_flags(joined) | SR__SUBSCRIPTION_STARTING,
        sr__subscription_generation(joined));
    atomic_store_explicit(&subscription->state, reader->subscription_word, memory_order_seq_cst);
    at = sr__published_end(view);
    /* `start` first: what lies between the two ends was not delivered, and must not look like it for a moment. */
    atomic_store_explicit(&reader->account->start, at, memory_order_seq_cst);
    atomic_store_explicit(&subscription->cursor, sr__numbered(at, generation), memory_order_seq_cst);
    return at;
}

/* Notes by how much the numbers are above the sequences where the reader begins: what gaps add later, it has missed. Release, in
 * the compare-and-swap of say_started: who sees that the reader has started sees this, too. */
static int note_offset(slotring_reader_t *reader)
{
    uint64_t offset;
    int code = sr__mark_offset_at(&reader->ring->member, reader->start, &offset);
    sr__poke(&reader->ring->member.view.offsets[reader->subscription_number],
             code == 0 ? offset : SR__NO_SEQUENCE);
    return code < 0 ? code : 0;
}

/* [subscribe.activate] Says that the start is found, last of all: from here on nothing that is published passes this reader by,
 * and its account is right at each store. Before, others do not count on it (await.c), nor on its account (seqlock.c). It may
 * have been revoked by now, which its first call then tells. A durable subscription is durable from this store on: with the
 * flag any earlier, its next owner would trust a cursor below which producers had already taken. False: somebody took this
 * participant for dead. */
static bool say_started(slotring_reader_t *reader, const sr__life_t *life)
{
    const uint64_t starting_flag = (uint64_t)SR__SUBSCRIPTION_STARTING << 16,
                   started_flags = (uint64_t)life->started_flags << 16,
                   nobody = life->started_nobodys ? (uint64_t)SR__NOBODY << 4 : 0;
    uint64_t w;
    reader->subscription_word = (reader->subscription_word & ~starting_flag) | started_flags;
    bool behind = reader->pressure.has_budget && reader->cursor < reader->armed; /* see revoked.c */
    reader->quiet_word = behind ? 0 : reader->subscription_word;
    do {
        w = sr__load(&reader->subscription->state);
        if (!sr__subscription_same(w, reader->subscription_word))
            return false;
    } while (!sr__cas(&reader->subscription->state, w, (w & ~starting_flag) | started_flags | nobody));
    return true;
}

/* Says that there are readers with a budget, before the first one of them can be in the way. For good: producers
 * then look at the readers whenever they find no slot. */
static void announce_budget(sr__view_t *view)
{
    if (sr__load(&view->state->gates.budgets) == 0)
        atomic_store_explicit(&view->state->gates.budgets, 1, memory_order_seq_cst);
}

static bool take_subscription_after_reaping(slotring_t *ring, uint32_t flags, uint32_t rows, uint32_t *number,
                                            uint64_t *word)
{
    return take_subscription(ring, flags, rows, number, word) ||
           (sr__reap_if_due(ring) && take_subscription(ring, flags, rows, number, word));
}

int sr__subscribe_take(slotring_reader_t *reader, const sr__life_t *life, uint64_t *joined)
{
    const sr__view_t *view = &reader->ring->member.view;
    uint32_t rows = reader->durable && reader->followed ? sr__durable_rows(view) : view->subscription_count;
    uint32_t flags = life->flags | (reader->pressure.gates ? SR__SUBSCRIPTION_GATES : 0);
    if (take_subscription_after_reaping(reader->ring, flags, rows, &reader->subscription_number, joined)) {
        reader->subscription = &view->subscriptions[reader->subscription_number];
        reader->account = &reader->subscription->accounts[0];
        return 0;
    }
    if (rows < view->subscription_count)
        return sr__error(SLOTRING_E_READERS,
                         "the %u subscriptions of ring \"%s\" that can be durable are taken: a ring with "
                         "writers has no more of them",
                         rows, view->header.name);
    return sr__error(SLOTRING_E_READERS,
                     "all %u subscriptions of ring \"%s\" are taken; create it with more (max_readers)",
                     view->subscription_count, view->header.name);
}

int sr__subscribe_begin(slotring_reader_t *reader, const slotring_reader_options_t *options,
                        const sr__properties_t *properties)
{
    slotring_t *ring = reader->ring;
    const sr__start_t *start = properties->start;
    const sr__life_t *life = properties->life;
    uint64_t joined;
    int failed = sr__subscribe_take(reader, life, &joined);
    if (failed)
        return failed;
    sr__subscribe_write(reader->subscription, sr__subscription_generation(joined), properties,
                        sr__member_group_word(reader),
                        options->name ? options->name : ring->member.self->name);
    sr__stream_baseline(reader);
    if (reader->followed && start->begin)
        sr__open_blocks_before(reader);
    if (properties->budget != 0 || (reader->durable && ring->member.view.header.absence_ms != 0))
        announce_budget(&ring->member.view);
    reader->start = reader->cursor = reader->armed = activate(reader, joined);
    if (reader->pressure.has_budget && !start->begin)
        reader->pressure.may_miss = false; /* from its start on producers wait for it */
    if (reader->followed)
        sr__open_blocks_join(reader, start->begin == NULL);
    if (start->begin)
        failed = start->begin(reader, options->first);
    if (!failed)
        failed = note_offset(reader);
    if (!failed && reader->told)
        failed = sr__tell_join(reader, reader->start);
    if (!failed && life->prepare)
        life->prepare(reader);
    if (!failed && !say_started(reader, life))
        failed = sr__plain(SLOTRING_E_EVICTED);
    return failed;
}
