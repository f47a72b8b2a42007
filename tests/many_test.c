/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for many readers at once: who is told what, what wakes, what ends the wait, and that nothing stays behind. Each test of a
 * sleep runs twice: as the system does it, and by helpers, as where it cannot sleep on several words. Rings sleep in slices
 * of 10 s and do not spin, unless a test says otherwise. */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "support/internals.h"
#include "support/ready.h"
#include "support/ring.h"
#include "support/roles.h"
#include "support/suite.h"
#include "support/thread.h"

#define NO_WAIT 0
#define RINGS 3u

static slotring_t *rings[RINGS];
static slotring_reader_t *readers[RINGS + 2]; /* two more, of the first ring */
static int results[RINGS + 2];
static uint32_t ready;
static sr__backend_t single; /* the backend that is tested, as if it could sleep on one word only */

static bool sleeps_on_one(const sr__sleep_t *sleeps, uint32_t count, uint64_t timeout_ns)
{
    (void)sleeps, (void)timeout_ns;
    return count == 0;
}

static const char *name_of(uint32_t i)
{
    char suffix[16];
    snprintf(suffix, sizeof suffix, "-%u", (unsigned)i);
    return ring_name_of(suffix);
}

/* From here on this handle's waits are a helper's. */
static void use_helpers(slotring_t *ring)
{
    single = *ring->member.os;
    single.waits.wait_any = sleeps_on_one;
    ring->member.os = &single;
}

/* Producers come and go here, which is no news. */
static slotring_reader_t *subscribe_for_good(slotring_t *ring, uint32_t mode)
{
    slotring_reader_options_t options = reader_options(mode, SLOTRING_FROM_NOW);
    options.at_end = SLOTRING_AT_END_WAIT;
    return subscribe_with(ring, &options);
}

static void begin(uint64_t slots)
{
    for (uint32_t i = 0; i < RINGS; i++) {
        rings[i] = ring_open_sleepy(name_of(i), SLOTRING_CREATE, slots);
        readers[i] = subscribe_for_good(rings[i], SLOTRING_LOSSLESS);
    }
    for (uint32_t i = RINGS; i < RINGS + 2; i++)
        readers[i] = subscribe_for_good(rings[0], SLOTRING_LOSSY);
}

static void check_nothing_stays(slotring_t *ring)
{
    for (int kind = 0; kind < SR__EVENTS; kind++) {
        sr__waiters_t *waiters = &ring->member.view.state->waiters[kind];
        CHECK_EQUAL(atomic_load(&waiters->words[0]), 0);
        CHECK_EQUAL(atomic_load(&waiters->armed) & SR__ARMED, 0);
        CHECK_EQUAL(atomic_load(&ring->member.sleepers[kind]), 0);
    }
}

static void end(void)
{
    for (uint32_t i = 1; i < RINGS; i++) {
        CHECK_OK(slotring_close(rings[i]));
        CHECK_OK(slotring_unlink(name_of(i), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
    }
    ring_remove(rings[0], name_of(0));
}

static int wait_many(int64_t timeout_ns)
{
    return slotring_wait_many(readers, RINGS + 2, timeout_ns, results, &ready);
}

static void check_results(int first, int second, int third)
{
    const int expected[RINGS + 2] = {first, second, third, first, first};
    uint32_t count = 0;
    for (uint32_t i = 0; i < RINGS + 2; i++) {
        CHECK_EQUAL((int64_t)results[i], (int64_t)expected[i]);
        count += expected[i] == 0;
    }
    CHECK_EQUAL(ready, count);
}

/* ---- Who is told what ----------------------------------------------------------------------------------- */

static void all_are_told(void)
{
    const int no = SLOTRING_E_EMPTY;
    begin(4);
    CHECK_CODE(wait_many(NO_WAIT), SLOTRING_E_EMPTY);
    check_results(no, no, no);
    CHECK_CODE(wait_many(1), SLOTRING_E_TIMEOUT);
    check_results(no, no, no);
    publish(rings[1], 1, 0);
    CHECK_OK(wait_many(NO_WAIT));
    check_results(no, 0, no);
    publish(rings[0], 1, 0);
    CHECK_OK(wait_many(FOR_EVER));
    check_results(0, 0, no);
    take_now(readers[1], pattern_tag(1, 0));
    CHECK_OK(wait_many(FOR_EVER));
    check_results(0, no, no);
    for (uint32_t i = 0; i < RINGS + 2; i++)
        if (i != 1 && i != 2)
            take_now(readers[i], pattern_tag(1, 0));
    CHECK_CODE(wait_many(1), SLOTRING_E_TIMEOUT);
    end();
}

static void a_reader_twice_is_told_twice(void)
{
    begin(4);
    slotring_reader_t *twice[3] = {readers[2], readers[1], readers[2]};
    CHECK_CODE(slotring_wait_many(twice, 3, 1, results, &ready), SLOTRING_E_TIMEOUT);
    publish(rings[2], 1, 0);
    CHECK_OK(slotring_wait_many(twice, 3, FOR_EVER, results, &ready));
    CHECK_EQUAL(ready, 2);
    CHECK_EQUAL(results[0], 0);
    CHECK_EQUAL((int64_t)results[1], (int64_t)SLOTRING_E_EMPTY);
    CHECK_EQUAL(results[2], 0);
    end();
}

static void what_cannot_be_waited_for_is_told(void)
{
    slotring_slot_t slot;
    begin(4);
    CHECK_CODE(slotring_wait_many(NULL, 1, NO_WAIT, results, &ready), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_wait_many(readers, 0, NO_WAIT, results, &ready), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_wait_many(readers, 1, NO_WAIT, NULL, &ready), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_wait_many(readers, 1, NO_WAIT, results, NULL), SLOTRING_E_INVALID);
    publish(rings[1], 1, 0);
    publish(rings[2], 1, 0);
    CHECK_OK(slotring_next(readers[1], NO_WAIT, &slot));
    CHECK_OK(wait_many(FOR_EVER)); /* one has something */
    check_results(SLOTRING_E_EMPTY, SLOTRING_E_STATE, 0);
    take_now(readers[2], pattern_tag(1, 0));
    CHECK_CODE(wait_many(FOR_EVER), SLOTRING_E_STATE);
    CHECK_OK(slotring_reader_release(readers[1]));
    slotring_reader_t *ended = readers[2];
    CHECK_OK(slotring_unsubscribe(ended));
    CHECK_CODE(wait_many(FOR_EVER), SLOTRING_E_CLOSED);
    check_results(SLOTRING_E_EMPTY, SLOTRING_E_EMPTY, SLOTRING_E_CLOSED);
    end();
}

/* ---- Sleeping, and what ends it ------------------------------------------------------------------------- */

static void begin_to_sleep(bool by_helpers)
{
    begin(4);
    for (uint32_t i = 0; by_helpers && i < RINGS; i++)
        use_helpers(rings[i]);
}

static void is_woken(void *unused)
{
    (void)unused;
    int64_t start = now_ns();
    CHECK_OK(wait_many(FOR_EVER));
    CHECK(now_ns() - start < NOT_WOKEN);
}

static void each_ring_wakes(bool by_helpers)
{
    begin_to_sleep(by_helpers);
    for (uint64_t n = 0; n < 30; n++) {
        uint32_t i = 1 + n % 2;
        slotring_t *other = ring_attach(name_of(i));
        thread_start(is_woken, NULL);
        threads_wait_asleep();
        publish(other, 1, n / 2);
        threads_join();
        CHECK_EQUAL(ready, 1);
        CHECK_EQUAL(results[i], 0);
        if (!by_helpers && sleeps_on_several(rings[0]))
            for (uint32_t r = 0; r < RINGS; r++)
                check_nothing_stays(rings[r]);
        take_now(readers[i], pattern_tag(1, n / 2));
        CHECK_OK(slotring_close(other));
    }
    end();
}

static void each_ring_wakes_at_once(void)
{
    each_ring_wakes(false);
}

static void each_ring_wakes_by_helpers(void)
{
    each_ring_wakes(true);
}

static atomic_int ended_with;

static void is_ended(void *unused)
{
    (void)unused;
    int64_t start = now_ns();
    atomic_store(&ended_with, wait_many(FOR_EVER));
    CHECK(now_ns() - start < NOT_WOKEN);
}

static void stops_and_interruptions(bool by_helpers)
{
    const int no = SLOTRING_E_EMPTY, stopped = SLOTRING_E_STOPPED;
    begin_to_sleep(by_helpers);
    for (uint32_t i = 0; i < RINGS; i++) {
        thread_start(is_ended, NULL);
        threads_wait_asleep();
        CHECK_OK(slotring_interrupt(rings[i]));
        threads_join();
        CHECK_EQUAL((int64_t)atomic_load(&ended_with), (int64_t)SLOTRING_E_INTERRUPTED);
        CHECK_CODE(wait_many(1), SLOTRING_E_TIMEOUT); /* it was told */
        CHECK_OK(slotring_interrupt(rings[i]));       /* of nobody: it waits for the next call */
        CHECK_CODE(wait_many(FOR_EVER), SLOTRING_E_INTERRUPTED);
        CHECK_CODE(wait_many(1), SLOTRING_E_TIMEOUT);
    }
    thread_start(is_ended, NULL);
    threads_wait_asleep();
    CHECK_OK(slotring_stop(rings[1]));
    threads_join();
    CHECK_EQUAL((int64_t)atomic_load(&ended_with), (int64_t)stopped);
    check_results(no, stopped, no);
    CHECK_CODE(wait_many(FOR_EVER), stopped); /* it stays */
    CHECK_CODE(wait_many(NO_WAIT), no);
    CHECK_OK(slotring_resume(rings[1]));
    thread_start(is_ended, NULL);
    threads_wait_asleep();
    CHECK_OK(slotring_reader_stop(readers[2]));
    threads_join();
    check_results(no, no, stopped);
    publish(rings[0], 1, 0);
    CHECK_OK(wait_many(FOR_EVER)); /* what is there is there */
    CHECK_OK(slotring_reader_resume(readers[2]));
    end();
}

static void a_stop_ends_it(void)
{
    stops_and_interruptions(false);
}

static void a_stop_ends_it_by_helpers(void)
{
    stops_and_interruptions(true);
}

/* An interruption that was not told, since a reader had something, is the next call's. */
static void an_interruption_beside_news_is_kept(void)
{
    begin(4);
    CHECK_OK(slotring_interrupt(rings[1]));
    publish(rings[0], 1, 0);
    CHECK_OK(wait_many(FOR_EVER));
    check_results(0, SLOTRING_E_EMPTY, SLOTRING_E_EMPTY);
    for (uint32_t i = 0; i < RINGS + 2; i++)
        if (i != 1 && i != 2)
            take_now(readers[i], pattern_tag(1, 0));
    CHECK_CODE(wait_many(FOR_EVER), SLOTRING_E_INTERRUPTED);
    end();
}

/* A helper that sleeps for a wait relies on that wait to look after the dead. A descriptor that asks the same helper relies on
 * the helper. */
static void a_descriptor_asks_a_helper_that_sleeps(void)
{
    slotring_slot_t slot;
    intptr_t descriptor;
    bool is_ready;
    begin_to_sleep(true);
    rings[0]->wait_slice_ns = 1000000;
    slotring_reader_t *polled = subscribe_for_good(rings[0], SLOTRING_LOSSLESS);
    peer_t peer = peer_start(BY_EXEC, "many-dies", name_of(0));
    peer_expect(&peer, 1);
    take_now(polled, pattern_tag(STAYING, 0));
    for (uint32_t i = 0; i < RINGS + 2; i++)
        if (i != 1 && i != 2)
            take_now(readers[i], pattern_tag(STAYING, 0));
    thread_start(is_ended, NULL);
    threads_wait_asleep();
    CHECK_OK(slotring_reader_descriptor(polled, &descriptor));
    CHECK_CODE(slotring_next(polled, NO_WAIT, &slot), SLOTRING_E_EMPTY);
    peer_kill(&peer);
    int code = SLOTRING_E_EMPTY;
    for (int turn = 0; turn < 1000 && code == SLOTRING_E_EMPTY; turn++) {
        CHECK_EQUAL(ready_wait(&descriptor, 1, 9000, &is_ready), 1);
        code = slotring_next(polled, NO_WAIT, &slot);
    }
    CHECK_CODE(code, SLOTRING_E_PRODUCER_DIED);
    threads_join(); /* the death is news to it, too */
    CHECK_EQUAL(atomic_load(&ended_with), 0);
    end();
}

/* ---- As many as one likes ------------------------------------------------------------------------------- */

#define HANDLES 30u
#define CROWD (RINGS * HANDLES * 4u)

static slotring_reader_t *crowd[CROWD];
static int crowd_results[CROWD];

static void crowd_is_woken(void *unused)
{
    (void)unused;
    int64_t start = now_ns();
    CHECK_OK(slotring_wait_many(crowd, CROWD, FOR_EVER, crowd_results, &ready));
    CHECK(now_ns() - start < NOT_WOKEN);
}

/* 360 readers of 180 handles: more than any system sleeps on at once. */
static void more_than_the_system_sleeps_on(void)
{
    static slotring_t *handles[CROWD / 2];
    for (uint32_t i = 0; i < RINGS; i++) {
        slotring_options_t options = ring_options_sleepy(SLOTRING_CREATE, 8);
        options.max_participants = 100;
        options.max_readers = 200;
        rings[i] = ring_open_with(name_of(i), &options);
    }
    for (uint32_t i = 0; i < CROWD; i++) {
        uint32_t r = i / 2 % RINGS;
        if (i % 2 == 0)
            handles[i / 2] = ring_open_sleepy(name_of(r), SLOTRING_ATTACH, 0);
        crowd[i] = subscribe(handles[i / 2], SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    }
    for (uint64_t n = 0; n < 4; n++) {
        thread_start(crowd_is_woken, NULL);
        threads_wait_asleep();
        publish(rings[n % RINGS], 1, n / RINGS);
        threads_join();
        CHECK(ready > 0);
        for (uint32_t i = 0; i < CROWD; i++)
            if (i / 2 % RINGS == n % RINGS)
                take_now(crowd[i], pattern_tag(1, n / RINGS));
        CHECK_CODE(slotring_wait_many(crowd, CROWD, NO_WAIT, crowd_results, &ready), SLOTRING_E_EMPTY);
    }
    for (uint32_t i = 0; i < CROWD / 2; i++)
        CHECK_OK(slotring_close(handles[i]));
    end();
}

/* ---- Table ---------------------------------------------------------------------------------------------- */

static const test_case_t cases[] = {
    {"all_are_told", all_are_told, 0},
    {"a_reader_twice_is_told_twice", a_reader_twice_is_told_twice, 0},
    {"what_cannot_be_waited_for_is_told", what_cannot_be_waited_for_is_told, 0},
    {"each_ring_wakes_at_once", each_ring_wakes_at_once, TEST_THREADS},
    {"each_ring_wakes_by_helpers", each_ring_wakes_by_helpers, TEST_THREADS},
    {"a_stop_ends_it", a_stop_ends_it, TEST_THREADS},
    {"a_stop_ends_it_by_helpers", a_stop_ends_it_by_helpers, TEST_THREADS},
    {"an_interruption_beside_news_is_kept", an_interruption_beside_news_is_kept, 0},
    {"a_descriptor_asks_a_helper_that_sleeps", a_descriptor_asks_a_helper_that_sleeps, 0},
    {"more_than_the_system_sleeps_on", more_than_the_system_sleeps_on, TEST_THREADS},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {{"many-dies", publishes_and_stays}, {NULL, NULL}};

const test_suite_t many_suite = {"many", cases, roles};
