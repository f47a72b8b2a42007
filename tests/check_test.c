/* SPDX-License-Identifier: Apache-2.0 */
/* The audit finds what it is there to find: each kind of damage is planted into a good ring, found, and gone once
 * it has been put right. */
#include <string.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/suite.h"

typedef struct plot {
    slotring_t *ring;
    slotring_reader_t *reader; /* lossless, at sequence 4 of 6 */
    slotring_slot_t held;      /* sequence 3 */
    slotring_slot_t writing;
    uint8_t *memory;
    size_t size;
    sr__view_t view;
} plot_t;

/* A ring of 8 slots with something of everything: 6 publications, one held, one being written, one free. */
static void set_up(plot_t *plot)
{
    plot->ring = ring_create(ring_name(), 8, 100);
    plot->reader = subscribe(plot->ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_ticket_t ticket = {{0}, 0, 0, 0};
    for (uint64_t n = 0; n < 6; n++) {
        slotring_ticket_t one = publish(plot->ring, 1, n);
        ticket = n == 3 ? one : ticket;
    }
    for (uint64_t n = 0; n < 4; n++)
        take_now(plot->reader, pattern_tag(1, n));
    hold(plot->ring, &ticket, &plot->held);
    CHECK_OK(slotring_allocate(plot->ring, 1, &plot->writing));
    plot->memory = ring_map(ring_name(), &plot->size);
    sr__view_bind(&plot->view, (const sr__header_t *)(void *)plot->memory, plot->memory, true);
    check_ring(plot->ring);
}

static void tear_down(plot_t *plot)
{
    check_ring(plot->ring); /* the damage is gone, and nothing else was broken by it */
    ring_unmap(plot->memory);
    CHECK_OK(slotring_abort(plot->ring, &plot->writing));
    CHECK_OK(slotring_release(plot->ring, &plot->held));
    CHECK_OK(slotring_unsubscribe(plot->reader));
    check_recovered(plot->ring, 1);
    ring_remove(plot->ring, ring_name());
}

static void count_finding(void *user, const char *finding)
{
    CHECK(strlen(finding) > 10);
    ++*(uint64_t *)user;
}

static uint64_t findings_of(slotring_t *ring)
{
    uint64_t reported = 0, findings = 0;
    CHECK_OK(slotring_check(ring, count_finding, &reported, &findings));
    CHECK_EQUAL(reported, findings);
    CHECK_OK(slotring_check(ring, NULL, NULL, &reported)); /* without a callback it counts the same */
    CHECK_EQUAL(reported, findings);
    return findings;
}

/* The word says `damage` for a moment; the ring's own handle and an observer must both notice. */
static void plant(plot_t *plot, const char *what, sr__word_t *word, uint64_t damage)
{
    slotring_t *observer = ring_observe(ring_name());
    uint64_t before = atomic_load(word);
    CHECK(before != damage);
    check_context("%s", what);
    atomic_store(word, damage);
    uint64_t mine = findings_of(plot->ring), theirs = findings_of(observer);
    atomic_store(word, before);
    CHECK_AT_LEAST(mine, 1);
    CHECK_AT_LEAST(theirs, 1);
    CHECK_EQUAL(findings_of(plot->ring), 0);
    check_context("%s", "");
    CHECK_OK(slotring_close(observer));
}

static uint32_t slot_of(plot_t *plot, uint64_t sequence)
{
    return sr__entry_slot(&plot->view, atomic_load(sr__order_at(&plot->view, sequence)));
}

static uint32_t free_slot(plot_t *plot)
{
    for (uint32_t i = 0; i < plot->view.slot_count; i++)
        if (sr__slot_state(atomic_load(&sr__slot(&plot->view, i)->word)) == SR__FREE)
            return i;
    FAIL("no slot is free");
}

static void slots(void)
{
    plot_t plot;
    set_up(&plot);
    sr__view_t *view = &plot.view;
    uint32_t me = ring_info(plot.ring).participant, nobody = me + 5;
    sr__slot_t *published = sr__slot(view, slot_of(&plot, 5)), *writing = sr__slot(view, plot.writing.index);
    uint64_t word = atomic_load(&published->word);
    plant(&plot, "an unknown state", &published->word,
          sr__with_state(word, (enum sr__slot_state)9, SR__NOBODY));
    plant(&plot, "in work by nobody", &writing->word,
          sr__with_state(atomic_load(&writing->word), SR__CLAIMED, nobody));
    plant(&plot, "reclaimed by nobody", &published->word, sr__with_state(word, SR__RECLAIM, nobody));
    plant(&plot, "committed by nobody", &published->word, sr__with_state(word, SR__COMMIT, nobody));
    plant(&plot, "retired for no reason", &published->word, word | SR__RETIRED);
    plant(&plot, "published, not in the order", &published->sequence, 3);
    plant(&plot, "published as nothing", &published->sequence, SR__NO_SEQUENCE);
    plant(&plot, "longer than a slot", &published->length, 101);
    plant(&plot, "passed over as if freed", &view->withdrawn[0][0], UINT64_C(1) << 16 | 1u << 5);
    plant(&plot, "freed, and hidden", &published->word,
          sr__with_state(word, SR__PUBLISHED, SR__NOBODY) | SR__WITHDRAWN);
    plant(&plot, "held by nobody", &published->hold0, UINT64_C(1) << nobody);
    plant(&plot, "held by a number beyond all", &published->hold0, UINT64_C(1) << 63);
    tear_down(&plot);
}

static void order_and_frontier(void)
{
    plot_t plot;
    set_up(&plot);
    sr__view_t *view = &plot.view;
    plant(&plot, "a hole in the order", sr__order_at(view, 2), 0);
    plant(&plot, "an entry of a slot beyond all", sr__order_at(view, 7), sr__entry(view, 7, 7));
    plant(&plot, "an entry from the future", sr__order_at(view, 9), sr__entry(view, 9, 0));
    plant(&plot, "an entry of another publication's slot", sr__order_at(view, 5),
          sr__entry(view, 5, slot_of(&plot, 4)));
    plant(&plot, "the frontier beyond the end", &view->state->frontier, 100);
    plant(&plot, "the frontier past a publication", &view->state->frontier, 6);
    plant(&plot, "the tail beyond the end", &view->state->tail, 100);
    tear_down(&plot);
}

static void rows(void)
{
    plot_t plot;
    set_up(&plot);
    sr__subscription_t *row = &plot.view.subscriptions[0];
    uint64_t state = atomic_load(&row->state);
    CHECK_EQUAL(sr__subscription_state(state), SR__SUBSCRIPTION_ACTIVE);
    plant(&plot, "an unknown row state", &row->state, (state & ~UINT64_C(0xf)) | 9);
    plant(&plot, "a row of nobody", &row->state, state ^ (UINT64_C(9) << 4));
    plant(&plot, "a reader that no producer knows", &plot.view.state->gates.words[0], 0);
    plant(&plot, "readers that no producer knows", &plot.view.state->gates.summary, 0);
    plant(&plot, "a cursor beyond the end", &row->cursor, 1000);
    plant(&plot, "a lossless reader that has lost", &sr__slot(&plot.view, slot_of(&plot, 4))->sequence, 40);
    tear_down(&plot);
}

static void free_map(void)
{
    plot_t plot;
    set_up(&plot);
    uint32_t free_index = free_slot(&plot);
    CHECK(free_index < 8);
    plant(&plot, "a free slot that is hidden", plot.view.free_map[0],
          atomic_load(plot.view.free_map[0]) & ~(UINT64_C(1) << free_index));
    for (uint32_t level = 1; level < SR__FREE_MAP_LEVELS; level++)
        plant(&plot, "a free slot that is hidden above", plot.view.free_map[level], 0);
    tear_down(&plot);
}

static void several_at_once(void)
{
    plot_t plot;
    set_up(&plot);
    sr__slot_t *slot = sr__slot(&plot.view, slot_of(&plot, 5));
    uint64_t length = atomic_load(&slot->length);
    atomic_store(&slot->length, 5000);
    atomic_store(&plot.view.state->tail, 77);
    CHECK_AT_LEAST(findings_of(plot.ring), 2);
    atomic_store(&slot->length, length);
    atomic_store(&plot.view.state->tail, 6);
    tear_down(&plot);
}

static const test_case_t cases[] = {
    {"slots", slots, 0},       {"order_and_frontier", order_and_frontier, 0}, {"rows", rows, 0},
    {"free_map", free_map, 0}, {"several_at_once", several_at_once, 0},       {NULL, NULL, 0},
};

const test_suite_t check_suite = {"check", cases, NULL};
