/* SPDX-License-Identifier: Apache-2.0 */
/* What is published in one ring is in the other one: once, in order, whole, with its number, its producer, and what is told beside it. */
#include <string.h>

#include "hosts.h"

static slotring_slot_t next_message(const hosts_t *h)
{
    slotring_slot_t slot;
    int code;
    while ((code = slotring_next(h->reader, PATIENCE, &slot)) == SLOTRING_E_END) /* of the stream before */
        bridge_sleep_ns(MILLISECOND);
    CHECK_OK(code);
    CHECK_OK(slotring_reader_release(h->reader));
    return slot;
}

static void each_message_arrives_once_and_whole(void)
{
    hosts_t *h = hosts_make(64, 4096);
    hosts_make_target(40, 1000); /* other slots than the source has */
    peer_t receiver = start_receiver(), sender = start_sender();
    for (uint64_t n = 0; n < 200; n++) {
        send_one(h->source, n);
        if (n >= 20)
            expect_message(n - 20, n - 20);
    }
    expect_messages(180, 200);
    bridge_sender_report_t sent = stop_sender(&sender);
    bridge_receiver_report_t received = stop_receiver(&receiver);
    CHECK_EQUAL(sent.messages, 200);
    CHECK_EQUAL(received.messages, 200);
    CHECK_EQUAL(received.bytes, sent.bytes);
    CHECK_EQUAL(sent.gaps + received.gaps + received.again, 0);
    hosts_remove();
}

static void large_ones_are_cut_and_filled_in_place(void)
{
    hosts_t *h = hosts_make(64, 1000);
    h->pack_bytes = 8192;
    hosts_make_target(64, 700);
    peer_t receiver = start_receiver(), sender = start_sender();
    for (uint64_t n = 3; n < 103; n += 10) { /* the large ones */
        send_one(h->source, n);
        expect_message(n, n / 10);
    }
    CHECK_EQUAL(stop_sender(&sender).messages, 10);
    CHECK_EQUAL(stop_receiver(&receiver).messages, 10);
    hosts_remove();
}

static void small_ones_share_an_entry(void)
{
    hosts_t *h = hosts_make(1024, 500);
    hosts_make_target(1024, 500);
    for (uint64_t n = 0; n < 400; n++)
        publish(h->source, 1, n);
    peer_t receiver = start_receiver(), sender = start_sender();
    for (uint64_t n = 0; n < 400; n++)
        CHECK_EQUAL(next_message(h).tag, pattern_tag(1, n));
    CHECK_AT_LEAST(20, stop_sender(&sender).entries);
    CHECK_EQUAL(stop_receiver(&receiver).messages, 400);
    hosts_remove();
}

static void the_receiver_makes_the_target_as_the_source_is(void)
{
    hosts_t *h = hosts_make(16, 3000);
    peer_t receiver = start_receiver(), sender = start_sender();
    hosts_wait_for_target();
    send_one(h->source, 0);
    expect_message(0, 0);
    slotring_info_t there = ring_info(h->source), here = ring_info(h->target);
    CHECK(memcmp(there.lineage_id, here.lineage_id, sizeof here.lineage_id) == 0);
    CHECK_EQUAL(here.slot_count, 16);
    CHECK_EQUAL(here.slot_size, 3000);
    CHECK_EQUAL(here.time_stamps, SLOTRING_TIME_MONOTONIC);
    (void)stop_sender(&sender);
    (void)stop_receiver(&receiver);
    hosts_remove();
}

static void a_copy_that_is_removed_goes_on_with_its_numbers(void)
{
    hosts_t *h = hosts_make(16, 3000);
    h->log_entries = 100;
    hosts_make_target(16, 3000);
    peer_t receiver = start_receiver(), sender = start_sender();
    for (uint64_t n = 0; n < 5; n++)
        publish(h->source, 1, n);
    for (uint64_t n = 0; n < 5; n++)
        CHECK_EQUAL(next_message(h).tag, pattern_tag(1, n));
    (void)stop_receiver(&receiver);
    CHECK_OK(slotring_unsubscribe(h->reader));
    remove_one(h->target, target_name()); /* that host was started anew */
    for (uint64_t n = 5; n < 9; n++)
        publish(h->source, 1, n);
    receiver = start_receiver();
    hosts_wait_for_target();
    uint64_t number, first = ring_info(h->target).first_sequence;
    CHECK_AT_LEAST(5, first); /* the last entry stays in the log, so what was in it comes once more */
    for (uint64_t n = first; n < 9; n++) {
        slotring_slot_t slot = next_message(h);
        CHECK_EQUAL(slot.tag, pattern_tag(1, n));
        CHECK_OK(slotring_number_of(h->target, slot.sequence, &number));
        CHECK_EQUAL(number, n);
    }
    (void)stop_sender(&sender);
    (void)stop_receiver(&receiver);
    hosts_remove();
}

static void marks_lie_at_the_same_places(void)
{
    hosts_t *h = hosts_make(16, 3000);
    hosts_make_target(16, 3000);
    peer_t receiver = start_receiver(), sender = start_sender();
    hosts_wait_for_sender();
    CHECK_OK(slotring_mark(h->source, SLOTRING_MARK_RUN_BEGIN, 17, 4, NULL, 0, NULL));
    send_one(h->source, 0);
    CHECK_OK(slotring_mark(h->source, SLOTRING_MARK_USER, 0, 5, "beam off", 8, NULL));
    CHECK_OK(slotring_publish_gap(h->source, 1000, NULL));
    CHECK_OK(slotring_mark(h->source, SLOTRING_MARK_RUN_END, 17, 6, NULL, 0, NULL));
    send_one(h->source, 1);
    slotring_mark_t mark = expect_mark(SLOTRING_MARK_RUN_BEGIN);
    CHECK_EQUAL(mark.run, 17);
    CHECK_EQUAL(mark.value, 4);
    expect_message(0, 0);
    mark = expect_mark(SLOTRING_MARK_USER);
    CHECK_EQUAL(mark.value, 5);
    CHECK_EQUAL(mark.size, 8);
    CHECK(memcmp(mark.bytes, "beam off", 8) == 0);
    CHECK_EQUAL(expect_mark(SLOTRING_MARK_GAP).gap, 1000);
    CHECK_EQUAL(expect_mark(SLOTRING_MARK_RUN_END).value, 6);
    expect_message(1, 1001);
    CHECK_EQUAL(stop_sender(&sender).marks, 3);
    CHECK_EQUAL(stop_receiver(&receiver).marks, 3);
    hosts_remove();
}

static void the_run_in_progress_is_told_first(void)
{
    slotring_mark_t run;
    hosts_t *h = hosts_make(4, 3000);
    hosts_make_target(16, 3000);
    CHECK_OK(slotring_mark(h->source, SLOTRING_MARK_RUN_BEGIN, 16, 0, NULL, 0, NULL));
    CHECK_OK(slotring_mark(h->source, SLOTRING_MARK_RUN_END, 16, 0, NULL, 0, NULL));
    CHECK_OK(slotring_mark(h->source, SLOTRING_MARK_RUN_BEGIN, 17, 4, "cosmics", 7, NULL));
    for (uint64_t n = 0; n < 6; n++) /* the first ones are gone */
        publish(h->source, 1, n);
    peer_t receiver = start_receiver(), sender = start_sender();
    hosts_wait_for_sender();
    CHECK_EQUAL(expect_mark(SLOTRING_MARK_GAP).gap, 2);
    run = expect_mark(SLOTRING_MARK_RUN_BEGIN);
    CHECK_EQUAL(run.run, 17);
    CHECK_EQUAL(run.value, 4);
    CHECK(run.size == 7 && memcmp(run.bytes, "cosmics", 7) == 0);
    for (uint64_t n = 2; n < 6; n++)
        CHECK_EQUAL(next_message(h).tag, pattern_tag(1, n));
    peer_kill(&sender); /* the next one does not tell it again */
    sender = start_sender();
    CHECK_OK(slotring_mark(h->source, SLOTRING_MARK_RUN_END, 17, 5, NULL, 0, NULL));
    CHECK_EQUAL(expect_mark(SLOTRING_MARK_RUN_END).value, 5);
    (void)stop_sender(&sender);
    (void)stop_receiver(&receiver);
    hosts_remove();
}

static void crate_that_dies(peer_t *test, const char *name)
{
    slotring_t *ring = open_producer(name);
    publish(ring, 3, 0);
    peer_tell(test, 1);
    (void)peer_hear(test);
}

static void a_producer_keeps_its_name_and_its_fate(void)
{
    hosts_t *h = hosts_make(16, 300);
    hosts_make_target(16, 300);
    peer_t receiver = start_receiver(), sender = start_sender(),
           crate = peer_fork(crate_that_dies, "crate 7");
    slotring_participant_t people[8];
    uint32_t count, found = 0;
    peer_expect(&crate, 1);
    slotring_slot_t slot = next_message(h);
    CHECK_EQUAL(slot.tag, pattern_tag(3, 0));
    CHECK_OK(slotring_participants(h->target, people, 8, &count));
    for (uint32_t i = 0; i < count; i++)
        if (people[i].index == slot.producer) {
            CHECK_STRING(people[i].name, "crate 7");
            CHECK_EQUAL(people[i].origin_pid, (uint64_t)crate.pid);
            found++;
        }
    CHECK_EQUAL(found, 1);
    peer_kill(&crate);
    expect_lost(SLOTRING_E_PRODUCER_DIED, "crate 7");
    expect_news(SLOTRING_E_END);
    (void)stop_sender(&sender);
    (void)stop_receiver(&receiver);
    hosts_remove();
}

static void the_end_there_is_an_end_here(void)
{
    hosts_t *h = hosts_make(16, 300);
    hosts_make_target(16, 300);
    peer_t receiver = start_receiver(), sender = start_sender();
    slotring_t *crate = open_producer("crate 8");
    publish(crate, 1, 0);
    CHECK_EQUAL(next_message(h).tag, pattern_tag(1, 0));
    CHECK_OK(slotring_end_stream(crate));
    expect_news(SLOTRING_E_END);
    publish(crate, 1, 1); /* the next run */
    CHECK_EQUAL(next_message(h).tag, pattern_tag(1, 1));
    CHECK_OK(slotring_close(crate));
    expect_news(SLOTRING_E_END);
    (void)stop_sender(&sender);
    (void)stop_receiver(&receiver);
    hosts_remove();
}

static void the_death_of_the_receiver_is_no_death_of_a_producer(void)
{
    hosts_t *h = hosts_make(16, 300);
    hosts_make_target(16, 300);
    peer_t receiver = start_receiver(), sender = start_sender();
    slotring_t *crate = open_producer("crate 9");
    publish(crate, 1, 0);
    CHECK_EQUAL(next_message(h).tag, pattern_tag(1, 0));
    peer_kill(&receiver);
    expect_lost(SLOTRING_E_SOURCE_LOST, "crate 9");
    publish(crate, 1, 1);
    receiver = start_receiver();
    CHECK_EQUAL(next_message(h).tag, pattern_tag(1, 1));
    CHECK_OK(slotring_close(crate));
    (void)stop_sender(&sender);
    (void)stop_receiver(&receiver);
    hosts_remove();
}

static void a_full_log_holds_the_producer_back(void)
{
    hosts_t *h = hosts_make(8, 300);
    h->log_entries = 3;
    hosts_make_target(8, 300);
    peer_t sender = start_sender();
    uint64_t published = 0;
    hosts_wait_for_sender();
    for (slotring_slot_t slot; published < 1000; published++) {
        int code = slotring_allocate_wait(h->source, 1, SECOND / 2, &slot);
        if (code == SLOTRING_E_TIMEOUT)
            break;
        CHECK_OK(code);
        slot.tag = pattern_tag(1, published);
        uint64_t length = pattern_length(slot.tag, slot.capacity);
        pattern_fill(slot.data, length, slot.tag);
        CHECK_OK(slotring_mark_ready(h->source, &slot, length));
    }
    CHECK_AT_LEAST(999, published); /* it had to wait */
    peer_t receiver = start_receiver();
    publish(h->source, 1, published); /* and gets its slot now */
    for (uint64_t n = 0; n <= published; n++)
        CHECK_EQUAL(next_message(h).tag, pattern_tag(1, n));
    CHECK_AT_LEAST(stop_sender(&sender).full, 1);
    (void)stop_receiver(&receiver);
    hosts_remove();
}

static const test_case_t cases[] = {
    {"each_message_arrives_once_and_whole", each_message_arrives_once_and_whole, 0},
    {"large_ones_are_cut_and_filled_in_place", large_ones_are_cut_and_filled_in_place, 0},
    {"small_ones_share_an_entry", small_ones_share_an_entry, 0},
    {"the_receiver_makes_the_target_as_the_source_is", the_receiver_makes_the_target_as_the_source_is, 0},
    {"a_copy_that_is_removed_goes_on_with_its_numbers", a_copy_that_is_removed_goes_on_with_its_numbers, 0},
    {"marks_lie_at_the_same_places", marks_lie_at_the_same_places, 0},
    {"the_run_in_progress_is_told_first", the_run_in_progress_is_told_first, 0},
    {"a_producer_keeps_its_name_and_its_fate", a_producer_keeps_its_name_and_its_fate, 0},
    {"the_end_there_is_an_end_here", the_end_there_is_an_end_here, 0},
    {"the_death_of_the_receiver_is_no_death_of_a_producer",
     the_death_of_the_receiver_is_no_death_of_a_producer, 0},
    {"a_full_log_holds_the_producer_back", a_full_log_holds_the_producer_back, 0},
    {NULL, NULL, 0},
};

const test_suite_t bridge_carry_suite = {"bridge_carry", cases, NULL};
