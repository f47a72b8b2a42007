/* SPDX-License-Identifier: Apache-2.0 */
/* A process is killed at every system call inside create, attach, subscribe, close, recover and unlink, and at
 * instructions all over these and the data path. After each kill the ring must be as good as new, with exact
 * counts, and nothing may stay behind. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "support/files.h"
#include "support/ring.h"
#include "support/step.h"
#include "support/suite.h"

static bool have_tracing(void)
{
    const char *why;
    bool possible = step_possible(&why);
    if (!possible)
        test_skip("%s", why);
    return possible;
}

/* ---- Operations that come with system calls --------------------------------------------------------- */

static void creates(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = NULL;
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 200);
    step_begin();
    int code = slotring_open(&ring, name, &options, NULL);
    if (code != 0)
        FAIL("create gave %s", slotring_error_name(code));
    step_end();
}

static void attaches(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = NULL;
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    step_begin();
    CHECK_OK(slotring_open(&ring, name, &options, NULL));
    step_end();
}

static void closes(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_OLDEST);
    slotring_slot_t held, writing, given;
    slotring_ticket_t ticket = publish(ring, 1, 0);
    hold(ring, &ticket, &held);
    CHECK_OK(slotring_allocate(ring, 1, &writing));
    CHECK_OK(slotring_next(reader, 0, &given));
    step_begin();
    CHECK_OK(slotring_close(ring));
    step_end();
}

static void unlinks(peer_t *test, const char *name)
{
    (void)test;
    step_begin();
    CHECK_OK(slotring_unlink(name, SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
    step_end();
}

/* Dies with its hands full, so that another has something to repair. */
static void dies_with_hands_full(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t held, writing, given;
    slotring_ticket_t ticket = publish(ring, 2, 0);
    hold(ring, &ticket, &held);
    CHECK_OK(slotring_next(reader, 0, &given));
    CHECK_OK(slotring_allocate(ring, 1, &writing));
    peer_tell(test, 1);
    (void)peer_hear(test);
}

static void dies_writing(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_slot_t writing;
    CHECK_OK(slotring_allocate(ring, 1, &writing));
    peer_tell(test, 1);
    (void)peer_hear(test);
}

static void recovers(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    peer_t dead = peer_fork(dies_with_hands_full, name);
    peer_expect(&dead, 1);
    peer_kill(&dead);
    step_begin();
    CHECK_OK(slotring_recover(ring, NULL));
    step_end();
}

static void subscribes(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader;
    slotring_reader_options_t options;
    slotring_reader_options_init(&options);
    options.start = SLOTRING_FROM_OLDEST;
    step_begin();
    CHECK_OK(slotring_subscribe(ring, &options, &reader));
    CHECK_OK(slotring_unsubscribe(reader));
    step_end();
}

/* What the survivor finds. `exists`: 1 the ring must be there, 0 it must not, -1 both are right. */
static void survive(int exists)
{
    slotring_t *ring = NULL;
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    slotring_error_t error;
    int code = slotring_open(&ring, ring_name(), &options, &error);
    if (code == SLOTRING_E_NOT_FOUND && exists != 1) {
        ring =
            ring_create(ring_name(), 4, 200); /* what is left of a killed creator or remover is no obstacle */
    } else if (code != 0) {
        FAIL("the survivor's attach gave %s: %s", slotring_error_name(code), error.text);
    }
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

/* Kills at every system call boundary; then at single instructions between them until the time is used. */
static void kill_everywhere(role_fn victim, bool needs_ring, int exists)
{
    unsigned long calls = 0, kills = 0;
    int64_t start = now_ns(), budget = (int64_t)scaled(2000) * MILLISECOND;
    for (unsigned long n = 0;; n++) {
        check_context("killed at system call stop %lu", n);
        if (needs_ring)
            CHECK_OK(slotring_close(ring_create(ring_name(), 4, 200)));
        bool inside = step_and_kill(victim, ring_name(), (step_point_t){.system_calls = n});
        survive(exists);
        kills++;
        if (!inside)
            break;
        calls = n;
    }
    CHECK_AT_LEAST(calls, 2);
    unsigned random = 12345;
    while (now_ns() - start < budget) {
        random = random * 1664525u + 1013904223u;
        step_point_t point = {.system_calls = (random >> 8) % calls,
                              .instructions = 1 + (random >> 20) % 997};
        check_context("killed at system call stop %lu + %lu instructions", point.system_calls,
                      point.instructions);
        if (needs_ring)
            CHECK_OK(slotring_close(ring_create(ring_name(), 4, 200)));
        (void)step_and_kill(victim, ring_name(), point);
        survive(exists);
        kills++;
    }
    check_context("%s", "");
    CHECK_AT_LEAST(kills, 5);
    printf("killed %lu times, at %lu stops at system calls and between them\n", kills, calls + 1);
}

static void in_create(void)
{
    if (have_tracing())
        kill_everywhere(creates, false, -1);
}

static void in_attach(void)
{
    if (have_tracing())
        kill_everywhere(attaches, true, 1);
}

static void in_close(void)
{
    if (have_tracing())
        kill_everywhere(closes, true, 1);
}

static void in_unlink(void)
{
    if (have_tracing())
        kill_everywhere(unlinks, true, -1);
}

static void in_recover(void)
{
    if (have_tracing())
        kill_everywhere(recovers, true, 1);
}

/* ---- A process that is stopped inside, not killed ---------------------------------------------------- */

static void quickly(int64_t *since, const char *what)
{
    int64_t now = now_ns();
    if (now - *since > 3 * SECOND)
        FAIL("%s took %lld ms beside a stopped process", what, (long long)((now - *since) / MILLISECOND));
    *since = now;
}

static void take_after_deaths(slotring_reader_t *reader, uint64_t tag)
{
    slotring_slot_t slot;
    int code;
    while ((code = slotring_next(reader, PATIENCE, &slot)) == SLOTRING_E_PRODUCER_DIED)
        continue;
    CHECK_OK(code);
    pattern_check(&slot);
    CHECK_EQUAL(slot.tag, tag);
    CHECK_OK(slotring_reader_release(reader));
}

/* Everything but attaching goes on; attaching says E_BUSY after its own time limit. */
static void go_on_beside_a_stopped_one(slotring_t *ring)
{
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t slot;
    int64_t since = now_ns();
    CHECK(slotring_next(reader, 0, &slot) != 0);
    CHECK(slotring_next(reader, MILLISECOND, &slot) != 0);
    quickly(&since, "next with a timeout of 1 ms");
    slotring_ticket_t tickets[3];
    for (uint64_t n = 0; n < 3; n++) { /* one slot may be in the hands of the dead */
        tickets[n] = publish(ring, 5, n);
        take_after_deaths(reader, pattern_tag(5, n));
    }
    read_once(ring, &tickets[2]);
    quickly(&since, "publishing and reading");
    slotring_slot_t all[4];
    uint32_t count = 0;
    while (count < 4 && slotring_allocate(ring, 1, &all[count]) == 0)
        count++;
    CHECK(slotring_allocate_wait(ring, 1, MILLISECOND, &slot) != 0);
    quickly(&since, "allocating all there is");
    while (count > 0)
        CHECK_OK(slotring_abort(ring, &all[--count]));
    CHECK_OK(slotring_unsubscribe(reader));
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    options.lock_timeout_ns = 20 * MILLISECOND;
    slotring_t *other = NULL;
    int code = slotring_open(&other, ring_name(), &options, NULL);
    CHECK(code == 0 || code == SLOTRING_E_BUSY);
    if (code == 0)
        CHECK_OK(slotring_close(other));
    quickly(&since, "attaching with a time limit of 20 ms");
    options.mode = SLOTRING_CREATE;
    CHECK(slotring_open(&other, ring_name(), &options, NULL) != 0);
    quickly(&since, "being told that the ring exists");
}

static void stopped_inside(role_fn victim)
{
    unsigned long stop = 0;
    int64_t start = now_ns(), budget = (int64_t)scaled(2500) * MILLISECOND;
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 200);
    options.wait_slice_ns =
        5 * MILLISECOND; /* look after the dead all the time, against the stopped one's lock */
    for (bool inside = true; inside; stop += now_ns() - start < budget ? 1 : 7) {
        check_context("stopped at system call stop %lu", stop);
        slotring_t *ring = ring_open_with(ring_name(), &options);
        pid_t held = step_and_hold(victim, ring_name(), (step_point_t){.system_calls = stop}, &inside);
        go_on_beside_a_stopped_one(ring);
        step_kill(held);
        CHECK_OK(slotring_end_stream(ring));
        check_recovered(ring, 1);
        ring_remove(ring, ring_name());
    }
    check_context("%s", "");
    CHECK_AT_LEAST(stop, 10);
}

static void stopped_in_attach(void)
{
    if (have_tracing())
        stopped_inside(attaches);
}

/* What only the stopped repairer could give back, a slot, is missed by nobody; a dead lossless reader would be. */
static void recovers_a_writer(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    peer_t dead = peer_fork(dies_writing, name);
    peer_expect(&dead, 1);
    peer_kill(&dead);
    step_begin();
    CHECK_OK(slotring_recover(ring, NULL));
    step_end();
}

static void stopped_in_recover(void)
{
    if (have_tracing())
        stopped_inside(recovers_a_writer);
}

/* ---- The data path: single instructions ------------------------------------------------------------- */

static void publishes(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slot;
    step_begin();
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    slot.tag = pattern_tag(1, 7);
    uint64_t length = pattern_length(slot.tag, slot.capacity);
    pattern_fill(slot.data, length, slot.tag);
    CHECK_OK(slotring_mark_ready(ring, &slot, length));
    step_end();
}

static void aborts(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slot;
    step_begin();
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    CHECK_OK(slotring_abort(ring, &slot));
    step_end();
}

static void reads_by_ticket(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_ticket_t ticket;
    slotring_slot_t slot;
    for (uint32_t i = 0; slotring_ticket_at(ring, i, &ticket) != 0; i++) {
    }
    step_begin();
    CHECK_OK(slotring_acquire_for_read(ring, &ticket, &slot));
    CHECK_OK(slotring_release(ring, &slot));
    step_end();
}

static void frees(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_ticket_t ticket;
    for (uint32_t i = 0; slotring_ticket_at(ring, i, &ticket) != 0; i++) {
    }
    step_begin();
    CHECK_OK(slotring_free(ring, &ticket));
    step_end();
}

static void reads_in_order(peer_t *test, const char *name, uint32_t mode)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe(ring, mode, SLOTRING_FROM_NOW);
    publish(ring, 1, 3);
    slotring_slot_t slot;
    step_begin();
    CHECK_OK(slotring_next(reader, 0, &slot));
    CHECK_OK(slotring_reader_release(reader));
    step_end();
}

static void reads_lossless(peer_t *test, const char *name)
{
    reads_in_order(test, name, SLOTRING_LOSSLESS);
}

static void reads_lossy(peer_t *test, const char *name)
{
    reads_in_order(test, name, SLOTRING_LOSSY);
}

/* After the kill: what was published before it is there, whole, once and in order; what was not is not. */
static void check_stream(slotring_t *ring, slotring_reader_t *reader, uint64_t *expected)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_recover(ring, NULL));
    uint64_t published = ring_stats(ring).published;
    while (*expected < published) {
        int code = slotring_next(reader, 0, &slot);
        if (code == SLOTRING_E_PRODUCER_DIED)
            continue;
        CHECK_OK(code);
        CHECK_EQUAL(slot.sequence, *expected);
        pattern_check(&slot);
        CHECK_OK(slotring_reader_release(reader));
        ++*expected;
    }
    check_ring_at_rest(ring);
    CHECK_EQUAL(ring_stats(ring).participants, 1);
}

/* A ring of 3 slots with two publications, full of them (`full`: three), and a lossless reader behind. */
static void kill_in_data_path(role_fn victim, uint32_t prefill)
{
    if (!have_tracing())
        return;
    int64_t start = now_ns(), budget = (int64_t)scaled(1500) * MILLISECOND;
    slotring_t *ring = ring_create(ring_name(), 3, 64);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    uint64_t expected = 0, number = 0;
    for (uint32_t i = 0; i < prefill; i++)
        publish(ring, 9, number++);
    check_stream(ring, reader, &expected);
    unsigned long length = step_count(victim, ring_name(), STEP_INSTRUCTIONS);
    check_stream(ring, reader, &expected);
    unsigned long stride = 1, kills = 0;
    while (stride * 16 < length)
        stride *= 2;
    /* a coarse comb over all of it, whatever the time; then the teeth between, as far as the time goes */
    for (unsigned long step = stride; step >= 1; step /= 2) {
        for (unsigned long n = step; n < length; n += step == stride ? step : 2 * step) {
            if (step != stride && now_ns() - start > budget)
                break;
            check_context("killed after %lu of %lu instructions", n, length);
            for (uint32_t i = 0; i < prefill; i++)
                publish(ring, 9, number++);
            check_stream(ring, reader, &expected);
            (void)step_and_kill(victim, ring_name(), (step_point_t){.instructions = n});
            check_stream(ring, reader, &expected);
            kills++;
        }
    }
    check_context("%s", "");
    CHECK_AT_LEAST(kills, 8);
    printf("killed at %lu of %lu instructions\n", kills, length);
    CHECK_OK(slotring_unsubscribe(reader));
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

static void in_publish_into_free(void)
{
    kill_in_data_path(publishes, 0);
}

static void in_publish_over_others(void)
{
    kill_in_data_path(publishes, 3);
}

static void in_abort(void)
{
    kill_in_data_path(aborts, 3);
}

static void in_acquire_and_release(void)
{
    kill_in_data_path(reads_by_ticket, 3);
}

static void in_free(void)
{
    kill_in_data_path(frees, 3);
}

static void in_lossless_next(void)
{
    kill_in_data_path(reads_lossless, 1);
}

static void in_lossy_next(void)
{
    kill_in_data_path(reads_lossy, 1);
}

static void in_subscribe(void)
{
    kill_in_data_path(subscribes, 3);
}

static const test_case_t cases[] = {
    {"in_create", in_create, 0},
    {"in_attach", in_attach, 0},
    {"in_close", in_close, 0},
    {"in_unlink", in_unlink, 0},
    {"in_recover", in_recover, 0},
    {"stopped_in_attach", stopped_in_attach, 0},
    {"stopped_in_recover", stopped_in_recover, 0},
    {"in_publish_into_free", in_publish_into_free, 0},
    {"in_publish_over_others", in_publish_over_others, 0},
    {"in_abort", in_abort, 0},
    {"in_acquire_and_release", in_acquire_and_release, 0},
    {"in_free", in_free, 0},
    {"in_lossless_next", in_lossless_next, 0},
    {"in_lossy_next", in_lossy_next, 0},
    {"in_subscribe", in_subscribe, 0},
    {NULL, NULL, 0},
};

const test_suite_t step_suite = {"step", cases, NULL};
