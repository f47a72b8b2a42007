/* SPDX-License-Identifier: Apache-2.0 */
/* A sender that ends, or a way to it that is cut, is told at the target as "source lost": it is no death of a producer. Not so one that
 * has nothing to send, or that waits. */
#include <string.h>

#include "hosts.h"

#define SILENCE (SECOND + SECOND / 2)

/* A ring with a producer whose first message has arrived. */
static hosts_t *begin_with(peer_t *sender, peer_t *receiver, slotring_t **crate, uint64_t log_entries)
{
    hosts_t *h = hosts_make(64, 1000);
    h->silence_ns = SILENCE;
    h->pack_bytes = 8192;
    h->log_entries = log_entries;
    hosts_make_target(64, 1000);
    *receiver = start_receiver();
    *sender = start_sender();
    hosts_wait_for_sender();
    *crate = open_producer("crate 3");
    send_one(*crate, 0);
    expect_message(0, 0);
    return h;
}

static hosts_t *begin(peer_t *sender, peer_t *receiver, slotring_t **crate)
{
    return begin_with(sender, receiver, crate, 0);
}

static void expect_next(const hosts_t *h, uint64_t n)
{
    slotring_slot_t slot;
    int code;
    while ((code = slotring_next(h->reader, PATIENCE, &slot)) == SLOTRING_E_END) /* of the stream before */
        bridge_sleep_ns(MILLISECOND);
    CHECK_OK(code);
    CHECK_EQUAL(slot.tag, pattern_tag(1, n));
    CHECK_OK(slotring_reader_release(h->reader));
}

static void end(slotring_t *crate, peer_t *receiver)
{
    CHECK_OK(slotring_close(crate));
    (void)stop_receiver(receiver);
    hosts_remove();
}

static void a_sender_that_was_killed_is_told_as_lost(void)
{
    peer_t sender, receiver;
    slotring_t *crate;
    const hosts_t *h = begin(&sender, &receiver, &crate);
    peer_kill(&sender);
    expect_lost(SLOTRING_E_SOURCE_LOST, "crate 3");
    send_one(crate, 1);
    sender = start_sender();
    expect_next(h, 1);
    (void)stop_sender(&sender);
    end(crate, &receiver);
}

static void so_is_one_that_is_stopped_and_it_goes_on(void)
{
    peer_t sender, receiver;
    slotring_t *crate;
    const hosts_t *h = begin(&sender, &receiver, &crate);
    hosts_stop(&sender);
    expect_lost(SLOTRING_E_SOURCE_LOST, "crate 3");
    send_one(crate, 1);
    peer_continue(&sender);
    expect_next(h, 1);
    (void)stop_sender(&sender);
    end(crate, &receiver);
}

static void so_is_a_log_that_is_cut_off(void)
{
    peer_t sender, receiver;
    slotring_t *crate;
    const hosts_t *h = begin(&sender, &receiver, &crate);
    CHECK_OK(bridge_files_cut(h->folder, true));
    expect_lost(SLOTRING_E_SOURCE_LOST, "crate 3");
    CHECK_OK(bridge_files_cut(h->folder, false));
    send_one(crate, 1);
    expect_next(h, 1);
    (void)stop_sender(&sender);
    end(crate, &receiver);
}

static void one_that_has_nothing_to_send_is_not_lost(void)
{
    peer_t sender, receiver;
    slotring_t *crate;
    slotring_slot_t slot;
    const hosts_t *h = begin(&sender, &receiver, &crate);
    CHECK_CODE(slotring_next(h->reader, 2 * SILENCE, &slot), SLOTRING_E_TIMEOUT);
    CHECK_OK(slotring_close(crate));
    expect_news(SLOTRING_E_END);
    (void)stop_sender(&sender);
    CHECK_EQUAL(stop_receiver(&receiver).silences, 0);
    hosts_remove();
}

/* A machine that slept, and the sender is the last one to wake up. */
static void time_that_the_receiver_slept_is_no_silence(void)
{
    peer_t sender, receiver;
    slotring_t *crate;
    slotring_slot_t slot;
    const hosts_t *h = begin(&sender, &receiver, &crate);
    CHECK_CODE(slotring_next(h->reader, SILENCE / 5, &slot),
               SLOTRING_E_TIMEOUT); /* the receiver waits for more */
    hosts_stop(&receiver);
    hosts_stop(&sender);
    CHECK_CODE(slotring_next(h->reader, 2 * SILENCE, &slot), SLOTRING_E_TIMEOUT);
    peer_continue(&receiver);
    CHECK_CODE(slotring_next(h->reader, SILENCE / 5, &slot), SLOTRING_E_TIMEOUT);
    peer_continue(&sender);
    send_one(crate, 1);
    expect_message(1, 1);
    (void)stop_sender(&sender);
    CHECK_EQUAL(stop_receiver(&receiver).silences, 0);
    CHECK_OK(slotring_close(crate));
    hosts_remove();
}

/* Until the log begins with the one entry, and ends with the other. */
static void wait_for_entries(const hosts_t *h, uint64_t oldest, uint64_t newest)
{
    bridge_engine_t *log;
    bridge_error_t error;
    bridge_entry_t first = {0}, last = {0};
    CHECK_EQUAL(bridge_files_open(&log, h->folder, BRIDGE_FILES_SENDER, 0, &error), BRIDGE_OK);
    for (int64_t end = now_ns() + PATIENCE; first.sequence != oldest || last.sequence != newest;
         bridge_sleep_ns(MILLISECOND)) {
        CHECK(now_ns() < end);
        CHECK_EQUAL(log->calls->read_from(log, 0, 0, &first), BRIDGE_OK);
        CHECK_EQUAL(log->calls->last(log, &last), BRIDGE_OK);
    }
    log->calls->close(log);
}

/* A message of three parts, of which one is in the log when its sender stops, and has room to go on. */
static void a_message_that_is_half_there_comes_whole(void)
{
    peer_t sender, receiver;
    slotring_t *crate;
    uint64_t large = 3;
    const hosts_t *h = begin_with(&sender, &receiver, &crate, 3);
    while (size_of_message(large) < 17000 || size_of_message(large) > 22000)
        large += 10;
    wait_for_entries(h, 2, 2); /* message 0 */
    hosts_stop(&receiver);
    send_one(crate, 1);
    wait_for_entries(h, 2, 3);
    send_one(crate, large);
    wait_for_entries(h, 2, 4);
    hosts_stop(&sender);
    peer_continue(&receiver);
    expect_message(1, 1);
    expect_lost(SLOTRING_E_SOURCE_LOST, "crate 3");
    peer_continue(&sender);
    expect_message(large, 2);
    (void)stop_sender(&sender);
    bridge_receiver_report_t received = stop_receiver(&receiver);
    CHECK_EQUAL(received.silences, 1);
    CHECK_EQUAL(received.gaps, 0);
    CHECK_OK(slotring_close(crate));
    hosts_remove();
}

static const test_case_t cases[] = {
    {"a_sender_that_was_killed_is_told_as_lost", a_sender_that_was_killed_is_told_as_lost, 0},
    {"so_is_one_that_is_stopped_and_it_goes_on", so_is_one_that_is_stopped_and_it_goes_on, 0},
    {"so_is_a_log_that_is_cut_off", so_is_a_log_that_is_cut_off, 0},
    {"one_that_has_nothing_to_send_is_not_lost", one_that_has_nothing_to_send_is_not_lost, 0},
    {"time_that_the_receiver_slept_is_no_silence", time_that_the_receiver_slept_is_no_silence, 0},
    {"a_message_that_is_half_there_comes_whole", a_message_that_is_half_there_comes_whole, 0},
    {NULL, NULL, 0},
};

const test_suite_t bridge_lost_suite = {"bridge_lost", cases, NULL};
