/* SPDX-License-Identifier: Apache-2.0 */
/* Processes killed with what they have in hand: the others repair and go on, nothing is lost, nothing needs a
 * hand. And what is no death: SIGSTOP, a closed descriptor, a dead parent. Kills at chosen instructions are in
 * step_test.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/coverage.h"
#include "support/files.h"
#include "support/internals.h"
#include "support/posix_calls.h"
#include "support/registry.h"
#include "support/ring.h"
#include "support/suite.h"

#define FD_LIMIT 1024

/* Has slots in every state: writes two, holds two by ticket, one as a lossy reader, lags as a lossless one. */
static void has_all_in_hand(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *lossless = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_OLDEST);
    slotring_reader_t *lossy = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    slotring_slot_t slots[6];
    slotring_ticket_t tickets[2] = {publish(ring, 3, 0), publish(ring, 3, 1)};
    hold(ring, &tickets[0], &slots[0]);
    hold(ring, &tickets[1], &slots[1]);
    CHECK_OK(slotring_next(lossless, 0, &slots[2]));
    CHECK_OK(slotring_next(lossy, 0, &slots[3]));
    CHECK_OK(slotring_allocate(ring, 1, &slots[4]));
    CHECK_OK(slotring_allocate(ring, 1, &slots[5]));
    memset(slots[4].data, 0xbb, (size_t)slots[4].capacity);
    peer_tell(test, 1);
    (void)peer_hear(test);
}

static void with_all_in_hand(void)
{
    for (int how = BY_FORK; how <= BY_EXEC; how++) {
        slotring_t *ring = ring_create(ring_name(), 8, 100);
        publish(ring, 1, 0);
        CHECK_OK(slotring_end_stream(ring));
        peer_t peer = peer_start((enum how_to_start)how, "kill-all-in-hand", ring_name());
        peer_expect(&peer, 1);
        slotring_stats_t stats = ring_stats(ring);
        CHECK_EQUAL(stats.participants, 2);
        CHECK_EQUAL(stats.readers, 2);
        CHECK_EQUAL(stats.slots_writing, 2);
        CHECK_AT_LEAST(stats.slots_held, 2);
        peer_kill(&peer);
        slotring_recovery_t recovery = {.struct_size = sizeof recovery};
        CHECK_OK(slotring_recover(ring, &recovery));
        CHECK_EQUAL(recovery.participants, 1);
        CHECK_EQUAL(recovery.readers, 2);
        CHECK_AT_LEAST(recovery.holds, 2);
        CHECK_AT_LEAST(recovery.slots_freed, 2);
        stats = ring_stats(ring);
        CHECK_EQUAL(stats.published, 3);
        CHECK_EQUAL(stats.repaired, 1);
        CHECK_EQUAL(stats.producers_died, 1);
        CHECK_EQUAL(stats.readers, 0);
        check_recovered(ring, 1);
        CHECK_OK(slotring_recover(ring, &recovery)); /* once is enough */
        CHECK_EQUAL(recovery.participants, 0);
        ring_remove(ring, ring_name());
    }
}

static void attach_repairs(void)
{
    /* nobody calls recover: whoever comes next finds the ring clean */
    slotring_t *ring = ring_create(ring_name(), 8, 100);
    peer_t peer = peer_start(BY_EXEC, "kill-all-in-hand", ring_name());
    CHECK_OK(slotring_close(ring));
    publish(ring = ring_attach(ring_name()), 1, 0);
    peer_expect(&peer, 1);
    peer_kill(&peer);
    CHECK_OK(slotring_close(ring));
    ring = ring_attach(ring_name());
    CHECK_EQUAL(ring_stats(ring).participants, 1);
    CHECK_EQUAL(ring_stats(ring).slots_writing, 0);
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

static void blocked_producer_repairs(void)
{
    /* the dead one is in the way of everything; a producer that waits for room removes it by itself */
    slotring_t *ring = ring_create(ring_name(), 5, 100);
    publish(ring, 1, 0);
    peer_t peer = peer_start(BY_FORK, "kill-all-in-hand", ring_name());
    peer_expect(&peer, 1);
    slotring_slot_t slot;
    CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_FULL);
    peer_kill(&peer);
    for (uint64_t n = 1; n < 20; n++)
        publish(ring, 1, n);
    CHECK_OK(slotring_end_stream(ring));
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

static void unlink_after_all_are_dead(void)
{
    slotring_t *ring = ring_create(ring_name(), 8, 100);
    publish(ring, 1, 0);
    peer_t peer = peer_start(BY_EXEC, "kill-all-in-hand", ring_name());
    peer_expect(&peer, 1);
    CHECK_OK(slotring_close(ring));
    CHECK_CODE(slotring_unlink(ring_name(), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL), SLOTRING_E_BUSY);
    peer_kill(&peer);
    CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
    check_nothing_left();
}

static void when_unused_after_a_kill(void)
{
    slotring_t *ring = ring_create(ring_name(), 8, 100);
    publish(ring, 1, 0);
    peer_t peer = peer_start(BY_EXEC, "kill-all-in-hand", ring_name());
    peer_expect(&peer, 1);
    CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_WHEN_UNUSED, NULL, NULL));
    peer_kill(&peer);
    CHECK_OK(slotring_close(ring)); /* the last one living */
    check_nothing_left();
}

static void wipe_unused(void)
{
    slotring_t *ring = ring_create(ring_name(), 8, 100);
    slotring_ticket_t ticket = publish(ring, 1, 0);
    peer_t peer = peer_start(BY_EXEC, "kill-all-in-hand", ring_name());
    peer_expect(&peer, 1);
    CHECK_OK(slotring_close(ring));
    slotring_options_t options = ring_options(SLOTRING_CREATE, 3, 200);
    options.flags = SLOTRING_WIPE_UNUSED;
    CHECK_CODE(slotring_open(&ring, ring_name(), &options, NULL), SLOTRING_E_BUSY); /* it lives */
    peer_kill(&peer);
    ring = ring_open_with(ring_name(), &options);
    CHECK_EQUAL(ring_info(ring).slot_count, 3);
    slotring_slot_t slot;
    CHECK_CODE(slotring_acquire_for_read(ring, &ticket, &slot), SLOTRING_E_FOREIGN);
    ring_remove(ring, ring_name());
}

/* Writes, reads, holds, subscribes without end, until killed. */
static void storms(peer_t *test, const char *name)
{
    coverage_apart();
    slotring_t *ring = ring_attach(name);
    peer_tell(test, 1);
    unsigned random = (unsigned)getpid();
    for (uint64_t n = 0;; n++) {
        slotring_slot_t slot, held;
        uint64_t length;
        slotring_reader_t *reader =
            n % 8 == 0 ? subscribe(ring, (uint32_t)(n / 8) % 2, (uint32_t)(n / 16) % 2) : NULL;
        if (slotring_allocate(ring, 1, &slot) == 0) {
            slot.tag = pattern_tag(1, n);
            length = pattern_length(slot.tag, slot.capacity);
            pattern_fill(slot.data, length, slot.tag);
            CHECK_OK(slotring_mark_ready(ring, &slot, length));
            if (slotring_acquire_for_read(ring, &slot.ticket, &held) == 0) {
                pattern_check(&held);
                random = random * 1664525u + 1013904223u;
                if (random >> 28 == 0)
                    (void)slotring_free(ring, &slot.ticket);
                CHECK_OK(slotring_release(ring, &held));
            }
        }
        if (reader == NULL)
            continue;
        while (slotring_next(reader, 0, &slot) == 0) {
            pattern_check(&slot);
            CHECK_OK(slotring_reader_release(reader));
        }
        CHECK_OK(slotring_unsubscribe(reader));
    }
}

/* Reads on until `until` publications have come, or the stream has ended; each must be the next one, and whole. */
static void read_on(slotring_reader_t *reader, uint64_t until, uint64_t *expected, uint64_t *deaths)
{
    while (*expected < until) {
        slotring_slot_t slot;
        int code = slotring_next(reader, PATIENCE, &slot);
        if (code == SLOTRING_E_PRODUCER_DIED) {
            ++*deaths;
            continue;
        }
        if (code == SLOTRING_E_END && until == UINT64_MAX)
            return;
        if (code == SLOTRING_E_END)
            continue; /* the next producer is on its way */
        CHECK_OK(code);
        pattern_check(&slot);
        CHECK_EQUAL(slot.sequence, *expected);
        ++*expected;
        CHECK_OK(slotring_reader_release(reader));
    }
}

static void storm_of_kills(void)
{
    /* a lossless reader lives through all of it and must get every publication whole and in order */
    slotring_t *ring = ring_create(ring_name(), 16, 200);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    unsigned long rounds = scaled(40);
    uint64_t expected = 0, deaths = 0;
    for (unsigned long i = 0; i < rounds; i++) {
        peer_t peers[2];
        for (int p = 0; p < 2; p++) {
            peers[p] = peer_start(i % 10 == 0 ? BY_EXEC : BY_FORK, "kill-storm", ring_name());
            peer_expect(&peers[p], 1);
        }
        read_on(reader, expected + 20 + (i * 7919) % 400, &expected, &deaths);
        peer_kill(&peers[i % 2]);
        read_on(reader, expected + 30, &expected, &deaths);
        peer_kill(&peers[1 - i % 2]);
    }
    CHECK_OK(slotring_recover(ring, NULL));
    read_on(reader, UINT64_MAX, &expected, &deaths);
    slotring_stats_t stats = ring_stats(ring);
    CHECK_EQUAL(stats.published, expected);
    CHECK_EQUAL(stats.producers_died, deaths);
    CHECK_EQUAL(stats.producers_started, deaths);
    CHECK_AT_LEAST(2 * rounds, stats.repaired); /* a repairer that was killed itself may not have counted */
    CHECK_EQUAL(stats.overwritten, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

static void stopped_is_not_dead(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    peer_t peer = peer_start(BY_FORK, "kill-lagging", ring_name());
    peer_expect(&peer, 1);
    for (uint64_t n = 0; n < 4; n++)
        publish(ring, 1, n);
    peer_stop(&peer);
    slotring_slot_t slot;
    slotring_recovery_t recovery = {.struct_size = sizeof recovery};
    CHECK_OK(slotring_recover(ring, &recovery));
    CHECK_EQUAL(recovery.participants, 0);
    CHECK_CODE(slotring_allocate_wait(ring, 1, 300 * MILLISECOND, &slot), SLOTRING_E_TIMEOUT);
    slotring_blocker_t blockers[4];
    uint32_t count = 0;
    CHECK_OK(slotring_blockers(ring, blockers, 4, &count));
    CHECK_AT_LEAST(count, 1);
    CHECK_EQUAL(blockers[0].pid, peer.pid);
    CHECK_STRING(blockers[0].name, "lagging");
    CHECK_EQUAL(blockers[0].why, SLOTRING_BLOCKS_BY_LAG);
    CHECK_EQUAL(blockers[0].life, process_shows_stops() ? SLOTRING_LIFE_STOPPED : SLOTRING_LIFE_RUNNING);
    CHECK_EQUAL(blockers[0].slots, 4);
    CHECK_EQUAL(ring_stats(ring).participants, 2);
    peer_continue(&peer);
    peer_tell(&peer, 2);
    CHECK_EQUAL(peer_hear(&peer), 4); /* it lost nothing */
    publish(ring, 1, 4);
    peer_join(&peer);
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void lagging(peer_t *test, const char *name)
{
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    options.client_name = "lagging";
    slotring_t *ring = ring_open_with(name, &options);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    peer_tell(test, 1);
    peer_expect(test, 2);
    for (uint64_t n = 0; n < 4; n++)
        take_now(reader, pattern_tag(1, n));
    peer_tell(test, 4);
    CHECK_OK(slotring_close(ring));
}

/* Opens the ring, forks a child that only waits, and is killed. */
static void parent_of_a_waiting_child(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slot;
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    int ready[2];
    char byte = 0;
    CHECK_SYSTEM(pipe(ready));
    pid_t child = fork();
    if (child == 0) {
        (void)!write(ready[1], &byte, 1);
        for (;;)
            pause();
    }
    CHECK_EQUAL(read(ready[0], &byte, 1), 1); /* it has come out of its fork */
    peer_tell(test, (uint64_t)child);
    (void)peer_hear(test);
}

static void parent_killed_child_lives(void)
{
    NEEDS_POSIX("forked children");
    if (!process_forks_without_marked_memory())
        SKIP("madvise(MADV_DONTFORK) has no effect here: children inherit what keeps their parent's locks");
    /* the child inherited the mapping and the descriptors, but not the participant */
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    for (int how = BY_FORK; how <= BY_EXEC; how++) {
        peer_t peer = peer_start((enum how_to_start)how, "kill-parent", ring_name());
        pid_t child = (pid_t)peer_hear(&peer);
        CHECK_EQUAL(ring_stats(ring).participants, 2);
        peer_kill(&peer);
        slotring_recovery_t recovery = {.struct_size = sizeof recovery};
        int recovered = slotring_recover(ring, &recovery);
        bool lives = kill(child, 0) == 0;
        CHECK_SYSTEM(kill(child, SIGKILL));
        orphan_wait(child); /* the test is its parent now, if the system is so kind */
        CHECK_OK(recovered);
        CHECK(lives);
        CHECK_EQUAL(recovery.participants, 1);
        check_recovered(ring, 1);
    }
    ring_remove(ring, ring_name());
}

/* Closes every descriptor, as daemons do, and goes on using the ring. */
static void closes_all(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t writing;
    CHECK_OK(slotring_allocate(ring, 1, &writing));
    for (int file = 3; file < FD_LIMIT; file++)
        if (file != test->in && file != test->out)
            (void)close(file);
    peer_tell(test, 1);
    peer_expect(test, 2); /* the test has called recover: this one is alive */
    CHECK_OK(slotring_abort(ring, &writing));
    CHECK_EQUAL(take(reader), pattern_tag(1, 0));
    slotring_ticket_t ticket = publish(ring, 2, 0);
    read_once(ring, &ticket);
    CHECK_EQUAL(ring_stats(ring).participants, 2);
    CHECK_OK(slotring_recover(ring, NULL));
    check_ring(ring);
    peer_tell(test, 3);
    if (peer_hear(test) == 4)
        CHECK_OK(slotring_close(ring));
    else
        (void)peer_hear(test); /* waits to be killed */
}

static void descriptors_closed(void)
{
    NEEDS_POSIX("numbered descriptors that a program could close all");
    if (locks_need_descriptors())
        SKIP("a lock of flock goes with its descriptor; registry.descriptors_closed says what holds then");
    for (int killed = 0; killed <= 1; killed++) {
        slotring_t *ring = ring_create(ring_name(), 8, 100);
        peer_t peer = peer_start(BY_EXEC, "kill-closes-all", ring_name());
        peer_expect(&peer, 1);
        slotring_recovery_t recovery = {.struct_size = sizeof recovery};
        CHECK_OK(slotring_recover(ring, &recovery));
        CHECK_EQUAL(recovery.participants, 0);
        publish(ring, 1, 0);
        peer_tell(&peer, 2);
        peer_expect(&peer, 3);
        if (killed) {
            peer_tell(&peer, 5);
            peer_kill(&peer);
        } else {
            peer_tell(&peer, 4);
            peer_join(&peer);
        }
        check_recovered(ring, 1);
        CHECK_EQUAL(ring_stats(ring).repaired, killed);
        ring_remove(ring, ring_name());
    }
}

/* Stands in the middle of an attach, as far as the process mutex goes. */
static void holds_the_mutex(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    CHECK_OK(sr__mutex_lock(ring, SECOND, NULL));
    peer_tell(test, 1);
    (void)peer_hear(test);
}

static char logged[400];

static void remember_log(void *user, const char *message)
{
    (void)user;
    if (strstr(message, "lock") != NULL)
        (void)snprintf(logged, sizeof logged, "%s", message);
}

static void holder_of_the_process_mutex(void)
{
    slotring_t *ring = ring_create(ring_name(), 8, 100), *second;
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    slotring_error_t error;
    char number[40];
    peer_t peer = peer_start(BY_EXEC, "kill-holds-mutex", ring_name());
    peer_expect(&peer, 1);
    options.lock_timeout_ns = 20 * MILLISECOND; /* nobody hangs, and it is named */
    CHECK_CODE(slotring_open(&second, ring_name(), &options, &error), SLOTRING_E_BUSY);
    (void)snprintf(number, sizeof number, "process %d ", (int)peer.pid);
    CHECK_CONTAINS(error.text, number);
    slotring_set_log(remember_log, NULL);
    peer_kill(&peer);
    second = ring_attach(ring_name()); /* no system needs to tell that it died: the ring's own word does */
    CHECK_CONTAINS(logged, "was killed while it held the ring's lock");
    slotring_set_log(NULL, NULL);
    CHECK_EQUAL(ring_stats(ring).repaired, 1);
    CHECK_OK(slotring_close(second));
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

static void a_closed_descriptor_is_not_shared(void)
{
    NEEDS_POSIX("numbered descriptors that a program could close");
    /* the program closes a handle's descriptor, and the next handle gets its number, for the same file */
    const sr__backend_t *os = sr__backend_find(NULL, NULL);
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    sr__place_t *place;
    sr__locks_t *first, *second;
    CHECK_OK(os->names.place_open(NULL, ring_name(), &place, NULL));
    int number = dup(0);
    CHECK_SYSTEM(number);
    CHECK_SYSTEM(close(number));
    CHECK_OK(os->locks.open(place, false, NULL, &first, NULL));
    CHECK_SYSTEM(close(number));
    CHECK_OK(os->locks.open(place, false, NULL, &second, NULL));
    CHECK_OK(os->locks.mutex_lock(first, 0, NULL));
    CHECK_CODE(os->locks.mutex_lock(second, 0, NULL), SLOTRING_E_BUSY);
    os->locks.mutex_unlock(first);
    CHECK_OK(os->locks.mutex_lock(second, 0, NULL));
    CHECK_CODE(os->locks.mutex_lock(first, 0, NULL), SLOTRING_E_BUSY);
    os->locks.mutex_unlock(second);
    os->locks.close(first);
    os->locks.close(second);
    os->names.place_close(place);
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"with_all_in_hand", with_all_in_hand, 0},
    {"attach_repairs", attach_repairs, 0},
    {"blocked_producer_repairs", blocked_producer_repairs, 0},
    {"unlink_after_all_are_dead", unlink_after_all_are_dead, 0},
    {"when_unused_after_a_kill", when_unused_after_a_kill, 0},
    {"wipe_unused", wipe_unused, 0},
    {"storm_of_kills", storm_of_kills, 0},
    {"stopped_is_not_dead", stopped_is_not_dead, 0},
    {"parent_killed_child_lives", parent_killed_child_lives, 0},
    {"descriptors_closed", descriptors_closed, 0},
    {"holder_of_the_process_mutex", holder_of_the_process_mutex, 0},
    {"a_closed_descriptor_is_not_shared", a_closed_descriptor_is_not_shared, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {
    {"kill-all-in-hand", has_all_in_hand},
    {"kill-storm", storms},
    {"kill-lagging", lagging},
    {"kill-parent", parent_of_a_waiting_child},
    {"kill-closes-all", closes_all},
    {"kill-holds-mutex", holds_the_mutex},
    {NULL, NULL},
};

const test_suite_t kill_suite = {"kill", cases, roles};
