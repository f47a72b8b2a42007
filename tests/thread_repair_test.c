/* SPDX-License-Identifier: Apache-2.0 */
/* Repair beside work: processes die with all that one can have in hand, and several threads of one handle repair after
 * them while others of the same handle write, read in order, read by ticket and free. All of that is on one mapping, so
 * that ThreadSanitizer sees what repair orders and what it does not; only the dead had another one. */
#include <sched.h>
#include <stdatomic.h>

#include "support/ring.h"
#include "support/suite.h"
#include "support/thread.h"

#define DEATHS 6u

static struct {
    slotring_t *ring;
    slotring_reader_t *reader;
    atomic_uint over;              /* no more deaths: the writers finish */
    atomic_uint writing;           /* writers at work */
    atomic_ulong repaired;         /* as slotring_recover told */
    atomic_ulong published, freed; /* by the writers; by those who free */
    uint64_t received, deaths;     /* as the reader in order was told */
} work;

/* The victim. It comes to life only when it is told to, so that it can be forked before there are threads. */
static void dies_with_all(peer_t *test, const char *name)
{
    (void)peer_hear(test);
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    options.lock_timeout_ns =
        UINT64_MAX; /* three threads take it in turns, and a backend may only ask again and again */
    slotring_t *ring = ring_open_with(name, &options);
    slotring_slot_t held, given[2], writing[2];
    uint64_t length;
    for (int i = 0; i < 2; i++)
        prepare(ring, 7, 1, &writing[i], &length);
    prepare(ring, 7, 0, &held, &length);
    slotring_reader_t *lossless = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_reader_t *lossy = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    CHECK_OK(slotring_mark_ready(ring, &held, length));
    CHECK_OK(slotring_next(lossless, PATIENCE, &given[0]));
    /* by ticket and as a lossy reader, unless the others were faster */
    slotring_ticket_t ticket = given[0].ticket;
    (void)slotring_acquire_for_read(ring, &ticket, &held);
    (void)slotring_next(lossy, 0, &given[1]);
    peer_tell(test, 1);
    (void)peer_hear(test);
}

static void write_on(void *argument)
{
    uint32_t writer = (uint32_t)(uintptr_t)argument;
    for (uint64_t n = 0; atomic_load(&work.over) == 0 && threads_go_on(); n++) {
        publish(work.ring, writer, n);
        atomic_fetch_add(&work.published, 1);
    }
    if (atomic_fetch_sub(&work.writing, 1) == 1)
        CHECK_OK(slotring_end_stream(work.ring));
}

static void read_in_order(void *argument)
{
    uint64_t expected = 0, of[2] = {0};
    (void)argument;
    while (threads_go_on()) {
        slotring_slot_t slot;
        int code = slotring_next(work.reader, PATIENCE, &slot);
        if (code == SLOTRING_E_PRODUCER_DIED) {
            work.deaths++;
            continue;
        }
        if (code == SLOTRING_E_END)
            break;
        CHECK_OK(code);
        pattern_check(&slot);
        CHECK_EQUAL(slot.sequence, expected++);
        if (pattern_producer(slot.tag) < 2)
            CHECK_EQUAL(pattern_number(slot.tag), of[pattern_producer(slot.tag)]++);
        CHECK_OK(slotring_reader_release(work.reader));
    }
    work.received = expected;
}

static void read_by_ticket(void *argument)
{
    uint32_t index = 0;
    bool frees = argument != NULL;
    while (atomic_load(&work.writing) != 0 && threads_go_on()) {
        slotring_ticket_t ticket;
        slotring_slot_t slot;
        index = (index + 1) % (uint32_t)ring_info(work.ring).slot_count;
        if (slotring_ticket_at(work.ring, index, &ticket) != 0 ||
            slotring_acquire_for_read(work.ring, &ticket, &slot) != 0)
            continue;
        pattern_check(&slot);
        if (frees && slotring_free(work.ring, &ticket) == 0)
            atomic_fetch_add(&work.freed, 1);
        CHECK_OK(slotring_release(work.ring, &slot));
    }
}

static void repair_on(void *argument)
{
    (void)argument;
    while (atomic_load(&work.over) == 0 && threads_go_on()) {
        slotring_recovery_t recovery = {.struct_size = sizeof recovery};
        CHECK_OK(slotring_recover(work.ring, &recovery));
        atomic_fetch_add(&work.repaired, recovery.participants);
        sched_yield(); /* the next victim wants the ring's lock, too */
    }
}

static void die_one_after_the_other(peer_t *victims)
{
    for (uint64_t dead = 0; dead < DEATHS && threads_go_on(); dead++) {
        peer_tell(&victims[dead], 1);
        peer_expect(&victims[dead], 1);
        peer_kill(&victims[dead]);
        while (ring_stats(work.ring).repaired <= dead && threads_go_on())
            ;
    }
    atomic_store(&work.over, 1);
}

static void repair_beside(uint32_t when_full)
{
    peer_t victims[DEATHS];
    slotring_options_t options = ring_options(SLOTRING_CREATE, 12, 256);
    options.when_full = when_full;
    options.max_participants = 3;
    options.lock_timeout_ns = UINT64_MAX;
    work.ring = ring_open_with(ring_name(), &options);
    work.reader = subscribe(work.ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    for (uint32_t v = 0; v < DEATHS; v++)
        victims[v] = peer_start(BY_FORK, "thread-dies-with-all", ring_name());
    atomic_store(&work.writing, 2);
    for (uintptr_t writer = 0; writer < 2; writer++)
        thread_start(write_on, (void *)writer);
    thread_start(read_in_order, NULL);
    thread_start(read_by_ticket, NULL);
    thread_start(read_by_ticket, &work); /* frees, too: in a ring that keeps nothing else makes room */
    for (int i = 0; i < 3; i++)
        thread_start(repair_on, NULL);
    while (atomic_load(&work.published) == 0 && threads_go_on())
        ; /* the stream of this handle is open: the reader is not told the end between two victims */
    die_one_after_the_other(victims);
    threads_join();
    CHECK_OK(slotring_unsubscribe(work.reader));
    slotring_stats_t stats = ring_stats(work.ring);
    CHECK_EQUAL(stats.participants, 1);
    CHECK_EQUAL(stats.readers, 0);
    CHECK_EQUAL(stats.repaired, DEATHS);
    CHECK_AT_LEAST(DEATHS, atomic_load(&work.repaired)); /* those that were blocked repaired the others */
    CHECK_EQUAL(stats.producers_died, DEATHS);
    CHECK_EQUAL(work.deaths, DEATHS);
    CHECK_EQUAL(stats.published, work.received);
    CHECK_EQUAL(stats.published, atomic_load(&work.published) + DEATHS);
    CHECK_EQUAL(stats.freed, atomic_load(&work.freed));
    check_ring_at_rest(work.ring);
    ring_remove(work.ring, ring_name());
}

static void repair_beside_work(void)
{
    repair_beside(SLOTRING_OVERWRITE);
}

static void the_same_in_a_ring_that_keeps(void)
{
    repair_beside(SLOTRING_KEEP);
}

static const test_case_t cases[] = {
    {"repair_beside_work", repair_beside_work, TEST_THREADS},
    {"the_same_in_a_ring_that_keeps", the_same_in_a_ring_that_keeps, TEST_THREADS},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {{"thread-dies-with-all", dies_with_all}, {NULL, NULL}};

const test_suite_t thread_repair_suite = {"thread_repair", cases, roles};
