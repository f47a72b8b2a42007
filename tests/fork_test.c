/* SPDX-License-Identifier: Apache-2.0 */
/* A handle belongs to the process that opened it. A forked child gets an error from each call on it, keeps what
 * payload it can see, and opens the ring for itself. */
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/every_call.h"
#include "support/ready.h"
#include "support/ring.h"
#include "support/suite.h"
#include "support/thread.h"

static slotring_t *inherited;
static slotring_reader_t *inherited_reader;
static slotring_slot_t inherited_slot;
static slotring_writer_t *inherited_writer;

static void refuse_all(peer_t *test, const char *name)
{
    (void)test, (void)name;
    every_call_of_ring(inherited, SLOTRING_E_FORKED);
    every_call_of_reader(inherited_reader, SLOTRING_E_FORKED);
    every_call_of_writer(inherited_writer, SLOTRING_E_FORKED);
    CHECK_CODE(slotring_release(inherited, &inherited_slot), SLOTRING_E_FORKED); /* what its parent holds */
    pattern_check(&inherited_slot);                                              /* readable as ever */
    CHECK_OK(slotring_close(inherited)); /* frees private memory only */
}

static void every_call_refuses(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_ticket_t ticket = publish(ring, 1, 0);
    hold(ring, &ticket, &inherited_slot);
    CHECK_OK(slotring_writer_open(ring, NULL, &inherited_writer));
    CHECK_OK(slotring_writer_append(inherited_writer, "abc", 3, 1, 0)); /* and its slot stays open */
    inherited = ring;
    inherited_reader = reader;
    peer_t peer = peer_fork(refuse_all, ring_name());
    peer_join(&peer);
    /* the parent has not noticed: attached, subscribed, holding */
    CHECK_EQUAL(ring_stats(ring).participants, 1);
    CHECK_EQUAL(ring_stats(ring).slots_held, 1);
    slotring_recovery_t recovery = {.struct_size = sizeof recovery};
    CHECK_OK(slotring_recover(ring, &recovery));
    CHECK_EQUAL(recovery.participants, 0);
    take_now(reader, pattern_tag(1, 0));
    CHECK_OK(slotring_writer_append(inherited_writer, "defg", 4, 2, 0));
    CHECK_OK(slotring_writer_close(inherited_writer));
    for (uint64_t n = 0; n < 2; n++) {
        slotring_slot_t slot;
        CHECK_OK(slotring_next(reader, 0, &slot));
        CHECK_EQUAL(slot.number, n);
        CHECK_EQUAL(slot.length, 3 + n);
        CHECK_OK(slotring_reader_release(reader));
    }
    CHECK_OK(slotring_release(ring, &inherited_slot));
    CHECK_OK(slotring_unsubscribe(reader));
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

static intptr_t inherited_descriptor;

/* The child has neither the descriptor nor its thread, and what it frees is its own memory. */
static void has_no_descriptor(peer_t *test, const char *name)
{
    (void)test, (void)name;
    CHECK(fcntl((int)inherited_descriptor, F_GETFD) < 0);
    CHECK_CODE(slotring_unsubscribe(inherited_reader), SLOTRING_E_FORKED);
    CHECK_OK(slotring_close(inherited));
}

static void a_descriptor_is_the_parents(void)
{
    slotring_slot_t slot;
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    CHECK_OK(slotring_reader_descriptor(reader, &inherited_descriptor));
    inherited = ring;
    inherited_reader = reader;
    for (uint64_t n = 0; n < 5; n++) {
        CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_EMPTY);
        peer_t peer = peer_fork(has_no_descriptor, ring_name());
        peer_join(&peer);
        CHECK(!ready_now(inherited_descriptor));
        publish(ring, 1, n);
        bool ready;
        CHECK_EQUAL(ready_wait(&inherited_descriptor, 1, -1, &ready), 1);
        take_now(reader, pattern_tag(1, n));
    }
    ring_remove(ring, ring_name());
}

static void opens_its_own(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    CHECK_EQUAL(ring_stats(ring).participants, 2);
    CHECK_OK(slotring_recover(ring, NULL)); /* the parent is not dead for its child */
    CHECK_EQUAL(ring_stats(ring).participants, 2);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    peer_tell(test, 1);
    CHECK_EQUAL(take(reader), pattern_tag(1, 5));
    slotring_ticket_t ticket = publish(ring, 2, 6);
    peer_put(test, &ticket, sizeof ticket);
    CHECK_OK(slotring_close(inherited)); /* frees the copy; the parent's goes on */
    CHECK_OK(slotring_close(ring));
}

static void child_opens_its_own(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    inherited = ring;
    peer_t peer = peer_fork(opens_its_own, ring_name());
    peer_expect(&peer, 1);
    publish(ring, 1, 5);
    slotring_ticket_t ticket;
    peer_get(&peer, &ticket, sizeof ticket);
    read_once(ring, &ticket);
    peer_join(&peer);
    CHECK_EQUAL(ring_stats(ring).participants, 1);
    ring_remove(ring, ring_name());
}

static void grandchild(peer_t *test, const char *name)
{
    (void)test;
    slotring_slot_t slot;
    CHECK_CODE(slotring_allocate(inherited, 1, &slot), SLOTRING_E_FORKED);
    slotring_t *ring = ring_attach(name);
    CHECK_EQUAL(ring_stats(ring).participants, 3);
    CHECK_OK(slotring_close(ring));
}

static void child_with_a_child(peer_t *test, const char *name)
{
    (void)test;
    slotring_slot_t slot;
    CHECK_CODE(slotring_allocate(inherited, 1, &slot), SLOTRING_E_FORKED);
    inherited = ring_attach(name);
    peer_t peer = peer_fork(grandchild, name);
    peer_join(&peer);
    publish(inherited, 1, 1);
    CHECK_OK(slotring_close(inherited));
}

static void over_two_generations(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    inherited = ring;
    peer_t peer = peer_fork(child_with_a_child, ring_name());
    peer_join(&peer);
    CHECK_EQUAL(ring_stats(ring).published, 1);
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

static void dies_after_the_parent_closed(peer_t *test, const char *name)
{
    (void)name;
    peer_expect(test, 1);
    pattern_check(&inherited_slot); /* the mapping is the child's own by now */
    slotring_slot_t slot;
    CHECK_CODE(slotring_allocate(inherited, 1, &slot), SLOTRING_E_FORKED);
    CHECK_OK(slotring_close(inherited)); /* frees private memory only */
}

static void child_outlives_the_parents_handle(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_ticket_t ticket = publish(ring, 1, 0);
    hold(ring, &ticket, &inherited_slot);
    inherited = ring;
    peer_t peer = peer_fork(dies_after_the_parent_closed, ring_name());
    CHECK_OK(slotring_close(ring));
    ring = ring_attach(ring_name()); /* the child's inheritance keeps nobody alive */
    CHECK_EQUAL(ring_stats(ring).participants, 1);
    CHECK_EQUAL(ring_stats(ring).slots_held, 0);
    CHECK_OK(slotring_close(ring));
    CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
    peer_tell(&peer, 1);
    peer_join(&peer);
}

static void opens_in_child(void)
{
    slotring_t *ring = ring_attach(ring_name());
    slotring_ticket_t ticket = publish(ring, 3, 1);
    slotring_slot_t slot;
    int code = slotring_acquire_for_read(ring, &ticket, &slot);
    if (code == 0)
        pattern_check(&slot);
    CHECK_OK(slotring_close(ring));
}

static void publish_until_enough(void *argument)
{
    uint64_t *goal = argument;
    for (uint64_t n = 0; n < *goal && threads_go_on(); n++)
        publish(inherited, 1, n);
}

static void fork_while_threads_work(void)
{
    /* whatever private locks other threads have at the moment of the fork, the child can open and work */
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    inherited = ring;
    uint64_t goal = scaled(100000);
    thread_start(publish_until_enough, &goal);
    thread_start(publish_until_enough, &goal);
    unsigned long rounds = scaled(60);
    for (unsigned long i = 0; i < rounds && threads_go_on(); i++) {
        pid_t child = fork();
        CHECK_SYSTEM(child);
        if (child == 0) {
            check_in_helper("forked beside threads");
            opens_in_child();
            _exit(0);
        }
        int status;
        CHECK_SYSTEM(waitpid(child, &status, 0));
        CHECK_EQUAL(status, 0);
    }
    threads_join();
    CHECK_EQUAL(ring_stats(ring).published, 2 * goal + rounds);
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

static void block_in_allocate(void *argument)
{
    atomic_int *go_on = argument;
    slotring_slot_t slot;
    while (atomic_load(go_on) && threads_go_on()) {
        int code = slotring_allocate_wait(inherited, 1, MILLISECOND, &slot);
        CHECK(code == SLOTRING_E_TIMEOUT || code == SLOTRING_E_STATE);
    }
}

static void close_in_child_beside_threads(void)
{
    /* the child has the private locks as they were at the moment of the fork; freeing must not wait for them */
    slotring_options_t options = ring_options(SLOTRING_CREATE, 1, 64);
    options.spin_ns = UINT64_MAX; /* look at everything all the time */
    slotring_t *ring = ring_open_with(ring_name(), &options);
    slotring_reader_t *readers[3];
    for (int i = 0; i < 3; i++)
        readers[i] = subscribe(ring, i == 0 ? SLOTRING_LOSSLESS : SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    publish(ring, 1, 0);
    inherited = ring;
    atomic_int go_on = 1;
    thread_start(block_in_allocate, &go_on);
    thread_start(block_in_allocate, &go_on);
    unsigned long rounds = scaled(300);
    for (unsigned long i = 0; i < rounds && threads_go_on(); i++) {
        pid_t child = fork();
        CHECK_SYSTEM(child);
        if (child == 0) {
            check_in_helper("forked beside blocked threads");
            (void)slotring_unsubscribe(readers[1]);
            CHECK_OK(slotring_close(ring));
            _exit(0);
        }
        int status;
        CHECK_SYSTEM(waitpid(child, &status, 0));
        CHECK_EQUAL(status, 0);
    }
    atomic_store(&go_on, 0);
    threads_join();
    for (int i = 0; i < 3; i++)
        CHECK_OK(slotring_unsubscribe(readers[i]));
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"every_call_refuses", every_call_refuses, 0},
    {"a_descriptor_is_the_parents", a_descriptor_is_the_parents, 0},
    {"child_opens_its_own", child_opens_its_own, 0},
    {"over_two_generations", over_two_generations, 0},
    {"child_outlives_the_parents_handle", child_outlives_the_parents_handle, 0},
    {"fork_while_threads_work", fork_while_threads_work, 0},
    {"close_in_child_beside_threads", close_in_child_beside_threads, 0},
    {NULL, NULL, 0},
};

const test_suite_t fork_suite = {"fork", cases, NULL};
