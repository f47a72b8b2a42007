/* SPDX-License-Identifier: Apache-2.0 */
/* The fence between a record and the look at who sleeps. Where the system can, a writer leaves it to the sleeper. The
 * backends of these handles only count such fences, so these tests say who makes how many, and who gives up. That no record is
 * slept through is the model's to prove (records-unfenced), and the other tests' of records to see. */
#include "support/internals.h"
#include "support/records.h"
#include "support/ring.h"
#include "support/suite.h"
#include "traffic/writers/writer.h"

#define NO_WAIT 0

static sr__backend_t willing, unwilling;
static unsigned fences;
static slotring_writer_t *meanwhile; /* appends a record in the next sleep */

static bool join(void)
{
    return true;
}

static bool make_fence(void)
{
    fences++;
    return true;
}

static bool refuse_fence(void)
{
    fences++;
    return false;
}

static unsigned sleeps;

/* Sleeping is over at once. */
static void no_sleep(sr__waits_t *of, _Atomic uint32_t *word, uint32_t expected, uint64_t timeout_ns)
{
    (void)of, (void)word, (void)expected, (void)timeout_ns;
    slotring_writer_t *writer = meanwhile;
    meanwhile = NULL;
    sleeps++;
    if (writer)
        CHECK_OK(record_append(writer, 1, 0, 40, NO_WAIT));
}

static bool no_sleep_on_any(const sr__sleep_t *places, uint32_t count, uint64_t timeout_ns)
{
    (void)places, (void)count, (void)timeout_ns;
    sleeps++;
    return true;
}

static slotring_t *producer, *consumer;
static slotring_reader_t *reader;

static uint64_t marks_of(slotring_t *ring)
{
    return atomic_load(&ring->member.view.state->waiters[SR__PUBLISHED_EVENT].armed) &
           (SR__UNFENCED | SR__FENCED);
}

static bool leaves_fences(const slotring_writer_t *writer)
{
    return (writer->looks_for & SR__FENCED) != 0;
}

static void begin(uint64_t wake_messages)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 8, 256);
    options.max_writers = 2;
    producer = ring_open_with(ring_name(), &options);
    consumer = ring_attach(ring_name());
    consumer->spin_ns = 0;
    willing = *producer->member.os;
    willing.waits.join_fences = join;
    willing.waits.fence_all = make_fence;
    willing.waits.wait = no_sleep;
    willing.waits.wait_any = no_sleep_on_any;
    unwilling = willing;
    unwilling.waits.fence_all = refuse_fence;
    producer->member.os = consumer->member.os = &willing;
    slotring_reader_options_t wanted = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    wanted.at_end = SLOTRING_AT_END_WAIT;
    wanted.wake_messages = wake_messages;
    wanted.wake_ns = wake_messages > 0 ? 10 * MILLISECOND : 0;
    reader = subscribe_with(consumer, &wanted);
    fences = 0;
}

static void end(void)
{
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_close(consumer));
    check_ring_at_rest(producer);
    ring_remove(producer, ring_name());
}

/* A call whose time is over before it comes to its first sleep has not armed: then another one. */
static void find_nothing(void)
{
    slotring_slot_t slot;
    unsigned before = sleeps;
    while (sleeps == before)
        CHECK_CODE(slotring_next(reader, MILLISECOND, &slot), SLOTRING_E_TIMEOUT);
}

static void who_sleeps_makes_it(void)
{
    begin(0);
    slotring_writer_t *writer = writer_open(producer);
    CHECK(leaves_fences(writer));
    CHECK_EQUAL(marks_of(producer), SR__UNFENCED);
    find_nothing();
    CHECK_AT_LEAST(fences, 1);
    unsigned before = fences;
    CHECK_OK(record_append(writer, 1, 0, 40, NO_WAIT));
    record_take_now(reader, pattern_tag(1, 0), 0, 40);
    CHECK_EQUAL(fences, before); /* nobody slept */
    CHECK_OK(slotring_writer_close(writer));
    end();
}

/* Nor does anybody who does not sleep for publications. */
static void without_writers_nobody_does(void)
{
    begin(0);
    publish(producer, 1, 0);
    take_now(reader, pattern_tag(1, 0));
    find_nothing();
    CHECK_EQUAL(marks_of(producer), 0);
    slotring_writer_t *writer = writer_open(producer);
    slotring_slot_t slots[8];
    for (uint32_t i = 0; i < 8; i++)
        CHECK_OK(slotring_allocate(producer, 1, &slots[i]));
    slotring_slot_t none;
    CHECK_CODE(slotring_allocate_wait(producer, 1, MILLISECOND, &none), SLOTRING_E_TIMEOUT);
    CHECK_EQUAL(fences, 0);
    for (uint32_t i = 0; i < 8; i++)
        CHECK_OK(slotring_abort(producer, &slots[i]));
    CHECK_OK(slotring_writer_close(writer));
    end();
}

static void one_for_many_readers(void)
{
    begin(0);
    slotring_writer_t *writer = writer_open(producer);
    slotring_reader_t *readers[3] = {reader};
    for (uint32_t i = 1; i < 3; i++)
        readers[i] = subscribe(consumer, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    uint32_t ready;
    int results[3];
    find_nothing();
    unsigned before = fences;
    CHECK_CODE(slotring_wait_many(readers, 3, 0, results, &ready), SLOTRING_E_EMPTY);
    CHECK_EQUAL(fences, before);
    unsigned slept = sleeps; /* as in find_nothing */
    while (sleeps == slept)
        CHECK_CODE(slotring_wait_many(readers, 3, MILLISECOND, results, &ready), SLOTRING_E_TIMEOUT);
    CHECK_AT_LEAST(fences, before + 1);
    for (uint32_t i = 1; i < 3; i++)
        CHECK_OK(slotring_unsubscribe(readers[i]));
    CHECK_OK(slotring_writer_close(writer));
    end();
}

static void also_while_messages_gather(void)
{
    begin(4);
    slotring_writer_t *writer = writer_open(producer);
    slotring_slot_t slot;
    meanwhile = writer;
    CHECK_OK(slotring_next(reader, PATIENCE, &slot)); /* slept until the first, then waited for three more */
    CHECK_AT_LEAST(fences, 2);
    CHECK_OK(slotring_reader_release(reader));
    CHECK_OK(slotring_writer_close(writer));
    end();
}

static void for_a_descriptor(void)
{
    begin(0);
    slotring_writer_t *writer = writer_open(producer);
    intptr_t descriptor;
    CHECK_OK(slotring_reader_descriptor(reader, &descriptor));
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_EMPTY);
    CHECK_AT_LEAST(fences, 1);
    CHECK_OK(slotring_writer_close(writer));
    end();
}

/* Once for the whole ring, and for ever: each writer makes its fences itself from then on, also one that comes later. */
static void who_cannot_says_so(void)
{
    begin(0);
    slotring_writer_t *writer = writer_open(producer);
    CHECK_OK(record_append(writer, 1, 0, 40, NO_WAIT));
    CHECK(leaves_fences(writer));
    record_take_now(reader, pattern_tag(1, 0), 0, 40);
    consumer->member.os = &unwilling;
    find_nothing();
    CHECK_EQUAL(fences, 1);
    CHECK_EQUAL(marks_of(producer), SR__UNFENCED | SR__FENCED);
    find_nothing();
    CHECK_EQUAL(fences, 1);
    CHECK_OK(record_append(writer, 1, 1, 40, NO_WAIT));
    CHECK(!leaves_fences(writer));
    record_take_now(reader, pattern_tag(1, 1), 1, 40);
    slotring_writer_t *second = writer_open(producer);
    CHECK(!leaves_fences(second));
    CHECK_OK(slotring_writer_close(second));
    CHECK_OK(slotring_writer_close(writer));
    end();
}

/* Neither the writer's process nor its system can. */
static void who_cannot_join_leaves_none(void)
{
    begin(0);
    willing.waits.join_fences = sr__no_fences;
    slotring_writer_t *writer = writer_open(producer);
    CHECK(!leaves_fences(writer));
    CHECK_EQUAL(marks_of(producer), 0);
    find_nothing();
    CHECK_EQUAL(fences, 0);
    CHECK_OK(slotring_writer_close(writer));
    end();
}

static const test_case_t cases[] = {
    {"who_sleeps_makes_it", who_sleeps_makes_it, 0},
    {"without_writers_nobody_does", without_writers_nobody_does, 0},
    {"one_for_many_readers", one_for_many_readers, 0},
    {"also_while_messages_gather", also_while_messages_gather, 0},
    {"for_a_descriptor", for_a_descriptor, 0},
    {"who_cannot_says_so", who_cannot_says_so, 0},
    {"who_cannot_join_leaves_none", who_cannot_join_leaves_none, 0},
    {NULL, NULL, 0},
};

const test_suite_t fences_suite = {"fences", cases, NULL};
