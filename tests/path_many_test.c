/* SPDX-License-Identifier: Apache-2.0 */
/* Producers of several rings are killed at every instruction of a publication while somebody waits for all of these rings: by
 * one system call, and by helpers. Each message that was published comes, then the death; and nobody sleeps beside it. */
#include <stdio.h>
#include <string.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/step.h"
#include "support/suite.h"

#define NO_WAIT 0
#define RINGS 3u

static slotring_t *rings[RINGS];
static slotring_reader_t *readers[RINGS];
static int results[RINGS];
static uint32_t ready;
static const char *victims_rings[2];
static sr__backend_t single; /* the backend that is tested, as if it could sleep on one word only */

static bool sleeps_on_one(const sr__sleep_t *sleeps, uint32_t count, uint64_t timeout_ns)
{
    (void)sleeps, (void)timeout_ns;
    return count == 0;
}

static void use_helpers(slotring_t *ring)
{
    single = *ring->member.os;
    single.waits.wait_any = sleeps_on_one;
    ring->member.os = &single;
}

static const char *name_of(uint32_t i)
{
    char suffix[16];
    snprintf(suffix, sizeof suffix, "-%u", (unsigned)i);
    return ring_name_of(suffix);
}

/* Waits for three rings, and tells each death with the messages that it got of the dead one. */
static void attends(peer_t *test, const char *how)
{
    uint64_t got = 0;
    slotring_options_t options = ring_options_sleepy(SLOTRING_ATTACH, 0);
    options.wait_slice_ns = 1000000; /* a waker that is killed before its wake costs a slice */
    for (uint32_t i = 0; i < RINGS; i++) {
        char name[SLOTRING_NAME_MAX + 1];
        peer_get(test, name, sizeof name);
        rings[i] = ring_open_with(name, &options);
        readers[i] = subscribe(rings[i], SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
        if (strcmp(how, "helpers") == 0)
            use_helpers(rings[i]);
    }
    peer_tell(test, 1);
    for (;;) {
        CHECK_OK(slotring_wait_many(readers, RINGS, FOR_EVER, results, &ready));
        for (uint32_t i = 0; i < RINGS; i++) {
            slotring_slot_t slot;
            int code = results[i] == 0 ? slotring_next(readers[i], NO_WAIT, &slot) : SLOTRING_E_EMPTY;
            CHECK(results[i] != 0 || code != SLOTRING_E_EMPTY);
            if (code == 0 && pattern_producer(slot.tag) == 9)
                return;
            if (code == 0) {
                pattern_check(&slot);
                CHECK_EQUAL(pattern_number(slot.tag), got);
                got++;
                CHECK_OK(slotring_reader_release(readers[i]));
            } else if (code == SLOTRING_E_PRODUCER_DIED) {
                peer_tell(test, got);
                got = 0;
            } else {
                CHECK_EQUAL((int64_t)code, (int64_t)SLOTRING_E_EMPTY);
            }
        }
    }
}

/* Its first message, with which its stream begins, may be read and waited for before it goes on. */
static void publishes(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    publish(ring, 1, 0);
    step_begin();
    publish(ring, 1, 1);
    step_end();
}

static void killed_producers(const char *how)
{
    const char *why;
    if (!step_possible(&why))
        SKIP("%s", why);
    /* Where each instruction costs more, there are more of them, too. */
    unsigned long rounds = 0, step = thorough_seconds() ? 1 : scaled(100) < 100 ? 101 : 37;
    for (uint32_t i = 0; i < RINGS; i++) {
        rings[i] = ring_create(name_of(i), 8, 64);
        publish(rings[i], 3, 0); /* this stream stays: no end is told */
    }
    peer_t waiter = peer_start(BY_FORK, "path-many-attends", how);
    for (uint32_t i = 0; i < RINGS; i++) {
        char name[SLOTRING_NAME_MAX + 1] = {0};
        strcpy(name, name_of(i));
        peer_put(&waiter, name, sizeof name);
    }
    peer_expect(&waiter, 1);
    bool inside = true;
    for (unsigned long n = 0; inside; n += step, rounds++) {
        peer_wait_asleep(&waiter);
        inside = step_and_kill(publishes, name_of((uint32_t)(rounds % RINGS)),
                               (step_point_t){.system_calls = 0, .instructions = n});
        uint64_t got = peer_hear(&waiter);
        CHECK(got == 2 || (got == 1 && inside));
    }
    CHECK(rounds > 5);
    publish(rings[1], 9, 0);
    peer_join(&waiter);
    for (uint32_t i = RINGS; i-- > 0;) {
        check_ring(rings[i]);
        if (i == 0) {
            ring_remove(rings[0], name_of(0));
        } else {
            CHECK_OK(slotring_close(rings[i]));
            CHECK_OK(slotring_unlink(name_of(i), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
        }
    }
}

static void producers_are_killed(void)
{
    killed_producers("");
}

static void producers_are_killed_by_helpers(void)
{
    killed_producers("helpers");
}

/* ---- Who waits is killed ---------------------------------------------------------------------------------- */

/* Finds nothing in either ring, so it arms, sleeps for a moment and takes its arming back; then one has something. */
static void waits(peer_t *test, const char *name)
{
    (void)test, (void)name;
    for (uint32_t i = 0; i < 2; i++) {
        slotring_options_t options = ring_options_sleepy(SLOTRING_ATTACH, 0);
        slotring_t *ring = ring_open_with(victims_rings[i], &options);
        readers[i] = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
        rings[i] = ring;
    }
    step_begin();
    CHECK_CODE(slotring_wait_many(readers, 2, 1000, results, &ready), SLOTRING_E_TIMEOUT);
    publish(rings[1], 1, 0);
    CHECK_OK(slotring_wait_many(readers, 2, FOR_EVER, results, &ready));
    step_end();
}

/* Nothing of it stays once it was repaired, but for an arming: that costs the next message one wake. */
static void check_nobody_waits(slotring_t *ring)
{
    for (int kind = 0; kind < SR__EVENTS; kind++)
        CHECK_EQUAL(atomic_load(&ring->member.view.state->waiters[kind].words[0]), 0);
}

static void who_waits_is_killed(void)
{
    const char *why;
    if (!step_possible(&why))
        SKIP("%s", why);
    unsigned long step = thorough_seconds() ? 7 : 701, rounds = 0, instructions = 0;
    int64_t start = now_ns(), budget = time_to_try(700);
    slotring_t *own[2];
    slotring_reader_t *of_own[2];
    for (uint32_t i = 0; i < 2; i++) {
        victims_rings[i] = i == 0 ? name_of(0) : name_of(1);
        own[i] = ring_create(victims_rings[i], 8, 64);
        slotring_reader_options_t options = reader_options(SLOTRING_LOSSY, SLOTRING_FROM_NOW);
        options.at_end = SLOTRING_AT_END_WAIT;
        of_own[i] = subscribe_with(own[i], &options);
    }
    for (bool inside = true; inside; rounds++) {
        inside = step_and_kill(waits, "", (step_point_t){.system_calls = 0, .instructions = instructions});
        instructions += now_ns() - start < budget ? step : 20 * step; /* to the end, in larger steps */
        for (uint32_t i = 0; i < 2; i++) {
            slotring_slot_t slot;
            CHECK_OK(slotring_recover(own[i], NULL));
            check_nobody_waits(own[i]);
            while (slotring_next(of_own[i], NO_WAIT, &slot) != SLOTRING_E_EMPTY)
                (void)slotring_reader_release(of_own[i]);
        }
        for (uint32_t i = 0; i < 2; i++) {
            publish(own[i], 3, rounds);
            CHECK_OK(slotring_wait_many(of_own, 2, FOR_EVER, results, &ready));
            take_now(of_own[i], pattern_tag(3, rounds));
        }
    }
    CHECK(rounds > 1);
    for (uint32_t i = 2; i-- > 0;) {
        check_ring(own[i]);
        if (i == 0) {
            ring_remove(own[0], victims_rings[0]);
        } else {
            CHECK_OK(slotring_close(own[i]));
            CHECK_OK(slotring_unlink(victims_rings[i], SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
        }
    }
}

/* ---- Table ---------------------------------------------------------------------------------------------- */

static const test_case_t cases[] = {
    {"producers_are_killed", producers_are_killed, 0},
    {"producers_are_killed_by_helpers", producers_are_killed_by_helpers, 0},
    {"who_waits_is_killed", who_waits_is_killed, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {{"path-many-attends", attends}, {NULL, NULL}};

const test_suite_t path_many_suite = {"path_many", cases, roles};
