/* SPDX-License-Identifier: Apache-2.0 */
/* A thread that is cancelled while a call is blocked ends within a slice. The call leaves what a time-out leaves: it has taken
 * nothing, it keeps nothing, and nobody counts it among those who wait. */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/suite.h"
#include "support/thread.h"

static slotring_t *ring;
static atomic_int number; /* of the thread under test */

/* ---- One ring -------------------------------------------------------------------------------------------- */

static void *next_for_ever(void *reader)
{
    slotring_slot_t slot;
    atomic_store(&number, thread_own_number());
    (void)slotring_next(reader, FOR_EVER, &slot);
    return NULL;
}

static void *next_batch_for_ever(void *reader)
{
    slotring_slot_t slots[2];
    uint32_t count;
    atomic_store(&number, thread_own_number());
    (void)slotring_next_batch(reader, FOR_EVER, slots, 2, &count);
    return NULL;
}

static void *allocate_for_ever(void *unused)
{
    (void)unused;
    slotring_slot_t slot;
    atomic_store(&number, thread_own_number());
    (void)slotring_allocate_wait(ring, 1, FOR_EVER, &slot);
    return NULL;
}

static void *allocate_batch_for_ever(void *unused)
{
    (void)unused;
    slotring_slot_t slots[2];
    uint32_t count;
    atomic_store(&number, thread_own_number());
    (void)slotring_allocate_batch(ring, 1, slots, 2, FOR_EVER, &count);
    return NULL;
}

static void *append_for_ever(void *writer)
{
    atomic_store(&number, thread_own_number());
    (void)slotring_writer_append(writer, "abc", 3, 1, FOR_EVER);
    return NULL;
}

static void *wait_readable_for_ever(void *reader)
{
    atomic_store(&number, thread_own_number());
    (void)slotring_reader_wait_readable(reader, FOR_EVER);
    return NULL;
}

static void cancel_blocked(void *(*call)(void *), void *argument)
{
    pthread_t thread;
    void *result;
    atomic_store(&number, 0);
    CHECK_EQUAL(pthread_create(&thread, NULL, call, argument), 0);
    thread_wait_asleep(&number);
    CHECK_EQUAL(pthread_cancel(thread), 0);
    CHECK_EQUAL(pthread_join(thread, &result), 0); /* ctest's limit ends one that does not end */
    CHECK(result == PTHREAD_CANCELED);
}

/* It ends within a slice, as after a time-out: it has taken nothing, and nobody counts it among those who wait. */
static void a_blocked_call_ends(void)
{
    ring = ring_create(ring_name(), 2, 64);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t slots[2], slot;
    cancel_blocked(next_for_ever, reader);
    cancel_blocked(next_batch_for_ever, reader);
    cancel_blocked(wait_readable_for_ever, reader);
    for (int i = 0; i < 2; i++)
        CHECK_OK(slotring_allocate(ring, 1, &slots[i]));
    cancel_blocked(allocate_for_ever, NULL);
    cancel_blocked(allocate_batch_for_ever, NULL);
    slotring_writer_t *writer;
    CHECK_OK(slotring_writer_open(ring, NULL, &writer));
    cancel_blocked(append_for_ever, writer);
    CHECK_EQUAL(ring_stats(ring).blocked, 0);
    CHECK_CODE(slotring_writer_append(writer, "abc", 3, 1, 0),
               SLOTRING_E_FULL); /* it can be used as before */
    CHECK_OK(slotring_writer_close(writer));
    for (int kind = 0; kind < SR__EVENTS; kind++)
        CHECK_EQUAL(atomic_load(&ring->member.view.state->waiters[kind].words[0]), 0);
    CHECK_OK(slotring_interrupt(ring)); /* nobody is blocked: it waits for the next call */
    CHECK_CODE(slotring_next(reader, PATIENCE, &slot), SLOTRING_E_INTERRUPTED);
    for (int i = 0; i < 2; i++)
        CHECK_OK(slotring_abort(ring, &slots[i]));
    publish(ring, 1, 0);
    CHECK_EQUAL(take(reader), pattern_tag(1, 0));
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* ---- Calls that wait for more than one thing ------------------------------------------------------------- */

#define SLOT 64u
#define SLOTS 4u

static void *span_for_ever(void *unused)
{
    (void)unused;
    slotring_slot_t slot;
    atomic_store(&number, thread_own_number());
    (void)slotring_allocate_span(ring, (uint64_t)SLOTS * SLOT, FOR_EVER, &slot);
    return NULL;
}

static const char large[SLOTS * SLOT];

static void *append_a_span_for_ever(void *writer)
{
    atomic_store(&number, thread_own_number());
    (void)slotring_writer_append(writer, large, sizeof large, 1, FOR_EVER);
    return NULL;
}

static void check_span_can_be_had(void)
{
    slotring_slot_t span;
    CHECK_OK(slotring_allocate_span(ring, (uint64_t)SLOTS * SLOT, 0, &span));
    CHECK_EQUAL(span.pieces, SLOTS);
    CHECK_OK(slotring_abort(ring, &span));
}

/* It has got the slots that were free, and waits for the rest: they come back with it, and so does its turn, which one call in the
 * ring has at a time. */
static void a_span_gives_back_what_it_has(void)
{
    ring = ring_create(ring_name(), SLOTS, SLOT);
    slotring_writer_t *writer;
    for (int by_writer = 0; by_writer < 2; by_writer++) {
        slotring_slot_t mine[SLOTS - 1], rest;
        check_context(by_writer ? "by a writer" : "by a producer");
        for (unsigned i = 0; i < SLOTS - 1; i++)
            CHECK_OK(slotring_allocate(ring, 1, &mine[i]));
        if (by_writer)
            CHECK_OK(slotring_writer_open(ring, NULL, &writer));
        cancel_blocked(by_writer ? append_a_span_for_ever : span_for_ever, by_writer ? writer : NULL);
        CHECK_OK(slotring_allocate(ring, 1, &rest));
        CHECK_OK(slotring_abort(ring, &rest));
        for (unsigned i = 0; i < SLOTS - 1; i++)
            CHECK_OK(slotring_abort(ring, &mine[i]));
        check_span_can_be_had();
        if (by_writer) {
            CHECK_OK(slotring_writer_append(writer, large, sizeof large, 1, 0));
            CHECK_OK(slotring_writer_close(writer));
        }
    }
    CHECK_EQUAL(ring_stats(ring).blocked, 0);
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void *reserve_for_ever(void *writer)
{
    slotring_slot_t slot;
    atomic_store(&number, thread_own_number());
    (void)slotring_writer_reserve(writer, 3, FOR_EVER, &slot);
    return NULL;
}

static void *append_some_for_ever(void *writer)
{
    static const slotring_message_t messages[2] = {{"abc", 3, 1}, {"def", 3, 2}};
    uint32_t appended;
    atomic_store(&number, thread_own_number());
    (void)slotring_writer_append_batch(writer, messages, 2, FOR_EVER, &appended);
    return NULL;
}

static void *skip_for_ever(void *writer)
{
    atomic_store(&number, thread_own_number());
    (void)slotring_writer_skip(writer, 7, FOR_EVER);
    return NULL;
}

static void *wait_for_a_reader_for_ever(void *unused)
{
    (void)unused;
    atomic_store(&number, thread_own_number());
    (void)slotring_wait_readers(ring, 2, FOR_EVER, NULL);
    return NULL;
}

static void *drain_for_ever(void *unused)
{
    (void)unused;
    atomic_store(&number, thread_own_number());
    (void)slotring_drain(ring, SLOTRING_DRAIN_ALL, FOR_EVER);
    return NULL;
}

/* A writer's calls, and those of a producer that waits for its readers. Each can be made again, and then succeeds. */
static void calls_of_producers_end(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 2, SLOT);
    ring = ring_open_with(ring_name(), &options);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_writer_t *writer;
    slotring_slot_t slots[2], slot;
    CHECK_OK(slotring_writer_open(ring, NULL, &writer));
    for (int i = 0; i < 2; i++)
        CHECK_OK(slotring_allocate(ring, 1, &slots[i]));
    cancel_blocked(reserve_for_ever, writer);
    cancel_blocked(append_some_for_ever, writer);
    cancel_blocked(skip_for_ever, writer);
    for (int i = 0; i < 2; i++)
        CHECK_OK(slotring_abort(ring, &slots[i]));
    CHECK_OK(slotring_writer_reserve(writer, 3, 0, &slot));
    CHECK_EQUAL(slot.number, 0); /* nothing is skipped */
    CHECK_OK(slotring_writer_cancel(writer, &slot));
    CHECK_OK(slotring_writer_close(writer));
    cancel_blocked(wait_for_a_reader_for_ever, NULL);
    CHECK_OK(slotring_wait_readers(ring, 1, 0, NULL));
    publish(ring, 1, 0);
    cancel_blocked(drain_for_ever, NULL);
    CHECK_EQUAL(take(reader), pattern_tag(1, 0));
    CHECK_OK(slotring_drain(ring, SLOTRING_DRAIN_ALL, 0));
    CHECK_EQUAL(ring_stats(ring).blocked, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void publish_one_and_cancel(slotring_reader_t *reader)
{
    pthread_t thread;
    void *result;
    atomic_store(&number, 0);
    CHECK_EQUAL(pthread_create(&thread, NULL, next_for_ever, reader), 0);
    thread_wait_asleep(&number);
    publish(ring, 1, 0);
    thread_wait_asleep(&number); /* again, for more */
    CHECK_EQUAL(pthread_cancel(thread), 0);
    CHECK_EQUAL(pthread_join(thread, &result), 0);
    CHECK(result == PTHREAD_CANCELED);
}

/* Every kind of reader whose wait has something of its own: messages that gather, a group's, a durable one's. */
static void every_kind_of_reader_ends(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, SLOT);
    options.max_groups = 1;
    ring = ring_open_with(ring_name(), &options);
    publish(ring, 1, 0); /* the begin of a stream would end a gathering */
    for (int kind = 0; kind < 3; kind++) {
        slotring_reader_options_t wanted;
        slotring_reader_t *reader;
        slotring_reader_options_init(&wanted);
        wanted.wake_messages = kind == 0 ? 3 : 0;
        wanted.wake_ns = kind == 0 ? (uint64_t)PATIENCE : 0;
        wanted.flags = kind == 1 ? SLOTRING_GROUP : kind == 2 ? SLOTRING_DURABLE : 0;
        wanted.name = "cancelled";
        check_context("reader %d", kind);
        CHECK_OK(slotring_subscribe(ring, &wanted, &reader));
        cancel_blocked(next_for_ever, reader);
        if (kind == 0) { /* and while they gather: one is there, and nobody has it */
            publish_one_and_cancel(reader);
            CHECK_EQUAL(reader_info(reader).delivered, 0);
            publish(ring, 1, 1);
            publish(ring, 1, 2);
            CHECK_EQUAL(take(reader), pattern_tag(1, 0));
            CHECK_EQUAL(take(reader), pattern_tag(1, 1));
            CHECK_EQUAL(take(reader), pattern_tag(1, 2));
        } else {
            publish(ring, 1, (uint64_t)kind + 2);
            CHECK_EQUAL(take(reader), pattern_tag(1, (uint64_t)kind + 2));
        }
        CHECK_OK(slotring_unsubscribe(reader));
        if (kind > 0)
            CHECK_OK(slotring_forget(ring, "cancelled"));
    }
    CHECK_EQUAL(ring_stats(ring).blocked, 0);
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static atomic_uint checks_begun, checks_ended;

/* The host's check, which has something of its own open, is no place to end in. */
static int is_cancelled_in_its_check(void *user)
{
    (void)user;
    if (atomic_fetch_add(&checks_begun, 1) == 0)
        (void)pthread_cancel(pthread_self());
    (void)usleep(1); /* a cancellation point */
    atomic_fetch_add(&checks_ended, 1);
    return 0;
}

static void a_check_comes_to_its_end(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 2, SLOT);
    options.wait_check = is_cancelled_in_its_check;
    ring = ring_open_with(ring_name(), &options);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    pthread_t thread;
    void *result;
    CHECK_EQUAL(pthread_create(&thread, NULL, next_for_ever, reader), 0);
    CHECK_EQUAL(pthread_join(thread, &result), 0);
    CHECK(result == PTHREAD_CANCELED);
    CHECK(atomic_load(&checks_begun) >= 1);
    CHECK_EQUAL(atomic_load(&checks_ended), atomic_load(&checks_begun));
    publish(ring, 1, 0);
    CHECK_EQUAL(take(reader), pattern_tag(1, 0));
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* ---- Several rings ---------------------------------------------------------------------------------------- */

static slotring_reader_t *two[2];
static sr__backend_t single; /* as if the system could sleep on one word only */

static bool sleeps_on_one(const sr__sleep_t *sleeps, uint32_t count, uint64_t timeout_ns)
{
    (void)sleeps, (void)timeout_ns;
    return count == 0;
}

static void *wait_many_for_ever(void *unused)
{
    int results[2];
    uint32_t ready;
    (void)unused;
    atomic_store(&number, thread_own_number());
    (void)slotring_wait_many(two, 2, FOR_EVER, results, &ready);
    return NULL;
}

static void check_nothing_stays(slotring_t *of)
{
    for (int kind = 0; kind < SR__EVENTS; kind++) {
        sr__waiters_t *waiters = &of->member.view.state->waiters[kind];
        CHECK_EQUAL(atomic_load(&of->member.sleepers[kind]), 0);
        CHECK_EQUAL(atomic_load(&waiters->words[0]), 0);
        CHECK_EQUAL(atomic_load(&waiters->armed) & SR__ARMED, 0);
    }
}

/* A wait for several rings ends so, too, and takes back what it armed: in the first two rounds by itself, then with helpers, which
 * are not cancelled, and ask nobody for a while. */
static void a_wait_for_several_rings_ends(void)
{
    slotring_t *rings[2];
    int results[2];
    uint32_t ready;
    for (int i = 0; i < 2; i++) {
        rings[i] = ring_create(ring_name_of(i == 0 ? "-0" : "-1"), 4, 64);
        two[i] = subscribe(rings[i], SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    }
    for (int round = 0; round < 4; round++) {
        for (int i = 0; round == 2 && i < 2; i++) {
            single = *rings[i]->member.os;
            single.waits.wait_any = sleeps_on_one;
            rings[i]->member.os = &single;
        }
        cancel_blocked(wait_many_for_ever, NULL);
        for (int i = 0; round < 2 && i < 2 && sleeps_on_several(rings[0]); i++)
            check_nothing_stays(rings[i]);
        CHECK_CODE(slotring_wait_many(two, 2, 1, results, &ready), SLOTRING_E_TIMEOUT);
    }
    publish(rings[1], 1, 0);
    CHECK_OK(slotring_wait_many(two, 2, FOR_EVER, results, &ready));
    CHECK_EQUAL(take(two[1]), pattern_tag(1, 0));
    CHECK_OK(slotring_close(rings[1]));
    CHECK_OK(slotring_unlink(ring_name_of("-1"), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
    ring_remove(rings[0], ring_name_of("-0"));
}

/* ---- Without a sleep -------------------------------------------------------------------------------------- */

static atomic_bool entered;

static void *next_for_ever_spinning(void *reader)
{
    slotring_slot_t slot;
    atomic_store(&entered, true);
    (void)slotring_next(reader, FOR_EVER, &slot);
    return NULL;
}

/* One that never sleeps has no end of a slice to come to. */
static void a_spinning_call_ends(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 2, 64);
    options.spin_ns = UINT64_MAX;
    ring = ring_open_with(ring_name(), &options);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    pthread_t thread;
    void *result;
    CHECK_EQUAL(pthread_create(&thread, NULL, next_for_ever_spinning, reader), 0);
    while (!atomic_load(&entered))
        (void)usleep(100);
    CHECK_EQUAL(pthread_cancel(thread), 0);
    CHECK_EQUAL(pthread_join(thread, &result), 0);
    CHECK(result == PTHREAD_CANCELED);
    publish(ring, 1, 0);
    CHECK_EQUAL(take(reader), pattern_tag(1, 0));
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"a_blocked_call_ends", a_blocked_call_ends, 0},
    {"a_span_gives_back_what_it_has", a_span_gives_back_what_it_has, 0},
    {"calls_of_producers_end", calls_of_producers_end, 0},
    {"every_kind_of_reader_ends", every_kind_of_reader_ends, 0},
    {"a_check_comes_to_its_end", a_check_comes_to_its_end, 0},
    {"a_wait_for_several_rings_ends", a_wait_for_several_rings_ends, 0},
    {"a_spinning_call_ends", a_spinning_call_ends, 0},
    {NULL, NULL, 0},
};

const test_suite_t cancel_waits_suite = {"cancel_waits", cases, NULL};
