/* SPDX-License-Identifier: Apache-2.0 */
/* Rings with hot slots: a message goes as soon as every lossless reader has passed it, and not before; what became free
 * last is used first; and who comes late is told. */
#include <stdatomic.h>

#include "support/internals.h"
#include "support/records.h"
#include "support/ring.h"
#include "support/suite.h"
#include "support/thread.h"

#define NO_WAIT 0

static slotring_t *hot_ring(uint64_t slots)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, slots, 100);
    options.flags = SLOTRING_HOT_SLOTS;
    return ring_open_with(ring_name(), &options);
}

static void finish(slotring_t *ring)
{
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void is_gone(slotring_t *ring, const slotring_ticket_t *ticket)
{
    slotring_slot_t slot;
    CHECK_CODE(slotring_acquire_for_read(ring, ticket, &slot), SLOTRING_E_STALE);
}

/* ---- When a message goes ------------------------------------------------------------------------------ */

static void goes_when_it_is_released(void)
{
    slotring_t *ring = hot_ring(4), *other = ring_attach(ring_name());
    slotring_reader_t *reader = subscribe(other, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t slot;
    for (uint64_t n = 0; n < 100; n++) {
        slotring_ticket_t ticket = publish(ring, 1, n);
        CHECK_OK(slotring_next(reader, 0, &slot));
        pattern_check(&slot);
        read_once(ring, &ticket);
        CHECK_EQUAL(ring_stats(ring).slots_ready, 1);
        CHECK_OK(slotring_reader_release(reader));
        is_gone(ring, &ticket);
        CHECK_EQUAL(ring_stats(ring).slots_free, 4);
        check_ring(ring);
    }
    slotring_stats_t stats = ring_stats(ring);
    CHECK_EQUAL(stats.recycled, 100);
    CHECK_EQUAL(stats.overwritten, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_close(other));
    finish(ring);
}

static void goes_when_the_last_reader_has_it(void)
{
    slotring_t *ring = hot_ring(4), *other = ring_attach(ring_name());
    slotring_reader_t *readers[2] = {subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW),
                                     subscribe(other, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW)};
    for (uint64_t n = 0; n < 40; n += 4) {
        slotring_ticket_t tickets[4];
        slotring_slot_t slot;
        for (uint64_t i = 0; i < 4; i++)
            tickets[i] = publish(ring, 1, n + i);
        CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_FULL);
        for (uint64_t i = 0; i < 4; i++)
            take_now(readers[n / 4 % 2], pattern_tag(1, n + i));
        CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_FULL);
        for (uint64_t i = 0; i < 4; i++) {
            read_once(ring, &tickets[i]);
            take_now(readers[1 - n / 4 % 2], pattern_tag(1, n + i));
            is_gone(ring, &tickets[i]);
            CHECK_EQUAL(ring_stats(ring).slots_free, i + 1);
        }
    }
    CHECK_OK(slotring_unsubscribe(readers[0]));
    CHECK_OK(slotring_unsubscribe(readers[1]));
    CHECK_OK(slotring_close(other));
    finish(ring);
}

static void a_batch_goes_as_one(void)
{
    slotring_t *ring = hot_ring(8);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t slots[8];
    uint32_t count;
    for (uint64_t n = 0; n < 80; n += 8) {
        for (uint64_t i = 0; i < 8; i++)
            publish(ring, 1, n + i);
        CHECK_OK(slotring_next_batch(reader, NO_WAIT, slots, 8, &count));
        CHECK_EQUAL(count, 8);
        CHECK_OK(slotring_reader_release(reader));
        CHECK_EQUAL(ring_stats(ring).slots_free, 8);
    }
    CHECK_OK(slotring_unsubscribe(reader));
    finish(ring);
}

static void what_is_held_stays(void)
{
    slotring_t *ring = hot_ring(4), *other = ring_attach(ring_name());
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t held;
    slotring_ticket_t ticket = publish(ring, 1, 0);
    hold(other, &ticket, &held);
    take_now(reader, pattern_tag(1, 0));
    read_once(ring, &ticket); /* what is held can be acquired again */
    for (uint64_t n = 1; n < 40; n++) {
        CHECK(publish(ring, 1, n).slot != ticket.slot);
        take_now(reader, pattern_tag(1, n));
        pattern_check(&held);
    }
    CHECK_EQUAL(ring_stats(ring).slots_free, 3);
    CHECK_OK(slotring_release(other, &held));
    is_gone(ring, &ticket);
    CHECK_EQUAL(ring_stats(ring).slots_free, 4);
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_close(other));
    finish(ring);
}

static void what_is_freed_by_ticket_goes_too(void)
{
    slotring_t *ring = hot_ring(4);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    for (uint64_t n = 0; n < 60; n += 3) {
        slotring_ticket_t ticket;
        for (uint64_t i = 0; i < 3; i++) {
            ticket = publish(ring, 1, n + i);
            if (i != n / 3 % 3)
                CHECK_OK(slotring_free(ring, &ticket));
        }
        for (uint64_t i = 0; i < 3; i++) /* a lossless reader gets it all the same */
            take_now(reader, pattern_tag(1, n + i));
        CHECK_EQUAL(ring_stats(ring).slots_free, 4);
        check_ring(ring);
    }
    CHECK_OK(slotring_unsubscribe(reader));
    finish(ring);
}

/* Nobody must have had them: they stay until their slots are needed, in the order in which they came. */
static void without_a_lossless_reader_all_stays(void)
{
    slotring_t *ring = hot_ring(4);
    slotring_reader_t *lossy = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    slotring_ticket_t tickets[10];
    for (uint64_t n = 0; n < 10; n++)
        tickets[n] = publish(ring, 1, n);
    for (uint64_t n = 0; n < 6; n++)
        is_gone(ring, &tickets[n]);
    for (uint64_t n = 6; n < 10; n++) {
        read_once(ring, &tickets[n]);
        take_now(lossy, pattern_tag(1, n));
    }
    CHECK_EQUAL(ring_stats(ring).overwritten, 6);
    CHECK_EQUAL(ring_stats(ring).missed, 6);
    /* One that comes needs nothing of what was there before. */
    slotring_reader_t *lossless = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    CHECK_EQUAL(ring_stats(ring).slots_free, 4);
    is_gone(ring, &tickets[9]);
    publish(ring, 1, 10);
    CHECK_OK(slotring_unsubscribe(lossless));
    CHECK_EQUAL(ring_stats(ring).slots_ready, 1); /* the last one has left: what it had not read stays */
    take_now(lossy, pattern_tag(1, 10));
    CHECK_OK(slotring_unsubscribe(lossy));
    finish(ring);
}

static void goes_when_a_slow_reader_leaves(void)
{
    slotring_t *ring = hot_ring(4), *other = ring_attach(ring_name());
    slotring_reader_t *fast = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_reader_t *slow = subscribe(other, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    for (int how = 0; how < 2; how++) {
        for (uint64_t n = 0; n < 3; n++) {
            publish(ring, 1, n);
            take_now(fast, pattern_tag(1, n));
        }
        CHECK_EQUAL(ring_stats(ring).slots_free, 1);
        if (how == 0) {
            CHECK_OK(slotring_unsubscribe(slow));
            slow = subscribe(other, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
        } else {
            CHECK_OK(slotring_close(other));
        }
        CHECK_EQUAL(ring_stats(ring).slots_free, 4);
        check_ring(ring);
    }
    CHECK_OK(slotring_unsubscribe(fast));
    finish(ring);
}

static void slow_reader(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    CHECK(reader != NULL);
    peer_tell(test, 1);
    peer_hear(test);
}

static void goes_when_a_slow_reader_dies(void)
{
    slotring_t *ring = hot_ring(4);
    slotring_reader_t *fast = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    peer_t slow = peer_start(BY_EXEC, "slow-reader", ring_name());
    peer_expect(&slow, 1);
    for (uint64_t n = 0; n < 3; n++) {
        publish(ring, 1, n);
        take_now(fast, pattern_tag(1, n));
    }
    CHECK_EQUAL(ring_stats(ring).slots_free, 1);
    peer_kill(&slow);
    CHECK_OK(slotring_recover(ring, NULL));
    CHECK_EQUAL(ring_stats(ring).slots_free, 4);
    CHECK_OK(slotring_unsubscribe(fast));
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

/* ---- Which slot is used next ---------------------------------------------------------------------------- */

static void the_latest_is_used_first(void)
{
    slotring_t *ring = hot_ring(64);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_ticket_t tickets[5];
    slotring_slot_t slot;
    for (uint64_t n = 0; n < 1000; n += 5) {
        for (uint64_t i = 0; i < 5; i++) { /* never more than five: the others stay untouched */
            tickets[i] = publish(ring, 1, n + i);
            CHECK_AT_LEAST(4, tickets[i].slot);
        }
        for (uint64_t i = 0; i < 5; i++) {
            take_now(reader, pattern_tag(1, n + i));
            CHECK_OK(slotring_allocate(ring, 1, &slot));
            CHECK_EQUAL(slot.index, tickets[i].slot);
            CHECK_OK(slotring_abort(ring, &slot));
            CHECK_OK(slotring_allocate(ring, 1, &slot)); /* what was aborted is the latest, too */
            CHECK_EQUAL(slot.index, tickets[i].slot);
            CHECK_OK(slotring_abort(ring, &slot));
        }
    }
    CHECK_OK(slotring_unsubscribe(reader));
    finish(ring);
}

/* More are free than are noted, and what is noted may be wrong: each slot is found once. */
static void hints_may_be_wrong(void)
{
    enum {
        SLOTS = 40
    };
    slotring_t *ring = hot_ring(SLOTS);
    sr__state_t *state = ring->member.view.state;
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    static const uint32_t wrong[] = {0, 1, SLOTS, SLOTS + 1, UINT32_MAX, 7};
    for (uint32_t w = 0; w < sizeof wrong / sizeof *wrong; w++) {
        slotring_slot_t slots[SLOTS], none;
        bool had[SLOTS] = {false};
        for (uint32_t i = 0; i < SR__RECENT; i++)
            atomic_store(&state->recent[i], wrong[w]);
        atomic_store(&state->recent_count, wrong[w]);
        for (uint32_t i = 0; i < SLOTS; i++) {
            CHECK_OK(slotring_allocate(ring, 1, &slots[i]));
            CHECK(!had[slots[i].index]);
            had[slots[i].index] = true;
        }
        CHECK_CODE(slotring_allocate(ring, 1, &none), SLOTRING_E_FULL);
        for (uint32_t i = 0; i < SLOTS; i++)
            CHECK_OK(slotring_abort(ring, &slots[i]));
    }
    CHECK_OK(slotring_unsubscribe(reader));
    finish(ring);
}

/* ---- Who comes late -------------------------------------------------------------------------------------- */

static void no_start_in_the_past(void)
{
    slotring_t *ring = hot_ring(4);
    publish(ring, 1, 0);
    for (uint32_t mode = SLOTRING_LOSSLESS; mode <= SLOTRING_LOSSY; mode++) {
        slotring_reader_options_t options;
        slotring_reader_options_init(&options);
        options.mode = mode;
        options.start = SLOTRING_FROM_OLDEST;
        slotring_reader_t *reader;
        CHECK_CODE(slotring_subscribe(ring, &options, &reader), SLOTRING_E_INVALID);
        CHECK(reader == NULL);
        slotring_error_t error;
        slotring_last_error(&error);
        CHECK_CONTAINS(error.text, "hot slots");
        CHECK_CONTAINS(error.text, "from the oldest");
    }
    CHECK_EQUAL(ring_stats(ring).readers, 0);
    finish(ring);
}

static void a_lossy_reader_counts_what_went(void)
{
    slotring_t *ring = hot_ring(8);
    slotring_reader_t *lossless = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_reader_t *lossy = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    slotring_reader_info_t info;
    slotring_slot_t slot;
    uint64_t missed = 0, next = 0;
    for (uint64_t n = 0; n < 100; n++) {
        uint64_t gone = n % 7, there = n % 3;
        for (uint64_t i = 0; i < gone + there; i++)
            publish(ring, 1, next + i);
        for (uint64_t i = 0; i < gone; i++)
            take_now(lossless, pattern_tag(1, next + i));
        missed += gone;
        for (uint64_t i = gone; i < gone + there; i++)
            take_now(lossy, pattern_tag(1, next + i));
        next += gone + there;
        for (uint64_t i = next - there; i < next; i++)
            take_now(lossless, pattern_tag(1, i));
        CHECK_CODE(slotring_next(lossy, NO_WAIT, &slot), SLOTRING_E_EMPTY);
        info = reader_info(lossy);
        CHECK_EQUAL(info.missed, missed);
        CHECK_EQUAL(info.delivered, next - missed);
    }
    CHECK_OK(slotring_unsubscribe(lossless));
    CHECK_OK(slotring_unsubscribe(lossy));
    finish(ring);
}

/* What a lossy reader was given stays until it releases that, as in any ring. */
static void a_lossy_reader_keeps_what_it_reads(void)
{
    slotring_t *ring = hot_ring(4);
    slotring_reader_t *lossless = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_reader_t *lossy = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    slotring_slot_t slot;
    publish(ring, 1, 0);
    CHECK_OK(slotring_next(lossy, NO_WAIT, &slot));
    take_now(lossless, pattern_tag(1, 0));
    for (uint64_t n = 1; n < 20; n++) {
        publish(ring, 1, n);
        take_now(lossless, pattern_tag(1, n));
        pattern_check(&slot);
    }
    CHECK_OK(slotring_reader_release(lossy));
    CHECK_EQUAL(ring_stats(ring).slots_free, 4);
    CHECK_OK(slotring_unsubscribe(lossless));
    CHECK_OK(slotring_unsubscribe(lossy));
    finish(ring);
}

/* ---- The option ------------------------------------------------------------------------------------------ */

static void the_option(void)
{
    slotring_t *ring;
    slotring_error_t error;
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 100);
    options.flags = SLOTRING_HOT_SLOTS;
    options.when_full = SLOTRING_KEEP;
    CHECK_CODE(slotring_open(&ring, ring_name(), &options, &error), SLOTRING_E_INVALID);
    CHECK_CONTAINS(error.text, "SLOTRING_KEEP");
    ring = hot_ring(4);
    CHECK_EQUAL(ring_info(ring).hot_slots, 1);
    CHECK_EQUAL(ring_info(ring).when_full, SLOTRING_OVERWRITE);
    options = ring_options(SLOTRING_ATTACH, 0, 0);
    options.flags = SLOTRING_HOT_SLOTS;
    CHECK_OK(slotring_close(ring_open_with(ring_name(), &options)));
    CHECK_OK(slotring_close(ring_attach(ring_name()))); /* as it is */
    slotring_t *observer = ring_observe(ring_name());
    CHECK_EQUAL(ring_info(observer).hot_slots, 1);
    CHECK_OK(slotring_close(observer));
    ring_remove(ring, ring_name());
    ring = ring_create(ring_name(), 4, 100);
    CHECK_EQUAL(ring_info(ring).hot_slots, 0);
    slotring_t *other;
    CHECK_CODE(slotring_open(&other, ring_name(), &options, &error), SLOTRING_E_GEOMETRY);
    CHECK_CONTAINS(error.text, "hot slots");
    ring_remove(ring, ring_name());
}

/* ---- Writers ------------------------------------------------------------------------------------------- */

/* A slot with records goes when it is closed and read to its end; the next one takes it over. */
static void records_go_with_their_slot(void)
{
    slotring_t *ring = hot_ring(8);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_writer_t *writer = writer_open(ring);
    for (uint64_t n = 0; n < 500; n++) {
        CHECK_OK(record_append(writer, 1, n, 100, NO_WAIT));
        record_take_now(reader, pattern_tag(1, n), n, 100);
        CHECK_AT_LEAST(ring_stats(ring).slots_free, 6);
        for (uint32_t i = 3; i < 8; i++) /* never used: three are enough */
            CHECK_EQUAL(sr__load(&sr__slot(&ring->member.view, i)->word), 0);
    }
    CHECK_OK(slotring_writer_close(writer));
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_EMPTY);
    CHECK_EQUAL(ring_stats(ring).slots_free, 8);
    CHECK_OK(slotring_unsubscribe(reader));
    finish(ring);
}

/* ---- All at once ------------------------------------------------------------------------------------------ */

#define EACH 2u

typedef struct member {
    slotring_t *ring;
    uint32_t number;
    uint64_t messages; /* of each producer */
} member_t;

static void produces(void *argument)
{
    member_t *self = argument;
    threads_meet(2 * EACH);
    for (uint64_t n = 0; n < self->messages && threads_go_on(); n++)
        publish(self->ring, self->number, n);
}

static void reads_all(void *argument)
{
    member_t *self = argument;
    uint64_t next[EACH] = {0};
    slotring_reader_t *reader = subscribe(self->ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    threads_meet(2 * EACH);
    for (uint64_t n = 0; n < EACH * self->messages && threads_go_on(); n++) {
        uint64_t tag = take(reader);
        CHECK(pattern_producer(tag) < EACH);
        CHECK_EQUAL(pattern_number(tag), next[pattern_producer(tag)]);
        next[pattern_producer(tag)]++;
    }
    CHECK_OK(slotring_unsubscribe(reader));
}

static void several_of_each(void)
{
    slotring_t *ring = hot_ring(4);
    member_t members[2 * EACH];
    for (uint32_t i = 0; i < 2 * EACH; i++) {
        members[i] = (member_t){ring, i % EACH, scaled(3000)};
        thread_start(i < EACH ? produces : reads_all, &members[i]);
    }
    threads_join();
    slotring_stats_t stats = ring_stats(ring);
    CHECK_EQUAL(stats.published, EACH * scaled(3000));
    CHECK_EQUAL(stats.recycled, stats.published);
    CHECK_EQUAL(stats.slots_free, 4);
    finish(ring);
}

static const test_case_t cases[] = {
    {"goes_when_it_is_released", goes_when_it_is_released, 0},
    {"goes_when_the_last_reader_has_it", goes_when_the_last_reader_has_it, 0},
    {"a_batch_goes_as_one", a_batch_goes_as_one, 0},
    {"what_is_held_stays", what_is_held_stays, 0},
    {"what_is_freed_by_ticket_goes_too", what_is_freed_by_ticket_goes_too, 0},
    {"without_a_lossless_reader_all_stays", without_a_lossless_reader_all_stays, 0},
    {"goes_when_a_slow_reader_leaves", goes_when_a_slow_reader_leaves, 0},
    {"goes_when_a_slow_reader_dies", goes_when_a_slow_reader_dies, 0},
    {"the_latest_is_used_first", the_latest_is_used_first, 0},
    {"hints_may_be_wrong", hints_may_be_wrong, 0},
    {"no_start_in_the_past", no_start_in_the_past, 0},
    {"a_lossy_reader_counts_what_went", a_lossy_reader_counts_what_went, 0},
    {"a_lossy_reader_keeps_what_it_reads", a_lossy_reader_keeps_what_it_reads, 0},
    {"the_option", the_option, 0},
    {"records_go_with_their_slot", records_go_with_their_slot, 0},
    {"several_of_each", several_of_each, TEST_THREADS},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {{"slow-reader", slow_reader}, {NULL, NULL}};

const test_suite_t hot_suite = {"hot", cases, roles};
