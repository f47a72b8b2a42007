/* SPDX-License-Identifier: Apache-2.0 */
/* The behaviour that users of the original ring buffer rely on, row by row: sizes, allocation, mark_ready,
 * acquire, release, free, slots and their fields, statistics of the whole ring, the process's own ring. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "support/files.h"
#include "support/posix_calls.h"
#include "support/registry.h"
#include "support/ring.h"
#include "support/suite.h"
#include "support/thread.h"

static void defaults(void)
{
    slotring_t *ring = ring_open_with(ring_name(), NULL);
    slotring_info_t info = ring_info(ring);
    CHECK_EQUAL(info.slot_size, 10u << 20);
    CHECK_EQUAL(info.slot_count, 25);
    CHECK_EQUAL(info.total_size, UINT64_C(250) << 20);
    CHECK_EQUAL(info.max_participants, 64);
    CHECK_EQUAL(info.max_readers, 64);
    CHECK_EQUAL(info.when_full, SLOTRING_OVERWRITE);
    CHECK_EQUAL(info.time_stamps, SLOTRING_TIME_NONE);
    CHECK_EQUAL(info.access, SLOTRING_ACCESS_OWNER);
    CHECK_STRING(info.name, ring_name());
    ring_remove(ring, ring_name());
}

static void slot_count_rounds_down(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 0, 300);
    options.total_size = 1000;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    CHECK_EQUAL(ring_info(ring).slot_count, 3);
    CHECK_EQUAL(ring_info(ring).total_size, 900);
    options.mode = SLOTRING_CREATE_OR_ATTACH; /* who asks in the same words gets the same ring */
    slotring_t *again = ring_open_with(ring_name(), &options);
    CHECK_OK(slotring_close(again));
    ring_remove(ring, ring_name());
}

static void create_and_attach(void)
{
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    slotring_t *ring = (slotring_t *)&options, *second;
    CHECK_CODE(slotring_open(&ring, ring_name(), &options, NULL), SLOTRING_E_NOT_FOUND);
    CHECK(ring == NULL);
    ring = ring_create(ring_name(), 4, 100);
    options = ring_options(SLOTRING_CREATE, 4, 100);
    CHECK_CODE(slotring_open(&second, ring_name(), &options, NULL), SLOTRING_E_EXISTS);
    second = ring_attach(ring_name());
    CHECK_EQUAL(ring_info(second).slot_count, 4);
    CHECK(memcmp(ring_info(second).ring_id, ring_info(ring).ring_id, 16) == 0);
    CHECK(ring_info(second).participant != ring_info(ring).participant);
    CHECK_EQUAL(ring_stats(ring).participants, 2);
    CHECK_OK(slotring_close(ring)); /* the ring stays for the others … */
    CHECK_EQUAL(ring_stats(second).participants, 1);
    slotring_ticket_t ticket = publish(second, 1, 1);
    CHECK_OK(slotring_close(second));
    ring = ring_attach(ring_name()); /* … and for later, with what is in it */
    read_once(ring, &ticket);
    ring_remove(ring, ring_name());
}

static void other_geometry_is_refused(void)
{
    slotring_t *ring = ring_create(ring_name(), 8, 4096), *other;
    static const struct {
        uint64_t total_size, slot_size;
        uint32_t when_full, time_stamps;
        const char *named, *asked;
    } rows[] = {
        {16 * 4096, 4096, 0, 0, "8", "16"}, {8 * 8192, 8192, 0, 0, "4096", "8192"},
        {0, 4097, 0, 0, "4096", "4097"},    {9 * 4096, 0, 0, 0, "8", "9"},
        {0, 0, SLOTRING_KEEP, 0, "", ""},   {0, 0, 0, SLOTRING_TIME_MONOTONIC, "", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_context("row %zu", i);
        for (uint32_t mode = SLOTRING_CREATE_OR_ATTACH; mode <= SLOTRING_ATTACH; mode += 2) {
            slotring_options_t options = ring_options(mode, 0, rows[i].slot_size);
            options.total_size = rows[i].total_size;
            options.when_full = rows[i].when_full;
            options.time_stamps = rows[i].time_stamps;
            slotring_error_t error = {0};
            CHECK_CODE(slotring_open(&other, ring_name(), &options, &error), SLOTRING_E_GEOMETRY);
            CHECK_EQUAL(error.code, SLOTRING_E_GEOMETRY);
            CHECK_CONTAINS(error.text, rows[i].named);
            CHECK_CONTAINS(error.text, rows[i].asked);
        }
    }
    check_context("%s", "");
    CHECK_EQUAL(ring_stats(ring).participants, 1);
    ring_remove(ring, ring_name());
}

static uint32_t allocate_index(slotring_t *ring, slotring_slot_t *slot)
{
    CHECK_OK(slotring_allocate(ring, 1, slot));
    return slot->index;
}

static void allocates_round_robin(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 64);
    slotring_slot_t slot, slots[4];
    /* a slot given back at once is not the next one: the search goes on from the write index */
    for (uint32_t i = 0; i < 10; i++) {
        CHECK_EQUAL(allocate_index(ring, &slot), i % 4);
        CHECK_OK(slotring_abort(ring, &slot));
    }
    /* free ones first, whatever is ready */
    for (uint32_t i = 0; i < 4; i++)
        CHECK_EQUAL(allocate_index(ring, &slots[i]), (10 + i) % 4);
    CHECK_OK(slotring_mark_ready(ring, &slots[0], 1));
    CHECK_OK(slotring_abort(ring, &slots[2]));
    CHECK_EQUAL(allocate_index(ring, &slots[2]), 0);
    /* then the oldest publication, whatever its index */
    CHECK_OK(slotring_mark_ready(ring, &slots[3], 1));
    CHECK_OK(slotring_mark_ready(ring, &slots[2], 1));
    CHECK_OK(slotring_mark_ready(ring, &slots[1], 1));
    static const uint32_t in_order_of_publication[] = {2, 1, 0, 3};
    for (uint32_t i = 0; i < 4; i++)
        CHECK_EQUAL(allocate_index(ring, &slots[i]), in_order_of_publication[i]);
    CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_FULL);
    for (uint32_t i = 0; i < 4; i++)
        CHECK_OK(slotring_abort(ring, &slots[i]));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* Neighbours in memory are kept apart in time, see claim.c; each slot still gets its turn once a lap. */
static void a_lap_takes_each_slot_once(void)
{
    enum {
        SLOTS = 3 * 64 + 8
    };
    slotring_t *ring = ring_create(ring_name(), SLOTS, 64);
    for (unsigned lap = 0; lap < 3; lap++) {
        bool taken[SLOTS] = {false};
        uint32_t before = SLOTS;
        for (uint32_t i = 0; i < SLOTS; i++) {
            slotring_slot_t slot;
            uint32_t index = allocate_index(ring, &slot);
            CHECK(!taken[index]);
            CHECK(i % 64 == 0 || index >= SLOTS / 64 * 64 || index + 1 < before || index > before + 1);
            taken[index] = true;
            before = index;
            CHECK_OK(lap == 0 ? slotring_abort(ring, &slot) : slotring_mark_ready(ring, &slot, 1));
        }
    }
    ring_remove(ring, ring_name());
}

static void too_large(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 1000);
    slotring_slot_t slot;
    slotring_error_t error;
    CHECK_CODE(slotring_allocate(ring, 1001, &slot), SLOTRING_E_TOO_LARGE);
    slotring_last_error(&error);
    CHECK_EQUAL(error.code, SLOTRING_E_TOO_LARGE);
    CHECK_CONTAINS(error.text, "1001");
    CHECK_CONTAINS(error.text, "1000");
    CHECK_CODE(slotring_allocate_wait(ring, UINT64_MAX, FOR_EVER, &slot), SLOTRING_E_TOO_LARGE);
    CHECK_OK(slotring_allocate(ring, 1000, &slot));
    CHECK_EQUAL(slot.capacity, 1000);
    CHECK_CODE(slotring_mark_ready(ring, &slot, 1001), SLOTRING_E_TOO_LARGE);
    CHECK_EQUAL(ring_stats(ring).published, 0);
    CHECK_OK(slotring_mark_ready(ring, &slot, 1000)); /* nothing had changed */
    CHECK_OK(slotring_allocate(ring, 0, &slot));      /* an empty message is a message */
    CHECK_OK(slotring_mark_ready(ring, &slot, 0));
    CHECK_OK(slotring_acquire_for_read(ring, &slot.ticket, &slot));
    CHECK_EQUAL(slot.length, 0);
    CHECK_OK(slotring_release(ring, &slot));
    ring_remove(ring, ring_name());
}

static void mark_ready_once_and_mine_only(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100), *other = ring_attach(ring_name());
    slotring_slot_t slot = {0}, copy;
    CHECK_CODE(slotring_mark_ready(ring, &slot, 1), SLOTRING_E_STATE); /* never allocated */
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    CHECK_EQUAL(slot.sequence, 0);
    copy = slot;
    CHECK_CODE(slotring_mark_ready(other, &slot, 1), SLOTRING_E_NOT_OWNER);
    CHECK_CODE(slotring_abort(other, &slot), SLOTRING_E_NOT_OWNER);
    CHECK_OK(slotring_mark_ready(ring, &slot, 1));
    CHECK(slot.data == NULL);
    CHECK_EQUAL(slot.ticket.slot, slot.index);
    CHECK_EQUAL(slot.ticket.sequence, slot.sequence);
    CHECK_EQUAL(slot.ticket.flags, 0);
    CHECK_CODE(slotring_mark_ready(ring, &slot, 1), SLOTRING_E_STATE);
    CHECK_CODE(slotring_mark_ready(ring, &copy, 1), SLOTRING_E_STATE); /* a copied struct does not help */
    CHECK_CODE(slotring_abort(ring, &copy), SLOTRING_E_STATE);
    CHECK_EQUAL(ring_stats(ring).published, 1);
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    copy = slot;
    CHECK_OK(slotring_abort(ring, &slot));
    CHECK(slot.data == NULL);
    CHECK_CODE(slotring_abort(ring, &slot), SLOTRING_E_STATE);
    CHECK_CODE(slotring_mark_ready(ring, &copy, 1), SLOTRING_E_STATE);
    CHECK_EQUAL(ring_stats(ring).published, 1);
    CHECK_EQUAL(ring_stats(ring).aborted, 1);
    check_ring_at_rest(ring);
    CHECK_OK(slotring_close(other));
    ring_remove(ring, ring_name());
}

static void many_acquire_one(void)
{
    slotring_t *ring = ring_create(ring_name(), 2, 100), *other = ring_attach(ring_name());
    slotring_ticket_t ticket = publish(ring, 7, 1);
    slotring_slot_t mine[3], theirs;
    for (int i = 0; i < 3; i++)
        hold(ring, &ticket, &mine[i]);
    hold(other, &ticket, &theirs);
    CHECK_EQUAL(ring_stats(ring).slots_held, 1);
    CHECK_EQUAL(ring_stats(ring).bytes_read, 4 * mine[0].length);
    CHECK_CODE(slotring_release(other, &mine[0]), SLOTRING_E_NOT_OWNER);
    for (int i = 0; i < 3; i++) {
        publish(ring, 7, 2); /* whatever passes through the other slot, the held one stays as it is */
        pattern_check(&mine[i]);
        CHECK_OK(slotring_release(ring, &mine[i]));
        CHECK(mine[i].data == NULL);
        CHECK_EQUAL(ring_stats(ring).slots_held, 1);
    }
    publish(ring, 7, 3);
    pattern_check(&theirs);
    CHECK_OK(slotring_release(other, &theirs));
    CHECK_EQUAL(ring_stats(ring).slots_held, 0);
    publish(ring, 7, 4);
    publish(ring, 7, 5);
    CHECK_CODE(slotring_acquire_for_read(ring, &ticket, &theirs), SLOTRING_E_STALE);
    CHECK_OK(slotring_close(other));
    ring_remove(ring, ring_name());
}

static void release_twice(void)
{
    slotring_t *ring = ring_create(ring_name(), 2, 100);
    slotring_ticket_t ticket = publish(ring, 7, 1);
    slotring_slot_t first, second, writing;
    hold(ring, &ticket, &first);
    hold(ring, &ticket, &second);
    CHECK_OK(slotring_release(ring, &first));
    CHECK_CODE(slotring_release(ring, &first), SLOTRING_E_NOT_HELD);
    CHECK_EQUAL(ring_stats(ring).slots_held, 1); /* the second acquire was not touched */
    pattern_check(&second);
    CHECK_OK(slotring_release(ring, &second));
    CHECK_CODE(slotring_release(ring, &second), SLOTRING_E_NOT_HELD);
    CHECK_OK(slotring_allocate(ring, 1, &writing));
    CHECK_CODE(slotring_release(ring, &writing), SLOTRING_E_NOT_HELD); /* a slot being written is not held */
    CHECK_OK(slotring_abort(ring, &writing));
    ring_remove(ring, ring_name());
}

static void free_twice(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_ticket_t ticket = publish(ring, 7, 1), at;
    slotring_slot_t slot;
    CHECK_EQUAL(ring_stats(ring).slots_free, 3);
    CHECK_OK(slotring_free(ring, &ticket));
    CHECK_EQUAL(ring_stats(ring).slots_free, 4);
    CHECK_CODE(slotring_free(ring, &ticket), SLOTRING_E_STALE);
    CHECK_CODE(slotring_acquire_for_read(ring, &ticket, &slot), SLOTRING_E_STALE);
    CHECK_CODE(slotring_ticket_at(ring, ticket.slot, &at), SLOTRING_E_NOT_READY);
    slotring_stats_t stats = ring_stats(ring);
    CHECK_EQUAL(stats.freed, 1);
    CHECK_EQUAL(stats.stale, 2);
    ring_remove(ring, ring_name());
}

static void ticket_at_index(void)
{
    slotring_t *ring = ring_create(ring_name(), 3, 100);
    slotring_ticket_t at, ticket = publish(ring, 7, 1);
    CHECK_OK(slotring_ticket_at(ring, ticket.slot, &at));
    CHECK(same_ticket(&at, &ticket));
    slotring_slot_t slot;
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    CHECK_CODE(slotring_ticket_at(ring, slot.index, &at), SLOTRING_E_NOT_READY);
    CHECK_CODE(slotring_ticket_at(ring, 3 - slot.index - ticket.slot, &at), SLOTRING_E_NOT_READY);
    CHECK_CODE(slotring_ticket_at(ring, 3, &at), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_ticket_at(ring, UINT32_MAX, &at), SLOTRING_E_INVALID);
    CHECK_OK(slotring_abort(ring, &slot));
    ring_remove(ring, ring_name());
}

static void slot_fields(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 5, 1000);
    options.time_stamps = SLOTRING_TIME_MONOTONIC;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    slotring_info_t info = ring_info(ring);
    CHECK_EQUAL(info.slot_stride, 1024);
    CHECK_AT_LEAST(info.payload_size, 4 * 1024 + 1000);
    uint64_t last = 0;
    for (uint64_t n = 0; n < 12; n++) {
        slotring_slot_t slot;
        CHECK_OK(slotring_allocate(ring, 10, &slot));
        CHECK_EQUAL((uintptr_t)slot.data % 64, 0);
        CHECK_EQUAL(slot.capacity, 1000);
        CHECK_EQUAL(slot.offset, slot.index * info.slot_stride);
        CHECK((char *)slot.data == (char *)info.payload + slot.offset);
        slot.tag = pattern_tag(3, n);
        uint64_t length = pattern_length(slot.tag, 1000);
        pattern_fill(slot.data, length, slot.tag);
        CHECK_OK(slotring_mark_ready(ring, &slot, length));
        CHECK_EQUAL(slot.sequence, n);
        uint32_t index = slot.index;
        slotring_ticket_t ticket = slot.ticket;
        hold(ring, &ticket, &slot);
        CHECK_EQUAL(slot.tag, pattern_tag(3, n));
        CHECK_EQUAL(slot.index, index);
        CHECK_EQUAL(slot.sequence, n);
        CHECK_EQUAL(slot.capacity, 1000);
        CHECK_EQUAL(slot.offset, index * info.slot_stride);
        CHECK((char *)slot.data == (char *)info.payload + slot.offset);
        CHECK(same_ticket(&slot.ticket, &ticket));
        CHECK_AT_LEAST(slot.time_ns, last + 1);
        last = slot.time_ns;
        CHECK_OK(slotring_release(ring, &slot));
    }
    ring_remove(ring, ring_name());
}

static void time_stamps(void)
{
    /* none, coarse or fine, as the ring's creator chose; never going back */
    for (uint32_t kind = SLOTRING_TIME_NONE; kind <= SLOTRING_TIME_MONOTONIC; kind++) {
        slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 100);
        options.time_stamps = kind;
        slotring_t *ring = ring_open_with(ring_name(), &options);
        CHECK_EQUAL(ring_info(ring).time_stamps, kind);
        uint64_t last = 0;
        check_context("kind %u", kind);
        for (uint64_t n = 0; n < 20; n++) {
            slotring_ticket_t ticket = publish(ring, 1, n);
            slotring_slot_t slot;
            hold(ring, &ticket, &slot);
            if (kind == SLOTRING_TIME_NONE)
                CHECK_EQUAL(slot.time_ns, 0);
            else
                CHECK_AT_LEAST(slot.time_ns, last > 0 ? last : 1);
            last = slot.time_ns;
            CHECK_OK(slotring_release(ring, &slot));
        }
        ring_remove(ring, ring_name());
    }
    check_context("%s", "");
}

static void page_aligned_slots(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 3, 100);
    options.flags = SLOTRING_PAGE_ALIGNED;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    slotring_slot_t slot;
    for (int i = 0; i < 3; i++) {
        CHECK_OK(slotring_allocate(ring, 1, &slot));
        CHECK_EQUAL((uintptr_t)slot.data % 4096, 0);
        CHECK_EQUAL(slot.capacity, 100);
        CHECK_OK(slotring_mark_ready(ring, &slot, 100));
    }
    ring_remove(ring, ring_name());
}

/* Writes 10 messages of 50 bytes, reads the one whose ticket it is given. */
static void stats_role(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_ticket_t ticket;
    slotring_slot_t slot;
    peer_get(test, &ticket, sizeof ticket);
    for (int i = 0; i < 10; i++) {
        CHECK_OK(slotring_allocate(ring, 50, &slot));
        CHECK_OK(slotring_mark_ready(ring, &slot, 50));
    }
    CHECK_OK(slotring_acquire_for_read(ring, &ticket, &slot));
    peer_tell(test, 1);
    peer_expect(test, 2);
    CHECK_OK(slotring_close(ring));
}

static void stats_are_of_the_whole_ring(void)
{
    for (int how = BY_FORK; how <= BY_EXEC; how++) {
        slotring_t *ring = ring_create(ring_name(), 32, 64);
        slotring_slot_t slot;
        CHECK_OK(slotring_allocate(ring, 1, &slot));
        CHECK_OK(slotring_mark_ready(ring, &slot, 7));
        peer_t peer = peer_start((enum how_to_start)how, "seed-stats", ring_name());
        peer_put(&peer, &slot.ticket, sizeof slot.ticket);
        peer_expect(&peer, 1);
        slotring_stats_t stats = ring_stats(ring);
        CHECK_EQUAL(stats.published, 11);
        CHECK_EQUAL(stats.bytes_written, 507);
        CHECK_EQUAL(stats.bytes_read, 7);
        CHECK_EQUAL(stats.slots_free, 21);
        CHECK_EQUAL(stats.slots_ready, 11);
        CHECK_EQUAL(stats.slots_held, 1);
        CHECK_EQUAL(stats.participants, 2);
        CHECK_EQUAL(stats.producers, 2);
        peer_tell(&peer, 2);
        peer_join(&peer);
        stats = ring_stats(ring); /* the counters of who has left stay */
        CHECK_EQUAL(stats.bytes_written, 507);
        CHECK_EQUAL(stats.bytes_read, 7);
        CHECK_EQUAL(stats.slots_held, 0);
        CHECK_EQUAL(stats.participants, 1);
        CHECK_EQUAL(stats.producers_started, 2);
        CHECK_EQUAL(stats.producers_ended, 1);
        ring_remove(ring, ring_name());
    }
}

static void unlink_policies(void)
{
    const char *name = ring_name();
    CHECK_CODE(slotring_unlink(name, SLOTRING_UNLINK_IF_UNUSED, NULL, NULL), SLOTRING_E_NOT_FOUND);
    CHECK_CODE(slotring_unlink(name, SLOTRING_UNLINK_FORCE, NULL, NULL), SLOTRING_E_NOT_FOUND);
    slotring_t *ring = ring_create(name, 4, 100), *other = ring_attach(name);
    slotring_error_t error;
    CHECK_CODE(slotring_unlink(name, SLOTRING_UNLINK_IF_UNUSED, NULL, &error), SLOTRING_E_BUSY);
    CHECK_CONTAINS(error.text, name);
    CHECK_CODE(slotring_unlink(name, 3, NULL, NULL), SLOTRING_E_INVALID);
    CHECK_OK(slotring_unlink(name, SLOTRING_UNLINK_WHEN_UNUSED, NULL, NULL));
    CHECK_OK(slotring_close(other));
    other = ring_attach(name); /* still there until the last one goes */
    CHECK_OK(slotring_close(ring));
    CHECK_OK(slotring_close(other));
    check_nothing_left();

    ring = ring_create(name, 4, 100);
    CHECK_OK(slotring_close(ring));
    CHECK_OK(slotring_unlink(name, SLOTRING_UNLINK_WHEN_UNUSED, NULL, NULL)); /* nobody there: now */
    check_nothing_left();

    ring = ring_create(name, 4, 100);
    other = ring_attach(name);
    CHECK_OK(slotring_unlink(name, SLOTRING_UNLINK_FORCE, NULL, NULL));
    if (!over_registry()) /* there the locks of those who live stay until they close */
        check_nothing_left();
    CHECK_EQUAL(ring_info(ring).removed, 1);
    slotring_ticket_t ticket = publish(ring, 1, 1); /* those attached go on */
    read_once(other, &ticket);
    slotring_t *next = ring_create(name, 4, 100); /* and the name is free at once */
    slotring_slot_t slot;
    CHECK_CODE(slotring_acquire_for_read(next, &ticket, &slot), SLOTRING_E_FOREIGN);
    CHECK_OK(slotring_close(ring));
    CHECK_OK(slotring_close(other)); /* must not take the new ring's name away */
    CHECK_EQUAL(ring_info(next).removed, 0);
    other = ring_attach(name);
    CHECK_OK(slotring_close(other));
    ring_remove(next, name);
}

static slotring_t *global_rings[16];

static void open_global(void *argument)
{
    slotring_t **place = argument;
    threads_meet(16);
    slotring_error_t error;
    CHECK_OK(slotring_global(ring_name(), 64 * 100, 100, place, &error));
}

static void global_in_child(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = NULL;
    CHECK_OK(slotring_global(name, 64 * 100, 100, &ring, NULL));
    CHECK(ring != NULL);
    publish(ring, 2, 1);
    CHECK_EQUAL(ring_stats(ring).participants, 2);
    slotring_global_cleanup(); /* the parent uses it: it stays */
}

static void global_ring(void)
{
    uint64_t written = 1, read = 1;
    slotring_global_stats(&written, &read);
    CHECK_EQUAL(written, 0);
    CHECK_EQUAL(read, 0);
    slotring_global_cleanup(); /* nothing to do */
    for (int i = 0; i < 16; i++)
        thread_start(open_global, &global_rings[i]);
    threads_join();
    for (int i = 0; i < 16; i++)
        CHECK(global_rings[i] == global_rings[0]);
    slotring_t *ring = global_rings[0], *same = NULL;
    CHECK_EQUAL(ring_stats(ring).participants, 1);
    CHECK_OK(slotring_global("another-name", 1 << 20, 1 << 10, &same, NULL)); /* ignored, as ever */
    CHECK(same == ring);
    CHECK_EQUAL(ring_info(ring).slot_count, 64);
    slotring_slot_t slot;
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    CHECK_OK(slotring_mark_ready(ring, &slot, 33));
    CHECK_OK(slotring_acquire_for_read(ring, &slot.ticket, &slot));
    CHECK_OK(slotring_release(ring, &slot));
    slotring_global_stats(&written, &read);
    CHECK_EQUAL(written, 33);
    CHECK_EQUAL(read, 33);
    peer_t peer = peer_start(BY_FORK, "seed-global", ring_name());
    peer_join(&peer);
    CHECK_EQUAL(ring_stats(ring).published, 2);
    slotring_global_cleanup();
    check_nothing_left();
    slotring_global_stats(&written, &read);
    CHECK_EQUAL(written, 0);
}

static void global_ring_that_cannot_be(void)
{
    slotring_t *ring = (slotring_t *)global_rings;
    slotring_error_t error;
    CHECK_CODE(slotring_global("a/b", 0, 0, &ring, &error), SLOTRING_E_NAME);
    CHECK(ring == NULL);
    CHECK_CONTAINS(error.text, "a/b");
    CHECK_CODE(slotring_global(ring_name(), 64, 100, &ring, &error), SLOTRING_E_SIZE);
    CHECK_CODE(slotring_global(ring_name(), 0, 0, NULL, &error), SLOTRING_E_INVALID);
    slotring_t *other = ring_create(ring_name(), 8, 100); /* one that exists is not adopted unseen */
    CHECK_CODE(slotring_global(ring_name(), 4 * 100, 100, &ring, &error), SLOTRING_E_GEOMETRY);
    CHECK_OK(slotring_global(ring_name(), 8 * 100, 100, &ring, &error)); /* a failure is not the last word */
    slotring_global_cleanup();
    CHECK_EQUAL(ring_stats(other).participants, 1); /* and it was not this process that made it */
    ring_remove(other, ring_name());
}

static void global_cleanup_means_its_own_ring(void)
{
    /* somebody removed it by force, and made another one of its name */
    slotring_t *ring;
    CHECK_OK(slotring_global(ring_name(), 8 * 100, 100, &ring, NULL));
    CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_FORCE, NULL, NULL));
    slotring_t *another = ring_create(ring_name(), 4, 100);
    slotring_global_cleanup();
    CHECK_EQUAL(ring_info(another).removed, 0);
    CHECK_EQUAL(ring_info(another).remove_when_unused, 0);
    slotring_t *again = ring_attach(ring_name());
    CHECK_OK(slotring_close(again));
    ring_remove(another, ring_name());
}

static void global_ring_of_a_bad_environment(void)
{
    slotring_t *ring;
    slotring_error_t error;
    CHECK_SYSTEM(setenv("SLOTRING_GLOBAL", "a/b", 1));
    CHECK_CODE(slotring_global(NULL, 0, 0, &ring, &error), SLOTRING_E_NAME);
    CHECK_CONTAINS(error.text, "a/b");
    CHECK_CONTAINS(error.text, "SLOTRING_GLOBAL");
    CHECK_SYSTEM(setenv("SLOTRING_GLOBAL", "", 1)); /* an empty one is none */
}

static const test_case_t cases[] = {
    {"defaults", defaults, 0},
    {"slot_count_rounds_down", slot_count_rounds_down, 0},
    {"create_and_attach", create_and_attach, 0},
    {"other_geometry_is_refused", other_geometry_is_refused, 0},
    {"allocates_round_robin", allocates_round_robin, 0},
    {"a_lap_takes_each_slot_once", a_lap_takes_each_slot_once, 0},
    {"too_large", too_large, 0},
    {"mark_ready_once_and_mine_only", mark_ready_once_and_mine_only, 0},
    {"many_acquire_one", many_acquire_one, 0},
    {"release_twice", release_twice, 0},
    {"free_twice", free_twice, 0},
    {"ticket_at_index", ticket_at_index, 0},
    {"slot_fields", slot_fields, 0},
    {"time_stamps", time_stamps, 0},
    {"page_aligned_slots", page_aligned_slots, 0},
    {"stats_are_of_the_whole_ring", stats_are_of_the_whole_ring, 0},
    {"unlink_policies", unlink_policies, 0},
    {"global_ring", global_ring, 0},
    {"global_ring_that_cannot_be", global_ring_that_cannot_be, 0},
    {"global_cleanup_means_its_own_ring", global_cleanup_means_its_own_ring, 0},
    {"global_ring_of_a_bad_environment", global_ring_of_a_bad_environment, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {
    {"seed-stats", stats_role}, {"seed-global", global_in_child}, {NULL, NULL}};

const test_suite_t seed_suite = {"seed", cases, roles};
