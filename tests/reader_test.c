/* SPDX-License-Identifier: Apache-2.0 */
/* Subscriptions: where they start, what release allows, who holds whom back, and what a reader that joins or a
 * holder that stays does to a producer at work. */
#include <stdatomic.h>
#include <string.h>

#include "support/ring.h"
#include "support/suite.h"
#include "support/thread.h"

static void from_now(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    publish(ring, 1, 0);
    publish(ring, 1, 1);
    slotring_reader_t *lossless = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_reader_t *lossy = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(lossless, 0, &slot), SLOTRING_E_EMPTY);
    CHECK_CODE(slotring_next(lossy, 0, &slot), SLOTRING_E_EMPTY);
    publish(ring, 1, 2);
    take_now(lossless, pattern_tag(1, 2));
    take_now(lossy, pattern_tag(1, 2));
    slotring_reader_info_t info = reader_info(lossless);
    CHECK_EQUAL(info.start, 2);
    CHECK_EQUAL(info.cursor, 3);
    CHECK_EQUAL(info.delivered, 1);
    CHECK_EQUAL(info.missed, 0);
    CHECK_OK(slotring_unsubscribe(lossless));
    CHECK_OK(slotring_unsubscribe(lossy));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void from_oldest(uint32_t mode)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100), *other = ring_attach(ring_name());
    for (uint64_t n = 0; n < 10; n++)
        publish(ring, 1, n);
    slotring_reader_t *reader = subscribe(other, mode, SLOTRING_FROM_OLDEST);
    slotring_reader_info_t info = reader_info(reader);
    CHECK_EQUAL(info.start, 6);
    if (mode == SLOTRING_LOSSLESS) {
        slotring_slot_t slot; /* its history is its own: nobody may overwrite it */
        CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_FULL);
    }
    for (uint64_t n = 6; n < 10; n++)
        take_now(reader, pattern_tag(1, n));
    for (uint64_t n = 10; n < 20; n++) {
        publish(ring, 1, n);
        take_now(reader, pattern_tag(1, n));
    }
    info = reader_info(reader);
    CHECK_EQUAL(info.delivered, 14);
    CHECK_EQUAL(info.missed, 0);
    CHECK_EQUAL(info.pending, 0);
    CHECK_EQUAL(info.cursor, 20);
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    CHECK_OK(slotring_close(other));
    ring_remove(ring, ring_name());
}

static void lossless_from_oldest(void)
{
    from_oldest(SLOTRING_LOSSLESS);
}

static void lossy_from_oldest(void)
{
    from_oldest(SLOTRING_LOSSY);
}

static void from_oldest_stops_at_a_gap(void)
{
    slotring_t *ring = ring_create(ring_name(), 8, 100);
    slotring_ticket_t tickets[6];
    for (uint64_t n = 0; n < 6; n++)
        tickets[n] = publish(ring, 1, n);
    CHECK_OK(slotring_free(ring, &tickets[2]));
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_OLDEST);
    slotring_reader_info_t info = reader_info(reader);
    CHECK_EQUAL(info.start, 3);
    CHECK_EQUAL(info.pending, 3);
    for (uint64_t n = 3; n < 6; n++)
        take_now(reader, pattern_tag(1, n));
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

static void history_given_up_half_way(void)
{
    slotring_t *ring = ring_create(ring_name(), 8, 100);
    for (uint64_t n = 0; n < 8; n++)
        publish(ring, 1, n);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_OLDEST);
    slotring_slot_t slot;
    take_now(reader, pattern_tag(1, 0));
    take_now(reader, pattern_tag(1, 1));
    CHECK_OK(slotring_next(reader, 0, &slot)); /* not released: unsubscribe does it */
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    for (uint64_t n = 8; n < 30; n++)
        publish(ring, 1, n);
    ring_remove(ring, ring_name());
}

static void release_rules(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    for (uint32_t mode = SLOTRING_LOSSLESS; mode <= SLOTRING_LOSSY; mode++) {
        slotring_reader_t *reader = subscribe(ring, mode, SLOTRING_FROM_NOW);
        slotring_slot_t slot, second, kept;
        CHECK_CODE(slotring_reader_release(reader), SLOTRING_E_NOT_HELD);
        publish(ring, 1, 0);
        publish(ring, 1, 1);
        CHECK_OK(slotring_next(reader, 0, &slot));
        CHECK_CODE(slotring_next(reader, 0, &second), SLOTRING_E_STATE);
        pattern_check(&slot); /* nothing has changed */
        hold(ring, &slot.ticket, &kept);
        CHECK_OK(slotring_reader_release(reader));
        CHECK_CODE(slotring_reader_release(reader), SLOTRING_E_NOT_HELD);
        take_now(reader, pattern_tag(1, 1));
        for (uint64_t n = 2; n < 12; n++) { /* what was acquired stays, although the reader has gone on */
            publish(ring, 1, n);
            take_now(reader, pattern_tag(1, n));
            pattern_check(&kept);
        }
        CHECK_OK(slotring_release(ring, &kept));
        CHECK_OK(slotring_unsubscribe(reader));
        check_ring_at_rest(ring);
    }
    ring_remove(ring, ring_name());
}

static void given_slot_is_not_acquired(void)
{
    /* what next gave goes back by reader_release, not by release */
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    publish(ring, 1, 0);
    slotring_slot_t slot;
    CHECK_OK(slotring_next(reader, 0, &slot));
    CHECK_CODE(slotring_release(ring, &slot), SLOTRING_E_NOT_HELD);
    CHECK_CODE(slotring_mark_ready(ring, &slot, 1), SLOTRING_E_STATE);
    CHECK_OK(slotring_reader_release(reader));
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

static void places_run_out(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 100);
    options.max_readers = 3;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    slotring_reader_t *readers[4] = {NULL};
    for (int i = 0; i < 3; i++)
        readers[i] = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_error_t error;
    CHECK_CODE(slotring_subscribe(ring, NULL, &readers[3]), SLOTRING_E_READERS);
    CHECK(readers[3] == NULL);
    slotring_last_error(&error);
    CHECK_CONTAINS(error.text, "3");
    CHECK_OK(slotring_unsubscribe(readers[1]));
    readers[1] = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    for (int i = 0; i < 3; i++)
        CHECK_OK(slotring_unsubscribe(readers[i]));
    slotring_reader_options_t wrong;
    slotring_reader_options_init(&wrong);
    wrong.mode = 3;
    CHECK_CODE(slotring_subscribe(ring, &wrong, &readers[0]), SLOTRING_E_INVALID);
    slotring_reader_options_init(&wrong);
    wrong.start = 2;
    CHECK_CODE(slotring_subscribe(ring, &wrong, &readers[0]), SLOTRING_E_INVALID);
    slotring_reader_options_init(&wrong);
    wrong.reserved[3] = 1;
    CHECK_CODE(slotring_subscribe(ring, &wrong, &readers[0]), SLOTRING_E_INVALID);
    slotring_reader_options_init(&wrong);
    wrong.struct_size = 8;
    CHECK_CODE(slotring_subscribe(ring, &wrong, &readers[0]), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_subscribe(ring, NULL, NULL), SLOTRING_E_INVALID);
    ring_remove(ring, ring_name());
}

static void freed_but_not_passed(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_reader_t *lossless = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_ticket_t ticket = publish(ring, 1, 0);
    slotring_slot_t slot, holder;
    hold(ring, &ticket, &holder);
    CHECK_OK(slotring_free(ring, &ticket));
    CHECK_CODE(slotring_acquire_for_read(ring, &ticket, &slot), SLOTRING_E_STALE);
    pattern_check(&holder); /* its bytes stay as long as they are held */
    CHECK_EQUAL(ring_stats(ring).slots_free, 3);
    take_now(lossless, pattern_tag(1, 0)); /* and the subscriber still gets it */
    for (uint64_t n = 1; n < 20; n++) {
        publish(ring, 1, n);
        take_now(lossless, pattern_tag(1, n));
        pattern_check(&holder);
    }
    CHECK_OK(slotring_release(ring, &holder));
    CHECK_OK(slotring_unsubscribe(lossless));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void freed_under_a_lossless_reader_at_work(void)
{
    /* freed while the reader has it in hand: whole until its release, and not for anybody else meanwhile */
    slotring_t *ring = ring_create(ring_name(), 2, 100);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_ticket_t ticket = publish(ring, 1, 0);
    slotring_slot_t slot, other;
    CHECK_OK(slotring_next(reader, 0, &slot));
    CHECK_OK(slotring_free(ring, &ticket));
    publish(ring, 1, 1);
    CHECK_CODE(slotring_allocate(ring, 1, &other), SLOTRING_E_FULL);
    pattern_check(&slot);
    CHECK_OK(slotring_reader_release(reader));
    CHECK_OK(slotring_allocate(ring, 1, &other));
    CHECK_EQUAL(other.index, ticket.slot);
    CHECK_OK(slotring_abort(ring, &other));
    take_now(reader, pattern_tag(1, 1));
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

static void lossy_in_hand_is_safe(void)
{
    slotring_t *ring = ring_create(ring_name(), 2, 100);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    slotring_ticket_t ticket = publish(ring, 1, 0);
    slotring_slot_t slot;
    CHECK_OK(slotring_next(reader, 0, &slot));
    CHECK_OK(slotring_free(ring, &ticket));
    for (uint64_t n = 1; n < 50; n++) {
        publish(ring, 1, n);
        pattern_check(&slot);
    }
    CHECK_OK(slotring_reader_release(reader));
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* Publishes as fast as it can until told to stop; says how many. */
static void endless_producer(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    uint64_t n = 0;
    while (!peer_speaks(test, 0)) {
        publish(ring, 1, n++);
        if (n == 1)
            peer_tell(test, 1);
    }
    CHECK_OK(slotring_close(ring));
    peer_tell(test, n);
}

static void joins_while_producers_run(void)
{
    /* A producer keeps what it knows of readers (its gate) until it must look again; a reader that joins in
     * between must not lose a message for that. */
    slotring_t *ring = ring_create(ring_name(), 16, 100);
    peer_t producers[2];
    for (int p = 0; p < 2; p++) {
        producers[p] = peer_start(p == 0 ? BY_FORK : BY_EXEC, "reader-producer", ring_name());
        peer_expect(&producers[p], 1);
    }
    unsigned long rounds = scaled(3000);
    for (unsigned long i = 0; i < rounds; i++) {
        slotring_reader_t *reader =
            subscribe(ring, SLOTRING_LOSSLESS, i % 4 == 0 ? SLOTRING_FROM_OLDEST : SLOTRING_FROM_NOW);
        slotring_reader_info_t info = reader_info(reader);
        uint64_t start = info.start;
        for (uint64_t n = 0; n < 5 + i % 30; n++) {
            slotring_slot_t slot;
            CHECK_OK(slotring_next(reader, PATIENCE, &slot));
            pattern_check(&slot);
            CHECK_EQUAL(slot.sequence, start + n);
            CHECK_OK(slotring_reader_release(reader));
        }
        CHECK_OK(slotring_unsubscribe(reader));
    }
    uint64_t published = 0;
    for (int p = 0; p < 2; p++) {
        peer_tell(&producers[p], 2);
        published += peer_hear(&producers[p]);
        peer_join(&producers[p]);
    }
    CHECK_EQUAL(ring_stats(ring).published, published);
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* Acquires whatever is there, by ticket and in a tight loop, so that reclaimers meet it at every step. */
static void greedy_holder(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    uint32_t slots = (uint32_t)ring_info(ring).slot_count;
    uint64_t held = 0;
    peer_tell(test, 1);
    for (uint32_t i = 0; !peer_speaks(test, 0); i++) {
        for (uint32_t burst = 0; burst < 200; burst++) {
            slotring_ticket_t ticket;
            slotring_slot_t slot;
            if (slotring_ticket_at(ring, (i + burst) % slots, &ticket) != 0)
                continue;
            int code = slotring_acquire_for_read(ring, &ticket, &slot);
            if (code == SLOTRING_E_STALE)
                continue;
            CHECK_OK(code);
            CHECK_EQUAL(slot.sequence, ticket.sequence);
            pattern_check(&slot);
            CHECK_OK(slotring_release(ring, &slot));
            held++;
        }
    }
    CHECK_OK(slotring_close(ring));
    peer_tell(test, held);
}

static void readers_push_reclaimers_back(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 64);
    peer_t holders[2], producers[2];
    for (int i = 0; i < 2; i++) {
        holders[i] = peer_start(BY_FORK, "reader-holder", ring_name());
        producers[i] = peer_start(BY_EXEC, "reader-producer", ring_name());
        peer_expect(&holders[i], 1);
        peer_expect(&producers[i], 1);
    }
    uint64_t target = ring_stats(ring).published + scaled(200000);
    while (ring_stats(ring).published < target) {
        CHECK(!peer_speaks(&holders[0], 1)); /* a helper that fails ends, and its pipe speaks */
        CHECK(!peer_speaks(&producers[0], 0));
    }
    uint64_t held = 0, published = 0;
    for (int i = 0; i < 2; i++) {
        peer_tell(&holders[i], 2);
        held += peer_hear(&holders[i]);
        peer_join(&holders[i]);
        peer_tell(&producers[i], 2);
        published += peer_hear(&producers[i]);
        peer_join(&producers[i]);
    }
    CHECK_AT_LEAST(held, 1);
    CHECK_EQUAL(ring_stats(ring).published, published);
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

/* An option that this version does not know is refused with its name, its value and the values that there are. */
static void unknown_properties_are_named(void)
{
    static const struct {
        uint32_t mode, start;
        const char *named;
    } rows[] = {
        {SLOTRING_BUDGETED + 1, SLOTRING_FROM_NOW, "mode is 3; this version knows 0 to 2"},
        {UINT32_MAX, SLOTRING_FROM_OLDEST, "mode is 4294967295; this version knows 0 to 2"},
        {SLOTRING_LOSSLESS, SLOTRING_FROM_SEQUENCE + 1, "start is 4; this version knows 0 to 3"},
        {SLOTRING_LOSSY, UINT32_MAX, "start is 4294967295; this version knows 0 to 3"},
    };
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_context("%s", rows[i].named);
        slotring_reader_options_t options;
        slotring_reader_options_init(&options);
        options.mode = rows[i].mode;
        options.start = rows[i].start;
        slotring_reader_t *reader;
        slotring_error_t error;
        CHECK_CODE(slotring_subscribe(ring, &options, &reader), SLOTRING_E_INVALID);
        slotring_last_error(&error);
        CHECK(strstr(error.text, rows[i].named) != NULL);
        CHECK(reader == NULL);
    }
    check_context("%s", "");
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"from_now", from_now, 0},
    {"lossless_from_oldest", lossless_from_oldest, 0},
    {"lossy_from_oldest", lossy_from_oldest, 0},
    {"from_oldest_stops_at_a_gap", from_oldest_stops_at_a_gap, 0},
    {"history_given_up_half_way", history_given_up_half_way, 0},
    {"unknown_properties_are_named", unknown_properties_are_named, 0},
    {"release_rules", release_rules, 0},
    {"given_slot_is_not_acquired", given_slot_is_not_acquired, 0},
    {"places_run_out", places_run_out, 0},
    {"freed_but_not_passed", freed_but_not_passed, 0},
    {"freed_under_a_lossless_reader_at_work", freed_under_a_lossless_reader_at_work, 0},
    {"lossy_in_hand_is_safe", lossy_in_hand_is_safe, 0},
    {"joins_while_producers_run", joins_while_producers_run, 0},
    {"readers_push_reclaimers_back", readers_push_reclaimers_back, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {
    {"reader-producer", endless_producer}, {"reader-holder", greedy_holder}, {NULL, NULL}};

const test_suite_t reader_suite = {"reader", cases, roles};
