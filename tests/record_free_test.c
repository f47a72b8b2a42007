/* SPDX-License-Identifier: Apache-2.0 */
/* Records that are freed by ticket: a slot comes back when all its records are freed, whoever reads, holds or writes them
 * meanwhile, in threads and in other processes. */
#include <stdlib.h>
#include <string.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/suite.h"
#include "support/thread.h"
#include "support/tickets.h"

/* ---- Free ---------------------------------------------------------------------------------------------- */

static void allocate_all(bool expected)
{
    slotring_slot_t all[SLOTS];
    uint32_t got = 0;
    while (got < SLOTS && slotring_allocate(scene.ring, 1, &all[got]) == 0)
        got++;
    CHECK_EQUAL(got, expected ? SLOTS : SLOTS - 1);
    while (got > 0)
        CHECK_OK(slotring_abort(scene.ring, &all[--got]));
}

static uint64_t records_missed(void)
{
    return sr__total(&scene.ring->member.view, SR__RECORDS_MISSED);
}

/* Freed, a record is there for the lossless reader alone. */
static void freed_before_the_readers(void)
{
    tickets_set_up();
    slotring_reader_t *lossy = subscribe(scene.ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    slotring_reader_t *second = subscribe(scene.ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_ticket_t tickets[8];
    tickets_fill_block(tickets, 8);
    for (int i = 0; i < 8; i++)
        if (i != 2 && i != 5) {
            CHECK_OK(slotring_free(scene.ring, &tickets[i]));
            tickets_check_refused(&tickets[i], SLOTRING_E_STALE);
        }
    CHECK_EQUAL(tickets_next_ticket(lossy).sequence, 2);
    CHECK_EQUAL(records_missed(), 2);
    CHECK_EQUAL(tickets_next_ticket(lossy).sequence, 5);
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(lossy, 0, &slot), SLOTRING_E_EMPTY);
    CHECK_EQUAL(records_missed(), 6);
    tickets_append();
    CHECK_EQUAL(tickets_next_ticket(lossy).sequence, 8);
    CHECK_EQUAL(records_missed(), 6);
    tickets_next_ticket(scene.reader);
    for (int i = 0; i < 4; i++)
        tickets[4 + i] = tickets_append_one();
    CHECK_OK(slotring_free(scene.ring, &tickets[5]));
    slotring_slot_t batch[5];
    uint32_t count;
    CHECK_OK(slotring_next_batch(lossy, 0, batch, 5, &count));
    CHECK_EQUAL(count, 3);
    CHECK_EQUAL(batch[0].number, tickets[4].sequence);
    CHECK_EQUAL(batch[1].number, tickets[6].sequence);
    CHECK_OK(slotring_reader_release(lossy));
    CHECK_EQUAL(records_missed(), 7);
    for (uint64_t i = 0; i < 13; i++)
        CHECK_EQUAL(tickets_next_ticket(second).sequence, i);
    tickets_check_good(&tickets[2]);
    CHECK_OK(slotring_unsubscribe(lossy));
    CHECK_OK(slotring_unsubscribe(second));
    tickets_tear_down();
}

/* A whole block that is gone before a lossy reader came to it. */
static void withdrawn_before_a_lossy_reader(void)
{
    tickets_set_up();
    slotring_reader_t *lossy = subscribe(scene.ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    slotring_ticket_t tickets[5];
    tickets_fill_block(tickets, 5);
    CHECK_EQUAL(tickets_next_ticket(lossy).sequence, 0);
    for (int i = 0; i < 5; i++)
        CHECK_OK(slotring_free(scene.ring, &tickets[i]));
    tickets_close_writer();
    scene.writer = tickets_open_writer(scene.ring);
    tickets_append();
    CHECK_EQUAL(tickets_next_ticket(lossy).sequence, 5);
    CHECK_EQUAL(records_missed(), 4);
    CHECK_OK(slotring_unsubscribe(lossy));
    tickets_next_ticket(scene.reader);
    tickets_tear_down();
}

enum order_of_frees {
    FORWARDS,
    BACKWARDS,
    MIXED
};

static void free_each(slotring_ticket_t *tickets, uint32_t count, enum order_of_frees order)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = order == FORWARDS ? i : order == BACKWARDS ? count - 1 - i : i * 7 % count;
        CHECK_OK(slotring_free(scene.ring, &tickets[at]));
    }
}

/* In a ring that keeps, the slot of a block comes back with its last record. */
static void kept_until_all_are_freed(void)
{
    enum {
        COUNT = 11
    };
    for (int order = FORWARDS; order <= MIXED; order++)
        for (int close_first = 0; close_first < 2; close_first++) {
            check_context("order %d, closed %s", order, close_first ? "before" : "after");
            tickets_set_up_with(SLOTRING_KEEP, 0);
            slotring_ticket_t tickets[COUNT];
            tickets_fill_block(tickets, COUNT);
            if (close_first) {
                tickets_close_writer();
                allocate_all(false);
            }
            free_each(tickets + 1, COUNT - 1, (enum order_of_frees)order);
            if (close_first)
                allocate_all(false);
            CHECK_OK(slotring_free(scene.ring, &tickets[0]));
            tickets_close_writer();
            tickets_unsubscribe();
            CHECK_EQUAL(ring_stats(scene.ring).freed, 1);
            allocate_all(true);
            tickets_tear_down();
        }
    check_context("%s", "");
}

/* Nobody has a ticket to a block without records. */
static void kept_block_without_records(void)
{
    tickets_set_up_with(SLOTRING_KEEP, 0);
    slotring_slot_t slot;
    CHECK_OK(slotring_writer_reserve(scene.writer, 10, 0, &slot));
    CHECK_OK(slotring_writer_cancel(scene.writer, &slot));
    tickets_close_writer();
    tickets_unsubscribe();
    allocate_all(true);
    tickets_tear_down();
}

/* Freed, and a lossless reader has still to read it: the slot is deferred. */
static void kept_for_a_reader(void)
{
    tickets_set_up_with(SLOTRING_KEEP, 0);
    slotring_reader_t *slow = subscribe(scene.ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_ticket_t tickets[6];
    tickets_fill_block(tickets, 6);
    tickets_close_writer();
    free_each(tickets, 6, MIXED);
    allocate_all(false);
    for (uint64_t i = 0; i < 6; i++)
        CHECK_EQUAL(tickets_next_ticket(slow).sequence, i);
    CHECK_OK(slotring_unsubscribe(slow));
    tickets_unsubscribe();
    allocate_all(true);
    tickets_tear_down();
}

/* Freed and held: the slot comes back with the release. */
static void kept_while_held(void)
{
    tickets_set_up_with(SLOTRING_KEEP, 0);
    slotring_ticket_t tickets[4];
    tickets_fill_block(tickets, 4);
    slotring_slot_t held;
    CHECK_OK(slotring_acquire_for_read(scene.ring, &tickets[3], &held));
    tickets_close_writer();
    tickets_unsubscribe();
    free_each(tickets, 4, BACKWARDS);
    allocate_all(false);
    tickets_check_record(&held, 3);
    CHECK_OK(slotring_release(scene.ring, &held));
    allocate_all(true);
    tickets_tear_down();
}

/* ---- Threads ------------------------------------------------------------------------------------------- */

enum {
    MANY = 24
};
static slotring_ticket_t shared[MANY];
static atomic_uint freed_by_threads;

/* E_BUSY is no loss: another thread was stopped while it released a record of this open block, and goes on. */
static int again_while_busy(int (*call)(uint32_t at, void *out), uint32_t at, void *out)
{
    int code;
    while ((code = call(at, out)) == SLOTRING_E_BUSY && threads_go_on()) {
    }
    return code;
}

static int acquire_shared(uint32_t at, void *slot)
{
    return slotring_acquire_for_read(scene.ring, &shared[at], slot);
}

static int copy_shared(uint32_t at, void *buffer)
{
    return slotring_copy(scene.ring, &shared[at], buffer, LONGEST, NULL);
}

static int free_shared(uint32_t at, void *nothing)
{
    (void)nothing;
    return slotring_free(scene.ring, &shared[at]);
}

static void read_and_free(void *argument)
{
    uint32_t from = *(const uint32_t *)argument;
    for (unsigned long turn = scaled(300); turn > 0 && threads_go_on(); turn--)
        for (uint32_t i = 0; i < MANY; i++) {
            uint32_t at = (i + from) % MANY;
            slotring_slot_t slot;
            uint8_t buffer[LONGEST];
            CHECK_OK(again_while_busy(acquire_shared, at, &slot));
            tickets_check_record(&slot, shared[at].sequence);
            CHECK_OK(again_while_busy(copy_shared, (at + 5) % MANY, buffer));
            CHECK_OK(slotring_release(scene.ring, &slot));
        }
    threads_meet(3);
    for (uint32_t i = 0; i < MANY; i++) {
        int code = again_while_busy(free_shared, (i + from) % MANY, NULL);
        CHECK(code == 0 || code == SLOTRING_E_STALE);
        atomic_fetch_add(&freed_by_threads, code == 0);
    }
}

static void by_threads(void)
{
    static const uint32_t from[3] = {0, 7, 19};
    tickets_set_up_with(SLOTRING_KEEP, 0);
    atomic_store(&freed_by_threads, 0);
    tickets_fill_block(shared, MANY);
    for (int i = 0; i < 3; i++)
        thread_start(read_and_free, (void *)&from[i]);
    threads_join();
    CHECK_EQUAL(atomic_load(&freed_by_threads), MANY);
    tickets_close_writer();
    tickets_unsubscribe();
    allocate_all(true);
    tickets_tear_down();
}

/* One thread closes blocks whose last records another frees: one of both sees that all are. */
static slotring_ticket_t last_ticket;
static atomic_ulong to_free, closed;

static void free_the_last(void *argument)
{
    (void)argument;
    for (unsigned long turn = 1; turn <= scaled(3000) && threads_go_on(); turn++) {
        while (atomic_load(&to_free) < turn && threads_go_on()) {
        }
        CHECK_OK(slotring_free(scene.ring, &last_ticket));
        atomic_store(&closed, turn);
    }
}

static void freed_as_it_is_closed(void)
{
    tickets_set_up_with(SLOTRING_KEEP, 0);
    tickets_unsubscribe();
    atomic_store(&to_free, 0);
    atomic_store(&closed, 0);
    tickets_close_writer();
    thread_start(free_the_last, NULL);
    for (unsigned long turn = 1; turn <= scaled(3000) && threads_go_on(); turn++) {
        slotring_writer_t *writer = tickets_open_writer(scene.ring);
        slotring_slot_t slot;
        CHECK_OK(slotring_writer_reserve(writer, 8, 0, &slot));
        CHECK_OK(slotring_writer_commit(writer, &slot, 8));
        last_ticket = slot.ticket;
        atomic_store(&to_free, turn);
        for (unsigned long pause = turn % 200; pause > 0; pause--)
            atomic_load(&closed);
        CHECK_OK(slotring_writer_close(writer));
        while (atomic_load(&closed) < turn && threads_go_on()) {
        }
        CHECK_EQUAL(ring_stats(scene.ring).slots_free, SLOTS);
    }
    threads_join();
    tickets_tear_down();
}

/* ---- Other processes ----------------------------------------------------------------------------------- */

static slotring_slot_t inherited;

static void child_of_a_holder(peer_t *test, const char *name)
{
    (void)test, (void)name;
    slotring_slot_t slot;
    uint8_t buffer[LONGEST];
    CHECK_CODE(slotring_acquire_for_read(scene.ring, &inherited.ticket, &slot), SLOTRING_E_FORKED);
    CHECK_CODE(slotring_release(scene.ring, &inherited), SLOTRING_E_FORKED);
    CHECK_CODE(slotring_free(scene.ring, &inherited.ticket), SLOTRING_E_FORKED);
    CHECK_CODE(slotring_copy(scene.ring, &inherited.ticket, buffer, sizeof buffer, NULL), SLOTRING_E_FORKED);
    tickets_check_record(&inherited, inherited.ticket.sequence);
    slotring_t *own = ring_attach(name);
    CHECK_OK(slotring_acquire_for_read(own, &inherited.ticket, &slot));
    tickets_check_record(&slot, inherited.ticket.sequence);
    CHECK_OK(slotring_release(own, &slot));
    CHECK_OK(slotring_close(own));
}

static void in_a_forked_child(void)
{
    if (!process_can_fork())
        SKIP("no process is forked here");
    tickets_set_up();
    slotring_ticket_t tickets[3];
    tickets_fill_block(tickets, 3);
    CHECK_OK(slotring_acquire_for_read(scene.ring, &tickets[1], &inherited));
    peer_t child = peer_fork(child_of_a_holder, ring_name());
    peer_join(&child);
    tickets_check_record(&inherited, 1);
    CHECK_OK(slotring_release(scene.ring, &inherited));
    tickets_tear_down();
}

static void holds_and_frees(peer_t *test, const char *name)
{
    slotring_ticket_t tickets[3];
    slotring_slot_t slot;
    slotring_t *ring = ring_attach(name);
    peer_get(test, tickets, sizeof tickets);
    CHECK_OK(slotring_acquire_for_read(ring, &tickets[1], &slot));
    for (int i = 0; i < 3; i++)
        CHECK_OK(slotring_free(ring, &tickets[i]));
    tickets_check_record(&slot, tickets[1].sequence);
    peer_tell(test, 1);
    peer_hear(test); /* never */
}

/* The holder of a block that is open, and was freed, is killed; then its writer closes it. */
static void holder_is_killed(void)
{
    tickets_set_up_with(SLOTRING_KEEP, 0);
    slotring_ticket_t tickets[3];
    tickets_fill_block(tickets, 3);
    peer_t peer = peer_start(BY_EXEC, "holds_and_frees", ring_name());
    peer_put(&peer, tickets, sizeof tickets);
    peer_expect(&peer, 1);
    peer_kill(&peer);
    CHECK_OK(slotring_recover(scene.ring, NULL));
    tickets_close_writer();
    tickets_unsubscribe();
    allocate_all(true);
    tickets_tear_down();
}

static void writes_and_waits(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_writer_t *writer = tickets_open_writer(ring);
    slotring_slot_t slot;
    uint64_t records = peer_hear(test);
    CHECK_OK(slotring_writer_reserve(writer, 8, 0, &slot));
    CHECK_OK(slotring_writer_cancel(writer, &slot));
    for (uint64_t i = 0; i < records; i++)
        tickets_append_by(writer, i);
    peer_tell(test, records);
    peer_hear(test); /* never */
}

/* The writer is killed with a block open in which nothing was written, or all was freed, or
 * is then. Its death is told behind the block, in which there is nothing to read any more. */
static void writer_is_killed(void)
{
    for (uint64_t records = 0; records < 4; records++)
        for (int when = 0; when < 2; when++) {
            if (records == 0 && when == 1)
                continue;
            check_context("%llu records, freed %s", (unsigned long long)records, when ? "after" : "before");
            tickets_set_up_with(SLOTRING_KEEP, 0);
            tickets_close_writer();
            CHECK_OK(slotring_end_stream(scene.ring));
            peer_t peer = peer_start(BY_EXEC, "writes_and_waits", ring_name());
            peer_tell(&peer, records);
            peer_expect(&peer, records);
            slotring_ticket_t tickets[4];
            for (uint64_t i = 0; i < records; i++)
                tickets[i] = tickets_next_ticket(scene.reader);
            if (when == 0)
                free_each(tickets, (uint32_t)records, FORWARDS);
            peer_kill(&peer);
            CHECK_OK(slotring_recover(scene.ring, NULL));
            if (when == 1) {
                allocate_all(false);
                CHECK_OK(slotring_end_stream(scene.ring));
                free_each(tickets, (uint32_t)records, FORWARDS);
            }
            slotring_slot_t slot;
            CHECK_CODE(slotring_next(scene.reader, 0, &slot), SLOTRING_E_PRODUCER_DIED);
            CHECK_CODE(slotring_next(scene.reader, 0, &slot), SLOTRING_E_END);
            tickets_unsubscribe();
            allocate_all(true);
            tickets_tear_down();
        }
    check_context("%s", "");
}

/* An observer copies records of blocks that are written anew all the time. What is held is there; what is not is whole, or
 * gone. */
static atomic_uint storm_over;

static void write_on(void *argument)
{
    (void)argument;
    while (atomic_load(&storm_over) == 0 && threads_go_on())
        tickets_append_one();
}

static int copy_whole(slotring_t *ring, const slotring_ticket_t *ticket)
{
    uint8_t buffer[LONGEST];
    slotring_slot_t info;
    int code = slotring_copy(ring, ticket, buffer, sizeof buffer, &info);
    if (code != 0)
        return code;
    tickets_check_record(&info, ticket->sequence);
    CHECK_EQUAL(pattern_verify(buffer, info.length, info.tag), info.length);
    return 0;
}

static void copy_beside(void *argument)
{
    slotring_reader_t *reader = argument;
    slotring_ticket_t recent[MANY];
    uint64_t known = 0;
    while (known < scaled(1000) && threads_go_on()) {
        slotring_slot_t slot;
        int given = slotring_next(reader, 0, &slot);
        if (given != SLOTRING_E_EMPTY)
            CHECK_OK(given);
        if (given == 0) {
            recent[known++ % MANY] = slot.ticket;
            CHECK_OK(copy_whole(scene.observer, &slot.ticket));
            CHECK_OK(slotring_reader_release(reader));
        }
        for (uint64_t i = 0; i < MANY && i < known; i++) {
            int code = copy_whole(i % 2 ? scene.observer : scene.ring, &recent[i]);
            if (code != 0)
                CHECK_EQUAL(code, SLOTRING_E_STALE);
        }
    }
    atomic_store(&storm_over, 1);
}

static void observed_while_written(void)
{
    if (!ring_shares_users())
        SKIP("an observer needs a second user");
    tickets_set_up();
    atomic_store(&storm_over, 0);
    slotring_reader_t *lossy = subscribe(scene.ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    thread_start(write_on, NULL);
    thread_start(copy_beside, lossy);
    threads_join();
    CHECK_OK(slotring_unsubscribe(lossy));
    tickets_tear_down();
}

static const test_case_t cases[] = {
    {"freed_before_the_readers", freed_before_the_readers, 0},
    {"withdrawn_before_a_lossy_reader", withdrawn_before_a_lossy_reader, 0},
    {"kept_until_all_are_freed", kept_until_all_are_freed, 0},
    {"kept_block_without_records", kept_block_without_records, 0},
    {"kept_for_a_reader", kept_for_a_reader, 0},
    {"kept_while_held", kept_while_held, 0},
    {"by_threads", by_threads, TEST_THREADS},
    {"freed_as_it_is_closed", freed_as_it_is_closed, TEST_THREADS},
    {"in_a_forked_child", in_a_forked_child, 0},
    {"holder_is_killed", holder_is_killed, 0},
    {"writer_is_killed", writer_is_killed, 0},
    {"observed_while_written", observed_while_written, TEST_THREADS},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {
    {"holds_and_frees", holds_and_frees},
    {"writes_and_waits", writes_and_waits},
    {NULL, NULL},
};

const test_suite_t record_free_suite = {"record_free", cases, roles};
