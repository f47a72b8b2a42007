/* SPDX-License-Identifier: Apache-2.0 */
/* The engine is cut off, forgets, or has two masters; and still each message is there once, or is told as missing. */
#include <stdio.h>
#include <string.h>

#include "hosts.h"
#include "support/files.h"

/* All that is published is stored in the log. */
static void wait_until_sent(const hosts_t *h)
{
    CHECK_OK(slotring_drain(h->source, SLOTRING_DRAIN_ALL, PATIENCE));
}

static void send_range(const hosts_t *h, uint64_t from, uint64_t end)
{
    for (uint64_t n = from; n < end; n++)
        send_one(h->source, n);
}

/* Each in an entry of its own. */
static void send_apart(const hosts_t *h, uint64_t from, uint64_t end)
{
    hosts_wait_for_sender();
    for (uint64_t n = from; n < end; n++) {
        send_one(h->source, n);
        wait_until_sent(h);
    }
}

static void after_a_cut_both_go_on(void)
{
    hosts_t *h = hosts_make(64, 2000);
    hosts_make_target(64, 2000);
    peer_t receiver = start_receiver(), sender = start_sender();
    send_range(h, 0, 3);
    expect_messages(0, 3);
    CHECK_OK(bridge_files_cut(h->folder, true));
    send_range(h, 3, 6);
    CHECK_CODE(slotring_drain(h->source, SLOTRING_DRAIN_ALL, 100 * MILLISECOND), SLOTRING_E_TIMEOUT);
    CHECK_OK(bridge_files_cut(h->folder, false));
    expect_messages(3, 6);
    send_range(h, 6, 9);
    expect_messages(6, 9);
    CHECK_AT_LEAST(stop_sender(&sender).returns, 1);
    (void)stop_receiver(&receiver); /* which may not have looked meanwhile */
    hosts_remove();
}

static void an_acknowledgement_that_a_cut_swallowed_is_made_up_for(void)
{
    hosts_t *h = hosts_make(8, 40000);
    h->log_entries = 2; /* the last one, which stays, and one more */
    hosts_make_target(8, 40000);
    peer_t receiver = start_receiver(), sender = start_sender();
    hosts_wait_for_sender();
    for (uint64_t n = 0; n < 30; n++) {
        send_one(h->source, n);
        CHECK_OK(bridge_files_cut(h->folder, true)); /* wherever the receiver is */
        CHECK_OK(bridge_files_cut(h->folder, false));
        expect_messages(n, n + 1);
    }
    (void)stop_sender(&sender);
    (void)stop_receiver(&receiver);
    hosts_remove();
}

static void a_lost_answer_doubles_nothing(void)
{
    hosts_t *h = hosts_make(64, 2000);
    hosts_make_target(64, 2000);
    peer_t receiver = start_receiver(), sender = start_sender();
    send_range(h, 0, 1);
    expect_messages(0, 1);
    for (uint64_t n = 1; n < 6; n++) {
        CHECK_OK(bridge_files_deafen(h->folder));
        send_range(h, n, n + 1);
        expect_messages(n, n + 1);
    }
    CHECK_OK(slotring_mark(h->source, SLOTRING_MARK_USER, 0, 1, NULL, 0, NULL));
    CHECK_OK(bridge_files_deafen(h->folder));
    CHECK_OK(slotring_mark(h->source, SLOTRING_MARK_USER, 0, 2, NULL, 0, NULL));
    send_range(h, 6, 7);
    CHECK_EQUAL(expect_mark(SLOTRING_MARK_USER).value, 1);
    CHECK_EQUAL(expect_mark(SLOTRING_MARK_USER).value, 2);
    expect_messages(6, 7);
    CHECK_AT_LEAST(stop_sender(&sender).returns, 5);
    bridge_receiver_report_t received = stop_receiver(&receiver);
    CHECK_EQUAL(received.messages, 7);
    CHECK_EQUAL(received.again, 0);
    hosts_remove();
}

static void what_the_log_lost_is_sent_again(void)
{
    hosts_t *h = hosts_make(64, 2000);
    hosts_make_target(64, 2000);
    peer_t sender = start_sender();
    send_apart(h, 0, 4);
    CHECK_OK(slotring_mark(h->source, SLOTRING_MARK_USER, 0, 9, NULL, 0, NULL));
    send_apart(h, 4, 8);
    CHECK_OK(bridge_files_lose(h->folder, 6));
    send_apart(h, 8, 9);
    peer_t receiver = start_receiver();
    expect_messages(0, 4);
    CHECK_EQUAL(expect_mark(SLOTRING_MARK_USER).value, 9);
    expect_messages(4, 9);
    bridge_sender_report_t sent = stop_sender(&sender);
    CHECK_AT_LEAST(sent.resent, 5);
    CHECK_EQUAL(sent.gaps, 0);
    (void)stop_receiver(&receiver);
    hosts_remove();
}

static void a_sender_that_begins_anew_finds_it_too(void)
{
    hosts_t *h = hosts_make(64, 2000);
    hosts_make_target(64, 2000);
    peer_t sender = start_sender();
    send_apart(h, 0, 8);
    peer_kill(&sender);
    CHECK_OK(bridge_files_lose(h->folder, UINT64_MAX));
    sender = start_sender();
    peer_t receiver = start_receiver();
    expect_messages(0, 8);
    CHECK_AT_LEAST(stop_sender(&sender).resent, 8);
    (void)stop_receiver(&receiver);
    hosts_remove();
}

static void a_mark_that_the_log_lost_is_sent_again(void)
{
    hosts_t *h = hosts_make(64, 2000);
    hosts_make_target(64, 2000);
    for (uint64_t anew = 0; anew <= 1; anew++) {
        peer_t sender = start_sender();
        send_apart(h, 2 * anew, 2 * anew + 1);
        CHECK_OK(slotring_mark(h->source, SLOTRING_MARK_USER, 0, anew, NULL, 0, NULL));
        send_apart(h, 2 * anew + 1, 2 * anew + 2); /* the mark is stored, too */
        CHECK_OK(bridge_files_lose(h->folder, 1));
        if (anew) {
            peer_kill(&sender);
            CHECK_OK(bridge_files_lose(h->folder, 1)); /* the entry of the mark */
            sender = start_sender();
        }
        peer_t receiver = start_receiver();
        expect_messages(2 * anew, 2 * anew + 1);
        CHECK_EQUAL(expect_mark(SLOTRING_MARK_USER).value, anew);
        expect_messages(2 * anew + 1, 2 * anew + 2);
        (void)stop_sender(&sender);
        (void)stop_receiver(&receiver);
    }
    hosts_remove();
}

static void a_sender_that_has_nothing_to_send_notices(void)
{
    hosts_t *h = hosts_make(64, 2000);
    hosts_make_target(64, 2000);
    peer_t sender = start_sender();
    send_apart(h, 0, 4);
    CHECK_OK(bridge_files_lose(h->folder, 2));
    peer_t receiver = start_receiver();
    expect_messages(0, 4);
    CHECK_AT_LEAST(stop_sender(&sender).resent, 2);
    (void)stop_receiver(&receiver);
    hosts_remove();
}

static void what_the_ring_no_longer_has_is_told_as_a_gap(void)
{
    hosts_t *h = hosts_make(8, 40000); /* a slot for each */
    hosts_make_target(16, 40000);
    peer_t sender = start_sender();
    send_apart(h, 0, 8);
    peer_stop(&sender);
    CHECK_OK(bridge_files_lose(h->folder, UINT64_MAX));
    send_range(h, 8, 12); /* in the slots of the first four */
    peer_continue(&sender);
    peer_t receiver = start_receiver();
    slotring_mark_t gap = expect_mark(SLOTRING_MARK_GAP);
    CHECK_AT_LEAST(gap.gap, 4);
    expect_messages(gap.gap, 12);
    CHECK_EQUAL(stop_sender(&sender).missing, gap.gap);
    CHECK_EQUAL(stop_receiver(&receiver).missing, gap.gap);
    hosts_remove();
}

static void what_the_receiver_has_already_comes_once(void)
{
    hosts_t *h = hosts_make(64, 2000);
    hosts_make_target(64, 2000);
    peer_t receiver = start_receiver(), sender = start_sender();
    hosts_wait_for_sender();
    CHECK_OK(slotring_mark(h->source, SLOTRING_MARK_RUN_BEGIN, 1, 0, NULL, 0, NULL));
    (void)expect_mark(SLOTRING_MARK_RUN_BEGIN);
    for (uint64_t n = 0; n < 20; n++) {
        send_range(h, n, n + 1);
        expect_messages(n, n + 1);
        CHECK_OK(slotring_mark(h->source, SLOTRING_MARK_USER, 0, n, NULL, 0, NULL));
        CHECK_EQUAL(expect_mark(SLOTRING_MARK_USER).value, n);
        wait_until_sent(h);
        CHECK_OK(bridge_files_lose(h->folder, n % 3 == 0 ? UINT64_MAX : 1));
    }
    CHECK_EQUAL(stop_sender(&sender).gaps, 0);
    bridge_receiver_report_t received = stop_receiver(&receiver);
    CHECK_EQUAL(received.messages, 20);
    CHECK_EQUAL(received.gaps, 0);
    hosts_remove();
}

static void the_second_sender_fences_the_first_one_off(void)
{
    hosts_t *h = hosts_make(64, 2000);
    hosts_make_target(64, 2000);
    peer_t receiver = start_receiver(), first = start_sender();
    send_range(h, 0, 5);
    expect_messages(0, 5);
    peer_t second = start_sender_of("there by mistake");
    send_range(h, 5, 6);
    expect_messages(5, 6); /* by either */
    for (uint64_t n = 6; !peer_speaks(&first, 0); n++) {
        send_range(h, n, n + 1);
        expect_messages(n, n + 1);
    }
    expect_end(&first, BRIDGE_FENCED, "another sender has taken over");
    (void)stop_sender(&second);
    CHECK_EQUAL(stop_receiver(&receiver).gaps, 0);
    CHECK_OK(slotring_forget(h->source, "bridge there"));
    hosts_remove();
}

static void there_is_one_receiver(void)
{
    hosts_t *h = hosts_make(64, 2000);
    hosts_make_target(64, 2000);
    peer_t receiver = start_receiver(), sender = start_sender();
    send_range(h, 0, 1);
    expect_messages(0, 1);
    peer_t second = start_receiver();
    expect_end(&second, BRIDGE_REFUSED, "another receiver reads");
    peer_stop(&receiver); /* it has the log, whatever became of it */
    second = start_receiver();
    expect_end(&second, BRIDGE_REFUSED, "another receiver reads");
    peer_continue(&receiver);
    (void)stop_sender(&sender);
    (void)stop_receiver(&receiver);
    hosts_remove();
}

static void a_log_has_one_ring(void)
{
    hosts_t *h = hosts_make(64, 2000);
    hosts_make_target(64, 2000);
    peer_t receiver = start_receiver(), sender = start_sender();
    send_range(h, 0, 1);
    expect_messages(0, 1);
    (void)stop_sender(&sender);
    remove_one(h->source, source_name());
    h->source = ring_create(source_name(), 64, 2000);
    sender = start_sender();
    expect_end(&sender, BRIDGE_OTHER_RING, "carries another ring");
    (void)stop_receiver(&receiver);
    hosts_remove();
}

static void a_ring_that_is_no_copy_is_left_alone(void)
{
    hosts_t *h = hosts_make(64, 2000);
    slotring_t *other = ring_create(target_name(), 8, 100);
    peer_t receiver = start_receiver(), sender = start_sender();
    expect_end(&receiver, BRIDGE_OTHER_RING, "is no copy of the ring in the log");
    CHECK_EQUAL(ring_stats(other).published, 0);
    (void)stop_sender(&sender);
    remove_one(other, target_name());
    (void)h;
    hosts_remove();
}

static void bytes_of_others_end_it(void)
{
    char longer[400];
    const char *const bytes[] = {"", "SLRB", longer};
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = 0;
    hosts_t *h = hosts_make(64, 2000);
    char path[450];
    for (unsigned i = 0; i < sizeof bytes / sizeof bytes[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/e%020u", h->folder, 1u);
        file_write(path, bytes[i], strlen(bytes[i]));
        peer_t receiver = start_receiver();
        expect_end(&receiver, BRIDGE_DAMAGED, "entry 1 of the log");
    }
    hosts_remove();
}

static const test_case_t cases[] = {
    {"after_a_cut_both_go_on", after_a_cut_both_go_on, 0},
    {"an_acknowledgement_that_a_cut_swallowed_is_made_up_for",
     an_acknowledgement_that_a_cut_swallowed_is_made_up_for, 0},
    {"a_lost_answer_doubles_nothing", a_lost_answer_doubles_nothing, 0},
    {"what_the_log_lost_is_sent_again", what_the_log_lost_is_sent_again, 0},
    {"a_sender_that_begins_anew_finds_it_too", a_sender_that_begins_anew_finds_it_too, 0},
    {"a_mark_that_the_log_lost_is_sent_again", a_mark_that_the_log_lost_is_sent_again, 0},
    {"a_sender_that_has_nothing_to_send_notices", a_sender_that_has_nothing_to_send_notices, 0},
    {"what_the_ring_no_longer_has_is_told_as_a_gap", what_the_ring_no_longer_has_is_told_as_a_gap, 0},
    {"what_the_receiver_has_already_comes_once", what_the_receiver_has_already_comes_once, 0},
    {"the_second_sender_fences_the_first_one_off", the_second_sender_fences_the_first_one_off, 0},
    {"there_is_one_receiver", there_is_one_receiver, 0},
    {"a_log_has_one_ring", a_log_has_one_ring, 0},
    {"a_ring_that_is_no_copy_is_left_alone", a_ring_that_is_no_copy_is_left_alone, 0},
    {"bytes_of_others_end_it", bytes_of_others_end_it, 0},
    {NULL, NULL, 0},
};

const test_suite_t bridge_faults_suite = {"bridge_faults", cases, NULL};
