/* SPDX-License-Identifier: Apache-2.0 */
/* Who looks at a ring sees its writers, and how many messages they wrote: a participant and an observer alike, at any
 * moment, and after any kill. */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "handle.h"
#include "support/records.h"
#include "support/ring.h"
#include "support/suite.h"
#include "support/thread.h"

#define SLOT 200u /* a message of more than 69 bytes has a slot to itself */
#define LARGE 150u

static slotring_writer_t *open_writer(slotring_t *ring)
{
    slotring_writer_t *writer;
    CHECK_OK(slotring_writer_open(ring, NULL, &writer));
    return writer;
}

static void append(slotring_writer_t *writer, uint64_t size)
{
    char bytes[SLOT] = "";
    CHECK_OK(slotring_writer_append(writer, bytes, size, 1, PATIENCE));
}

static uint32_t list(slotring_t *ring, slotring_writer_info_t *writers, uint32_t capacity)
{
    uint32_t count = 77;
    CHECK_OK(slotring_writers(ring, writers, capacity, &count));
    return count;
}

static void how_many_writers_a_ring_has(void)
{
    static const struct {
        uint32_t wanted, slots, has;
    } rings[] = {{0, 8, 7}, {0, 100, 64}, {3, 8, 3}, {100, 20, 19}, {5, 2, 1}, {5, 1, 0}};
    for (size_t i = 0; i < sizeof rings / sizeof rings[0]; i++) {
        slotring_options_t options = ring_options(SLOTRING_CREATE, rings[i].slots, SLOT);
        options.max_writers = rings[i].wanted;
        slotring_t *ring = ring_open_with(ring_name(), &options), *observer = ring_observe(ring_name());
        slotring_writer_t *writer, *writers[64];
        CHECK_EQUAL(ring_info(ring).max_writers, rings[i].has);
        CHECK_EQUAL(ring_info(observer).max_writers, rings[i].has);
        for (uint32_t n = 0; n < rings[i].has; n++)
            writers[n] = open_writer(ring);
        CHECK_CODE(slotring_writer_open(ring, NULL, &writer), SLOTRING_E_WRITERS);
        CHECK_EQUAL(ring_stats(ring).writers, rings[i].has);
        CHECK_EQUAL(ring_stats(observer).writers, rings[i].has);
        CHECK_EQUAL(list(observer, NULL, 0), rings[i].has);
        for (uint32_t n = 0; n < rings[i].has; n++)
            CHECK_OK(slotring_writer_close(writers[n]));
        CHECK_EQUAL(ring_stats(ring).writers, 0);
        CHECK_OK(slotring_close(observer));
        ring_remove(ring, ring_name());
    }
}

static void check_counts(slotring_t *ring, uint64_t records, uint64_t bytes)
{
    slotring_stats_t stats = ring_stats(ring);
    slotring_participant_t who[4];
    uint32_t count;
    CHECK_EQUAL(stats.records, records);
    CHECK_EQUAL(stats.bytes_written, bytes);
    CHECK_EQUAL(stats.writers, 2);
    CHECK_OK(slotring_participants(ring, who, 4, &count));
    CHECK_EQUAL(count, 1);
    CHECK_EQUAL(who[0].writers, 2);
    CHECK_EQUAL(who[0].bytes_written, bytes);
}

/* Each message is counted when it is written, not when its slot is full. */
static void each_message_counts_at_once(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, SLOT), *observer = ring_observe(ring_name());
    slotring_writer_t *one = open_writer(ring), *other = open_writer(ring);
    uint64_t bytes = 0;
    for (uint64_t n = 0; n < 200; n++) {
        uint64_t size = n % 40 == 39 ? LARGE : n % 7 * 3;
        check_context("message %llu", (unsigned long long)n);
        append(n % 3 == 0 ? other : one, size);
        bytes += size;
        check_counts(ring, n + 1, bytes);
        check_counts(observer, n + 1, bytes);
    }
    check_context("%s", "");
    slotring_list_entry_t entries[64];
    uint32_t count = 0, found = 0;
    CHECK_OK(slotring_list(NULL, entries, 64, &count, NULL));
    for (uint32_t i = 0; i < count && i < 64; i++)
        if (strcmp(entries[i].name, ring_name()) == 0) {
            CHECK_EQUAL(entries[i].records, 200);
            found++;
        }
    CHECK_EQUAL(found, 1);
    CHECK_OK(slotring_writer_close(one));
    CHECK_OK(slotring_writer_close(other));
    CHECK_EQUAL(ring_stats(observer).records, 200);
    CHECK_EQUAL(ring_stats(observer).bytes_written, bytes);
    CHECK_EQUAL(list(ring, NULL, 0), 0);
    slotring_writer_t *third = open_writer(ring); /* the numbers go on */
    append(third, 1);
    CHECK_EQUAL(ring_stats(observer).records, 201);
    CHECK_OK(slotring_writer_close(third));
    CHECK_OK(slotring_close(observer));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void check_writer(slotring_t *ring, uint32_t at, uint32_t state, uint64_t number, uint64_t records,
                         uint64_t used)
{
    slotring_writer_info_t w[3];
    memset(w, 0xcc, sizeof w);
    CHECK_EQUAL(list(ring, w, 3), 2);
    CHECK_EQUAL(w[at].row, at);
    CHECK_EQUAL(w[at].participant, 0);
    CHECK_EQUAL(w[at].life, SLOTRING_LIFE_RUNNING);
    CHECK(w[at].pid != 0);
    CHECK_EQUAL(strcmp(w[at].name, "the writer"), 0);
    CHECK_EQUAL(w[at].state, state);
    CHECK_EQUAL(w[at].number, number);
    CHECK_EQUAL(w[at].records, records);
    CHECK_EQUAL(w[at].bytes_used, used);
    CHECK_EQUAL(w[at].slot == UINT32_MAX, state == SLOTRING_WRITER_IDLE);
    for (size_t i = 0; i < 8; i++)
        CHECK_EQUAL(w[at].reserved[i], 0);
}

static void what_each_writer_has(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, SLOT);
    options.client_name = "the writer";
    slotring_t *ring = ring_open_with(ring_name(), &options), *observer = ring_observe(ring_name());
    slotring_writer_t *one = open_writer(ring), *other = open_writer(ring);
    slotring_slot_t slot;
    slotring_t *rings[2] = {ring, observer};
    CHECK_OK(slotring_writer_reserve(other, LARGE, 0, &slot));
    append(one, 8);
    append(one, 3);
    for (int i = 0; i < 2; i++) {
        check_writer(rings[i], 0, SLOTRING_WRITER_HAS_BLOCK, 2, 2, 32);
        check_writer(rings[i], 1, SLOTRING_WRITER_IDLE, 0, 0, 0); /* what is reserved is not named yet */
    }
    CHECK_OK(slotring_writer_commit(other, &slot, 7));
    append(one, LARGE); /* the block is closed before it */
    for (int i = 0; i < 2; i++) {
        check_writer(rings[i], 0, SLOTRING_WRITER_IDLE, 3, 0, 0);
        check_writer(rings[i], 1, SLOTRING_WRITER_IDLE, 1, 0, 0);
    }
    CHECK_OK(slotring_writer_reserve(one, 8, 0, &slot));
    for (int i = 0; i < 2; i++)
        check_writer(rings[i], 0, SLOTRING_WRITER_HAS_BLOCK, 3, 0, 0);
    CHECK_OK(slotring_writer_cancel(one, &slot));
    slotring_writer_info_t w;
    CHECK_EQUAL(list(observer, &w, 1), 2); /* room for one */
    CHECK_CODE(slotring_writers(ring, NULL, 1, &(uint32_t){0}), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_writers(ring, &w, 1, NULL), SLOTRING_E_INVALID);
    CHECK_OK(slotring_writer_close(one));
    CHECK_EQUAL(list(observer, &w, 1), 1);
    CHECK_EQUAL(w.row, 1);
    CHECK_OK(slotring_writer_close(other));
    CHECK_OK(slotring_close(observer));
    ring_remove(ring, ring_name());
}

/* An open block is a slot that producers cannot have; what was allocated or reserved is another one. */
static void who_keeps_a_slot_for_records(void)
{
    slotring_t *ring = ring_create(ring_name(), 6, SLOT), *observer = ring_observe(ring_name());
    slotring_writer_t *idle = open_writer(ring), *one = open_writer(ring), *large = open_writer(ring);
    slotring_t *rings[2] = {ring, observer};
    slotring_slot_t allocated, reserved;
    append(one, 8);
    CHECK_OK(slotring_allocate(ring, 1, &allocated));
    CHECK_OK(slotring_writer_reserve(large, LARGE, 0, &reserved));
    for (int i = 0; i < 2; i++) {
        slotring_blocker_t b[4];
        uint32_t count;
        CHECK_OK(slotring_blockers(rings[i], b, 4, &count));
        CHECK_EQUAL(count, 2);
        CHECK_EQUAL(b[0].why, SLOTRING_BLOCKS_BY_WRITING);
        CHECK_EQUAL(b[0].slots, 2);
        CHECK_EQUAL(b[0].row, UINT32_MAX);
        CHECK_EQUAL(b[1].why, SLOTRING_BLOCKS_BY_RECORDS);
        CHECK_EQUAL(b[1].slots, 1);
        CHECK_EQUAL(b[1].row, 1);
        CHECK_EQUAL(b[1].participant, ring_info(ring).participant);
        CHECK_EQUAL(b[1].life, SLOTRING_LIFE_RUNNING);
        CHECK_EQUAL(b[1].pid, b[0].pid);
        CHECK_EQUAL(ring_stats(rings[i]).slots_writing, 3);
    }
    CHECK_OK(slotring_abort(ring, &allocated));
    CHECK_OK(slotring_writer_cancel(large, &reserved));
    CHECK_OK(slotring_writer_close(idle));
    CHECK_OK(slotring_writer_close(one));
    CHECK_OK(slotring_writer_close(large));
    CHECK_OK(slotring_close(observer));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* What a writer has written is no pointer of the caller's; what it has reserved is one. */
static void what_keeps_a_handle_open(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, SLOT), *other = ring_attach(ring_name());
    slotring_writer_t *writer = open_writer(other);
    slotring_slot_t slot;
    slotring_error_t error;
    append(writer, 8);
    for (uint64_t size = 8; size <= LARGE; size += LARGE - 8) {
        CHECK_OK(slotring_writer_reserve(writer, size, 0, &slot));
        CHECK_CODE(slotring_close_if_idle(other), SLOTRING_E_BUSY);
        slotring_last_error(&error);
        CHECK_CONTAINS(error.text, "1 to write, 0 acquired");
        CHECK_OK(slotring_writer_cancel(writer, &slot));
    }
    append(writer, 8);
    CHECK_OK(slotring_close_if_idle(other));
    CHECK_EQUAL(ring_stats(ring).records, 2);
    CHECK_EQUAL(ring_stats(ring).bytes_written, 16);
    CHECK_EQUAL(ring_stats(ring).writers, 0);
    ring_remove(ring, ring_name());
}

static slotring_reader_info_t reader_of(slotring_t *ring, uint32_t row)
{
    slotring_reader_info_t readers[4];
    uint32_t count;
    CHECK_OK(slotring_readers(ring, readers, 4, &count));
    for (uint32_t i = 0; i < count && i < 4; i++)
        if (readers[i].row == row)
            return readers[i];
    FAIL("there is no such reader");
}

static void what_readers_had_and_missed(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, SLOT), *observer = ring_observe(ring_name());
    slotring_reader_t *lossy = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    slotring_writer_t *writer = open_writer(ring);
    slotring_slot_t slot;
    uint64_t given = 0, written = 0;
    for (; written < 5; written++)
        append(writer, 8);
    for (; slotring_next(lossy, 0, &slot) == 0; given++)
        CHECK_OK(slotring_reader_release(lossy));
    CHECK_EQUAL(given, 5);
    CHECK_EQUAL(reader_of(observer, 0).records, 5);
    CHECK_EQUAL(reader_of(ring, 0).records_missed, 0);
    for (; written < 500; written++)
        append(writer, written % 17);
    for (; slotring_next(lossy, 0, &slot) == 0; given++)
        CHECK_OK(slotring_reader_release(lossy));
    slotring_reader_info_t info = reader_of(observer, 0), own = reader_info(lossy);
    CHECK_EQUAL(own.records, info.records);
    CHECK_EQUAL(own.records_missed, info.records_missed);
    CHECK_EQUAL(info.records, given);
    CHECK(info.records_missed > 0);
    CHECK_EQUAL(info.records + info.records_missed, written);
    CHECK_EQUAL(ring_stats(observer).records_missed, info.records_missed);
    CHECK_EQUAL(ring_stats(observer).records, written);
    CHECK_OK(slotring_unsubscribe(lossy));
    CHECK_EQUAL(ring_stats(ring).records_missed, info.records_missed); /* of past readers, too */
    CHECK_OK(slotring_writer_close(writer));
    CHECK_OK(slotring_close(observer));
    ring_remove(ring, ring_name());
}

/* ---- After a kill ---------------------------------------------------------------------------------------- */

static void writes_and_waits(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_writer_t *writer = open_writer(ring), *large = open_writer(ring);
    slotring_slot_t slot;
    for (int n = 0; n < 30; n++)
        append(writer, 8);
    append(writer, LARGE);
    append(writer, 5);
    CHECK_OK(slotring_writer_reserve(writer, 8, 0, &slot)); /* is never seen */
    CHECK_OK(slotring_writer_reserve(large, LARGE, 0, &slot));
    peer_tell(test, 1);
    peer_expect(test, 2);
}

static void check_after(slotring_t *ring, uint32_t writers)
{
    slotring_stats_t stats = ring_stats(ring);
    CHECK_EQUAL(stats.records, 32);
    CHECK_EQUAL(stats.bytes_written, 30 * 8 + LARGE + 5);
    CHECK_EQUAL(stats.writers, writers);
}

/* Nothing that was written is counted less, or twice, while its writer is dead and when it is repaired. */
static void counts_stay_after_a_kill(void)
{
    slotring_t *ring = ring_create(ring_name(), 8, SLOT), *observer = ring_observe(ring_name());
    peer_t peer = peer_start(BY_FORK, "records-seen-writes", ring_name());
    slotring_writer_info_t writers[2];
    peer_expect(&peer, 1);
    check_after(ring, 2);
    peer_kill(&peer);
    check_after(ring, 2);
    check_after(observer, 2);
    CHECK_EQUAL(list(observer, writers, 2), 2);
    CHECK_EQUAL(writers[0].pid, peer.pid);
    CHECK_EQUAL(writers[0].number, 32);
    CHECK_EQUAL(writers[0].records, 1);
    CHECK_EQUAL(writers[1].state, SLOTRING_WRITER_IDLE);
    slotring_recovery_t recovery = {.struct_size = sizeof recovery};
    CHECK_OK(slotring_recover(ring, &recovery));
    CHECK_EQUAL(recovery.participants, 1);
    check_after(ring, 0);
    check_after(observer, 0);
    CHECK_EQUAL(list(observer, writers, 2), 0);
    check_recovered(ring, 1);
    CHECK_OK(slotring_close(observer));
    ring_remove(ring, ring_name());
}

/* ---- While it is written ------------------------------------------------------------------------------------ */

static struct {
    slotring_t *ring;
    atomic_ulong begun, done; /* messages */
    atomic_ulong looks;
    atomic_uint over;
} scene;

/* Slots are used again and again, so there are always old records behind the last one. */
static void write_all(void *argument)
{
    slotring_writer_t *writer = open_writer(scene.ring);
    (void)argument;
    for (unsigned long n = 0; n < scaled(400000) && threads_go_on(); n++) {
        atomic_store(&scene.begun, n + 1);
        append(writer, n % 1000 == 999 ? LARGE : n / 64 % 3 * 8);
        atomic_store(&scene.done, n + 1);
    }
    CHECK_OK(slotring_writer_close(writer));
    atomic_store(&scene.over, 1);
}

static void look_all_the_time(void *argument)
{
    slotring_t *ring = argument;
    while (atomic_load(&scene.over) == 0 && threads_go_on()) {
        slotring_writer_info_t w;
        uint64_t done = atomic_load(&scene.done), records = ring_stats(ring).records;
        CHECK_AT_LEAST(records, done);
        CHECK_AT_LEAST(atomic_load(&scene.begun), records);
        done = atomic_load(&scene.done);
        if (list(ring, &w, 1) == 0)
            continue;
        CHECK_AT_LEAST(w.number, done);
        CHECK_AT_LEAST(atomic_load(&scene.begun), w.number);
        CHECK_AT_LEAST(SLOT, w.bytes_used);
        atomic_fetch_add(&scene.looks, w.records > 0);
    }
}

static void counts_are_of_one_moment(void)
{
    scene.ring = ring_create(ring_name(), 4, SLOT);
    slotring_t *observer = ring_observe(ring_name());
    atomic_store(&scene.begun, 0);
    atomic_store(&scene.done, 0);
    atomic_store(&scene.over, 0);
    thread_start(write_all, NULL);
    thread_start(look_all_the_time, scene.ring);
    thread_start(look_all_the_time, observer);
    threads_join();
    CHECK_EQUAL(ring_stats(observer).records, atomic_load(&scene.done));
    CHECK_OK(slotring_close(observer));
    check_ring_at_rest(scene.ring);
    ring_remove(scene.ring, ring_name());
}

/* An observer's reads: at one of them the writer closes its block, and is stopped before it takes the name away. */
static struct {
    const sr__backend_t *real;
    sr__backend_t interposed;
    slotring_writer_t *writer;
    sr__writer_t *row;
    uint32_t until; /* reads of rows of writers that are left */
    uint64_t from, to;
} closing;

static int read_and_close(sr__segment_t *segment, uint64_t offset, void *buffer, size_t size)
{
    int failed = closing.real->segments.read(segment, offset, buffer, size);
    if (offset >= closing.from && offset < closing.to && closing.until > 0 && --closing.until == 0) {
        uint64_t state = atomic_load(&closing.row->state), claimed = atomic_load(&closing.row->claimed);
        CHECK_OK(slotring_writer_close(closing.writer));
        atomic_store(&closing.row->state, state);
        atomic_store(&closing.row->claimed, claimed);
    }
    return failed;
}

static bool check_closing_at(uint32_t read)
{
    slotring_t *ring = ring_create(ring_name(), 8, SLOT), *observer = ring_observe(ring_name());
    slotring_writer_t *writer = open_writer(ring);
    append(writer, 8);
    closing.writer = writer;
    closing.row = &ring->member.view.writers[0];
    closing.real = observer->member.os;
    closing.interposed = *closing.real;
    closing.interposed.segments.read = read_and_close;
    closing.from = (uint64_t)((uint8_t *)observer->member.view.writers - observer->member.snapshot);
    closing.to = closing.from + sizeof *closing.row;
    closing.until = read;
    observer->member.os = &closing.interposed;
    CHECK_EQUAL(ring_stats(observer).records, 1);
    observer->member.os = closing.real;
    bool closed = closing.until == 0;
    if (closed) {
        atomic_store(&closing.row->claimed, 0);
        atomic_store(&closing.row->state, 0);
    } else {
        CHECK_OK(slotring_writer_close(writer));
    }
    CHECK_OK(slotring_close(observer));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
    return closed;
}

static void counted_while_its_block_is_closed(void)
{
    uint32_t read = 1;
    while (check_closing_at(read))
        check_context("at read %u of the row", ++read);
    check_context("%s", "");
    CHECK_AT_LEAST(read, 3);
}

/* ---- What a lossy reader keeps -------------------------------------------------------------------------- */

static uint64_t held_after_a_record(uint64_t slots, uint32_t *left)
{
    slotring_slot_t slot;
    slotring_t *ring = ring_create(ring_name(), slots, 256);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    slotring_writer_t *writer = writer_open(ring);
    for (uint64_t n = 0; n < 3; n++)
        CHECK_OK(slotring_writer_append(writer, "12345678", 8, n, 0));
    CHECK_OK(slotring_writer_close(writer));
    CHECK_OK(slotring_next(reader, 0, &slot));
    CHECK_OK(slotring_reader_release(reader));
    CHECK_CODE(slotring_reader_release(reader), SLOTRING_E_NOT_HELD);
    uint64_t kept = ring_stats(ring).slots_held;
    for (*left = 0; slotring_next(reader, 0, &slot) == 0; ++*left) {
        CHECK_EQUAL(slot.tag, *left + 1);
        CHECK_OK(slotring_reader_release(reader));
    }
    CHECK_EQUAL(ring_stats(ring).slots_held, 0);
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
    return kept;
}

/* It holds the slot that it is reading until it finds nothing more there. */
static void a_lossy_reader_keeps_its_slot(void)
{
    uint32_t left;
    CHECK_EQUAL(held_after_a_record(8, &left), 1);
    CHECK_EQUAL(left, 2);
}

/* Where that could take the last slots, it keeps none. */
static void a_lossy_reader_keeps_no_last_slot(void)
{
    uint32_t left;
    CHECK_EQUAL(held_after_a_record(2, &left), 0);
    CHECK_EQUAL(left, 2);
    CHECK_EQUAL(held_after_a_record(3, &left), 1);
}

/* Nor does it keep anything when it has gone. */
static void a_kept_slot_goes_with_its_reader(void)
{
    slotring_slot_t slot;
    slotring_t *ring = ring_create(ring_name(), 8, 256);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    slotring_writer_t *writer = writer_open(ring);
    for (uint64_t n = 0; n < 2; n++)
        CHECK_OK(slotring_writer_append(writer, "12345678", 8, n, 0));
    CHECK_OK(slotring_writer_close(writer));
    CHECK_OK(slotring_next(reader, 0, &slot));
    CHECK_OK(slotring_reader_release(reader));
    CHECK_EQUAL(ring_stats(ring).slots_held, 1);
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"how_many_writers_a_ring_has", how_many_writers_a_ring_has, 0},
    {"each_message_counts_at_once", each_message_counts_at_once, 0},
    {"what_each_writer_has", what_each_writer_has, 0},
    {"who_keeps_a_slot_for_records", who_keeps_a_slot_for_records, 0},
    {"what_keeps_a_handle_open", what_keeps_a_handle_open, 0},
    {"what_readers_had_and_missed", what_readers_had_and_missed, 0},
    {"counts_stay_after_a_kill", counts_stay_after_a_kill, 0},
    {"counted_while_its_block_is_closed", counted_while_its_block_is_closed, 0},
    {"counts_are_of_one_moment", counts_are_of_one_moment, TEST_THREADS},
    {"a_lossy_reader_keeps_its_slot", a_lossy_reader_keeps_its_slot, 0},
    {"a_lossy_reader_keeps_no_last_slot", a_lossy_reader_keeps_no_last_slot, 0},
    {"a_kept_slot_goes_with_its_reader", a_kept_slot_goes_with_its_reader, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {{"records-seen-writes", writes_and_waits}, {NULL, NULL}};

const test_suite_t records_seen_suite = {"records_seen", cases, roles};
