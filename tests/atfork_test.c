/* SPDX-License-Identifier: Apache-2.0 */
/* A host may fork at any moment, from any thread and callback, and do anything in handlers of its own, registered before
 * this library's or after. No deadlock, and the child can work. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/roles.h"
#include "support/suite.h"
#include "support/thread.h"

/* ---- Handlers of the host ------------------------------------------------------------------------------- */

enum when {
    IN_PREPARE,
    IN_PARENT,
    IN_CHILD
};

enum what {
    REOPENS, /* closes its ring and opens it again */
    OPENS,   /* one more */
    SUBSCRIBES,
    THE_PROCESSES_OWN_RING,
    WHATS
};

typedef struct plan {
    uint32_t first; /* its handlers are registered before the library is used at all */
    uint32_t when, what, threads;
    char name[SLOTRING_NAME_MAX + 1];
} plan_t;

static plan_t plan;
static slotring_t *hosts;
static atomic_bool stop;

static slotring_t *attach(void)
{
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    slotring_t *ring;
    CHECK_OK(slotring_open(&ring, plan.name, &options, NULL));
    return ring;
}

static void act(uint32_t when)
{
    slotring_reader_t *reader;
    slotring_t *more;
    if (plan.when != when)
        return;
    switch (plan.what) {
    case REOPENS:
        CHECK_OK(slotring_close(hosts));
        hosts = attach();
        break;
    case OPENS:
        more = attach();
        publish(more, 1, 0);
        CHECK_OK(slotring_close(more));
        break;
    case SUBSCRIBES:
        more = attach();
        CHECK_OK(slotring_subscribe(more, NULL, &reader));
        CHECK_OK(slotring_unsubscribe(reader));
        CHECK_OK(slotring_close(more));
        break;
    default:
        CHECK_OK(slotring_global(plan.name, 0, 0, &more, NULL));
        slotring_global_cleanup();
        break;
    }
}

static void in_prepare(void)
{
    act(IN_PREPARE);
}

static void in_parent(void)
{
    act(IN_PARENT);
}

static void in_child(void)
{
    act(IN_CHILD);
}

static void opens_and_closes(void *argument)
{
    (void)argument;
    while (!atomic_load(&stop) && threads_go_on()) {
        slotring_t *ring = attach();
        publish(ring, 2, 0);
        CHECK_OK(slotring_close(ring));
    }
}

static void uses_the_processes_own(void *argument)
{
    (void)argument;
    while (!atomic_load(&stop) && threads_go_on()) {
        slotring_t *ring;
        CHECK_OK(slotring_global(plan.name, 0, 0, &ring, NULL));
        slotring_global_cleanup();
    }
}

static void works_in_a_child(void)
{
    check_in_helper("the child of a fork");
    slotring_t *ring = attach();
    slotring_ticket_t ticket = publish(ring, 3, 1);
    slotring_slot_t slot;
    if (slotring_acquire_for_read(ring, &ticket, &slot) == 0)
        pattern_check(&slot);
    CHECK_OK(slotring_close(ring));
    if (plan.when == IN_CHILD && plan.what == REOPENS)
        CHECK_OK(slotring_close(hosts));
    _exit(0);
}

static void fork_once(void)
{
    pid_t child = fork();
    CHECK_SYSTEM(child);
    if (child == 0)
        works_in_a_child();
    int status;
    CHECK_SYSTEM(waitpid(child, &status, 0));
    CHECK_EQUAL(status, 0);
}

/* The host: in a process of its own, since a handler stays registered. */
static void forks(peer_t *test, const char *argument)
{
    (void)argument;
    peer_get(test, &plan, sizeof plan);
    if (plan.first)
        CHECK_EQUAL(pthread_atfork(in_prepare, in_parent, in_child), 0);
    hosts = attach();
    if (!plan.first)
        CHECK_EQUAL(pthread_atfork(in_prepare, in_parent, in_child), 0);
    for (uint32_t i = 0; i < plan.threads; i++)
        thread_start(i % 2 == 0 ? opens_and_closes : uses_the_processes_own, NULL);
    for (unsigned long i = 0; i < scaled(4); i++)
        fork_once();
    atomic_store(&stop, true);
    threads_join();
    CHECK_OK(slotring_close(hosts));
    peer_tell(test, 1);
}

/* A child of a fork beside threads may wait for ever for a lock of what runs it, which a thread had that the child does not
 * have: a lock of AddressSanitizer's allocator, or that of qemu (util/path.c), which each call with a path takes. There the
 * handlers are tried without threads. */
static uint32_t threads_beside(void)
{
#if defined(__SANITIZE_ADDRESS__)
    return 0;
#else
    const char *emulator = getenv("SLOTRING_TEST_EMULATOR");
    return emulator != NULL && emulator[0] != 0 ? 0 : 2;
#endif
}

static void handlers_of_the_host(uint32_t when)
{
    slotring_t *ring = ring_create(ring_name(), 8, 64);
    uint32_t most = threads_beside();
    for (uint32_t first = 0; first < 2; first++)
        for (uint32_t what = 0; what < WHATS; what++)
            for (uint32_t threads = 0; threads <= most; threads += 2) {
                check_context("registered %s, does %u, beside %u threads", first ? "first" : "later", what,
                              threads);
                plan_t wanted = {.first = first, .when = when, .what = what, .threads = threads};
                (void)snprintf(wanted.name, sizeof wanted.name, "%s", ring_name());
                peer_t host = peer_start(BY_EXEC, "atfork-forks", "");
                peer_put(&host, &wanted, sizeof wanted);
                peer_expect(&host, 1);
                peer_join(&host);
                CHECK_EQUAL(ring_stats(ring).participants, 1);
            }
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

static void handlers_of_the_host_in_prepare(void)
{
    handlers_of_the_host(IN_PREPARE);
}

static void handlers_of_the_host_in_the_parent(void)
{
    handlers_of_the_host(IN_PARENT);
}

static void handlers_of_the_host_in_the_child(void)
{
    handlers_of_the_host(IN_CHILD);
}

/* What a handler of the host opens in the child, before this library's own handler runs, is the child's: it stays, it is
 * the child's for every call, and its lock is not given up with the parent's. */
static slotring_t *childs;

static void opens_in_child(void)
{
    childs = attach();
}

static void keeps_what_a_handler_opened(peer_t *test, const char *argument)
{
    (void)argument;
    peer_get(test, &plan, sizeof plan);
    CHECK_EQUAL(pthread_atfork(NULL, NULL, opens_in_child), 0); /* first: so it runs before the library's */
    slotring_t *ring = attach();
    int ends[2];
    CHECK_SYSTEM(pipe(ends));
    pid_t child = fork();
    CHECK_SYSTEM(child);
    if (child == 0) {
        char byte;
        check_in_helper("the child of a fork");
        publish(childs, 1, 0);
        CHECK_SYSTEM(close(ends[1]));
        CHECK_EQUAL(read(ends[0], &byte, 1), 0); /* until the parent is done */
        publish(childs, 1, 1);
        CHECK_OK(slotring_close(childs));
        _exit(0);
    }
    while (ring_stats(ring).published == 0)
        (void)usleep(100);
    slotring_recovery_t recovery = {.struct_size = sizeof recovery};
    CHECK_OK(slotring_recover(ring, &recovery));
    CHECK_EQUAL(recovery.participants, 0); /* the child lives */
    CHECK_OK(slotring_close(ring));
    CHECK_SYSTEM(close(ends[0]));
    CHECK_SYSTEM(close(ends[1]));
    int status;
    CHECK_SYSTEM(waitpid(child, &status, 0));
    CHECK_EQUAL(status, 0);
    peer_tell(test, 1);
}

static void what_a_handler_opened_is_the_childs(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 64);
    plan_t wanted = {.first = 1};
    (void)snprintf(wanted.name, sizeof wanted.name, "%s", ring_name());
    peer_t host = peer_start(BY_EXEC, "atfork-keeps", "");
    peer_put(&host, &wanted, sizeof wanted);
    peer_expect(&host, 1);
    peer_join(&host);
    CHECK_EQUAL(ring_stats(ring).published, 2);
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

/* ---- A fork beside waits ------------------------------------------------------------------------------- */

static void locks_the_ring(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    CHECK_OK(sr__mutex_lock(ring, PATIENCE, NULL));
    peer_tell(test, 1);
    (void)peer_hear(test);
    sr__mutex_unlock(ring);
    CHECK_OK(slotring_close(ring));
}

static atomic_bool has_it;

static void waits_for_the_processes_own(void *argument)
{
    slotring_t **ring = argument;
    CHECK_OK(slotring_global(ring_name(), 0, 0, ring, NULL));
    atomic_store(&has_it, true);
}

/* A thread waits in slotring_global for a ring whose lock another process has. Forks do not wait for it. */
static void a_fork_beside_a_long_wait(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 64), *own = NULL;
    peer_t locker = peer_start(BY_EXEC, "atfork-locks", ring_name());
    peer_expect(&locker, 1);
    thread_start(waits_for_the_processes_own, &own);
    threads_wait_asleep();
    for (int i = 0; i < 10; i++) {
        pid_t child = fork();
        CHECK_SYSTEM(child);
        if (child == 0) {
            slotring_t *other = NULL;
            check_in_helper("the child of a fork");
            slotring_options_t options = ring_options(SLOTRING_CREATE, 2, 64);
            CHECK_OK(slotring_open(&other, ring_name_of("-other"), &options,
                                   NULL)); /* nothing of its own is locked */
            CHECK_OK(slotring_close(other));
            CHECK_OK(slotring_unlink(ring_name_of("-other"), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
            _exit(0);
        }
        int status;
        CHECK_SYSTEM(waitpid(child, &status, 0));
        CHECK_EQUAL(status, 0);
        CHECK(!atomic_load(&has_it)); /* it still waits: so the fork did not wait for it */
    }
    peer_tell(&locker, 1);
    threads_join();
    CHECK(own != NULL);
    slotring_global_cleanup();
    peer_join(&locker);
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

/* ---- Callbacks that fork -------------------------------------------------------------------------------- */

static atomic_uint forked;

static void fork_in_a_callback(void *user, const char *message)
{
    (void)user, (void)message;
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    int status = -1;
    (void)waitpid(child, &status, 0);
    if (status == 0)
        atomic_fetch_add(&forked, 1);
}

static void a_log_callback_that_forks(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 64), *own;
    for (int through_global = 0; through_global < 2; through_global++) {
        peer_t victim = peer_start(BY_EXEC, "atfork-publishes", ring_name());
        peer_expect(&victim, 1);
        peer_kill(&victim);
        atomic_store(&forked, 0);
        slotring_set_log(fork_in_a_callback, NULL);
        if (through_global) {
            CHECK_OK(slotring_global(ring_name(), 0, 0, &own, NULL));
            slotring_global_cleanup();
        } else {
            CHECK_OK(slotring_recover(ring, NULL));
        }
        slotring_set_log(NULL, NULL);
        CHECK_EQUAL(atomic_load(&forked), 1);
    }
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

/* The host's check of a call that is blocked: its child begins in the middle of that call, and uses the ring all the same. */
static int fork_in_a_check(void *user)
{
    (void)user;
    if (atomic_load(&forked) != 0)
        return 0;
    pid_t child = fork();
    if (child == 0) {
        check_in_helper("the child of a check");
        slotring_t *own = ring_attach(ring_name());
        publish(own, 1, 0);
        CHECK_OK(slotring_close(own));
        _exit(0);
    }
    int status = -1;
    CHECK_SYSTEM(waitpid(child, &status, 0));
    CHECK_EQUAL(status, 0);
    atomic_fetch_add(&forked, 1);
    return 0;
}

static void a_check_that_forks(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 64);
    options.wait_check = fork_in_a_check;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    atomic_store(&forked, 0);
    CHECK_EQUAL(take(reader), pattern_tag(1, 0));
    CHECK_EQUAL(atomic_load(&forked), 1);
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* What check tells it, and what it tells: in the middle of a look at the whole ring. */
static void fork_at_a_finding(void *user, const char *text)
{
    (void)user, (void)text;
    fork_in_a_callback(NULL, NULL);
}

static void an_audit_whose_callback_forks(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 64), *observer = ring_observe(ring_name());
    sr__word_t *frontier = &ring->member.view.state->frontier;
    uint64_t findings = 0, right = atomic_exchange(frontier, UINT64_C(1) << 60);
    atomic_store(&forked, 0);
    CHECK_OK(slotring_check(ring, fork_at_a_finding, NULL, &findings));
    CHECK_AT_LEAST(findings, 1);
    CHECK_OK(slotring_check(observer, fork_at_a_finding, NULL, &findings));
    CHECK_AT_LEAST(atomic_load(&forked), 2);
    atomic_store(frontier, right);
    CHECK_OK(slotring_close(observer));
    ring_remove(ring, ring_name());
}

/* ---- The process's own ring over a fork and a spawn ----------------------------------------------------- */

static void a_child_has_its_parents_ring(void)
{
    slotring_t *own;
    ring_keep(ring_name());
    CHECK_OK(slotring_global(ring_name(), 4 * 64, 64, &own, NULL));
    pid_t child = fork();
    CHECK_SYSTEM(child);
    if (child == 0) {
        check_in_helper("the child of a fork");
        CHECK_OK(slotring_global(NULL, 0, 0, &own, NULL));
        CHECK_STRING(ring_info(own).name, ring_name());
        CHECK_EQUAL(ring_info(own).slot_count, 4);
        publish(own, 1, 7);
        slotring_global_cleanup();
        _exit(0);
    }
    int status;
    CHECK_SYSTEM(waitpid(child, &status, 0));
    CHECK_EQUAL(status, 0);
    CHECK_EQUAL(ring_stats(own).published, 1);
    slotring_global_cleanup();
    CHECK(!ring_exists(ring_name()));
}

static void has_the_ring_of_the_environment(peer_t *test, const char *name)
{
    slotring_t *own;
    CHECK_OK(slotring_global(NULL, 0, 0, &own, NULL));
    CHECK_STRING(ring_info(own).name, name);
    publish(own, 1, 0);
    slotring_global_cleanup(); /* it is not its creator's: it stays */
    peer_tell(test, 1);
}

static void a_started_program_has_the_ring_of_the_environment(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 64);
    CHECK_SYSTEM(setenv("SLOTRING_GLOBAL", ring_name(), 1));
    peer_t started = peer_start(BY_EXEC, "atfork-environment", ring_name());
    CHECK_SYSTEM(unsetenv("SLOTRING_GLOBAL"));
    peer_expect(&started, 1);
    peer_join(&started);
    CHECK_EQUAL(ring_stats(ring).published, 1);
    ring_remove(ring, ring_name());
}

/* Its creator cleans up while others are attached: the last of them takes the ring along. */
static void attaches_and_waits(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    peer_tell(test, 1);
    (void)peer_hear(test);
    publish(ring, 1, 0); /* goes on */
    CHECK_OK(slotring_close(ring));
}

static void a_ring_goes_with_its_last_user(void)
{
    slotring_t *own;
    CHECK_OK(slotring_global(ring_name(), 4 * 64, 64, &own, NULL));
    peer_t other = peer_start(BY_EXEC, "atfork-attaches", ring_name());
    peer_expect(&other, 1);
    slotring_global_cleanup();
    CHECK(ring_exists(ring_name()));
    peer_tell(&other, 1);
    peer_join(&other);
    CHECK(!ring_exists(ring_name()));
}

static const test_case_t cases[] = {
    {"handlers_of_the_host_in_prepare", handlers_of_the_host_in_prepare, 0},
    {"handlers_of_the_host_in_the_parent", handlers_of_the_host_in_the_parent, 0},
    {"handlers_of_the_host_in_the_child", handlers_of_the_host_in_the_child, 0},
    {"what_a_handler_opened_is_the_childs", what_a_handler_opened_is_the_childs, 0},
    {"a_fork_beside_a_long_wait", a_fork_beside_a_long_wait, 0},
    {"a_log_callback_that_forks", a_log_callback_that_forks, 0},
    {"a_check_that_forks", a_check_that_forks, 0},
    {"an_audit_whose_callback_forks", an_audit_whose_callback_forks, 0},
    {"a_child_has_its_parents_ring", a_child_has_its_parents_ring, 0},
    {"a_started_program_has_the_ring_of_the_environment", a_started_program_has_the_ring_of_the_environment,
     0},
    {"a_ring_goes_with_its_last_user", a_ring_goes_with_its_last_user, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {{"atfork-forks", forks},
                                    {"atfork-keeps", keeps_what_a_handler_opened},
                                    {"atfork-locks", locks_the_ring},
                                    {"atfork-publishes", publishes_and_stays},
                                    {"atfork-environment", has_the_ring_of_the_environment},
                                    {"atfork-attaches", attaches_and_waits},
                                    {NULL, NULL}};

const test_suite_t atfork_suite = {"atfork", cases, roles};
