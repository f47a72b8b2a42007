/* SPDX-License-Identifier: Apache-2.0 */
/* Closed and NULL handles give an error from every call; closing gives back all that the handle had. */

#include "support/every_call.h"
#include "support/ring.h"
#include "support/suite.h"

static void check_every_call(slotring_t *ring, slotring_reader_t *reader, slotring_writer_t *writer)
{
    every_call_of_ring(ring, SLOTRING_E_CLOSED);
    every_call_of_reader(reader, SLOTRING_E_CLOSED);
    every_call_of_writer(writer, SLOTRING_E_CLOSED);
    CHECK_CODE(slotring_close(ring), SLOTRING_E_CLOSED);
}

static void null_handles(void)
{
    check_every_call(NULL, NULL, NULL);
    CHECK_CODE(slotring_open(NULL, "x", NULL, NULL), SLOTRING_E_INVALID);
}

static void use_after_close(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_writer_t *writer;
    CHECK_OK(slotring_writer_open(ring, NULL, &writer));
    CHECK_OK(slotring_close(ring)); /* ends the reader and the writer, too */
    check_every_call(ring, reader, writer);
    slotring_t *observer = ring_observe(ring_name());
    CHECK_OK(slotring_close(observer));
    check_every_call(observer, NULL, NULL);
    ring_remove(ring_attach(ring_name()), ring_name());
}

static void the_256_closed_last(void)
{
    enum {
        COUNT = 256
    };
    slotring_t *ring = ring_create(ring_name(), 4, 100), *rings[COUNT];
    for (int i = 0; i < COUNT; i++) {
        rings[i] = ring_attach(ring_name());
        CHECK_OK(slotring_close(rings[i]));
    }
    for (int i = 0; i < COUNT; i++)
        CHECK_CODE(slotring_close(rings[i]), SLOTRING_E_CLOSED);
    ring_remove(ring, ring_name());
}

static void unsubscribe_twice(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t slot;
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_CODE(slotring_unsubscribe(reader), SLOTRING_E_CLOSED);
    CHECK_CODE(slotring_next(reader, FOR_EVER, &slot), SLOTRING_E_CLOSED);
    slotring_t *other = ring_attach(ring_name());
    reader = subscribe(other, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    CHECK_OK(slotring_close(other));
    CHECK_CODE(slotring_unsubscribe(reader), SLOTRING_E_CLOSED);
    ring_remove(ring, ring_name());
}

static void all_in_hand_goes_back(void)
{
    slotring_t *ring = ring_create(ring_name(), 8, 100), *other = ring_attach(ring_name());
    slotring_reader_t *lossless = subscribe(other, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_reader_t *lossy = subscribe(other, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    slotring_ticket_t tickets[3];
    for (uint64_t n = 0; n < 3; n++)
        tickets[n] = publish(other, 1, n);
    slotring_slot_t slots[6];
    hold(other, &tickets[0], &slots[0]);
    hold(other, &tickets[0], &slots[1]);
    hold(other, &tickets[2], &slots[2]);
    CHECK_OK(slotring_next(lossless, 0, &slots[3]));
    CHECK_OK(slotring_next(lossy, 0, &slots[4]));
    CHECK_OK(slotring_allocate(other, 1, &slots[5]));
    slotring_stats_t stats = ring_stats(ring);
    CHECK_EQUAL(stats.slots_writing, 1);
    CHECK_EQUAL(stats.slots_held, 2);
    CHECK_EQUAL(stats.readers, 2);
    CHECK_OK(slotring_close(other));
    stats = ring_stats(ring);
    CHECK_EQUAL(stats.slots_writing, 0);
    CHECK_EQUAL(stats.slots_held, 0);
    CHECK_EQUAL(stats.readers, 0);
    CHECK_EQUAL(stats.participants, 1);
    CHECK_EQUAL(stats.published, 3); /* what was being written is not published */
    CHECK_EQUAL(stats.producers, 0);
    CHECK_EQUAL(stats.producers_ended, 1);
    CHECK_EQUAL(stats.producers_died, 0);
    CHECK_EQUAL(stats.repaired, 0); /* leaving is not dying */
    for (uint64_t n = 0; n < 3; n++)
        read_once(ring, &tickets[n]);
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

static void slots_of_a_closed_handle(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100), *other = ring_attach(ring_name());
    slotring_ticket_t ticket = publish(ring, 1, 0);
    slotring_slot_t held, writing;
    hold(other, &ticket, &held);
    CHECK_OK(slotring_allocate(other, 1, &writing));
    CHECK_OK(slotring_close(other));
    CHECK(slotring_release(ring, &held) != 0); /* nobody else's business, even now */
    CHECK(slotring_mark_ready(ring, &writing, 1) != 0);
    slotring_t *next = ring_attach(ring_name()); /* most likely with the same participant entry */
    CHECK(slotring_release(next, &held) != 0);
    CHECK(slotring_mark_ready(next, &writing, 1) != 0);
    CHECK(slotring_abort(next, &writing) != 0);
    CHECK_EQUAL(ring_stats(ring).published, 1);
    check_ring_at_rest(ring);
    CHECK_OK(slotring_close(next));
    ring_remove(ring, ring_name());
}

static void open_close_leaks_nothing(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    for (unsigned long i = 0; i < scaled(2000); i++) {
        slotring_t *other = ring_attach(ring_name());
        slotring_reader_t *reader = subscribe(other, (uint32_t)i % 2, SLOTRING_FROM_NOW);
        publish(other, 1, i);
        (void)reader;
        CHECK_OK(slotring_close(other));
    }
    CHECK_EQUAL(ring_stats(ring).participants, 1);
    CHECK_EQUAL(ring_stats(ring).readers, 0);
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

static void one_thread_handles(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 100);
    options.flags = SLOTRING_ONE_THREAD;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    for (uint64_t n = 0; n < 100; n++) {
        slotring_ticket_t ticket = publish(ring, 1, n);
        slotring_slot_t first, second;
        hold(ring, &ticket, &first);
        hold(ring, &ticket, &second);
        CHECK_OK(slotring_release(ring, &first));
        CHECK_EQUAL(ring_stats(ring).slots_held, 1);
        CHECK_OK(slotring_release(ring, &second));
        CHECK_EQUAL(ring_stats(ring).slots_held, 0);
        take_now(reader, pattern_tag(1, n));
    }
    CHECK_OK(slotring_unsubscribe(reader));
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

static void memory_flags(void)
{
    /* asked for, perhaps not granted, never in the way */
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 100000);
    options.flags = SLOTRING_PREFAULT | SLOTRING_HUGE_PAGES | SLOTRING_LOCK_MEMORY;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    slotring_info_t info = ring_info(ring);
    CHECK_EQUAL(info.granted & ~options.flags, 0);
    CHECK((info.granted & SLOTRING_PREFAULT) != 0);
    slotring_ticket_t ticket = publish(ring, 1, 0);
    read_once(ring, &ticket);
    options.mode = SLOTRING_ATTACH;
    options.total_size = options.slot_size = 0;
    slotring_t *other = ring_open_with(ring_name(), &options);
    CHECK_OK(slotring_close(other));
    ring_remove(ring, ring_name());
}

/* ---- Closing only what has no pointers out -------------------------------------------------------------- */

typedef struct in_hand {
    slotring_t *ring;
    slotring_reader_t *reader;
    slotring_ticket_t ticket;
    slotring_slot_t slots[3];
} in_hand_t;

static void writes_one(in_hand_t *h)
{
    CHECK_OK(slotring_allocate(h->ring, 1, &h->slots[0]));
}

static void publishes_it(in_hand_t *h)
{
    CHECK_OK(slotring_mark_ready(h->ring, &h->slots[0], 1));
}

static void aborts_it(in_hand_t *h)
{
    CHECK_OK(slotring_abort(h->ring, &h->slots[0]));
}

static void acquires_one(in_hand_t *h)
{
    hold(h->ring, &h->ticket, &h->slots[0]);
}

static void releases_it(in_hand_t *h)
{
    CHECK_OK(slotring_release(h->ring, &h->slots[0]));
}

static void acquires_one_three_times(in_hand_t *h)
{
    for (int i = 0; i < 3; i++)
        hold(h->ring, &h->ticket, &h->slots[i]);
}

static void releases_all_three(in_hand_t *h)
{
    for (int i = 0; i < 3; i++) {
        CHECK_CODE(slotring_close_if_idle(h->ring), SLOTRING_E_BUSY);
        CHECK_OK(slotring_release(h->ring, &h->slots[i]));
    }
}

static void acquires_and_frees_one(in_hand_t *h)
{
    hold(h->ring, &h->ticket, &h->slots[0]);
    CHECK_OK(slotring_free(h->ring, &h->ticket));
}

static void reads_in_order(in_hand_t *h, uint32_t mode, uint32_t start)
{
    uint32_t count;
    h->reader = subscribe(h->ring, mode, start);
    publish(h->ring, 1, 3);
    publish(h->ring, 1, 4);
    CHECK_OK(slotring_next_batch(h->reader, 0, h->slots, 2, &count));
    CHECK_EQUAL(count, 2);
}

static void is_given_two(in_hand_t *h)
{
    reads_in_order(h, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
}

static void is_given_two_lossy(in_hand_t *h)
{
    reads_in_order(h, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
}

static void is_given_two_of_the_past(in_hand_t *h)
{
    reads_in_order(h, SLOTRING_LOSSLESS, SLOTRING_FROM_OLDEST);
}

static void releases_them(in_hand_t *h)
{
    CHECK_OK(slotring_reader_release(h->reader));
}

static void unsubscribes(in_hand_t *h)
{
    CHECK_OK(slotring_unsubscribe(h->reader));
}

static void closes_only_what_is_idle(void)
{
    static const struct {
        const char *name;
        void (*take)(in_hand_t *h);
        void (*give_back)(in_hand_t *h);
        const char *says;
    } rows[] = {
        {"written, published", writes_one, publishes_it, "1 to write, 0 acquired by ticket and 0 given"},
        {"written, aborted", writes_one, aborts_it, "1 to write, 0 acquired by ticket and 0 given"},
        {"acquired", acquires_one, releases_it, "0 to write, 1 acquired by ticket and 0 given"},
        {"acquired by three", acquires_one_three_times, releases_all_three, "3 acquired by ticket"},
        {"acquired, freed", acquires_and_frees_one, releases_it, "1 acquired by ticket"},
        {"given", is_given_two, releases_them, "0 to write, 0 acquired by ticket and 2 given"},
        {"given, lossy", is_given_two_lossy, releases_them, "0 to write, 0 acquired by ticket and 2 given"},
        {"given, lossy, unsubscribed", is_given_two_lossy, unsubscribes, "2 given"},
        /* and holds what it has not given yet */
        {"given of the past", is_given_two_of_the_past, releases_them,
         "0 to write, 0 acquired by ticket and 2 given"},
    };
    for (uint32_t one_thread = 0; one_thread < 2; one_thread++)
        for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
            check_context("%s%s", rows[row].name, one_thread ? ", one thread" : "");
            slotring_t *ring = ring_create(ring_name(), 8, 100);
            slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
            options.flags = one_thread ? SLOTRING_ONE_THREAD : 0;
            in_hand_t h = {.ring = ring_open_with(ring_name(), &options)};
            h.ticket = publish(ring, 1, 0);
            publish(ring, 1, 1);
            publish(ring, 1, 2);
            rows[row].take(&h);
            CHECK_CODE(slotring_close_if_idle(h.ring), SLOTRING_E_BUSY);
            slotring_error_t error;
            slotring_last_error(&error);
            CHECK_CONTAINS(error.text, rows[row].says);
            CHECK_EQUAL(ring_stats(ring).participants, 2); /* nothing has changed */
            if (h.slots[0].sequence != 0 || h.reader)
                pattern_check(&h.slots[0]);
            publish(h.ring, 2, 0);
            rows[row].give_back(&h);
            CHECK_OK(slotring_close_if_idle(h.ring));
            CHECK_CODE(slotring_close_if_idle(h.ring), SLOTRING_E_CLOSED);
            CHECK_EQUAL(ring_stats(ring).participants, 1);
            CHECK_EQUAL(ring_stats(ring).readers, 0);
            CHECK_EQUAL(ring_stats(ring).slots_held, 0);
            check_recovered(ring, 1);
            ring_remove(ring, ring_name());
        }
    check_context("%s", "");
}

static void what_others_have_is_no_hindrance(void)
{
    slotring_t *ring = ring_create(ring_name(), 8, 100), *other = ring_attach(ring_name()),
               *observer = ring_observe(ring_name());
    slotring_ticket_t ticket = publish(ring, 1, 0);
    slotring_slot_t held, writing, given;
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_OLDEST);
    hold(ring, &ticket, &held);
    CHECK_OK(slotring_allocate(ring, 1, &writing));
    CHECK_OK(slotring_next(reader, 0, &given));
    subscribe(other, SLOTRING_LOSSLESS, SLOTRING_FROM_OLDEST); /* its history is nobody's pointer yet */
    CHECK_OK(slotring_close_if_idle(other));
    CHECK_OK(slotring_close_if_idle(observer));
    CHECK_OK(slotring_close(ring)); /* as ever: whatever is out */
    ring = ring_attach(ring_name());
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"null_handles", null_handles, 0},
    {"use_after_close", use_after_close, 0},
    {"the_256_closed_last", the_256_closed_last, 0},
    {"unsubscribe_twice", unsubscribe_twice, 0},
    {"all_in_hand_goes_back", all_in_hand_goes_back, 0},
    {"slots_of_a_closed_handle", slots_of_a_closed_handle, 0},
    {"open_close_leaks_nothing", open_close_leaks_nothing, 0},
    {"one_thread_handles", one_thread_handles, 0},
    {"memory_flags", memory_flags, 0},
    {"closes_only_what_is_idle", closes_only_what_is_idle, 0},
    {"what_others_have_is_no_hindrance", what_others_have_is_no_hindrance, 0},
    {NULL, NULL, 0},
};

const test_suite_t close_suite = {"close", cases, NULL};
