/* SPDX-License-Identifier: Apache-2.0 */
/* Containers filter system calls, and a filter that is older than a call refuses it with whatever number it was made
 * with. Who may not sleep on a word then sleeps all the same, in short steps; nobody spins, and nothing is lost. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform.h"
#include "support/records.h"
#include "support/ring.h"
#include "support/suite.h"

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LOW_HALF 4
#else
#define LOW_HALF 0
#endif

static bool install(struct sock_filter *rules, size_t count)
{
    struct sock_fprog program = {.len = (unsigned short)count, .filter = rules};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

enum refused {
    NEWER_ALONE, /* where there are two */
    ALL
};

/* The waits and wakes of other memory than a process's own are refused with `number`, and all else is allowed: the C
 * library's own locks know no refusal. */
static bool refuse_futexes(enum refused which, unsigned number)
{
#ifdef SYS_futex_time64
    const unsigned newer = SYS_futex_time64;
#else
    const unsigned newer = SYS_futex;
#endif
#ifdef SYS_futex
    const unsigned older = which == ALL ? SYS_futex : newer;
#else
    const unsigned older = newer;
#endif
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, newer, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, older, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1]) + LOW_HALF),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FUTEX_WAIT_BITSET, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FUTEX_WAKE, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | number),
    };
    return install(rules, sizeof rules / sizeof rules[0]);
}

static void tries_the_filter(peer_t *test, const char *argument)
{
    (void)argument;
    peer_tell(test, refuse_futexes(ALL, EPERM));
}

static bool there_are_filters(void)
{
    peer_t peer = peer_fork(tries_the_filter, "");
    bool there = peer_hear(&peer) != 0;
    peer_join(&peer);
    return there;
}

static const struct {
    enum refused which;
    unsigned number;
} filters[] = {
    {NEWER_ALONE, EPERM}, {NEWER_ALONE, ENOSYS}, {NEWER_ALONE, EACCES}, {ALL, EPERM},
    {ALL, ENOSYS},        {ALL, EACCES},         {ALL, EINVAL},         {ALL, EOPNOTSUPP},
};
#define FILTERS (sizeof filters / sizeof filters[0])

static void put_filter(const char *argument)
{
    size_t row = (size_t)atoi(argument);
    CHECK(refuse_futexes(filters[row].which, filters[row].number));
}

static const char *row_name(size_t row)
{
    static char text[8];
    (void)snprintf(text, sizeof text, "%zu", row);
    check_context("filter %zu", row);
    return text;
}

static const sr__backend_t *backend(void)
{
    const char *wanted = getenv("SLOTRING_BACKEND");
    for (size_t i = 0; sr__backends[i]; i++)
        if (!wanted || strcmp(wanted, sr__backends[i]->name) == 0)
            return sr__backends[i];
    FAIL("no backend %s", wanted);
}

/* How often a wait of 50 ms returns before its time: a spinning one does it some hundred thousand times. */
static void counts_its_waits(peer_t *test, const char *argument)
{
    const sr__backend_t *os = backend();
    _Atomic uint32_t word = 7;
    uint64_t waits = 0, end = os->system.clock_ns() + 50 * MILLISECOND;
    put_filter(argument);
    for (uint64_t now; (now = os->system.clock_ns()) < end; waits++)
        os->waits.wait(NULL, &word, 7, end - now);
    peer_tell(test, waits);
    os->waits.wait(NULL, &word, 8, UINT64_MAX); /* no reason to wait */
    os->waits.wake(NULL, &word, NULL, 0);
}

static void a_refused_wait_sleeps(void)
{
    if (!there_are_filters())
        SKIP("no filters of system calls (seccomp) here");
    for (size_t row = 0; row < FILTERS; row++) {
        peer_t peer = peer_fork(counts_its_waits, row_name(row));
        uint64_t waits = peer_hear(&peer);
        if (waits > 20)
            FAIL("a wait of 50 ms came back %llu times", (unsigned long long)waits);
        peer_join(&peer);
    }
    check_context("%s", "");
}

static void reads_under_the_filter(peer_t *test, const char *argument)
{
    slotring_t *ring = ring_attach(ring_name());
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    put_filter(argument);
    peer_tell(test, 1);
    for (uint64_t n = 0; n < 20; n++)
        CHECK_EQUAL(take(reader), pattern_tag(1, n));
    peer_expect(test, 2); /* now the other way round: the one that wakes may not */
    for (uint64_t n = 0; n < 1; n++)
        publish(ring, 2, n);
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_close(ring));
}

static void messages_come_all_the_same(void)
{
    if (!there_are_filters())
        SKIP("no filters of system calls (seccomp) here");
    for (size_t row = 0; row < FILTERS; row++) {
        slotring_t *ring = ring_create(ring_name(), 32, 100);
        peer_t peer = peer_fork(reads_under_the_filter, row_name(row));
        peer_expect(&peer, 1);
        for (uint64_t n = 0; n < 20; n++) {
            if (n % 10 == 0)
                peer_wait_asleep(&peer);
            publish(ring, 1, n);
        }
        slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
        peer_tell(&peer, 2);
        for (uint64_t n = 0; n < 1; n++)
            CHECK_EQUAL(take(reader), pattern_tag(2, n));
        peer_join(&peer);
        CHECK_OK(slotring_unsubscribe(reader));
        check_recovered(ring, 1);
        ring_remove(ring, ring_name());
    }
    check_context("%s", "");
}

/* ---- The fence that a sleeper makes for writers ---------------------------------------------------------------- */

#ifdef SYS_membarrier
static void reads_without_fences(peer_t *test, const char *argument)
{
    slotring_t *ring = ring_attach(ring_name());
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_membarrier, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)atoi(argument)),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    CHECK(install(rules, sizeof rules / sizeof rules[0]));
    peer_tell(test, 1);
    for (uint64_t n = 0; n < 20; n++) {
        slotring_slot_t slot;
        CHECK_OK(slotring_next(reader, PATIENCE, &slot));
        CHECK_EQUAL(slot.number, n);
        record_check(&slot, 40);
        CHECK_OK(slotring_reader_release(reader));
    }
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_close(ring));
}

static void records_come_without_fences(void)
{
    static const char *const refusals[] = {"1", "38"}; /* EPERM, ENOSYS */
    if (!there_are_filters())
        SKIP("no filters of system calls (seccomp) here");
    for (size_t i = 0; i < 2; i++) {
        slotring_t *ring = ring_create(ring_name(), 32, 400);
        slotring_writer_t *writer = writer_open(ring);
        peer_t peer = peer_fork(reads_without_fences, refusals[i]);
        peer_expect(&peer, 1);
        for (uint64_t n = 0; n < 20; n++) {
            if (n % 5 == 0)
                peer_wait_asleep(&peer);
            CHECK_OK(record_append(writer, 1, n, 40, 0));
        }
        peer_join(&peer);
        CHECK_OK(slotring_writer_close(writer));
        check_recovered(ring, 1);
        ring_remove(ring, ring_name());
    }
}
#else
static void records_come_without_fences(void)
{
    SKIP("no membarrier here");
}
#endif

/* ---- A fork where the kernel wipes no page in the child ---------------------------------------------------- */

#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif

/* `number` 0: it says that it does, as some emulators do. */
static bool refuse_wiping(unsigned number)
{
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 0, 2),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2]) + LOW_HALF),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MADV_WIPEONFORK, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | number),
    };
    return install(rules, sizeof rules / sizeof rules[0]);
}

static slotring_t *opened_by_handler, *of_parent;

static void opens_in_the_child(void)
{
    if (opened_by_handler || !of_parent)
        return;
    CHECK_OK(slotring_close(of_parent));
    of_parent = NULL;
    opened_by_handler = ring_attach(getenv("RING"));
}

/* In a child: the ring of its parent is not its own, what it opens is. */
static void works_as_a_child(slotring_t *parents, const char *name, int generations)
{
    slotring_slot_t slot;
    if (parents) {
        CHECK_CODE(slotring_allocate(parents, 1, &slot), SLOTRING_E_FORKED);
        CHECK_OK(slotring_close(parents));
    }
    if (opened_by_handler) {
        publish(opened_by_handler, 1, 0);
        CHECK_OK(slotring_close(opened_by_handler));
    }
    slotring_t *ring = ring_attach(name);
    publish(ring, 1, 0);
    if (generations > 1) {
        pid_t child = fork();
        CHECK_SYSTEM(child);
        if (child == 0) {
            opened_by_handler = NULL;
            works_as_a_child(ring, name, generations - 1);
            _exit(0);
        }
        int status;
        CHECK_SYSTEM(waitpid(child, &status, 0));
        CHECK_EQUAL(status, 0);
    }
    CHECK_OK(slotring_close(ring));
}

/* argument: the number that is answered, then whether the host has a handler, then the ring's name. */
static void forks_without_wiping(peer_t *test, const char *argument)
{
    unsigned number, handler;
    char name[SLOTRING_NAME_MAX + 1];
    CHECK_EQUAL(sscanf(argument, "%u %u %200s", &number, &handler, name), 3);
    CHECK_SYSTEM(setenv("RING", name, 1));
    if (handler) /* before the library's own, which it has with its first use */
        CHECK_EQUAL(pthread_atfork(NULL, NULL, opens_in_the_child), 0);
    CHECK(refuse_wiping(number));
    slotring_t *ring = ring_attach(name);
    of_parent = handler ? ring : NULL;
    pid_t child = fork();
    CHECK_SYSTEM(child);
    if (child == 0) {
        check_in_helper("the child of a fork");
        works_as_a_child(handler ? NULL : ring, name, 3);
        _exit(0);
    }
    int status;
    CHECK_SYSTEM(waitpid(child, &status, 0));
    CHECK_EQUAL(status, 0);
    publish(ring, 1, 0);
    CHECK_OK(slotring_close(ring));
    peer_tell(test, 1);
}

static void a_fork_is_noticed_without_wiping(void)
{
    static const struct {
        unsigned number, handler;
    } rows[] = {{EINVAL, 0}, {EINVAL, 1}, {0, 0}};
    if (!there_are_filters())
        SKIP("no filters of system calls (seccomp) here");
    slotring_t *ring = ring_create(ring_name(), 8, 64);
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        char argument[SLOTRING_NAME_MAX + 32];
        check_context("answered %u, %s", rows[row].number, rows[row].handler ? "with a handler" : "without");
        (void)snprintf(argument, sizeof argument, "%u %u %s", rows[row].number, rows[row].handler,
                       ring_name());
        peer_t peer = peer_start(BY_EXEC, "seccomp-forks", argument);
        peer_expect(&peer, 1);
        peer_join(&peer);
    }
    check_context("%s", "");
    CHECK_EQUAL(ring_stats(ring).published, 13);
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

/* ---- A container that refuses memory of a NUMA node -------------------------------------------------------- */

static bool refuse_binding(unsigned number)
{
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mbind, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_get_mempolicy, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | number),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    return install(rules, sizeof rules / sizeof rules[0]);
}

static void creates_on_a_node(peer_t *test, const char *argument)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 100);
    slotring_error_t error;
    slotring_t *ring = NULL;
    bool can_bind = (backend()->capabilities & SLOTRING_CAN_BIND_MEMORY) != 0;
    CHECK(refuse_binding((unsigned)atoi(argument)));
    options.flags = SLOTRING_ON_NUMA_NODE;
    CHECK_CODE(slotring_open(&ring, ring_name(), &options, &error), SLOTRING_E_UNSUPPORTED);
    CHECK(ring == NULL);
    CHECK_CONTAINS(error.text, can_bind ? "mbind is refused" : "cannot bind memory");
    if (can_bind)
        CHECK_EQUAL(error.os_code, atoi(argument));
    options.flags = 0; /* what does not ask for a node is not refused, and is told nothing of nodes */
    CHECK_OK(slotring_open(&ring, ring_name(), &options, &error));
    CHECK_EQUAL(ring_info(ring).memory_node, SLOTRING_NO_NUMA_NODE);
    ring_remove(ring, ring_name());
    peer_tell(test, 1);
}

static void a_refused_bind_is_said(void)
{
    static const unsigned numbers[] = {EPERM, ENOSYS, EACCES};
    if (!there_are_filters())
        SKIP("no filters of system calls (seccomp) here");
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        char argument[16];
        check_context("refused with %u", numbers[i]);
        (void)snprintf(argument, sizeof argument, "%u", numbers[i]);
        peer_t peer = peer_fork(creates_on_a_node, argument);
        peer_expect(&peer, 1);
        peer_join(&peer);
    }
    check_context("%s", "");
}

static const test_case_t cases[] = {
    {"a_refused_wait_sleeps", a_refused_wait_sleeps, 0},
    {"messages_come_all_the_same", messages_come_all_the_same, 0},
    {"records_come_without_fences", records_come_without_fences, 0},
    {"a_fork_is_noticed_without_wiping", a_fork_is_noticed_without_wiping, 0},
    {"a_refused_bind_is_said", a_refused_bind_is_said, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {{"seccomp-forks", forks_without_wiping}, {NULL, NULL}};

const test_suite_t seccomp_suite = {"seccomp", cases, roles};
