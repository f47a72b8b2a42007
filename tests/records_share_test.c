/* SPDX-License-Identifier: Apache-2.0 */
/* Several writers, of one thread, of many, of many processes: each message is read once, in the order of its writer. What
 * one of them does, or leaves when it is killed, holds up no other. */
#include <stdatomic.h>
#include <string.h>

#include "support/internals.h"
#include "support/process.h"
#include "support/records.h"
#include "support/ring.h"
#include "support/suite.h"
#include "support/thread.h"

#define NO_WAIT 0
#define WRITERS 4u

/* What a reader had, by the row of the writer: numbers rise, and the steps between them are what it missed. */
typedef struct had {
    uint64_t next[WRITERS], delivered[WRITERS], missed[WRITERS];
} had_t;

static void note(had_t *had, const slotring_slot_t *slot, bool may_miss)
{
    CHECK(slot->writer < WRITERS);
    CHECK_AT_LEAST(slot->number, had->next[slot->writer]);
    if (!may_miss)
        CHECK_EQUAL(slot->number, had->next[slot->writer]);
    had->missed[slot->writer] += slot->number - had->next[slot->writer];
    had->delivered[slot->writer]++;
    had->next[slot->writer] = slot->number + 1;
}

/* Two messages of one writer in the same row may have other tags: another one had the row in between. */
static void check_all_were_had(slotring_t *ring, slotring_reader_t *reader, had_t *had, uint64_t written)
{
    uint64_t total = 0, missed = 0, delivered = 0;
    for (uint32_t w = 0; w < WRITERS; w++) {
        uint64_t of_row = records_total(ring, w);
        had->missed[w] += of_row - had->next[w];
        CHECK_EQUAL(had->delivered[w] + had->missed[w], of_row);
        total += of_row;
        missed += had->missed[w];
        delivered += had->delivered[w];
    }
    CHECK_EQUAL(total, written);
    CHECK_EQUAL(records_missed(reader), missed);
    CHECK_EQUAL(delivered + missed, written);
}

static slotring_t *ring_for_writers(uint64_t slots, uint64_t slot_size)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, slots, slot_size);
    options.max_writers = WRITERS;
    return ring_open_with(ring_name(), &options);
}

/* ---- In one thread --------------------------------------------------------------------------------------- */

/* Whatever was written last is there at once, and nothing else is: whoever wrote it, wherever it lies. */
static void whoever_writes(void)
{
    for (uint32_t how = 0; how < 12; how++) {
        uint64_t slot_size = how % 3 == 0   ? 64
                             : how % 3 == 1 ? 150
                                            : 1000,
                 most = how % 3 == 2 ? 500 : slot_size;
        slotring_t *ring = ring_for_writers(WRITERS + 1 + how, slot_size);
        slotring_reader_t *reader = subscribe(ring, how & 1 ? SLOTRING_LOSSY : SLOTRING_LOSSLESS,
                                              how & 2 ? SLOTRING_FROM_OLDEST : SLOTRING_FROM_NOW);
        slotring_writer_t *writers[WRITERS] = {0};
        uint64_t numbers[WRITERS] = {0};
        uint32_t random = how;
        slotring_slot_t slot;
        for (uint32_t n = 0; n < scaled(2000); n++) {
            random = random * 1664525u + 1013904223u;
            uint32_t w = (random >> 16) % (WRITERS + 1), what = (random >> 24) % 32;
            check_context("way %u, message %u of writer %u", how, n, w);
            if (w == WRITERS) {
                publish(ring, 9, n);
                take_now(reader, pattern_tag(9, n));
                continue;
            }
            if (writers[w] && what == 0) {
                CHECK_OK(slotring_writer_close(writers[w]));
                writers[w] = NULL;
            }
            if (!writers[w])
                writers[w] = writer_open(ring);
            CHECK_OK(record_append(writers[w], w, numbers[w], most, NO_WAIT));
            CHECK_OK(slotring_next(reader, NO_WAIT, &slot));
            CHECK_EQUAL(slot.tag, pattern_tag(w, numbers[w]));
            record_check(&slot, most);
            numbers[w]++;
            CHECK_OK(slotring_reader_release(reader));
            CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_EMPTY);
        }
        CHECK_EQUAL(records_missed(reader), 0);
        for (uint32_t w = 0; w < WRITERS; w++)
            if (writers[w])
                CHECK_OK(slotring_writer_close(writers[w]));
        CHECK_OK(slotring_unsubscribe(reader));
        check_ring_at_rest(ring);
        ring_remove(ring, ring_name());
    }
}

/* One that has a slot open, and does not go on: it costs the ring this slot. */
static void an_idle_writer(void)
{
    slotring_t *ring = ring_for_writers(4, 200), *other = ring_attach(ring_name());
    slotring_writer_t *idle = writer_open(other), *writer = writer_open(ring);
    slotring_reader_t *readers[2] = {subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW),
                                     subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW)};
    slotring_slot_t half;
    CHECK_OK(record_append(idle, 1, 0, 20, NO_WAIT));
    CHECK_OK(slotring_writer_reserve(idle, 20, NO_WAIT, &half));
    memset(half.data, 0xee, 20);
    for (uint64_t n = 0; n < scaled(500); n++) {
        CHECK_OK(record_append(writer, 2, n, n % 3 ? 40 : 200, NO_WAIT));
        publish(ring, 3, n);
        for (int r = 0; r < 2; r++) { /* three messages, in whatever order the two kinds come */
            uint32_t seen = n == 0 ? 0 : 1;
            slotring_slot_t slot;
            for (int m = n == 0 ? 0 : 1; m < 3; m++) {
                CHECK_OK(slotring_next(readers[r], NO_WAIT, &slot));
                uint32_t by = pattern_producer(slot.tag) - 1;
                CHECK_EQUAL(pattern_number(slot.tag), by == 0 ? 0 : n);
                CHECK((seen & 1u << by) == 0);
                seen |= 1u << by;
                CHECK_OK(slotring_reader_release(readers[r]));
            }
            CHECK_EQUAL(seen, 7);
        }
    }
    half.tag = pattern_tag(1, 1);
    uint64_t length = record_length(half.tag, 20);
    pattern_fill(half.data, length, half.tag);
    CHECK_OK(slotring_writer_commit(idle, &half, length));
    for (int r = 0; r < 2; r++) {
        record_take_now(readers[r], pattern_tag(1, 1), 1, 20);
        CHECK_EQUAL(records_missed(readers[r]), 0);
        CHECK_OK(slotring_unsubscribe(readers[r]));
    }
    CHECK_OK(slotring_close(other));
    CHECK_OK(slotring_writer_close(writer));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* ---- In several processes -------------------------------------------------------------------------------- */

typedef struct order {
    uint32_t producer, messages;
    uint64_t most;
    bool stays; /* until it is killed, with a reservation */
} order_t;

static void writes(peer_t *test, const char *name)
{
    order_t order;
    peer_get(test, &order, sizeof order);
    slotring_t *ring = ring_attach(name);
    slotring_writer_t *writer = writer_open(ring);
    peer_tell(test, writer_row(writer));
    (void)peer_hear(test);
    for (uint64_t n = 0; n < order.messages; n++)
        CHECK_OK(record_append(writer, order.producer, n, order.most, PATIENCE));
    if (order.stays) {
        slotring_slot_t slot;
        CHECK_OK(slotring_writer_reserve(writer, order.most, PATIENCE, &slot));
        memset(slot.data, 0xdd, (size_t)slot.capacity);
        peer_tell(test, 2);
        (void)peer_hear(test);
    }
    CHECK_OK(slotring_writer_close(writer));
    CHECK_OK(slotring_close(ring));
}

static peer_t writer_process(const order_t *order, uint64_t *row)
{
    peer_t peer = peer_start(BY_EXEC, "records-writes", ring_name());
    peer_put(&peer, order, sizeof *order);
    *row = peer_hear(&peer);
    CHECK(*row < WRITERS);
    return peer;
}

/* Reads until the end of all streams. Deaths are counted. */
static uint64_t read_to_the_end(slotring_reader_t *reader, had_t *had, uint64_t most, bool may_miss)
{
    slotring_slot_t slots[4];
    uint64_t deaths = 0;
    for (uint32_t round = 0;; round++) {
        uint32_t count;
        int code = slotring_next_batch(reader, PATIENCE, slots, 1 + round % 4, &count);
        if (code == SLOTRING_E_END)
            return deaths;
        if (code == SLOTRING_E_PRODUCER_DIED) {
            deaths++;
            continue;
        }
        CHECK_OK(code);
        for (uint32_t i = 0; i < count; i++) {
            record_check(&slots[i], most);
            note(had, &slots[i], may_miss);
        }
        CHECK_OK(slotring_reader_release(reader));
    }
}

static void of_several_processes(void)
{
    for (uint32_t how = 0; how < 4; how++) {
        bool lossy = how & 1;
        slotring_t *ring = ring_for_writers(how & 2 ? 5 : 16, 256);
        slotring_reader_t *reader =
            subscribe(ring, lossy ? SLOTRING_LOSSY : SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
        peer_t peers[3];
        uint64_t row;
        had_t had = {{0}, {0}, {0}};
        uint32_t messages = (uint32_t)scaled(3000);
        for (uint32_t p = 0; p < 3; p++) {
            order_t order = {.producer = p, .messages = messages, .most = how & 2 ? 60 : 256};
            peers[p] = writer_process(&order, &row);
        }
        for (uint32_t p = 0; p < 3; p++)
            peer_tell(&peers[p], 1);
        CHECK_EQUAL(read_to_the_end(reader, &had, how & 2 ? 60 : 256, lossy), 0);
        for (uint32_t p = 0; p < 3; p++)
            peer_join(&peers[p]);
        check_all_were_had(ring, reader, &had, 3 * (uint64_t)messages);
        CHECK_OK(slotring_unsubscribe(reader));
        check_ring_at_rest(ring);
        ring_remove(ring, ring_name());
    }
}

/* It was killed with a slot open and a message half written: all that it had committed is there, and the next one goes on
 * with its numbers. */
static void a_killed_writer(void)
{
    for (uint32_t how = 0; how < 8; how++) {
        check_context("way %u", how);
        uint64_t most = how & 4 ? 256 : 30;
        slotring_t *ring = ring_for_writers(40, 256);
        slotring_reader_t *reader = subscribe(ring, how & 1 ? SLOTRING_LOSSY : SLOTRING_LOSSLESS,
                                              how & 2 ? SLOTRING_FROM_OLDEST : SLOTRING_FROM_NOW);
        had_t had = {{0}, {0}, {0}};
        uint64_t row;
        order_t order = {.producer = 1, .messages = 20 + how, .most = most, .stays = true};
        peer_t peer = writer_process(&order, &row);
        peer_tell(&peer, 1);
        peer_expect(&peer, 2);
        peer_kill(&peer);
        slotring_recovery_t recovery = {.struct_size = sizeof recovery};
        CHECK_OK(slotring_recover(ring, &recovery));
        CHECK_EQUAL(recovery.participants, 1);
        CHECK_EQUAL(read_to_the_end(reader, &had, most, false), 1);
        check_all_were_had(ring, reader, &had, order.messages);
        check_ring_at_rest(ring);
        slotring_writer_t *writer = writer_open(ring);
        CHECK_EQUAL(writer_row(writer), row);
        CHECK_OK(record_append(writer, 2, 0, most, NO_WAIT));
        record_take_now(reader, pattern_tag(2, 0), order.messages, most);
        CHECK_OK(slotring_writer_close(writer));
        CHECK_OK(slotring_unsubscribe(reader));
        CHECK_OK(slotring_end_stream(ring));
        check_recovered(ring, 1);
        ring_remove(ring, ring_name());
    }
    check_context("%s", "");
}

/* Who attaches repairs, and has no entry yet. The dead one had a slot open whose records were all freed. */
static void attaching_repairs_what_was_freed(void)
{
    for (uint32_t keep = 0; keep < 2; keep++) {
        slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 256);
        options.max_writers = WRITERS;
        options.when_full = keep ? SLOTRING_KEEP : SLOTRING_OVERWRITE;
        slotring_t *ring = ring_open_with(ring_name(), &options);
        slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
        uint64_t row;
        order_t order = {.producer = 1, .messages = 3, .most = 20, .stays = true};
        peer_t peer = writer_process(&order, &row);
        peer_tell(&peer, 1);
        peer_expect(&peer, 2);
        for (uint64_t n = 0; n < 3; n++) {
            slotring_slot_t slot;
            CHECK_OK(slotring_next(reader, NO_WAIT, &slot));
            CHECK_OK(slotring_free(ring, &slot.ticket));
            CHECK_OK(slotring_reader_release(reader));
        }
        CHECK_OK(slotring_unsubscribe(reader));
        peer_kill(&peer);
        slotring_t *other = ring_attach(ring_name());
        slotring_stats_t stats = ring_stats(ring);
        CHECK_EQUAL(stats.participants, 2);
        CHECK_EQUAL(stats.repaired, 1);
        CHECK_EQUAL(stats.slots_free, 4);
        check_ring_at_rest(other);
        CHECK_OK(slotring_close(other));
        check_ring_at_rest(ring);
        ring_remove(ring, ring_name());
    }
}

/* The same where the order has no place left: the oldest publication is held, so the one that is listed in the name of the
 * dead one has to retire it. */
static void attaching_repairs_in_a_full_order(void)
{
    slotring_t *ring = ring_for_writers(6, 256);
    sr__view_t *view = &ring->member.view;
    uint64_t row;
    slotring_slot_t held;
    slotring_ticket_t ticket = publish(ring, 9, 0);
    hold(ring, &ticket, &held);
    order_t order = {.producer = 1, .messages = 3, .most = 20, .stays = true};
    peer_t peer = writer_process(&order, &row);
    peer_tell(&peer, 1);
    peer_expect(&peer, 2);
    uint64_t end = ticket.sequence + 1;
    for (; end - sr__load(&view->state->frontier) < view->order_mask + 1; end++) {
        ticket = publish(ring, 9, end);
        CHECK_OK(slotring_free(ring, &ticket));
    }
    CHECK_EQUAL(sr__load(&view->state->frontier), held.sequence);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_OLDEST);
    CHECK_OK(slotring_release(ring, &held)); /* whoever takes it out of the walk makes it free */
    peer_kill(&peer);
    slotring_t *other = ring_attach(ring_name());
    CHECK_EQUAL(ring_stats(ring).repaired, 1);
    CHECK_EQUAL(sr__load(&view->state->frontier), held.sequence + 1);
    CHECK_EQUAL(ring_stats(ring).recycled + ring_stats(ring).overwritten,
                1); /* counted, in the dead one's name */
    CHECK_EQUAL(records_total(ring, (uint32_t)row), 3);
    slotring_slot_t slot;
    for (uint64_t n = 0; n < 3;) {
        CHECK_OK(slotring_next(reader, NO_WAIT, &slot));
        if (slot.writer == row)
            CHECK_EQUAL(slot.number, n++);
        CHECK_OK(slotring_reader_release(reader));
    }
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_close(other));
    CHECK_OK(slotring_end_stream(ring));
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

/* Stopped in the middle, by the system: the others do not notice. */
static void a_stopped_writer(void)
{
    slotring_t *ring = ring_for_writers(5, 256);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    had_t had = {{0}, {0}, {0}};
    uint64_t row;
    order_t order = {.producer = 1, .messages = 3, .most = 30, .stays = true};
    peer_t peer = writer_process(&order, &row);
    slotring_writer_t *writer = writer_open(ring);
    peer_tell(&peer, 1);
    peer_expect(&peer, 2);
    peer_stop(&peer);
    slotring_slot_t slot;
    for (uint64_t n = 0; n < 3; n++)
        record_take_now(reader, pattern_tag(1, n), n, 30);
    had.next[row] = had.delivered[row] = 3;
    for (uint64_t n = 0; n < scaled(300); n++) {
        CHECK_OK(record_append(writer, 2, n, 100, NO_WAIT));
        CHECK_OK(slotring_next(reader, NO_WAIT, &slot));
        CHECK_EQUAL(slot.number, n);
        record_check(&slot, 100);
        note(&had, &slot, false);
        CHECK_OK(slotring_reader_release(reader));
    }
    slotring_recovery_t recovery = {.struct_size = sizeof recovery};
    CHECK_OK(slotring_recover(ring, &recovery));
    CHECK_EQUAL(recovery.participants, 0); /* it is not dead */
    CHECK_OK(slotring_writer_close(writer));
    CHECK_OK(slotring_end_stream(ring));
    peer_continue(&peer);
    peer_tell(&peer, 3);
    peer_join(&peer);
    CHECK_EQUAL(read_to_the_end(reader, &had, 100, false), 0);
    check_all_were_had(ring, reader, &had, 3 + scaled(300));
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* ---- In several threads of one handle ------------------------------------------------------------------- */

#define THREAD_MOST 90u

static struct {
    slotring_t *ring;
    slotring_reader_t *readers[3];
    unsigned long messages;
    atomic_uint writing;
} shared;

/* The stream ends when the last one of all threads has closed its writer. */
static void close_and_end_if_last(slotring_writer_t *writer)
{
    CHECK_OK(slotring_writer_close(writer));
    if (atomic_fetch_sub(&shared.writing, 1) == 1)
        CHECK_OK(slotring_end_stream(shared.ring));
}

static void thread_writes(void *argument)
{
    uint32_t producer = (uint32_t)(uintptr_t)argument;
    slotring_writer_t *writer = writer_open(shared.ring);
    for (uint64_t n = 0; n < shared.messages && threads_go_on(); n++) {
        CHECK_OK(record_append(writer, producer, n, THREAD_MOST, PATIENCE));
        if (n % 100 == 50 + producer) {
            CHECK_OK(slotring_writer_close(writer));
            writer = writer_open(shared.ring);
        }
    }
    close_and_end_if_last(writer);
}

/* Rows change hands here: what belongs together is told by the tag, too. */
static void thread_reads(void *argument)
{
    uintptr_t r = (uintptr_t)argument;
    bool lossy = r == 2;
    had_t had = {{0}, {0}, {0}};
    uint64_t of[WRITERS] = {0};
    slotring_slot_t slots[4];
    for (uint32_t round = 0; threads_go_on(); round++) {
        uint32_t count;
        int code = slotring_next_batch(shared.readers[r], PATIENCE, slots, 1 + round % 4, &count);
        if (code == SLOTRING_E_END)
            break;
        CHECK_OK(code);
        for (uint32_t i = 0; i < count; i++) {
            record_check(&slots[i], THREAD_MOST);
            note(&had, &slots[i], lossy);
            uint64_t *next = &of[pattern_producer(slots[i].tag)];
            CHECK_AT_LEAST(pattern_number(slots[i].tag), *next);
            CHECK(lossy || pattern_number(slots[i].tag) == *next);
            *next = pattern_number(slots[i].tag) + 1;
        }
        CHECK_OK(slotring_reader_release(shared.readers[r]));
    }
    check_all_were_had(shared.ring, shared.readers[r], &had, 3 * (uint64_t)shared.messages);
}

static void of_several_threads(void)
{
    memset(&shared, 0, sizeof shared);
    shared.ring = ring_for_writers(9, 400);
    shared.messages = scaled(4000);
    slotring_writer_t *first = writer_open(shared.ring); /* the stream is open before anybody reads */
    for (uint32_t r = 0; r < 3; r++)
        shared.readers[r] = subscribe(shared.ring, r == 2 ? SLOTRING_LOSSY : SLOTRING_LOSSLESS,
                                      r == 1 ? SLOTRING_FROM_OLDEST : SLOTRING_FROM_NOW);
    atomic_store(&shared.writing, 4); /* three threads, and this one */
    for (uintptr_t w = 0; w < 3; w++)
        thread_start(thread_writes, (void *)w);
    for (uintptr_t r = 0; r < 3; r++)
        thread_start(thread_reads, (void *)r);
    close_and_end_if_last(first);
    threads_join();
    for (uint32_t r = 0; r < 3; r++)
        CHECK_OK(slotring_unsubscribe(shared.readers[r]));
    check_ring_at_rest(shared.ring);
    ring_remove(shared.ring, ring_name());
}

/* Readers that come while others write: nothing that was committed before is given to one from now. */
static atomic_ulong committed;

static void writes_and_says_so(void *argument)
{
    slotring_writer_t *writer = argument;
    for (uint64_t n = 0; n < shared.messages && threads_go_on(); n++) {
        CHECK_OK(record_append(writer, 0, n, THREAD_MOST, PATIENCE));
        atomic_store(&committed, (unsigned long)(n + 1));
    }
    atomic_store(&shared.writing, 0);
}

static void come_and_go(void *argument)
{
    uint32_t how = (uint32_t)(uintptr_t)argument;
    while (atomic_load(&shared.writing) != 0 && threads_go_on()) {
        uint64_t before = atomic_load(&committed), next = 0;
        slotring_reader_t *reader = subscribe(shared.ring, how & 1 ? SLOTRING_LOSSY : SLOTRING_LOSSLESS,
                                              how & 2 ? SLOTRING_FROM_OLDEST : SLOTRING_FROM_NOW);
        uint64_t after = atomic_load(&committed), missed = 0;
        bool begun = false;
        for (int m = 0; m < 40; m++) {
            slotring_slot_t slot;
            int code = slotring_next(reader, 50 * MILLISECOND, &slot);
            if (code == SLOTRING_E_BUSY &&
                (how & 1)) /* two lossy readers of one handle, at one slot that is open */
                continue;
            if (code != 0) {
                CHECK_CODE(code, SLOTRING_E_TIMEOUT);
                break;
            }
            record_check(&slot, THREAD_MOST);
            CHECK_EQUAL(slot.number, pattern_number(slot.tag));
            if (m == 0 &&
                how == 0) { /* lossless, from now: the first one was not committed before, and is not late */
                CHECK_AT_LEAST(slot.number, before);
                CHECK_AT_LEAST(after + 1, slot.number); /* the writer says so after it has returned */
            }
            if (begun && !(how & 1))
                CHECK_EQUAL(slot.number, next);
            CHECK_AT_LEAST(slot.number, next);
            missed += begun ? slot.number - next : 0;
            begun = true;
            next = slot.number + 1;
            CHECK_OK(slotring_reader_release(reader));
        }
        if (how & 1)
            CHECK_AT_LEAST(records_missed(reader), missed);
        CHECK_OK(slotring_unsubscribe(reader));
    }
}

static void readers_come_and_go(void)
{
    memset(&shared, 0, sizeof shared);
    shared.ring = ring_for_writers(6, 400);
    shared.messages = scaled(30000);
    atomic_store(&committed, 0);
    atomic_store(&shared.writing, 1);
    slotring_writer_t *writer = writer_open(shared.ring);
    thread_start(writes_and_says_so, writer);
    for (uintptr_t how = 0; how < 4; how++)
        thread_start(come_and_go, (void *)how);
    threads_join();
    CHECK_OK(slotring_writer_close(writer));
    check_ring_at_rest(shared.ring);
    ring_remove(shared.ring, ring_name());
}

/* ---- Blocked --------------------------------------------------------------------------------------------- */

static void takes_one(void *argument)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_next(argument, PATIENCE, &slot));
    record_check(&slot, THREAD_MOST);
    CHECK_OK(slotring_reader_release(argument));
}

/* Each record wakes who sleeps, the first one in a slot and the ones behind it. */
static void a_record_wakes(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 6, 400);
    options.spin_ns = 1;
    options.wait_slice_ns = UINT64_C(120000000000);
    slotring_t *ring = ring_open_with(ring_name(), &options);
    slotring_writer_t *writer = writer_open(ring);
    for (uint32_t mode = 0; mode < 2; mode++) {
        slotring_reader_t *reader = subscribe(ring, mode, SLOTRING_FROM_NOW);
        for (uint64_t n = 0; n < scaled(60); n++) {
            thread_start(takes_one, reader);
            threads_wait_asleep();
            CHECK_OK(record_append(writer, mode, n, THREAD_MOST, NO_WAIT));
            threads_join();
        }
        CHECK_OK(slotring_unsubscribe(reader));
    }
    CHECK_OK(slotring_writer_close(writer));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void appends_one(void *argument)
{
    CHECK_OK(record_append(argument, 3, 3, 100, PATIENCE));
}

/* A writer that waits for space has nothing open, and gets what becomes free. */
static void space_wakes_a_writer(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 3, 100);
    options.spin_ns = 1;
    options.wait_slice_ns = UINT64_C(120000000000);
    slotring_t *ring = ring_open_with(ring_name(), &options);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_writer_t *writer = writer_open(ring);
    slotring_slot_t slot;
    for (uint32_t round = 0; round < scaled(30); round++) {
        while (slotring_writer_append(writer, "0123456789012345678901234567890123456789", 40, 0, NO_WAIT) ==
               0) {
        }
        thread_start(appends_one, writer);
        threads_wait_asleep();
        CHECK(!records_open(ring, 0));
        while (slotring_next(reader, NO_WAIT, &slot) == 0)
            CHECK_OK(slotring_reader_release(reader));
        threads_join();
        int code;
        while ((code = slotring_next(reader, NO_WAIT, &slot)) == 0) {
            CHECK_EQUAL(slot.tag, pattern_tag(3, 3));
            CHECK_OK(slotring_reader_release(reader));
        }
        CHECK_EQUAL(code, SLOTRING_E_EMPTY);
    }
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_writer_close(writer));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void allocates_one(void *argument)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_allocate_wait(argument, 100, -1, &slot));
    CHECK_OK(slotring_abort(argument, &slot));
}

/* A reservation of a whole slot is given back: by a cancel, and by the end of its writer. */
static void what_is_not_written_wakes_a_producer(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 2, 100);
    options.spin_ns = 1;
    options.wait_slice_ns = UINT64_C(120000000000);
    slotring_t *ring = ring_open_with(ring_name(), &options);
    slotring_slot_t kept, reserved;
    CHECK_OK(slotring_allocate(ring, 100, &kept));
    for (uint64_t round = 1; round <= 2; round++) {
        slotring_writer_t *writer = writer_open(ring);
        CHECK_OK(slotring_writer_reserve(writer, 100, NO_WAIT, &reserved));
        thread_start(allocates_one, ring);
        threads_wait_asleep();
        if (round == 1)
            CHECK_OK(slotring_writer_cancel(writer, &reserved));
        else
            CHECK_OK(slotring_writer_close(writer));
        threads_join();
        if (round == 1)
            CHECK_OK(slotring_writer_close(writer));
        CHECK_EQUAL(ring_stats(ring).aborted, 2 * round);
    }
    CHECK_OK(slotring_abort(ring, &kept));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"whoever_writes", whoever_writes, 0},
    {"an_idle_writer", an_idle_writer, 0},
    {"of_several_processes", of_several_processes, 0},
    {"a_killed_writer", a_killed_writer, 0},
    {"attaching_repairs_what_was_freed", attaching_repairs_what_was_freed, 0},
    {"attaching_repairs_in_a_full_order", attaching_repairs_in_a_full_order, 0},
    {"a_stopped_writer", a_stopped_writer, 0},
    {"of_several_threads", of_several_threads, TEST_THREADS},
    {"readers_come_and_go", readers_come_and_go, TEST_THREADS},
    {"a_record_wakes", a_record_wakes, TEST_THREADS},
    {"space_wakes_a_writer", space_wakes_a_writer, TEST_THREADS},
    {"what_is_not_written_wakes_a_producer", what_is_not_written_wakes_a_producer, TEST_THREADS},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {{"records-writes", writes}, {NULL, NULL}};

const test_suite_t records_share_suite = {"records_share", cases, roles};
