/* SPDX-License-Identifier: Apache-2.0 */
/* Several threads share what a handle has one of: an interruption, the place among those who wait, a reader that is
 * handed over, the stream. */
#include <stdatomic.h>
#include <string.h>

#include "support/internals.h"
#include "support/posix_calls.h"
#include "support/ring.h"
#include "support/suite.h"
#include "support/thread.h"

#define BLOCKED 4u

static slotring_t *shared;
static atomic_uint told;

static void next_until_interrupted(void *argument)
{
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(argument, FOR_EVER, &slot), SLOTRING_E_INTERRUPTED);
    atomic_fetch_add(&told, 1);
}

static void allocate_until_interrupted(void *argument)
{
    slotring_slot_t slot;
    (void)argument;
    CHECK_CODE(slotring_allocate_wait(shared, 1, FOR_EVER, &slot), SLOTRING_E_INTERRUPTED);
    atomic_fetch_add(&told, 1);
}

/* Asleep or spinning: whoever is blocked at its moment. */
static void one_interruption_ends_all_that_are_blocked(void)
{
    for (unsigned long round = 0; round < scaled(100); round++) {
        slotring_options_t options = ring_options(SLOTRING_CREATE, 1, 64);
        options.wait_slice_ns = 10 * SECOND;
        options.spin_ns = round % 2 == 0 ? 1 : UINT64_C(200000);
        shared = ring_open_with(ring_name(), &options);
        slotring_reader_t *readers[BLOCKED - 1];
        slotring_slot_t writing, slot;
        CHECK_OK(slotring_allocate(shared, 1, &writing));
        atomic_store(&told, 0);
        for (unsigned i = 0; i < BLOCKED - 1; i++) {
            readers[i] = subscribe(shared, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
            thread_start(next_until_interrupted, readers[i]);
        }
        thread_start(allocate_until_interrupted, NULL);
        threads_wait_asleep();
        CHECK_OK(slotring_interrupt(shared));
        threads_join();
        CHECK_EQUAL(atomic_load(&told), BLOCKED);
        /* none is left over for the next call */
        CHECK_CODE(slotring_next(readers[0], MILLISECOND, &slot), SLOTRING_E_TIMEOUT);
        CHECK_OK(slotring_abort(shared, &writing));
        for (unsigned i = 0; i < BLOCKED - 1; i++)
            CHECK_OK(slotring_unsubscribe(readers[i]));
        ring_remove(shared, ring_name());
    }
}

/* Slices come and go: whoever is blocked is so between two of them, too. */
static void an_interruption_between_two_slices(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 2, 64);
    options.wait_slice_ns = 200000;
    options.spin_ns = 1;
    shared = ring_open_with(ring_name(), &options);
    slotring_reader_t *readers[8];
    for (unsigned i = 0; i < 8; i++)
        readers[i] = subscribe(shared, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    for (unsigned long round = 0; round < scaled(150) && threads_go_on(); round++) {
        atomic_store(&told, 0);
        for (unsigned i = 0; i < 8; i++)
            thread_start(next_until_interrupted, readers[i]);
        threads_wait_asleep();
        CHECK_OK(slotring_interrupt(shared));
        int64_t end = now_ns() + PATIENCE;
        while (atomic_load(&told) < 8 && threads_go_on())
            if (now_ns() > end)
                FAIL("round %lu: %u of 8 blocked calls were interrupted", round, atomic_load(&told));
        threads_join();
    }
    for (unsigned i = 0; i < 8; i++)
        CHECK_OK(slotring_unsubscribe(readers[i]));
    ring_remove(shared, ring_name());
}

/* Finds what it waits for in the moment of an interruption, which another blocked thread was told of first. */
static int finds_it_when_interrupted(void *looks)
{
    if (++*(int *)looks == 1)
        return SLOTRING_E_EMPTY;
    CHECK_OK(slotring_interrupt(shared));
    threads_join();
    return 0;
}

static int wait_until(int (*finds)(void *looks), int *looks)
{
    sr__wait_t wait = {.ring = shared,
                       .kind = SR__PUBLISHED_EVENT,
                       .again = SLOTRING_E_EMPTY,
                       .attempt = finds,
                       .context = looks};
    return sr__wait_for(&wait, PATIENCE);
}

/* A call that was blocked, and ends with what it waited for, leaves the interruption to the next call. */
static void an_interruption_is_not_lost_to_a_message(void)
{
    shared = ring_create(ring_name(), 1, 64);
    slotring_reader_t *readers[2];
    slotring_slot_t slot;
    readers[0] = subscribe(shared, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    atomic_store(&told, 0);
    thread_start(next_until_interrupted, readers[0]);
    threads_wait_asleep();
    int looks = 0;
    CHECK_OK(wait_until(finds_it_when_interrupted, &looks));
    CHECK_EQUAL(atomic_load(&told), 1);
    readers[1] = subscribe(shared, SLOTRING_LOSSY, SLOTRING_FROM_NOW); /* it has no interruption of its own */
    CHECK_CODE(slotring_next(readers[1], PATIENCE, &slot), SLOTRING_E_INTERRUPTED);
    CHECK_CODE(slotring_next(readers[1], MILLISECOND, &slot), SLOTRING_E_TIMEOUT);
    for (int i = 0; i < 2; i++)
        CHECK_OK(slotring_unsubscribe(readers[i]));
    ring_remove(shared, ring_name());
}

static _Atomic unsigned interruptions; /* not a bool: some processors have no exchange of a byte */

/* Finds what it waits for in the moment of an interruption, as another thread does that is blocked too. */
static int finds_it_when_both_are(void *looks)
{
    threads_meet(2);
    if (++*(int *)looks == 1)
        return SLOTRING_E_EMPTY;
    if (atomic_fetch_add(&interruptions, 1) == 0)
        CHECK_OK(slotring_interrupt(shared));
    threads_meet(2);
    return 0;
}

static void ends_with_something_else(void *argument)
{
    int looks = 0;
    (void)argument;
    CHECK_OK(wait_until(finds_it_when_both_are, &looks));
}

/* Two that were blocked, and that both end with what they waited for: each next call of theirs is told. */
static void each_that_was_blocked_is_told_once(void)
{
    shared = ring_create(ring_name(), 1, 64);
    slotring_slot_t slot;
    atomic_store(&interruptions, 0);
    thread_start(ends_with_something_else, NULL);
    thread_start(ends_with_something_else, NULL);
    threads_join();
    slotring_reader_t *reader =
        subscribe(shared, SLOTRING_LOSSY, SLOTRING_FROM_NOW); /* it has none of its own */
    for (int i = 0; i < 2; i++)
        CHECK_CODE(slotring_next(reader, PATIENCE, &slot), SLOTRING_E_INTERRUPTED);
    CHECK_CODE(slotring_next(reader, MILLISECOND, &slot), SLOTRING_E_TIMEOUT);
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(shared, ring_name());
}

/* Whoever reads in a loop is told once, by its next call that would block, also if it was between two calls when another
 * reader's call was blocked: a thread that has a message in its hands. A call without a reader has none left. */
static void a_reader_between_two_calls_is_told(void)
{
    shared = ring_create(ring_name(), 2, 64);
    slotring_reader_t *blocked = subscribe(shared, SLOTRING_LOSSY, SLOTRING_FROM_NOW), *between[2];
    slotring_slot_t slot;
    for (int i = 0; i < 2; i++)
        between[i] = subscribe(shared, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    thread_start(next_until_interrupted, blocked);
    threads_wait_asleep();
    CHECK_OK(slotring_interrupt(shared));
    threads_join();
    publish(shared, 1, 0);
    for (int i = 0; i < 2; i++) {
        take_now(between[i], pattern_tag(1, 0)); /* does not block, and so is not told */
        CHECK_CODE(slotring_next(between[i], PATIENCE, &slot), SLOTRING_E_INTERRUPTED);
        CHECK_CODE(slotring_next(between[i], MILLISECOND, &slot), SLOTRING_E_TIMEOUT);
    }
    slotring_reader_t *later = subscribe(shared, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    CHECK_CODE(slotring_next(later, MILLISECOND, &slot), SLOTRING_E_TIMEOUT);
    CHECK_OK(slotring_interrupt(shared)); /* of nobody: each reader, and none of them twice */
    for (int i = 0; i < 2; i++) {
        CHECK_CODE(slotring_reader_wait_readable(between[i], PATIENCE), SLOTRING_E_INTERRUPTED);
        CHECK_CODE(slotring_next(between[i], MILLISECOND, &slot), SLOTRING_E_TIMEOUT);
    }
    CHECK_CODE(slotring_next(later, PATIENCE, &slot), SLOTRING_E_INTERRUPTED);
    CHECK_OK(slotring_allocate_wait(shared, 1, PATIENCE, &slot));
    CHECK_OK(slotring_abort(shared, &slot));
    for (int i = 0; i < 2; i++)
        CHECK_OK(slotring_unsubscribe(between[i]));
    CHECK_OK(slotring_unsubscribe(later));
    CHECK_OK(slotring_unsubscribe(blocked));
    ring_remove(shared, ring_name());
}

/* Threads that read in a loop from a stream that never pauses: one interruption ends all of them. */
static void reads_until_interrupted(void *argument)
{
    slotring_slot_t slot;
    int code;
    while ((code = slotring_next(argument, FOR_EVER, &slot)) == 0)
        CHECK_OK(slotring_reader_release(argument));
    CHECK_EQUAL(code, SLOTRING_E_INTERRUPTED);
    atomic_fetch_add(&told, 1);
}

static void one_interruption_ends_all_that_read_a_stream(void)
{
    shared = ring_create(ring_name(), 16, 64);
    slotring_reader_t *readers[BLOCKED];
    for (unsigned long round = 0; round < scaled(40); round++) {
        atomic_store(&told, 0);
        for (unsigned i = 0; i < BLOCKED; i++) {
            readers[i] = subscribe(shared, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
            thread_start(reads_until_interrupted, readers[i]);
        }
        for (unsigned i = 0; i < 20; i++)
            publish(shared, 1, i);
        CHECK_OK(slotring_interrupt(shared));
        for (uint64_t i = 20; atomic_load(&told) < BLOCKED; i++)
            publish(shared, 1, i);
        threads_join();
        for (unsigned i = 0; i < BLOCKED; i++)
            CHECK_OK(slotring_unsubscribe(readers[i]));
    }
    ring_remove(shared, ring_name());
}

/* Several interruptions of nobody are one; each of those that come while somebody is blocked ends that one. */
static void an_interruption_of_nobody_waits(void)
{
    slotring_t *ring = ring_create(ring_name(), 1, 64);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    slotring_slot_t slot;
    for (int i = 0; i < 3; i++)
        CHECK_OK(slotring_interrupt(ring));
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_EMPTY); /* does not block, and so takes none */
    CHECK_CODE(slotring_next(reader, FOR_EVER, &slot), SLOTRING_E_INTERRUPTED);
    CHECK_CODE(slotring_next(reader, MILLISECOND, &slot), SLOTRING_E_TIMEOUT);
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

/* ---- The place among those who wait -------------------------------------------------------------------- */

static void waits_in_steps(void *argument)
{
    slotring_slot_t slot;
    for (unsigned long i = 0; i < scaled(2000) && threads_go_on(); i++) {
        int code = slotring_next(argument, 1 + (int64_t)(i % 7) * 3000, &slot);
        if (code == 0)
            CHECK_OK(slotring_reader_release(argument));
        else
            CHECK_EQUAL(code, SLOTRING_E_TIMEOUT);
    }
}

static void waits_for_each(void *argument)
{
    for (unsigned long i = 0; i < scaled(2000) && threads_go_on(); i++) {
        int64_t start = now_ns();
        (void)take(argument);
        CHECK(now_ns() - start < 9 * SECOND); /* woken, and not at the end of a slice */
        threads_meet(2);
    }
}

/* Threads of one handle come to the set of those who wait and go from it all the time. None takes another one's wake-up
 * along, and at the end nobody is left in the set. */
static void threads_that_wait_lose_no_wake_up(void)
{
    shared = ring_open_sleepy(ring_name(), SLOTRING_CREATE, 4);
    slotring_t *producer = ring_attach(ring_name());
    slotring_reader_t *readers[3];
    for (int i = 0; i < 3; i++)
        readers[i] = subscribe(shared, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    thread_start(waits_for_each, readers[0]);
    thread_start(waits_in_steps, readers[1]);
    thread_start(waits_in_steps, readers[2]);
    for (unsigned long i = 0; i < scaled(2000) && threads_go_on(); i++) {
        publish(producer, 1, i);
        threads_meet(2);
    }
    threads_join();
    for (int kind = 0; kind < SR__EVENTS; kind++)
        CHECK_EQUAL(atomic_load(&shared->member.view.state->waiters[kind].words[0]), 0);
    for (int i = 0; i < 3; i++)
        CHECK_OK(slotring_unsubscribe(readers[i]));
    CHECK_OK(slotring_close(producer));
    ring_remove(shared, ring_name());
}

/* ---- A reader that is handed over ---------------------------------------------------------------------- */

static atomic_int first_thread;

static void reads_what_another_subscribed(void *argument)
{
    thread_wait_asleep(&first_thread);
    for (uint64_t n = 1; n < 3; n++)
        CHECK_EQUAL(take(argument), pattern_tag(1, n));
}

/* The first thread subscribes and reads, hands the reader to a second one and blocks for room, which only the second
 * one's reading makes. It does not wait for itself, whoever called last. */
static void a_reader_that_was_handed_over_makes_room(void)
{
    slotring_t *ring = ring_create(ring_name(), 2, 64);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t slot;
    publish(ring, 1, 0);
    CHECK_EQUAL(take(reader), pattern_tag(1, 0));
    publish(ring, 1, 1);
    publish(ring, 1, 2);
    atomic_store(&first_thread, thread_own_number());
    thread_start(reads_what_another_subscribed, reader);
    CHECK_OK(slotring_allocate_wait(ring, 1, PATIENCE, &slot));
    CHECK_OK(slotring_abort(ring, &slot));
    threads_join();
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

/* Where a handle is promised to one thread at a time it is sure that nobody else reads, however many threads there are. */
static void waits_for_itself(void *argument)
{
    slotring_slot_t slot;
    CHECK_CODE(slotring_allocate_wait(argument, 1, FOR_EVER, &slot), SLOTRING_E_STATE);
}

static void one_thread_at_a_time_is_told_that_it_waits_for_itself(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 2, 64);
    options.flags = SLOTRING_ONE_THREAD;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    publish(ring, 1, 0);
    publish(ring, 1, 1);
    thread_start(waits_for_itself, ring); /* the handle was handed over with its reader */
    threads_join();
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

/* ---- The stream ---------------------------------------------------------------------------------------- */

static void produces_and_ends(void *argument)
{
    for (unsigned long i = 0; i < scaled(3000) && threads_go_on(); i++) {
        publish(argument, 1, i);
        if (i % 3 == 0)
            CHECK_OK(slotring_end_stream(argument));
    }
}

/* The stream word alone says whether the stream is open: what was published last is in an open stream, unless somebody
 * ended it after. */
static void threads_open_and_end_the_stream(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 64);
    for (int i = 0; i < 3; i++)
        thread_start(produces_and_ends, ring);
    threads_join();
    publish(ring, 1, 0);
    slotring_stats_t stats = ring_stats(ring);
    CHECK_EQUAL(stats.producers, 1);
    CHECK_EQUAL(stats.producers_started, stats.producers_ended + 1);
    CHECK_OK(slotring_end_stream(ring));
    CHECK_EQUAL(ring_stats(ring).producers, 0);
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"one_interruption_ends_all_that_are_blocked", one_interruption_ends_all_that_are_blocked, TEST_THREADS},
    {"an_interruption_between_two_slices", an_interruption_between_two_slices, TEST_THREADS},
    {"an_interruption_is_not_lost_to_a_message", an_interruption_is_not_lost_to_a_message, TEST_THREADS},
    {"each_that_was_blocked_is_told_once", each_that_was_blocked_is_told_once, TEST_THREADS},
    {"a_reader_between_two_calls_is_told", a_reader_between_two_calls_is_told, TEST_THREADS},
    {"one_interruption_ends_all_that_read_a_stream", one_interruption_ends_all_that_read_a_stream,
     TEST_THREADS},
    {"an_interruption_of_nobody_waits", an_interruption_of_nobody_waits, 0},
    {"threads_that_wait_lose_no_wake_up", threads_that_wait_lose_no_wake_up, TEST_THREADS},
    {"a_reader_that_was_handed_over_makes_room", a_reader_that_was_handed_over_makes_room, TEST_THREADS},
    {"one_thread_at_a_time_is_told_that_it_waits_for_itself",
     one_thread_at_a_time_is_told_that_it_waits_for_itself, 0},
    {"threads_open_and_end_the_stream", threads_open_and_end_the_stream, TEST_THREADS},
    {NULL, NULL, 0},
};

const test_suite_t share_suite = {"share", cases, NULL};
