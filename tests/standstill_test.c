/* SPDX-License-Identifier: Apache-2.0 */
/* A run that stands still says since when: which producers wait for a slot, and for how long nothing has been published. Also in
 * a ring without time stamps, which the rings here are. */
#include <stdatomic.h>
#include <unistd.h>

#include "support/ring.h"
#include "support/suite.h"
#include "support/thread.h"

#define SLOTS 2

static slotring_t *ring;
static slotring_slot_t taken[SLOTS];

/* A ring of which this handle writes every slot. */
static void begin_full(void)
{
    ring = ring_create(ring_name(), SLOTS, 64);
    for (int i = 0; i < SLOTS; i++)
        CHECK_OK(slotring_allocate(ring, 1, &taken[i]));
}

static void end_full(void)
{
    CHECK_EQUAL(ring_stats(ring).blocked, 0);
    CHECK_EQUAL(ring_stats(ring).blocked_ns, 0);
    check_ring(ring);
    ring_remove(ring, ring_name());
}

static void waits_for_a_slot(peer_t *test, const char *name)
{
    slotring_t *own = ring_attach(name);
    slotring_slot_t slot;
    peer_tell(test, 1);
    CHECK_OK(slotring_allocate_wait(own, 1, PATIENCE, &slot));
    peer_tell(test, 2);
    peer_expect(test, 3);
    CHECK_OK(slotring_close(own));
}

static peer_t start_waiting(void)
{
    peer_t peer = peer_start(process_can_fork() ? BY_FORK : BY_EXEC, "standstill-waits", ring_name());
    peer_expect(&peer, 1);
    for (int64_t begun = now_ns(); ring_stats(ring).blocked == 0;)
        CHECK(now_ns() - begun < PATIENCE);
    return peer;
}

/* What the ring says of the process with this number: how long it has been blocked. */
static uint64_t blocked_for(slotring_t *viewer, uint64_t pid)
{
    slotring_participant_t list[4];
    uint32_t count;
    CHECK_OK(slotring_participants(viewer, list, 4, &count));
    for (uint32_t i = 0; i < count && i < 4; i++)
        if (list[i].pid == pid)
            return list[i].blocked_ns;
    return 0;
}

static void who_waits_is_seen(void)
{
    int64_t begun = now_ns();
    begin_full();
    CHECK_EQUAL(ring_stats(ring).blocked, 0);
    peer_t peer = start_waiting();
    slotring_t *viewer = ring_observe(ring_name());
    uint64_t first = blocked_for(viewer, (uint64_t)peer.pid);
    CHECK_AT_LEAST(first, 1);
    slotring_stats_t stats = ring_stats(viewer);
    CHECK_EQUAL(stats.blocked, 1);
    CHECK_AT_LEAST(stats.blocked_ns, first); /* it has gone on waiting */
    CHECK_AT_LEAST((uint64_t)(now_ns() - begun), stats.blocked_ns);
    CHECK_EQUAL(blocked_for(ring, (uint64_t)getpid()), 0);
    CHECK_OK(slotring_abort(ring, &taken[0]));
    peer_expect(&peer, 2);
    CHECK_EQUAL(blocked_for(viewer, (uint64_t)peer.pid), 0);
    peer_tell(&peer, 3);
    peer_join(&peer);
    CHECK_OK(slotring_close(viewer));
    end_full();
}

/* Neither its time nor the next one at its entry says anything of it. */
static void one_that_is_killed_waits_no_more(void)
{
    begin_full();
    peer_t peer = start_waiting();
    peer_kill(&peer);
    CHECK_OK(slotring_recover(ring, NULL));
    CHECK_EQUAL(ring_stats(ring).blocked, 0);
    slotring_t *next = ring_attach(ring_name());
    CHECK_EQUAL(ring_stats(ring).blocked, 0);
    CHECK_OK(slotring_close(next));
    end_full();
}

static slotring_slot_t got[2];
static _Atomic uint32_t got_count;

/* Keeps the slot that it gets. */
static void waits_in_a_thread(void *unused)
{
    (void)unused;
    slotring_slot_t slot;
    CHECK_OK(slotring_allocate_wait(ring, 1, PATIENCE, &slot));
    got[atomic_fetch_add(&got_count, 1)] = slot;
}

/* True once so many threads have a slot, and so many participants are blocked. */
static bool stands(uint32_t count, uint64_t blocked)
{
    return atomic_load(&got_count) == count && ring_stats(ring).blocked == blocked;
}

static void await_that(uint32_t count, uint64_t blocked)
{
    for (int64_t begun = now_ns(); !stands(count, blocked);)
        CHECK(now_ns() - begun < PATIENCE && threads_go_on());
}

/* Two threads of one handle: whoever of them is left is seen, once it has looked again. */
static void of_two_threads_the_other_one_is_seen(void)
{
    begin_full();
    thread_start(waits_in_a_thread, NULL);
    thread_start(waits_in_a_thread, NULL);
    threads_wait_asleep();
    await_that(0, 1); /* one participant */
    CHECK_OK(slotring_abort(ring, &taken[0]));
    await_that(1, 1);
    CHECK_OK(slotring_abort(ring, &taken[1]));
    threads_join();
    for (int i = 0; i < 2; i++)
        CHECK_OK(slotring_abort(ring, &got[i]));
    end_full();
}

/* Nothing is published: whoever waits for a message sees it, and everybody can ask. */
static void how_long_nothing_was_published(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, 64);
    options.wait_slice_ns = 1000000;
    ring = ring_open_with(ring_name(), &options);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(reader, 5 * MILLISECOND, &slot), SLOTRING_E_TIMEOUT);
    CHECK_EQUAL(ring_stats(ring).idle_ns, 0); /* nothing ever was */
    int64_t before = now_ns();
    publish(ring, 1, 0);
    CHECK_EQUAL(ring_stats(ring).idle_ns, 0); /* nobody has looked since */
    take_now(reader, pattern_tag(1, 0));
    while (ring_stats(ring).idle_ns == 0)
        CHECK_CODE(slotring_next(reader, 5 * MILLISECOND, &slot), SLOTRING_E_TIMEOUT);
    uint64_t idle = ring_stats(ring).idle_ns;
    CHECK_AT_LEAST((uint64_t)(now_ns() - before), idle);
    slotring_t *viewer = ring_observe(ring_name());
    CHECK_AT_LEAST(ring_stats(viewer).idle_ns, idle);
    CHECK_OK(slotring_close(viewer));
    publish(ring, 1, 1);
    CHECK_EQUAL(ring_stats(ring).idle_ns, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"who_waits_is_seen", who_waits_is_seen, 0},
    {"one_that_is_killed_waits_no_more", one_that_is_killed_waits_no_more, 0},
    {"of_two_threads_the_other_one_is_seen", of_two_threads_the_other_one_is_seen, 0},
    {"how_long_nothing_was_published", how_long_nothing_was_published, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {{"standstill-waits", waits_for_a_slot}, {NULL, NULL}};

const test_suite_t standstill_suite = {"standstill", cases, roles};
