/* SPDX-License-Identifier: Apache-2.0 */
/* Threads of one handle against each other. All share one mapping, so that ThreadSanitizer sees what the library
 * orders and what it does not; tickets travel between the threads in relaxed atomics for the same reason. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include "support/ring.h"
#include "support/suite.h"
#include "support/thread.h"

#define BOARD 16

static struct {
    slotring_t *ring;
    uint8_t ring_id[16];
    unsigned long rounds;
    atomic_uint running;           /* producers at work */
    _Atomic uint64_t board[BOARD]; /* latest tickets: sequence << 16 | slot, + 1 */
    atomic_uint in_hand[64];       /* slots that some thread writes */
    atomic_ulong good, stale, freed;
    slotring_ticket_t ticket;
} shared;

static void share(slotring_t *ring, unsigned long rounds)
{
    memset(&shared, 0, sizeof shared);
    shared.ring = ring;
    shared.rounds = scaled(rounds);
    memcpy(shared.ring_id, ring_info(ring).ring_id, sizeof shared.ring_id);
}

static void post(const slotring_ticket_t *ticket)
{
    atomic_store_explicit(&shared.board[ticket->sequence % BOARD],
                          (ticket->sequence << 16 | ticket->slot) + 1, memory_order_relaxed);
}

static bool pick(unsigned *random, slotring_ticket_t *ticket)
{
    *random = *random * 1664525u + 1013904223u;
    uint64_t packed = atomic_load_explicit(&shared.board[(*random >> 16) % BOARD], memory_order_relaxed);
    if (packed == 0)
        return false;
    memset(ticket, 0, sizeof *ticket);
    memcpy(ticket->ring_id, shared.ring_id, sizeof ticket->ring_id);
    ticket->sequence = (packed - 1) >> 16;
    ticket->slot = (uint32_t)((packed - 1) & 0xffff);
    return true;
}

/* Allocates, checks that nobody else has the slot in hand, writes, then publishes or aborts. */
static void produce(void *argument)
{
    uint32_t producer = (uint32_t)(uintptr_t)argument;
    for (uint64_t n = 0; n < shared.rounds && threads_go_on(); n++) {
        slotring_slot_t slot;
        CHECK_OK(slotring_allocate_wait(shared.ring, 1, PATIENCE, &slot));
        CHECK_EQUAL(atomic_fetch_add_explicit(&shared.in_hand[slot.index], 1, memory_order_relaxed), 0);
        slot.tag = pattern_tag(producer, n);
        uint64_t length = pattern_length(slot.tag, slot.capacity);
        pattern_fill(slot.data, length, slot.tag);
        CHECK_EQUAL(pattern_verify(slot.data, length, slot.tag), length);
        atomic_fetch_sub_explicit(&shared.in_hand[slot.index], 1, memory_order_relaxed);
        if (n % 5 == 4) {
            CHECK_OK(slotring_abort(shared.ring, &slot));
        } else {
            CHECK_OK(slotring_mark_ready(shared.ring, &slot, length));
            post(&slot.ticket);
        }
    }
    atomic_fetch_sub(&shared.running, 1);
}

static void acquire_some(void *argument)
{
    unsigned random = (unsigned)(uintptr_t)argument;
    while (atomic_load(&shared.running) != 0 && threads_go_on()) {
        slotring_ticket_t ticket;
        slotring_slot_t slot;
        if (!pick(&random, &ticket))
            continue;
        int code = slotring_acquire_for_read(shared.ring, &ticket, &slot);
        if (code == SLOTRING_E_STALE) {
            atomic_fetch_add(&shared.stale, 1);
            continue;
        }
        CHECK_OK(code);
        CHECK_EQUAL(slot.sequence, ticket.sequence);
        pattern_check(&slot);
        pattern_check(&slot);
        CHECK_OK(slotring_release(shared.ring, &slot));
        atomic_fetch_add(&shared.good, 1);
    }
}

static void free_some(void *argument)
{
    unsigned random = (unsigned)(uintptr_t)argument;
    while (atomic_load(&shared.running) != 0 && threads_go_on()) {
        slotring_ticket_t ticket;
        if (!pick(&random, &ticket))
            continue;
        int code = slotring_free(shared.ring, &ticket);
        if (code == 0)
            atomic_fetch_add(&shared.freed, 1);
        else
            CHECK_CODE(code, SLOTRING_E_STALE);
    }
}

static void allocate_acquire_release_free(void)
{
    slotring_t *ring = ring_create(ring_name(), 6, 256);
    share(ring, 150000);
    atomic_store(&shared.running, 2);
    thread_start(produce, (void *)(uintptr_t)0);
    thread_start(produce, (void *)(uintptr_t)1);
    for (uintptr_t i = 0; i < 3; i++)
        thread_start(acquire_some, (void *)(i + 100));
    thread_start(free_some, (void *)(uintptr_t)200);
    threads_join();
    slotring_stats_t stats = ring_stats(ring);
    CHECK_EQUAL(stats.published, 2 * (shared.rounds - shared.rounds / 5));
    CHECK_EQUAL(stats.aborted, 2 * (shared.rounds / 5));
    CHECK_EQUAL(stats.freed, atomic_load(&shared.freed));
    CHECK_AT_LEAST(stats.stale, atomic_load(&shared.stale));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void the_same_with_keep(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 6, 256);
    options.when_full = SLOTRING_KEEP;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    share(ring, 3000);
    atomic_store(&shared.running, 2);
    thread_start(produce, (void *)(uintptr_t)0);
    thread_start(produce, (void *)(uintptr_t)1);
    for (uintptr_t i = 0; i < 2; i++)
        thread_start(acquire_some, (void *)(i + 100));
    for (uintptr_t i = 0; i < 2; i++) /* without them nothing would ever be free again */
        thread_start(free_some, (void *)(i + 200));
    threads_join();
    slotring_stats_t stats = ring_stats(ring);
    CHECK_EQUAL(stats.overwritten, 0);
    CHECK_EQUAL(stats.published - atomic_load(&shared.freed), stats.slots_ready);
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void acquire_the_same(void *argument)
{
    (void)argument;
    for (unsigned long i = 0; i < shared.rounds && threads_go_on(); i++)
        read_once(shared.ring, &shared.ticket);
    atomic_fetch_sub(&shared.running, 1);
}

static void publish_on(void *argument)
{
    (void)argument;
    for (uint64_t n = 1; atomic_load(&shared.running) != 0 && threads_go_on(); n++)
        publish(shared.ring, 1, n);
}

static void one_ticket_many_threads(void)
{
    /* references of threads nest: as long as one is held, the others' comings and goings lose nothing */
    slotring_t *ring = ring_create(ring_name(), 3, 256);
    share(ring, 200000);
    shared.ticket = publish(ring, 1, 0);
    slotring_slot_t mine;
    hold(ring, &shared.ticket, &mine);
    atomic_store(&shared.running, 4);
    for (int i = 0; i < 4; i++)
        thread_start(acquire_the_same, NULL);
    thread_start(publish_on, NULL);
    threads_join();
    pattern_check(&mine);
    CHECK_EQUAL(ring_stats(ring).slots_held, 1);
    CHECK_OK(slotring_release(ring, &mine));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void free_the_same(void *argument)
{
    (void)argument;
    threads_meet(4);
    int code = slotring_free(shared.ring, &shared.ticket);
    if (code == 0)
        atomic_fetch_add(&shared.freed, 1);
    else
        CHECK_CODE(code, SLOTRING_E_STALE);
}

static void free_once_only(void)
{
    slotring_t *ring = ring_create(ring_name(), 2, 256);
    unsigned long rounds = scaled(300);
    for (unsigned long i = 0; i < rounds; i++) {
        share(ring, 1);
        shared.ticket = publish(ring, 1, i);
        for (int t = 0; t < 4; t++)
            thread_start(free_the_same, NULL);
        threads_join();
        CHECK_EQUAL(atomic_load(&shared.freed), 1);
        CHECK_EQUAL(ring_stats(ring).slots_free, 2);
    }
    CHECK_EQUAL(ring_stats(ring).freed, rounds);
    ring_remove(ring, ring_name());
}

static void produce_all(void *argument)
{
    uint32_t producer = (uint32_t)(uintptr_t)argument;
    for (uint64_t n = 0; n < shared.rounds && threads_go_on(); n++)
        publish(shared.ring, producer, n);
    atomic_fetch_sub(&shared.running, 1);
}

static slotring_reader_t *readers[4];

static void read_lossless(void *argument)
{
    slotring_reader_t *reader = readers[(uintptr_t)argument];
    uint64_t of[3] = {0};
    for (uint64_t n = 0; n < 3 * shared.rounds && threads_go_on(); n++) {
        slotring_slot_t slot;
        CHECK_OK(slotring_next(reader, PATIENCE, &slot));
        pattern_check(&slot);
        CHECK_EQUAL(slot.sequence, n);
        CHECK(pattern_producer(slot.tag) < 3);
        CHECK_EQUAL(pattern_number(slot.tag), of[pattern_producer(slot.tag)]++);
        CHECK_OK(slotring_reader_release(reader));
    }
}

static void read_lossy(void *argument)
{
    slotring_reader_t *reader = readers[(uintptr_t)argument];
    slotring_reader_info_t info = {0};
    uint64_t received = 0;
    while (info.cursor < 3 * shared.rounds && threads_go_on()) {
        slotring_slot_t slot;
        CHECK_OK(slotring_next(reader, PATIENCE, &slot));
        pattern_check(&slot);
        pattern_check(&slot);
        received++;
        CHECK_OK(slotring_reader_release(reader));
        info = reader_info(reader);
        CHECK_EQUAL(info.delivered, received);
        CHECK_EQUAL(info.delivered + info.missed, info.cursor - info.start);
    }
}

static void producers_and_readers(void)
{
    slotring_t *ring = ring_create(ring_name(), 8, 256);
    share(ring, 4000);
    atomic_store(&shared.running, 3);
    for (uint32_t r = 0; r < 4; r++)
        readers[r] = subscribe(ring, r < 2 ? SLOTRING_LOSSLESS : SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    for (uintptr_t r = 0; r < 4; r++)
        thread_start(r < 2 ? read_lossless : read_lossy, (void *)r);
    for (uintptr_t p = 0; p < 3; p++)
        thread_start(produce_all, (void *)p);
    threads_join();
    for (uint32_t r = 0; r < 4; r++)
        CHECK_OK(slotring_unsubscribe(readers[r]));
    CHECK_EQUAL(ring_stats(ring).published, 3 * shared.rounds);
    CHECK_EQUAL(ring_stats(ring).overwritten, 0);
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* Comes, reads a few in order without a gap, goes; again and again. */
static void come_and_go(void *argument)
{
    uint32_t start = (uint32_t)(uintptr_t)argument;
    while (atomic_load(&shared.running) != 0 && threads_go_on()) {
        slotring_reader_t *reader = subscribe(shared.ring, SLOTRING_LOSSLESS, start);
        slotring_slot_t slot;
        uint64_t expected = 0;
        for (int i = 0; i < 5 && slotring_next(reader, 50 * MILLISECOND, &slot) == 0; i++) {
            pattern_check(&slot);
            if (i != 0)
                CHECK_EQUAL(slot.sequence, expected);
            expected = slot.sequence + 1;
            CHECK_OK(slotring_reader_release(reader));
        }
        CHECK_OK(slotring_unsubscribe(reader));
    }
}

static void look_around(void *argument)
{
    (void)argument;
    while (atomic_load(&shared.running) != 0 && threads_go_on()) {
        slotring_stats_t stats = ring_stats(shared.ring);
        CHECK_EQUAL(stats.slots_free + stats.slots_writing + stats.slots_ready, 8);
        slotring_reader_info_t list[8];
        slotring_participant_t participants[8];
        slotring_blocker_t blockers[8];
        uint32_t count = 0;
        CHECK_OK(slotring_readers(shared.ring, list, 8, &count));
        CHECK_OK(slotring_participants(shared.ring, participants, 8, &count));
        CHECK_EQUAL(count, 1);
        CHECK_OK(slotring_blockers(shared.ring, blockers, 8, &count));
        check_ring(shared.ring);
    }
}

static void readers_come_and_go(void)
{
    slotring_t *ring = ring_create(ring_name(), 8, 256);
    share(ring, 8000);
    atomic_store(&shared.running, 2);
    thread_start(produce_all, (void *)(uintptr_t)0);
    thread_start(produce_all, (void *)(uintptr_t)1);
    thread_start(come_and_go, (void *)(uintptr_t)SLOTRING_FROM_NOW);
    thread_start(come_and_go, (void *)(uintptr_t)SLOTRING_FROM_OLDEST);
    thread_start(look_around, NULL);
    threads_join();
    CHECK_EQUAL(ring_stats(ring).readers, 0);
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void open_and_close(void *argument)
{
    (void)argument;
    for (unsigned long i = 0; i < shared.rounds && threads_go_on(); i++) {
        slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
        options.lock_timeout_ns = i % 2 == 0 ? 0 : UINT64_MAX;
        slotring_t *ring = ring_open_with(ring_name(), &options);
        slotring_ticket_t ticket = publish(ring, 9, i);
        slotring_slot_t slot;
        int code = slotring_acquire_for_read(ring, &ticket, &slot);
        if (code == 0)
            pattern_check(&slot);
        else
            CHECK_CODE(code, SLOTRING_E_STALE);
        CHECK_OK(slotring_close(ring)); /* what it still holds goes with it */
    }
    atomic_fetch_sub(&shared.running, 1);
}

static void recover_all_the_time(void *argument)
{
    (void)argument;
    while (atomic_load(&shared.running) != 0 && threads_go_on()) {
        slotring_recovery_t recovery = {.struct_size = sizeof recovery};
        CHECK_OK(slotring_recover(shared.ring, &recovery));
        CHECK_EQUAL(recovery.participants, 0); /* who leaves in order is not dead */
    }
}

static void handles_come_and_go(void)
{
    slotring_t *ring = ring_create(ring_name(), 8, 256);
    share(ring, 200);
    atomic_store(&shared.running, 4);
    for (int i = 0; i < 4; i++)
        thread_start(open_and_close, NULL);
    thread_start(recover_all_the_time, NULL);
    threads_join();
    CHECK_EQUAL(ring_stats(ring).participants, 1);
    CHECK_EQUAL(ring_stats(ring).repaired, 0);
    CHECK_EQUAL(ring_stats(ring).producers_died, 0);
    CHECK_EQUAL(ring_stats(ring).published, 4 * shared.rounds);
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void end_streams(void *argument)
{
    atomic_ulong *round = argument;
    for (unsigned long i = 1; i <= shared.rounds && threads_go_on(); i++) {
        while (atomic_load(round) < i && threads_go_on())
            sched_yield();
        CHECK_OK(slotring_end_stream(shared.ring));
        atomic_fetch_sub(&shared.running, 1);
    }
}

static void end_of_stream_against_allocate(void)
{
    /* whichever comes first: who allocates after both is a producer again */
    slotring_t *ring = ring_create(ring_name(), 8, 64);
    share(ring, 20000);
    atomic_ulong round = 0;
    thread_start(end_streams, &round);
    for (unsigned long i = 1; i <= shared.rounds && threads_go_on(); i++) {
        slotring_slot_t slot;
        atomic_store(&shared.running, 1);
        atomic_store(&round, i);
        CHECK_OK(slotring_allocate(ring, 1, &slot));
        CHECK_OK(slotring_abort(ring, &slot));
        while (atomic_load(&shared.running) != 0 && threads_go_on())
            sched_yield();
        CHECK_OK(slotring_allocate(ring, 1, &slot));
        CHECK_EQUAL(ring_stats(ring).producers, 1);
        CHECK_OK(slotring_abort(ring, &slot));
    }
    threads_join();
    CHECK_OK(slotring_end_stream(ring));
    slotring_stats_t stats = ring_stats(ring);
    CHECK_EQUAL(stats.producers, 0);
    CHECK_EQUAL(stats.producers_started, stats.producers_ended);
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"allocate_acquire_release_free", allocate_acquire_release_free, TEST_THREADS},
    {"the_same_with_keep", the_same_with_keep, TEST_THREADS},
    {"one_ticket_many_threads", one_ticket_many_threads, TEST_THREADS},
    {"free_once_only", free_once_only, TEST_THREADS},
    {"producers_and_readers", producers_and_readers, TEST_THREADS},
    {"readers_come_and_go", readers_come_and_go, TEST_THREADS},
    {"handles_come_and_go", handles_come_and_go, TEST_THREADS},
    {"end_of_stream_against_allocate", end_of_stream_against_allocate, TEST_THREADS},
    {NULL, NULL, 0},
};

const test_suite_t thread_suite = {"thread", cases, NULL};
