/* SPDX-License-Identifier: Apache-2.0 */
/* Who looks after the dead: every call that finds nothing, whatever its time-out, once a slice for the whole ring. One
 * survivor, alone, which polls or waits in steps of any length, is told of a death and gets the room back. */
#include <stdatomic.h>
#include <string.h>

#include "support/internals.h"
#include "support/posix_calls.h"
#include "support/ring.h"
#include "support/suite.h"
#include "support/thread.h"

#define SLOTS 8u

/* How long a call of the survivor waits: polling, shorter than a slice (100 ms), about a slice, longer, for ever. */
static const int64_t waits[] = {
    0, MILLISECOND, 50 * MILLISECOND, 99 * MILLISECOND, 110 * MILLISECOND, FOR_EVER,
};
#define WAITS (sizeof waits / sizeof waits[0])

static void next_step(int64_t wait)
{
    if (wait == 0) /* a poll loop */
        (void)usleep(1000);
}

/* ---- What a victim leaves behind ---------------------------------------------------------------------- */

static void produces(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slot;
    publish(ring, 1, 0);
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    peer_tell(test, 1);
    (void)peer_hear(test);
}

static void subscribes(peer_t *test, const char *name)
{
    (void)subscribe(ring_attach(name), SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    peer_tell(test, 1);
    (void)peer_hear(test);
}

static void takes_every_slot(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slots[SLOTS];
    for (uint32_t i = 0; i < SLOTS; i++)
        CHECK_OK(slotring_allocate(ring, 1, &slots[i]));
    peer_tell(test, 1);
    (void)peer_hear(test);
}

static void holds_every_slot(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slots[SLOTS];
    for (uint32_t i = 0; i < SLOTS; i++) {
        slotring_ticket_t ticket = publish(ring, 1, i);
        hold(ring, &ticket, &slots[i]);
    }
    peer_tell(test, 1);
    (void)peer_hear(test);
}

static void kill_one_that(const char *role)
{
    peer_t victim = peer_start(BY_EXEC, role, ring_name());
    peer_expect(&victim, 1);
    peer_kill(&victim);
}

/* As after a reaping of just now: the survivor may not live on the first one, which is always due. */
static void has_just_been_swept(slotring_t *ring)
{
    atomic_store(&ring->member.view.state->reap_at, ring->member.os->system.clock_ns());
}

/* ---- The duties --------------------------------------------------------------------------------------- */

static void a_death_is_told(void)
{
    for (size_t w = 0; w < WAITS; w++) {
        check_context("next waits %lld ns", (long long)waits[w]);
        slotring_t *ring = ring_create(ring_name(), SLOTS, 64);
        slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
        kill_one_that("duty-produces");
        has_just_been_swept(ring);
        int64_t start = now_ns();
        int code;
        do {
            slotring_slot_t slot;
            code = slotring_next(reader, waits[w], &slot);
            if (code == 0)
                CHECK_OK(slotring_reader_release(reader));
            else
                next_step(waits[w]);
            CHECK(now_ns() - start < PATIENCE);
        } while (code != SLOTRING_E_PRODUCER_DIED);
        CHECK_OK(slotring_unsubscribe(reader));
        check_recovered(ring, 1);
        ring_remove(ring, ring_name());
    }
}

static void room_comes_back(const char *role)
{
    for (size_t w = 0; w < WAITS; w++) {
        check_context("%s, allocate_wait waits %lld ns", role, (long long)waits[w]);
        slotring_t *ring = ring_create(ring_name(), SLOTS, 64);
        kill_one_that(role);
        has_just_been_swept(ring);
        int64_t start = now_ns();
        for (uint32_t done = 0; done < 2 * SLOTS;) {
            slotring_slot_t slot;
            int code = slotring_allocate_wait(ring, 1, waits[w], &slot);
            if (code == 0) {
                CHECK_OK(slotring_mark_ready(ring, &slot, 1));
                done++;
            } else {
                CHECK(code == SLOTRING_E_FULL || code == SLOTRING_E_TIMEOUT);
                next_step(waits[w]);
            }
            CHECK(now_ns() - start < PATIENCE);
        }
        ring_remove(ring, ring_name());
    }
}

static void room_behind_a_dead_reader(void)
{
    room_comes_back("duty-subscribes");
}

static void room_that_a_dead_producer_took(void)
{
    room_comes_back("duty-takes-every-slot");
}

static void room_that_a_dead_one_held(void)
{
    room_comes_back("duty-holds-every-slot");
}

/* A claimer that is stopped between clearing bits of the free map and its second look hides free slots; nobody died. */
static void hidden_slots_are_found(void)
{
    for (size_t w = 0; w < WAITS; w++) {
        check_context("allocate_wait waits %lld ns", (long long)waits[w]);
        slotring_t *ring = ring_create(ring_name(), SLOTS, 64);
        for (uint32_t i = 0; i < SLOTS; i++)
            if (sr__free_map_clear(&ring->member.view, i))
                sr__free_map_clear_up(&ring->member.view, i);
        has_just_been_swept(ring);
        int64_t start = now_ns();
        slotring_slot_t slot;
        while (slotring_allocate_wait(ring, 1, waits[w], &slot) != 0) {
            next_step(waits[w]);
            CHECK(now_ns() - start < PATIENCE);
        }
        CHECK_OK(slotring_abort(ring, &slot));
        ring_remove(ring, ring_name());
    }
}

static void a_place_for_a_reader_comes_back(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, 64);
    options.max_readers = 1;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    kill_one_that("duty-subscribes");
    has_just_been_swept(ring);
    int64_t start = now_ns();
    slotring_reader_t *reader;
    int code;
    while ((code = slotring_subscribe(ring, NULL, &reader)) != 0) {
        CHECK_EQUAL(code, SLOTRING_E_READERS);
        (void)usleep(1000);
        CHECK(now_ns() - start < PATIENCE);
    }
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

/* ---- The slice ---------------------------------------------------------------------------------------- */

/* Does one call that finds nothing reap, when the last reaping is `ago`? A negative one lies in the future. */
static bool reaps(slotring_t *ring, slotring_reader_t *reader, int64_t ago, bool by_allocate)
{
    sr__word_t *reap_at = &ring->member.view.state->reap_at;
    uint64_t last = ring->member.os->system.clock_ns() - (uint64_t)ago;
    slotring_slot_t slot;
    atomic_store(reap_at, last);
    if (by_allocate)
        CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_FULL);
    else
        CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_EMPTY);
    return atomic_load(reap_at) != last;
}

static void the_slice_is_the_handles_own(void)
{
    static const struct {
        int64_t slice, ago;
        bool reaps;
    } rows[] = {
        {0, 10 * MILLISECOND, false},
        {0, 150 * MILLISECOND, true},
        {5 * MILLISECOND, 30 * MILLISECOND, true},
        {3600 * SECOND, 150 * MILLISECOND, false},
        {3600 * SECOND, 3700 * SECOND, true},
        {3600 * SECOND, -10 * SECOND,
         false},                   /* by another one's finer clock; not a reason to reap at each call */
        {0, -3600 * SECOND, true}, /* the clock leapt, or somebody wrote there */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_context("slice %lld ns, last reaping %lld ns ago", (long long)rows[i].slice,
                      (long long)rows[i].ago);
        slotring_options_t options = ring_options(SLOTRING_CREATE, 1, 64);
        options.wait_slice_ns = (uint64_t)rows[i].slice;
        slotring_t *ring = ring_open_with(ring_name(), &options);
        slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
        slotring_slot_t slot;
        CHECK_OK(slotring_allocate(ring, 1, &slot));
        CHECK_EQUAL(reaps(ring, reader, rows[i].ago, false), rows[i].reaps);
        CHECK_EQUAL(reaps(ring, reader, rows[i].ago, true), rows[i].reaps);
        CHECK_OK(slotring_abort(ring, &slot));
        CHECK_OK(slotring_unsubscribe(reader));
        ring_remove(ring, ring_name());
    }
}

/* Of many that find nothing in one slice, one reaps. */
static void one_reaps_for_all(void)
{
    enum {
        HANDLES = 8
    };
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, 64);
    options.wait_slice_ns = 3600 * SECOND;
    slotring_t *rings[HANDLES];
    slotring_reader_t *readers[HANDLES];
    for (int i = 0; i < HANDLES; i++) {
        rings[i] = ring_open_with(ring_name(), &options);
        options.mode = SLOTRING_ATTACH;
        options.total_size = options.slot_size = 0;
        readers[i] = subscribe(rings[i], SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    }
    sr__word_t *reap_at = &rings[0]->member.view.state->reap_at;
    atomic_store(reap_at, rings[0]->member.os->system.clock_ns() - 3601 * (uint64_t)SECOND);
    uint64_t last = atomic_load(reap_at), reaps_seen = 0;
    for (int i = 0; i < HANDLES; i++) {
        slotring_slot_t slot;
        CHECK_CODE(slotring_next(readers[i], i % 2 == 0 ? 0 : MILLISECOND, &slot),
                   i % 2 == 0 ? SLOTRING_E_EMPTY : SLOTRING_E_TIMEOUT);
        reaps_seen += atomic_load(reap_at) != last;
        last = atomic_load(reap_at);
    }
    CHECK_EQUAL(reaps_seen, 1);
    for (int i = HANDLES - 1; i >= 0; i--) {
        CHECK_OK(slotring_unsubscribe(readers[i]));
        if (i > 0)
            CHECK_OK(slotring_close(rings[i]));
    }
    ring_remove(rings[0], ring_name());
}

static const test_case_t cases[] = {
    {"a_death_is_told", a_death_is_told, 0},
    {"room_behind_a_dead_reader", room_behind_a_dead_reader, 0},
    {"room_that_a_dead_producer_took", room_that_a_dead_producer_took, 0},
    {"room_that_a_dead_one_held", room_that_a_dead_one_held, 0},
    {"hidden_slots_are_found", hidden_slots_are_found, 0},
    {"a_place_for_a_reader_comes_back", a_place_for_a_reader_comes_back, 0},
    {"the_slice_is_the_handles_own", the_slice_is_the_handles_own, 0},
    {"one_reaps_for_all", one_reaps_for_all, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {{"duty-produces", produces},
                                    {"duty-subscribes", subscribes},
                                    {"duty-takes-every-slot", takes_every_slot},
                                    {"duty-holds-every-slot", holds_every_slot},
                                    {NULL, NULL}};

const test_suite_t duty_suite = {"duty", cases, roles};
