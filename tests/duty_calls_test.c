/* SPDX-License-Identifier: Apache-2.0 */
/* Each call that can find nothing looks after the dead: not next and allocate_wait alone (duty_test.c). One survivor makes one kind
 * of call, and nobody else does anything. */
#include <stdatomic.h>

#include "support/internals.h"
#include "support/posix_calls.h"
#include "support/ring.h"
#include "support/suite.h"

#define SLOTS 8u
#define SLOT 64u

static const int64_t waits[] = {0, MILLISECOND, 99 * MILLISECOND}; /* less than a slice, which is 100 ms */
#define WAITS (sizeof waits / sizeof waits[0])

static slotring_t *ring;
static slotring_reader_t *reader;
static slotring_writer_t *writer;

/* ---- Calls that need room, behind a reader that was killed ------------------------------------------------- */

static int by_a_batch(int64_t wait)
{
    slotring_slot_t slots[2];
    uint32_t count = 0;
    int code = slotring_allocate_batch(ring, 1, slots, 2, wait, &count);
    for (uint32_t i = 0; code == 0 && i < count; i++)
        CHECK_OK(slotring_abort(ring, &slots[i]));
    return code;
}

static int by_a_span(int64_t wait)
{
    slotring_slot_t span;
    int code = slotring_allocate_span(ring, (uint64_t)SLOTS * SLOT, wait, &span);
    if (code == 0)
        CHECK_OK(slotring_abort(ring, &span));
    return code;
}

static int by_append(int64_t wait)
{
    return slotring_writer_append(writer, "abc", 3, 1, wait);
}

static int by_append_of_a_span(int64_t wait)
{
    static const char bytes[3 * SLOT];
    return slotring_writer_append(writer, bytes, sizeof bytes, 1, wait);
}

static int by_append_batch(int64_t wait)
{
    const slotring_message_t message = {"abc", 3, 1};
    uint32_t appended;
    return slotring_writer_append_batch(writer, &message, 1, wait, &appended);
}

static int by_reserve(int64_t wait)
{
    slotring_slot_t slot;
    int code = slotring_writer_reserve(writer, 3, wait, &slot);
    if (code == 0)
        CHECK_OK(slotring_writer_cancel(writer, &slot));
    return code;
}

static int by_skip(int64_t wait)
{
    return slotring_writer_skip(writer, 1, wait);
}

static int by_drain(int64_t wait)
{
    return slotring_drain(ring, SLOTRING_DRAIN_ALL, wait);
}

/* ---- Calls of a reader, whose only producer was killed ------------------------------------------------------ */

/* What a call that takes nothing says is there. */
static int look_there(int code)
{
    slotring_slot_t slot;
    return code == 0 ? slotring_next(reader, 0, &slot) : code;
}

static int by_next_batch(int64_t wait)
{
    slotring_slot_t slots[2];
    uint32_t count;
    return slotring_next_batch(reader, wait, slots, 2, &count);
}

static int by_wait_readable(int64_t wait)
{
    return look_there(slotring_reader_wait_readable(reader, wait));
}

static int by_wait_many(int64_t wait)
{
    slotring_reader_t *const both[] = {reader, reader};
    int results[2];
    uint32_t ready;
    return look_there(slotring_wait_many(both, 2, wait, results, &ready));
}

/* ---- The survivor ------------------------------------------------------------------------------------------- */

typedef struct duty {
    const char *name;
    int (*call)(int64_t wait);
} duty_t;

static void kill_one_that(const char *role)
{
    peer_t victim = peer_start(BY_EXEC, role, ring_name());
    peer_expect(&victim, 1);
    peer_kill(&victim);
    /* As after a reaping of just now: the survivor may not live on the first one, which is always due. */
    atomic_store(&ring->member.view.state->reap_at, ring->member.os->system.clock_ns());
}

static bool found_nothing(int code)
{
    return code == SLOTRING_E_FULL || code == SLOTRING_E_EMPTY || code == SLOTRING_E_TIMEOUT;
}

static int call_until_it_finds(const duty_t *duty, int64_t wait)
{
    int64_t start = now_ns();
    int code;
    while (found_nothing(code = duty->call(wait))) {
        if (wait == 0) /* a poll loop */
            (void)usleep(1000);
        CHECK(now_ns() - start < PATIENCE);
    }
    return code;
}

static void each_that_needs_room(void)
{
    static const duty_t duties[] = {
        {"allocate_batch", by_a_batch},
        {"allocate_span", by_a_span},
        {"writer_append", by_append},
        {"writer_append of a span", by_append_of_a_span},
        {"writer_append_batch", by_append_batch},
        {"writer_reserve", by_reserve},
        {"writer_skip", by_skip},
        {"drain", by_drain},
    };
    for (size_t i = 0; i < sizeof duties / sizeof duties[0]; i++)
        for (size_t w = 0; w < WAITS; w++) {
            check_context("%s waits %lld ns", duties[i].name, (long long)waits[w]);
            ring = ring_create(ring_name(), SLOTS, SLOT);
            CHECK_OK(slotring_writer_open(ring, NULL, &writer));
            kill_one_that("duty-subscribes");
            for (uint32_t n = 0; n < SLOTS; n++)
                publish(ring, 1, n);
            CHECK_EQUAL(call_until_it_finds(&duties[i], waits[w]), 0);
            CHECK_OK(slotring_writer_close(writer));
            check_recovered(ring, 1);
            ring_remove(ring, ring_name());
        }
}

static void each_that_reads(void)
{
    static const duty_t duties[] = {
        {"next_batch", by_next_batch},
        {"reader_wait_readable", by_wait_readable},
        {"wait_many", by_wait_many},
    };
    for (size_t i = 0; i < sizeof duties / sizeof duties[0]; i++)
        for (size_t w = 0; w < WAITS; w++) {
            check_context("%s waits %lld ns", duties[i].name, (long long)waits[w]);
            ring = ring_create(ring_name(), SLOTS, SLOT);
            reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
            kill_one_that("duty-produces");
            CHECK_EQUAL(take(reader), pattern_tag(1, 0));
            CHECK_CODE(call_until_it_finds(&duties[i], waits[w]), SLOTRING_E_PRODUCER_DIED);
            CHECK_OK(slotring_unsubscribe(reader));
            check_recovered(ring, 1);
            ring_remove(ring, ring_name());
        }
}

/* ---- A writer's place ---------------------------------------------------------------------------------------- */

static void opens_a_writer(peer_t *test, const char *name)
{
    slotring_writer_t *mine;
    CHECK_OK(slotring_writer_open(ring_attach(name), NULL, &mine));
    CHECK_OK(slotring_writer_append(mine, "abc", 3, 1, 0));
    peer_tell(test, 1);
    (void)peer_hear(test);
}

static void a_writers_place_comes_back(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, SLOT);
    options.max_writers = 1;
    ring = ring_open_with(ring_name(), &options);
    kill_one_that("duty-opens-a-writer");
    int64_t start = now_ns();
    int code;
    while ((code = slotring_writer_open(ring, NULL, &writer)) != 0) {
        CHECK_EQUAL(code, SLOTRING_E_WRITERS);
        (void)usleep(1000);
        CHECK(now_ns() - start < PATIENCE);
    }
    CHECK_OK(slotring_writer_close(writer));
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"each_that_needs_room", each_that_needs_room, 0},
    {"each_that_reads", each_that_reads, 0},
    {"a_writers_place_comes_back", a_writers_place_comes_back, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {{"duty-opens-a-writer", opens_a_writer}, {NULL, NULL}};

const test_suite_t duty_calls_suite = {"duty_calls", cases, roles};
