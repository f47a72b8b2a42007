/* SPDX-License-Identifier: Apache-2.0 */
/* How often the system is called to sleep and to wake: one call ends a sleep, however many messages come meanwhile, and
 * no message relies on another one's call that is not over. */
#include <stdio.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/suite.h"

/* ---- A backend that counts what is asked of it -------------------------------------------------------- */

static const sr__backend_t *real;
static sr__backend_t counting;
static uint64_t waits, wakes;
static void (*meanwhile)(void); /* happens as a call that wakes begins, once */

static void counted_wait(sr__waits_t *of, _Atomic uint32_t *word, uint32_t expected, uint64_t timeout_ns)
{
    waits++;
    real->waits.wait(of, word, expected, timeout_ns);
}

static void counted_wake(sr__waits_t *of, _Atomic uint32_t *word, const _Atomic uint64_t *waiters,
                         uint32_t words)
{
    void (*now)(void) = meanwhile;
    meanwhile = NULL;
    wakes++;
    if (now)
        now();
    real->waits.wake(of, word, waiters, words);
}

/* From here on what this handle asks is counted. */
static slotring_t *count(slotring_t *ring)
{
    real = ring->member.os;
    counting = *real;
    counting.waits.wait = counted_wait;
    counting.waits.wake = counted_wake;
    ring->member.os = &counting;
    waits = wakes = 0;
    return ring;
}

/* ---- One call for a sleep ------------------------------------------------------------------------------ */

#define MESSAGE 64u

static slotring_t *producer, *second, *sleeper; /* `sleeper` is going to sleep, and does not run any more */
static uint64_t published;

static void begin(void)
{
    producer = ring_create(ring_name(), 64, MESSAGE);
    second = ring_attach(ring_name());
    sleeper = ring_attach(ring_name());
    sr__sleepers_come(&sleeper->member, SR__PUBLISHED_EVENT);
    count(producer);
    second->member.os = &counting;
    published = 0;
    publish(producer, 1, published++); /* the first one begins a stream, which is news as well */
    publish(second, 1, published++);
    wakes = 0;
}

static void end(void)
{
    sr__sleepers_go(&sleeper->member, SR__PUBLISHED_EVENT);
    CHECK_OK(slotring_close(sleeper));
    CHECK_OK(slotring_close(second));
    ring_remove(producer, ring_name());
}

static uint32_t fall_asleep(void)
{
    return sr__sleepers_arm(&sleeper->member, SR__PUBLISHED_EVENT);
}

static bool is_woken(uint32_t seen)
{
    return atomic_load(&sleeper->member.view.state->events[SR__PUBLISHED_EVENT].event) != seen;
}

static void publish_and_expect(slotring_t *ring, uint64_t expected)
{
    uint64_t before = wakes;
    publish(ring, 1, published++);
    CHECK_EQUAL(wakes - before, expected);
}

static void one_call_ends_a_sleep(void)
{
    begin();
    publish_and_expect(producer, 0);
    for (int n = 0; n < 3; n++) {
        uint32_t seen = fall_asleep();
        CHECK(!is_woken(seen));
        publish_and_expect(n % 2 ? producer : second, 1);
        CHECK(is_woken(seen));
        for (int i = 0; i < 10; i++)
            publish_and_expect(i % 2 ? producer : second, 0);
    }
    end();
}

static uint32_t seen_meanwhile;

static void falls_asleep_meanwhile(void)
{
    seen_meanwhile = fall_asleep();
}

/* The call that is under way may not have seen it: the next message makes one. */
static void asleep_while_another_call_wakes(void)
{
    begin();
    fall_asleep();
    meanwhile = falls_asleep_meanwhile;
    publish_and_expect(producer, 1);
    publish_and_expect(producer, 1);
    CHECK(is_woken(seen_meanwhile));
    publish_and_expect(producer, 0);
    end();
}

static void publishes_meanwhile(void)
{
    uint64_t before = wakes;
    publish(second, 1, published++);
    CHECK_EQUAL(wakes - before, 1);
}

/* A producer may be stopped before its call. Another one's message does not wait for it. */
static void a_message_relies_on_no_call_that_is_not_over(void)
{
    begin();
    fall_asleep();
    meanwhile = publishes_meanwhile;
    uint64_t before = wakes;
    publish(producer, 1, published++);
    CHECK_EQUAL(wakes - before, 2);
    publish_and_expect(producer, 0);
    publish_and_expect(second, 0);
    end();
}

/* ---- Room that nobody can use yet ---------------------------------------------------------------------- */

/* A reader that moves on where another one still holds the producers back wakes none: they would find nothing. */
static void room_is_told_by_the_last_reader(void)
{
    slotring_reader_t *readers[3];
    slotring_slot_t slots[3];
    slotring_t *ring = ring_create(ring_name(), 4, MESSAGE), *waits_for_space = ring_attach(ring_name());
    for (int r = 0; r < 3; r++)
        readers[r] = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    for (uint64_t n = 0; n < 4; n++)
        publish(ring, 1, n);
    sr__sleepers_come(&waits_for_space->member, SR__SPACE_EVENT);
    count(ring);
    for (int round = 0; round < 4; round++) {
        sr__sleepers_arm(&waits_for_space->member, SR__SPACE_EVENT);
        for (int r = 0; r < 3; r++) {
            CHECK_OK(slotring_next(readers[(round + r) % 3], 0, &slots[r]));
            CHECK_OK(slotring_reader_release(readers[(round + r) % 3]));
            CHECK_EQUAL(wakes, (uint64_t)round + (r == 2));
        }
    }
    sr__sleepers_arm(&waits_for_space->member, SR__SPACE_EVENT);
    CHECK_OK(slotring_unsubscribe(readers[0])); /* may have been the one in the way */
    CHECK_EQUAL(wakes, 5);
    sr__sleepers_go(&waits_for_space->member, SR__SPACE_EVENT);
    CHECK_OK(slotring_close(waits_for_space));
    ring_remove(ring, ring_name());
}

/* ---- Blocked calls at full speed ----------------------------------------------------------------------- */

#define SLOTS 1024u

static void tell_counts(peer_t *test, slotring_t *ring)
{
    peer_tell(test, waits + wakes);
    CHECK_OK(slotring_close(ring));
}

static slotring_t *attach_counted(peer_t *test, const char *name, uint64_t *messages)
{
    slotring_t *ring = count(ring_attach(name));
    *messages = peer_hear(test);
    return ring;
}

static void produces(peer_t *test, const char *name)
{
    uint64_t messages;
    slotring_slot_t slot;
    slotring_t *ring = attach_counted(test, name, &messages);
    CHECK_OK(slotring_allocate(ring, 1, &slot)); /* begins the stream: no reader is told the end too early */
    CHECK_OK(slotring_abort(ring, &slot));
    peer_tell(test, 1);
    (void)peer_hear(test);
    waits = wakes = 0;
    for (uint64_t n = 0; n < messages; n++)
        publish(ring, 1, n);
    tell_counts(test, ring);
}

static void consumes(peer_t *test, const char *name)
{
    uint64_t messages;
    slotring_slot_t slot;
    slotring_t *ring = attach_counted(test, name, &messages);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    peer_tell(test, 1);
    (void)peer_hear(test);
    waits = wakes = 0;
    for (uint64_t n = 0; n < messages; n++) {
        CHECK_OK(slotring_next(reader, 60 * SECOND, &slot));
        CHECK_OK(slotring_reader_release(reader));
    }
    tell_counts(test, ring);
}

/* Far fewer calls than messages, on either side. Without the economy it is one call for each message and more. How few
 * there are is measured, and not promised here: it depends on who runs when, and on how fast a call of the system is. */
static void few_calls(uint32_t producers, uint32_t readers)
{
    enum {
        MOST = 4
    };
    peer_t peers[2 * MOST];
    uint64_t each = scaled(60000) / producers, calls[2] = {0, 0};
    uint64_t of[2] = {each * producers, each * producers * readers};
    slotring_t *ring = ring_create(ring_name(), SLOTS, MESSAGE);
    for (uint32_t p = 0; p < producers + readers; p++) {
        bool produce = p < producers;
        peers[p] = peer_start(BY_FORK, produce ? "wakes-produces" : "wakes-consumes", ring_name());
        peer_tell(&peers[p], produce ? each : each * producers);
        peer_expect(&peers[p], 1);
    }
    for (uint32_t p = 0; p < producers + readers; p++)
        peer_tell(&peers[p], 1);
    for (uint32_t p = 0; p < producers + readers; p++) {
        calls[p >= producers] += peer_hear(&peers[p]);
        peer_join(&peers[p]);
    }
    for (int side = 0; side < 2; side++) {
        check_context("%s: %llu calls, %llu messages", side == 0 ? "producers" : "readers",
                      (unsigned long long)calls[side], (unsigned long long)of[side]);
        CHECK(calls[side] < of[side] / 2);
    }
    check_context("%s", "");
    ring_remove(ring, ring_name());
}

static void two_to_two(void)
{
    few_calls(2, 2);
}

static void one_to_four(void)
{
    few_calls(1, 4);
}

static void four_to_one(void)
{
    few_calls(4, 1);
}

static const test_case_t cases[] = {
    {"one_call_ends_a_sleep", one_call_ends_a_sleep, 0},
    {"asleep_while_another_call_wakes", asleep_while_another_call_wakes, 0},
    {"a_message_relies_on_no_call_that_is_not_over", a_message_relies_on_no_call_that_is_not_over, 0},
    {"room_is_told_by_the_last_reader", room_is_told_by_the_last_reader, 0},
    {"two_to_two", two_to_two, 0},
    {"one_to_four", one_to_four, 0},
    {"four_to_one", four_to_one, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {{"wakes-produces", produces}, {"wakes-consumes", consumes}, {NULL, NULL}};

const test_suite_t wakes_suite = {"wakes", cases, roles};
