/* SPDX-License-Identifier: Apache-2.0 */
/* A reader's descriptor in an event loop: readable from the moment when there is something until a look finds nothing, for
 * messages, records, the end and deaths; no wake-up is lost, and who asks for none pays nothing. Rings sleep in slices of 10 s
 * and do not spin, unless a test says otherwise. */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "support/apr.h"
#include "support/internals.h"
#include "support/posix_calls.h"
#include "support/process.h"
#include "support/ready.h"
#include "support/records.h"
#include "support/ring.h"
#include "support/roles.h"
#include "support/suite.h"
#include "support/thread.h"

#define NO_WAIT 0
#define SOON_MS 9000 /* less than the slice: only a wake-up is that soon */

static slotring_t *ring;
static slotring_reader_t *reader;
static intptr_t descriptor;

static void finds_nothing(void)
{
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_EMPTY);
}

static void begin(uint64_t slots, uint32_t mode)
{
    ring = ring_open_sleepy(ring_name(), SLOTRING_CREATE, slots);
    reader = subscribe(ring, mode, SLOTRING_FROM_NOW);
    CHECK_OK(slotring_reader_descriptor(reader, &descriptor));
    CHECK(ready_now(descriptor)); /* until a look finds nothing */
    finds_nothing();
    CHECK(!ready_now(descriptor));
}

static void end(void)
{
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

static bool comes(void)
{
    bool ready;
    return ready_wait(&descriptor, 1, SOON_MS, &ready) == 1;
}

/* ---- The level ------------------------------------------------------------------------------------------ */

static void readable_until_nothing_is_found(uint32_t mode)
{
    begin(8, mode);
    for (uint64_t n = 0; n < 30; n += 3) {
        for (uint64_t i = 0; i < 3; i++)
            publish(ring, 1, n + i);
        CHECK(comes());
        for (uint64_t i = 0; i < 3; i++) {
            CHECK(ready_now(descriptor));
            take_now(reader, pattern_tag(1, n + i));
        }
        CHECK(ready_now(descriptor)); /* nobody has found nothing yet */
        finds_nothing();
        CHECK(!ready_now(descriptor));
        finds_nothing();
        CHECK(!ready_now(descriptor));
    }
    end();
}

static void readable_until_nothing_is_found_lossless(void)
{
    readable_until_nothing_is_found(SLOTRING_LOSSLESS);
}

static void readable_until_nothing_is_found_lossy(void)
{
    readable_until_nothing_is_found(SLOTRING_LOSSY);
}

/* A reader that wants none of what comes is woken for it. Its program calls once for each time that it is ready, is given nothing,
 * and sleeps on: it does not spin. */
static void what_is_not_wanted_leaves_it_at_rest(void)
{
    ring = ring_open_sleepy(ring_name(), SLOTRING_CREATE, 8);
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    options.tag_mask = UINT64_MAX;
    options.tag_match = UINT64_MAX;
    reader = subscribe_with(ring, &options);
    CHECK_OK(slotring_reader_descriptor(reader, &descriptor));
    finds_nothing();
    CHECK(!ready_now(descriptor));
    for (uint64_t n = 0, count = 1; count <= 8; count++) {
        unsigned calls = 0;
        for (uint64_t i = 0; i < count; i++)
            publish(ring, 1, n++);
        CHECK(comes());
        for (; ready_now(descriptor); calls++)
            finds_nothing();
        CHECK_AT_LEAST(
            2, calls); /* a second one if it was the ring's slots at once, or if the watcher was late */
        CHECK(!ready_now(descriptor));
    }
    end();
}

/* A message that is taken without having been told: the level may be stale, and one look makes it right. */
static void a_call_that_waits_counts_as_a_look(void)
{
    slotring_slot_t slot;
    begin(4, SLOTRING_LOSSLESS);
    for (uint64_t n = 0; n < 20; n++) {
        publish(ring, 1, n);
        take_now(reader, pattern_tag(1, n));
        CHECK_CODE(slotring_next(reader, 1, &slot), SLOTRING_E_TIMEOUT);
        if (!ready_now(descriptor))
            continue;
        finds_nothing(); /* the watcher was late */
        CHECK(!ready_now(descriptor));
    }
    end();
}

static void the_same_for_a_reader(void)
{
    intptr_t again;
    begin(4, SLOTRING_LOSSLESS);
    CHECK_OK(slotring_reader_descriptor(reader, &again));
    CHECK_EQUAL((int64_t)again, (int64_t)descriptor);
    CHECK_CODE(slotring_reader_descriptor(reader, NULL), SLOTRING_E_INVALID);
    CHECK_OK(slotring_reader_descriptor_close(reader));
    CHECK_CODE(slotring_reader_descriptor_close(reader), SLOTRING_E_STATE);
    publish(ring, 1, 0);
    take_now(reader, pattern_tag(1, 0)); /* goes on without */
    CHECK_OK(slotring_reader_descriptor(reader, &descriptor));
    finds_nothing();
    publish(ring, 1, 1);
    CHECK(comes());
    end();
}

static void ends_and_deaths_are_readable(void)
{
    slotring_slot_t slot;
    begin(4, SLOTRING_LOSSLESS);
    slotring_t *other = ring_attach(ring_name());
    publish(other, 1, 0);
    CHECK(comes());
    take_now(reader, pattern_tag(1, 0));
    finds_nothing();
    CHECK_OK(slotring_end_stream(other));
    CHECK(comes());
    for (int i = 0; i < 3; i++) {
        CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_END);
        CHECK(ready_now(descriptor)); /* as the end of a file */
    }
    publish(other, 1, 1);
    take_now(reader, pattern_tag(1, 1));
    finds_nothing();
    CHECK(!ready_now(descriptor));
    CHECK_OK(slotring_close(other)); /* ends its stream */
    CHECK(comes());
    end();
}

/* Nobody calls the library meanwhile: the watcher looks after the dead, once a slice. */
static void a_death_is_noticed_in_the_event_loop(void)
{
    slotring_slot_t slot;
    slotring_options_t options = ring_options_sleepy(SLOTRING_CREATE, 4);
    options.wait_slice_ns = 1000000;
    ring = ring_open_with(ring_name(), &options);
    reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    CHECK_OK(slotring_reader_descriptor(reader, &descriptor));
    peer_t peer = peer_start(BY_EXEC, "descriptor-dies", ring_name());
    peer_expect(&peer, 1);
    take_now(reader, pattern_tag(STAYING, 0));
    finds_nothing();
    peer_kill(&peer);
    CHECK(comes());
    while (slotring_next(reader, NO_WAIT, &slot) == SLOTRING_E_EMPTY)
        CHECK(comes());
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_END);
    end();
}

static void records_are_readable(void)
{
    slotring_slot_t slot;
    ring = ring_create(ring_name(), 8, 256);
    slotring_writer_t *writer = writer_open(ring);
    for (uint32_t mode = SLOTRING_LOSSLESS; mode <= SLOTRING_LOSSY; mode++) {
        reader = subscribe(ring, mode, SLOTRING_FROM_NOW);
        CHECK_OK(slotring_reader_descriptor(reader, &descriptor));
        for (uint64_t n = 0; n < 50; n++) {
            int code;
            while ((code = slotring_next(reader, NO_WAIT, &slot)) == 0)
                CHECK_OK(slotring_reader_release(reader));
            CHECK_CODE(code, SLOTRING_E_EMPTY);
            CHECK_OK(record_append(writer, 1, n, 20, FOR_EVER));
            CHECK(comes());
        }
        CHECK_OK(slotring_unsubscribe(reader));
    }
    CHECK_OK(slotring_writer_close(writer));
    ring_remove(ring, ring_name());
}

/* ---- Several readers, and a storm ----------------------------------------------------------------------- */

#define RINGS 3u

static const char *name_of(uint32_t i)
{
    char suffix[16];
    snprintf(suffix, sizeof suffix, "-%u", (unsigned)i);
    return ring_name_of(suffix);
}

static void storms(peer_t *test, const char *name)
{
    slotring_t *own = ring_attach(name);
    uint64_t count = peer_hear(test);
    for (uint64_t n = 0; n < count; n++)
        publish(own, 1, n);
    CHECK_OK(slotring_close(own));
}

/* Takes one message, or all that are there. */
static void drain(slotring_reader_t *of, uint64_t *next, bool *ended, bool all)
{
    do {
        slotring_slot_t slot;
        int code = slotring_next(of, NO_WAIT, &slot);
        if (code == SLOTRING_E_EMPTY)
            return;
        if (code == SLOTRING_E_END) {
            *ended = true;
            return;
        }
        CHECK_OK(code);
        CHECK_EQUAL(pattern_number(slot.tag), *next);
        pattern_check(&slot);
        ++*next;
        CHECK_OK(slotring_reader_release(of));
    } while (all);
}

/* The loop sleeps without a limit of its own: a wake-up that is lost is a test that hangs for a slice. */
static void no_wake_up_is_lost(void)
{
    slotring_t *rings[RINGS];
    slotring_reader_t *readers[2 * RINGS];
    intptr_t descriptors[2 * RINGS];
    bool ready[2 * RINGS], ended[2 * RINGS] = {false};
    uint64_t next[2 * RINGS] = {0}, count = scaled(5000);
    peer_t peers[RINGS];
    uint32_t left = 2 * RINGS;
    for (uint32_t i = 0; i < RINGS; i++) {
        rings[i] = ring_open_sleepy(name_of(i), SLOTRING_CREATE, 4);
        for (uint32_t r = 2 * i; r < 2 * i + 2; r++) {
            readers[r] = subscribe(rings[i], SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
            CHECK_OK(slotring_reader_descriptor(readers[r], &descriptors[r]));
        }
        peers[i] = peer_start(BY_EXEC, "descriptor-storms", name_of(i));
        peer_tell(&peers[i], count);
    }
    while (left > 0) {
        intptr_t polled[2 * RINGS];
        uint32_t who[2 * RINGS], polls = 0;
        for (uint32_t r = 0; r < 2 * RINGS; r++)
            if (!ended[r]) { /* the end stays readable */
                who[polls] = r;
                polled[polls++] = descriptors[r];
            }
        CHECK(ready_wait(polled, polls, SOON_MS, ready) > 0);
        for (uint32_t i = 0; i < polls; i++) {
            uint32_t r = who[i];
            if (!ready[i])
                continue;
            drain(readers[r], &next[r], &ended[r], r % 2 == 0);
            if (!ended[r])
                continue;
            CHECK_EQUAL(next[r], count);
            left--;
        }
    }
    for (uint32_t i = RINGS; i-- > 0;) {
        peer_join(&peers[i]);
        if (i == 0) {
            ring_remove(rings[0], name_of(0));
        } else {
            CHECK_OK(slotring_close(rings[i]));
            CHECK_OK(slotring_unlink(name_of(i), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
        }
    }
}

/* Messages gather: the descriptor is readable when four are there, or when the time is over. */
static void messages_gather(void)
{
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    ring = ring_open_sleepy(ring_name(), SLOTRING_CREATE, 32);
    publish(ring, 2, 0); /* opens the stream */
    options.wake_messages = 4;
    for (int timed = 0; timed < 2; timed++) {
        uint64_t number = 0;
        options.wake_ns = timed ? 2000000 : UINT64_C(60) * 1000000000;
        reader = subscribe_with(ring, &options);
        CHECK_OK(slotring_reader_descriptor(reader, &descriptor));
        for (int round = 0; round < 5; round++) {
            finds_nothing();
            for (int i = 0; i < 3; i++) {
                publish(ring, 1, number + (uint64_t)i);
                if (!timed)
                    CHECK(!ready_now(descriptor));
            }
            if (!timed)
                publish(ring, 1, number + 3);
            CHECK(comes());
            for (int i = 0; i < (timed ? 3 : 4); i++)
                take_now(reader, pattern_tag(1, number++));
        }
        CHECK_OK(slotring_unsubscribe(reader));
    }
    ring_remove(ring, ring_name());
}

/* ---- Its thread ----------------------------------------------------------------------------------------- */

static void who_promised_one_thread_gets_none(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 64);
    options.flags |= SLOTRING_ONE_THREAD;
    ring = ring_open_with(ring_name(), &options);
    reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    CHECK_CODE(slotring_reader_descriptor(reader, &descriptor), SLOTRING_E_UNSUPPORTED);
    end();
}

/* While the descriptor is readable its thread sleeps apart from the ring: a producer calls no system for it. */
static void a_told_reader_costs_no_wakes(void)
{
    begin(32, SLOTRING_LOSSLESS);
    publish(ring, 1, 0);
    CHECK(comes());
    for (int i = 0; i < 5; i++)
        publish(ring, 1, 1);
    CHECK_EQUAL(atomic_load(&ring->member.view.state->waiters[SR__PUBLISHED_EVENT].armed) & SR__ARMED, 0);
    end();
}

static void closing_ends_all_of_it(void)
{
    for (int i = 0; i < 20; i++) {
        begin(4, SLOTRING_LOSSLESS);
        if (i % 2)
            publish(ring, 1, 0);
        if (i % 3)
            CHECK_OK(slotring_unsubscribe(reader));
        ring_remove(ring, ring_name());
    }
}

/* ---- Table ---------------------------------------------------------------------------------------------- */

/* ---- Standard streams that the host closed ------------------------------------------------------------- */

#if !defined(_WIN32)
static bool is_open(int stream)
{
    return fcntl(stream, F_GETFD) >= 0;
}

/* What the host prints then goes nowhere: no file of a ring has the number of a stream, not for a moment that lasts. */
static void prints_without_streams(peer_t *test, const char *name)
{
    for (int stream = 0; stream <= 2; stream++)
        (void)close(stream);
    slotring_t *its = name[0] == '+' ? ring_create(name + 1, 8, 64) : ring_attach(name);
    slotring_reader_t *reads = subscribe(its, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    intptr_t watched;
    int code = slotring_reader_descriptor(reads, &watched);
    bool taken = code != 0 || watched <= 2;
    slotring_t *watches = ring_observe(name + (name[0] == '+'));
    for (int stream = 0; stream <= 2; stream++)
        taken |= is_open(stream);
    peer_tell(test, taken);
    peer_expect(test, 1);
    publish(its, 1, 0);
    take(reads);
    for (int stream = 0; stream <= 2; stream++)
        taken |= is_open(stream);
    CHECK_OK(slotring_close(watches));
    CHECK_OK(slotring_close(its));
    peer_tell(test, taken);
}
#else
static void prints_without_streams(peer_t *test, const char *name)
{
    (void)test, (void)name;
}
#endif

static void closed_streams_stay_closed(void)
{
    NEEDS_POSIX("numbered descriptors");
    if (over_apr())
        SKIP("APR gives a file the lowest number that is free");
    for (int creates = 0; creates <= 1; creates++) {
        char argument[128];
        slotring_t *its = creates ? NULL : ring_create(ring_name(), 8, 64);
        snprintf(argument, sizeof argument, "%s%s", creates ? "+" : "", ring_name());
        peer_t peer = peer_start(BY_EXEC, "prints_without_streams", argument);
        peer_expect(&peer, 0);
        if (creates)
            its = ring_attach(ring_name());
        peer_tell(&peer, 1);
        peer_expect(&peer, 0);
        peer_join(&peer);
        check_ring_at_rest(its);
        ring_remove(its, ring_name());
    }
}

static const test_case_t cases[] = {
    {"readable_until_nothing_is_found_lossless", readable_until_nothing_is_found_lossless, 0},
    {"readable_until_nothing_is_found_lossy", readable_until_nothing_is_found_lossy, 0},
    {"what_is_not_wanted_leaves_it_at_rest", what_is_not_wanted_leaves_it_at_rest, 0},
    {"a_call_that_waits_counts_as_a_look", a_call_that_waits_counts_as_a_look, 0},
    {"the_same_for_a_reader", the_same_for_a_reader, 0},
    {"ends_and_deaths_are_readable", ends_and_deaths_are_readable, 0},
    {"a_death_is_noticed_in_the_event_loop", a_death_is_noticed_in_the_event_loop, 0},
    {"records_are_readable", records_are_readable, 0},
    {"no_wake_up_is_lost", no_wake_up_is_lost, 0},
    {"messages_gather", messages_gather, 0},
    {"who_promised_one_thread_gets_none", who_promised_one_thread_gets_none, 0},
    {"a_told_reader_costs_no_wakes", a_told_reader_costs_no_wakes, 0},
    {"closing_ends_all_of_it", closing_ends_all_of_it, 0},
    {"closed_streams_stay_closed", closed_streams_stay_closed, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {{"descriptor-dies", publishes_and_stays},
                                    {"descriptor-storms", storms},
                                    {"prints_without_streams", prints_without_streams},
                                    {NULL, NULL}};

const test_suite_t descriptor_suite = {"descriptor", cases, roles};
