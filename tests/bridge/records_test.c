/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of writers cross with the number that each has among those of its writer: once, in order, whole, as soon as they are visible,
 * whatever slots the target has. */
#include <string.h>

#include "hosts.h"
#include "support/records.h"

#define MOST 3000u /* bytes of a message: several slots */

static slotring_writer_t *open_row(slotring_t *ring, uint32_t row)
{
    slotring_writer_options_t options;
    slotring_writer_t *writer;
    slotring_writer_options_init(&options);
    options.flags = SLOTRING_WRITER_AT_ROW;
    options.row = row;
    CHECK_OK(slotring_writer_open(ring, &options, &writer));
    return writer;
}

static void append(slotring_writer_t *writer, uint64_t number)
{
    CHECK_OK(record_append(writer, writer_row(writer), number, MOST, PATIENCE));
}

static int next_there(slotring_slot_t *slot)
{
    const hosts_t *h = hosts_now();
    int code;
    while ((code = slotring_next(h->reader, PATIENCE, slot)) == SLOTRING_E_SOURCE_LOST ||
           code == SLOTRING_E_END)
        bridge_sleep_ns(code == SLOTRING_E_END ? MILLISECOND : 0);
    return code;
}

static slotring_slot_t expect_record(uint32_t row, uint64_t number)
{
    slotring_slot_t slot;
    check_context("message %llu of writer %u", (unsigned long long)number, row);
    CHECK_OK(next_there(&slot));
    CHECK_EQUAL(slot.writer, row);
    CHECK_EQUAL(slot.number, number);
    CHECK_EQUAL(slot.tag, pattern_tag(row, number));
    record_check_pieces(hosts_now()->target, &slot, MOST);
    CHECK_OK(slotring_reader_release(hosts_now()->reader));
    check_context("%s", "");
    return slot;
}

static void stop_both(peer_t *sender, peer_t *receiver)
{
    (void)stop_sender(sender);
    CHECK_EQUAL(stop_receiver(receiver).gaps, 0);
}

static void each_message_arrives_once_with_its_number(void)
{
    hosts_t *h = hosts_make(64, 1000);
    h->pack_bytes = 8192;
    hosts_make_target(40, 700); /* other slots than the source has */
    peer_t receiver = start_receiver(), sender = start_sender();
    hosts_wait_for_sender();
    slotring_writer_t *writer = writer_open(h->source);
    for (uint64_t n = 0; n < 400; n++) {
        append(writer, n);
        if (n >= 10)
            (void)expect_record(0, n - 10);
    }
    for (uint64_t n = 390; n < 400; n++)
        (void)expect_record(0, n);
    CHECK_OK(slotring_writer_close(writer));
    CHECK_EQUAL(stop_sender(&sender).messages, 400);
    CHECK_EQUAL(stop_receiver(&receiver).messages, 400);
    hosts_remove();
}

static void a_message_crosses_while_its_slot_is_open(void)
{
    hosts_t *h = hosts_make(16, 4096);
    hosts_make_target(16, 4096);
    peer_t receiver = start_receiver(), sender = start_sender();
    hosts_wait_for_sender();
    slotring_writer_t *writer = writer_open(h->source);
    for (uint64_t n = 0; n < 8; n++) {
        append(writer, n);
        slotring_slot_t slot = expect_record(0, n);
        if (slot.kind != SLOTRING_KIND_RECORD)
            continue;
        CHECK(records_open(h->source, 0));
        CHECK_EQUAL(slot.sequence, UINT64_MAX); /* there, too */
    }
    CHECK_OK(slotring_writer_close(writer));
    stop_both(&sender, &receiver);
    hosts_remove();
}

/* Each of its own order; between two of them there is none while their slots are open. */
static void expect_rows(const uint32_t rows[2], uint64_t end, char names[2][SLOTRING_CLIENT_NAME_MAX + 1])
{
    const hosts_t *h = hosts_now();
    slotring_participant_t people[8];
    slotring_slot_t slot;
    uint64_t next[2] = {0};
    uint32_t count;
    while (next[0] + next[1] < 2 * end) {
        CHECK_OK(next_there(&slot));
        unsigned which = slot.writer == rows[1];
        CHECK_EQUAL(slot.writer, rows[which]);
        CHECK_EQUAL(slot.number, next[which]++);
        CHECK_EQUAL(slot.tag, pattern_tag(slot.writer, slot.number));
        CHECK_OK(slotring_reader_release(h->reader));
        CHECK_OK(slotring_participants(h->target, people, 8, &count));
        for (uint32_t i = 0; i < count; i++)
            if (people[i].index == slot.producer)
                memcpy(names[which], people[i].name, sizeof people[i].name);
    }
}

static void writers_keep_their_rows_and_producers_their_names(void)
{
    static const uint32_t rows[2] = {0, 5};
    char names[2][SLOTRING_CLIENT_NAME_MAX + 1] = {"", ""};
    hosts_t *h = hosts_make(16, 1000);
    hosts_make_target(16, 700);
    peer_t receiver = start_receiver(), sender = start_sender();
    hosts_wait_for_sender();
    slotring_t *left = open_producer("crate 1"), *right = open_producer("crate 2");
    slotring_writer_t *writers[2] = {open_row(left, rows[0]), open_row(right, rows[1])};
    for (uint64_t n = 0; n < 20; n++)
        for (unsigned w = 0; w < 2; w++)
            CHECK_OK(record_append(writers[w], rows[w], n, 40, PATIENCE));
    expect_rows(rows, 20, names);
    CHECK_STRING(names[0], "crate 1");
    CHECK_STRING(names[1], "crate 2");
    CHECK_OK(slotring_close(left));
    CHECK_OK(slotring_close(right));
    expect_news(SLOTRING_E_END);
    stop_both(&sender, &receiver);
    (void)h;
    hosts_remove();
}

static void what_a_writer_skipped_is_missing_there_too(void)
{
    hosts_t *h = hosts_make(16, 1000);
    hosts_make_target(16, 1000);
    peer_t receiver = start_receiver(), sender = start_sender();
    hosts_wait_for_sender();
    slotring_writer_t *writer = writer_open(h->source);
    append(writer, 0);
    (void)expect_record(0, 0);
    CHECK_OK(slotring_writer_skip(writer, 7, PATIENCE));
    append(writer, 8);
    (void)expect_record(0, 8);
    CHECK_EQUAL(records_missed(h->reader), 7);
    CHECK_OK(slotring_writer_close(writer));
    (void)stop_sender(&sender);
    bridge_receiver_report_t received = stop_receiver(&receiver);
    CHECK_EQUAL(received.gaps, 1);
    CHECK_EQUAL(received.missing, 7);
    hosts_remove();
}

static void crate_that_dies(peer_t *test, const char *name)
{
    slotring_writer_t *writer = writer_open(open_producer(name));
    append(writer, 0);
    peer_tell(test, 1);
    (void)peer_hear(test);
}

static void a_producer_that_dies_with_an_open_slot_is_told(void)
{
    hosts_t *h = hosts_make(16, 1000);
    hosts_make_target(16, 1000);
    peer_t receiver = start_receiver(), sender = start_sender();
    hosts_wait_for_sender();
    peer_t crate = peer_fork(crate_that_dies, "crate 7");
    peer_expect(&crate, 1);
    (void)expect_record(0, 0);
    peer_kill(&crate);
    expect_lost(SLOTRING_E_PRODUCER_DIED, "crate 7");
    expect_news(SLOTRING_E_END);
    slotring_writer_t *writer = writer_open(h->source); /* in its row, which goes on */
    append(writer, 1);
    (void)expect_record(0, 1);
    CHECK_OK(slotring_writer_close(writer));
    stop_both(&sender, &receiver);
    hosts_remove();
}

/* A record, in a slot of the order, and a message behind it. */
static void publish_both(const hosts_t *h)
{
    slotring_writer_t *writer = writer_open(h->source);
    append(writer, 0);
    CHECK_OK(slotring_writer_close(writer));
    send_one(h->source, 0);
}

static void a_target_needs_a_writer_more_where_both_kinds_come(void)
{
    hosts_t *h = hosts_make(16, 1000);
    hosts_make_target(16, 1000);
    peer_t receiver = start_receiver(), sender = start_sender();
    hosts_wait_for_sender();
    publish_both(h);
    (void)expect_record(0, 0);
    expect_end(&receiver, BRIDGE_REFUSED, "no writer more than the source");
    (void)stop_sender(&sender);
    hosts_remove();
}

static void one_that_the_receiver_makes_has_it(void)
{
    hosts_t *h = hosts_make(16, 1000);
    h->at_target.slot_size = 700;
    h->at_target.total_size = 20 * 700;
    peer_t receiver = start_receiver(), sender = start_sender();
    hosts_wait_for_sender();
    hosts_wait_for_target();
    publish_both(h);
    (void)expect_record(0, 0);
    slotring_slot_t slot;
    CHECK_OK(next_there(&slot));
    CHECK_EQUAL(slot.writer, SLOTRING_NO_WRITER);
    CHECK_EQUAL(slot.tag, pattern_tag(1, 0));
    CHECK_OK(slotring_reader_release(h->reader));
    CHECK_EQUAL(ring_info(h->target).max_writers, ring_info(h->source).max_writers + 1);
    stop_both(&sender, &receiver);
    hosts_remove();
}

static void remotes_that_lose_do_not_carry_them_yet(void)
{
    hosts_t *h = hosts_make(16, 1000);
    h->pressure = BRIDGE_LOSSY;
    peer_t sender = start_sender();
    slotring_writer_t *writer = writer_open(h->source);
    append(writer, 0);
    expect_end(&sender, BRIDGE_REFUSED, "only lossless remotes carry messages of writers");
    CHECK_OK(slotring_writer_close(writer));
    hosts_remove();
}

static const test_case_t cases[] = {
    {"each_message_arrives_once_with_its_number", each_message_arrives_once_with_its_number, 0},
    {"a_message_crosses_while_its_slot_is_open", a_message_crosses_while_its_slot_is_open, 0},
    {"writers_keep_their_rows_and_producers_their_names", writers_keep_their_rows_and_producers_their_names,
     0},
    {"what_a_writer_skipped_is_missing_there_too", what_a_writer_skipped_is_missing_there_too, 0},
    {"a_producer_that_dies_with_an_open_slot_is_told", a_producer_that_dies_with_an_open_slot_is_told, 0},
    {"a_target_needs_a_writer_more_where_both_kinds_come", a_target_needs_a_writer_more_where_both_kinds_come,
     0},
    {"one_that_the_receiver_makes_has_it", one_that_the_receiver_makes_has_it, 0},
    {"remotes_that_lose_do_not_carry_them_yet", remotes_that_lose_do_not_carry_them_yet, 0},
    {NULL, NULL, 0},
};

const test_suite_t bridge_records_suite = {"bridge_records", cases, NULL};
