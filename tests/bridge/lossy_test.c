/* SPDX-License-Identifier: Apache-2.0 */
/* Remotes for which producers do not wait, or only within a budget: what is missing at the target is told to the message, whatever is killed. */
#include <string.h>

#include "hosts.h"
#include "wire.h"

/* Until the log has an entry, and ends behind all messages below `number`. */
static void wait_until_logged(const hosts_t *h, uint64_t number)
{
    bridge_engine_t *log;
    bridge_error_t error;
    bridge_entry_t entry = {0};
    wire_header_t header = {0};
    CHECK_EQUAL(bridge_files_open(&log, h->folder, BRIDGE_FILES_SENDER, 0, &error), BRIDGE_OK);
    for (int64_t end = now_ns() + PATIENCE; entry.size == 0 || header.after.number < number;
         bridge_sleep_ns(MILLISECOND)) {
        check_context("the log ends at %llu, and not yet at %llu", (unsigned long long)header.after.number,
                      (unsigned long long)number);
        CHECK(now_ns() < end);
        CHECK_EQUAL(log->calls->last(log, &entry), BRIDGE_OK);
        CHECK(entry.size == 0 || wire_get_header(entry.bytes, entry.size, &header));
    }
    check_context("%s", "");
    log->calls->close(log);
}

typedef struct got {
    uint64_t messages, missing, marks;
} got_t;

static void check_bytes(const hosts_t *h, const slotring_slot_t *slot)
{
    uint64_t got = 0;
    if (slot->length > 0)
        CHECK_OK(slotring_gather(h->target, slot, 0, h->buffer, slot->length, &got));
    CHECK_EQUAL(pattern_verify(h->buffer, slot->length, slot->tag), slot->length);
}

/* Reads at the target until message `last` comes, which is never missing. All that was told as missing until then is `total`. */
static got_t take_until(const hosts_t *h, uint64_t next, uint64_t last, uint64_t total)
{
    got_t got = {0};
    slotring_slot_t slot;
    slotring_mark_t mark;
    slotring_reader_info_t info = {0};
    while (next <= last) {
        int code = slotring_next(h->reader, PATIENCE, &slot);
        if (code == SLOTRING_E_SOURCE_LOST || code == SLOTRING_E_END)
            continue;
        if (code == SLOTRING_E_MARK) {
            CHECK_OK(slotring_reader_mark(h->reader, &mark));
            got.marks += mark.kind == SLOTRING_MARK_USER;
            continue;
        }
        CHECK_OK(code);
        for (; slot.tag != pattern_tag(1, next); next++, got.missing++)
            CHECK(next < last);
        check_context("message %llu", (unsigned long long)next);
        CHECK_EQUAL(slot.length, size_of_message(next));
        check_bytes(h, &slot);
        CHECK_OK(slotring_reader_release(h->reader));
        got.messages++;
        next++;
    }
    CHECK_OK(slotring_reader_info(h->reader, &info));
    CHECK_EQUAL(info.gap, total + got.missing);
    check_context("%s", "");
    return got;
}

/* Whoever is stopped, cut off or slow, each gets room. */
static void send_at_once(const hosts_t *h, uint64_t from, uint64_t end)
{
    for (uint64_t n = from; n < end; n++)
        send_one(h->source, n);
}

static hosts_t *begin(uint32_t pressure, uint64_t log_entries, peer_t *sender, peer_t *receiver)
{
    hosts_t *h = hosts_make(64, 2000);
    h->pressure = pressure;
    h->log_entries = log_entries;
    h->pack_bytes = 8192;
    h->budget_messages = 1;
    h->budget_ns = (uint64_t)SECOND / 5;
    hosts_make_target(64, 2000);
    *receiver = start_receiver();
    *sender = start_sender();
    wait_until_logged(h, 0);
    send_one(h->source, 0);
    expect_message(0, 0);
    return h;
}

static void end(peer_t *sender, peer_t *receiver, uint64_t missing)
{
    (void)stop_sender(sender);
    CHECK_EQUAL(stop_receiver(receiver).missing, missing);
    hosts_remove();
}

/* ---- Lossy ------------------------------------------------------------------------------------------- */

static void the_producer_never_waits_for_a_receiver(void)
{
    peer_t sender, receiver;
    const hosts_t *h = begin(BRIDGE_LOSSY, 4, &sender, &receiver);
    hosts_stop(&receiver);
    send_at_once(h, 1, 200);
    wait_until_logged(h, 200);
    peer_continue(&receiver);
    got_t got = take_until(h, 1, 199, 0);
    CHECK_EQUAL(got.messages + got.missing, 199);
    CHECK_AT_LEAST(got.missing, 1);
    end(&sender, &receiver, got.missing);
}

static void nor_for_a_log_that_is_cut_off(void)
{
    peer_t sender, receiver;
    const hosts_t *h = begin(BRIDGE_LOSSY, 4, &sender, &receiver);
    CHECK_OK(bridge_files_cut(h->folder, true));
    send_at_once(h, 1, 200);
    CHECK_OK(bridge_files_cut(h->folder, false));
    got_t got = take_until(h, 1, 199, 0);
    CHECK_EQUAL(got.messages + got.missing, 199);
    CHECK_AT_LEAST(got.missing, 1);
    end(&sender, &receiver, got.missing);
}

/* As a server that was restarted, and whose memory had the log. What was not stored yet is sent. */
static void a_log_that_forgets_all_is_gone_on_with(uint32_t pressure)
{
    peer_t sender, receiver;
    const hosts_t *h = begin(pressure, 20, &sender, &receiver);
    hosts_stop(&sender);
    for (uint64_t n = 4; n < 12; n++) /* small ones, so message 0 is in the ring still */
        send_one(h->source, n);
    CHECK_OK(bridge_files_lose(h->folder, 100));
    peer_continue(&sender);
    send_one(h->source, 12);
    got_t got = take_until(h, 4, 12, 0);
    CHECK_EQUAL(got.messages + got.missing, 9);
    end(&sender, &receiver, got.missing);
}

static void so_it_is_when_the_log_forgets_all(void)
{
    a_log_that_forgets_all_is_gone_on_with(BRIDGE_LOSSY);
}

static void and_within_a_budget(void)
{
    a_log_that_forgets_all_is_gone_on_with(BRIDGE_BUDGETED);
}

static uint64_t large_one(void)
{
    uint64_t n = 3;
    while (size_of_message(n) < 17000)
        n += 10;
    return n;
}

/* Of three parts, and the log has room for two. */
static void a_message_that_is_larger_than_the_log_is_missing(void)
{
    peer_t sender, receiver;
    slotring_slot_t slot;
    const hosts_t *h = begin(BRIDGE_LOSSY, 2, &sender, &receiver);
    hosts_stop(&receiver);
    send_one(h->source, large_one());
    wait_until_logged(h, 2);
    send_one(h->source, 1);
    wait_until_logged(h, 3);
    peer_continue(&receiver);
    CHECK_EQUAL(expect_mark(SLOTRING_MARK_GAP).gap, 1);
    CHECK_OK(slotring_next(h->reader, PATIENCE, &slot));
    CHECK_EQUAL(slot.tag, pattern_tag(1, 1));
    CHECK_OK(slotring_reader_release(h->reader));
    end(&sender, &receiver, 1);
}

static void marks_that_the_log_dropped_are_counted(void)
{
    peer_t sender, receiver;
    const hosts_t *h = begin(BRIDGE_LOSSY, 2, &sender, &receiver);
    CHECK_OK(slotring_mark(h->source, SLOTRING_MARK_USER, 0, 1, NULL, 0, NULL));
    CHECK_EQUAL(expect_mark(SLOTRING_MARK_USER).value, 1);
    hosts_stop(&receiver);
    CHECK_OK(slotring_mark(h->source, SLOTRING_MARK_USER, 0, 2, NULL, 0, NULL));
    for (uint64_t n = 1; n < 5; n++) { /* each in an entry of its own */
        send_one(h->source, n);
        wait_until_logged(h, n + 1);
    }
    peer_continue(&receiver);
    got_t got = take_until(h, 1, 4, 0);
    CHECK_EQUAL(got.marks, 0);
    (void)stop_sender(&sender);
    CHECK_EQUAL(stop_receiver(&receiver).marks_missed, 1);
    hosts_remove();
}

/* What the ring still has comes; of what is gone the number. */
static void the_next_sender_begins_where_the_log_ends(void)
{
    peer_t sender, receiver;
    const hosts_t *h = begin(BRIDGE_LOSSY, 100, &sender, &receiver);
    peer_kill(&sender);
    send_at_once(h, 1, 6);
    CHECK_OK(slotring_mark(h->source, SLOTRING_MARK_USER, 0, 1, NULL, 0, NULL));
    sender = start_sender();
    got_t got = take_until(h, 1, 5, 0);
    CHECK_EQUAL(got.missing, 0);
    CHECK_EQUAL(expect_mark(SLOTRING_MARK_USER).value, 1);
    peer_kill(&sender);
    send_at_once(h, 6, 300);
    sender = start_sender();
    got = take_until(h, 6, 299, 0);
    CHECK_EQUAL(got.messages + got.missing, 294);
    CHECK_AT_LEAST(got.missing, 1);
    end(&sender, &receiver, got.missing);
}

/* ---- The latest -------------------------------------------------------------------------------------- */

/* Two may have been on their way when the receiver stopped. */
static void the_latest_comes_whatever_came_meanwhile(void)
{
    peer_t sender, receiver;
    const hosts_t *h = begin(BRIDGE_LATEST, 100, &sender, &receiver);
    uint64_t total = 0;
    for (uint64_t n = 1; n < 400; n += 100) {
        hosts_stop(&receiver);
        send_at_once(h, n, n + 100);
        peer_continue(&receiver);
        got_t got = take_until(h, n, n + 99, total);
        CHECK_EQUAL(got.messages + got.missing, 100);
        CHECK(got.messages <= 4); /* and one that was the latest before all were published */
        total += got.missing;
    }
    peer_kill(&sender); /* the next one does not wait for one more */
    send_at_once(h, 401, 410);
    sender = start_sender();
    total += take_until(h, 401, 409, total).missing;
    end(&sender, &receiver, total);
}

/* ---- Within a budget --------------------------------------------------------------------------------- */

/* Each message of the producer gets room, since nobody holds it back for longer. Who has caught up holds it back again. */
static void a_producer_waits_for_a_budget_and_no_longer(void)
{
    peer_t sender, receiver;
    const hosts_t *h = begin(BRIDGE_BUDGETED, 6, &sender, &receiver);
    hosts_stop(&receiver);
    uint64_t published = 1;
    while (send_one_within(h->source, published, 0)) /* until log and ring are full */
        published++;
    for (uint64_t end = published + 100; published < end; published++)
        send_one(h->source, published);
    peer_continue(&receiver);
    got_t got = take_until(h, 1, published - 1, 0);
    CHECK_AT_LEAST(got.missing, 1);
    CHECK_OK(slotring_wait_readers(h->source, 1, PATIENCE, NULL)); /* one that is revoked does not count */
    send_one(h->source, published);
    CHECK_EQUAL(take_until(h, published, published, got.missing).missing, 0);
    CHECK_EQUAL(stop_sender(&sender).revoked, 1);
    CHECK_EQUAL(stop_receiver(&receiver).missing, got.missing);
    hosts_remove();
}

/* ---- Kills ------------------------------------------------------------------------------------------- */

static unsigned dice(unsigned *seed, unsigned sides)
{
    *seed = *seed * 1103515245u + 12345u;
    return (*seed >> 16) % sides;
}

static void strike(const hosts_t *h, unsigned what, peer_t *sender, peer_t *receiver)
{
    if (what == 0) {
        peer_kill(sender);
        *sender = start_sender();
    } else if (what == 1) {
        peer_kill(receiver);
        *receiver = start_receiver();
    } else {
        CHECK_OK(bridge_files_cut(h->folder, what == 2));
    }
}

static void kills_falsify_no_number(uint32_t pressure)
{
    peer_t sender, receiver;
    uint64_t count = scaled(3000), taken = 1, missing = 0;
    unsigned seed = (unsigned)now_ns();
    const hosts_t *h = begin(pressure, 6, &sender, &receiver);
    for (uint64_t n = 1; n < count; n++) {
        send_one(h->source, n); /* slots of a killed sender are free when its death is noticed */
        if (dice(&seed, 40) != 0)
            continue;
        bridge_sleep_ns((int64_t)dice(&seed, 2000) * 1000);
        strike(h, dice(&seed, 4), &sender, &receiver);
    }
    CHECK_OK(bridge_files_cut(h->folder, false));
    got_t got = take_until(h, taken, count - 1, missing);
    CHECK_EQUAL(got.messages + got.missing, count - 1);
    (void)stop_sender(&sender);
    (void)stop_receiver(&receiver);
    hosts_remove();
}

static void kills_of_a_lossy_remote_falsify_no_number(void)
{
    kills_falsify_no_number(BRIDGE_LOSSY);
}

static void nor_do_those_of_one_that_wants_the_latest(void)
{
    kills_falsify_no_number(BRIDGE_LATEST);
}

static const test_case_t cases[] = {
    {"the_producer_never_waits_for_a_receiver", the_producer_never_waits_for_a_receiver, 0},
    {"nor_for_a_log_that_is_cut_off", nor_for_a_log_that_is_cut_off, 0},
    {"so_it_is_when_the_log_forgets_all", so_it_is_when_the_log_forgets_all, 0},
    {"and_within_a_budget", and_within_a_budget, 0},
    {"a_message_that_is_larger_than_the_log_is_missing", a_message_that_is_larger_than_the_log_is_missing, 0},
    {"marks_that_the_log_dropped_are_counted", marks_that_the_log_dropped_are_counted, 0},
    {"the_next_sender_begins_where_the_log_ends", the_next_sender_begins_where_the_log_ends, 0},
    {"the_latest_comes_whatever_came_meanwhile", the_latest_comes_whatever_came_meanwhile, 0},
    {"a_producer_waits_for_a_budget_and_no_longer", a_producer_waits_for_a_budget_and_no_longer, 0},
    {"kills_of_a_lossy_remote_falsify_no_number", kills_of_a_lossy_remote_falsify_no_number, 0},
    {"nor_do_those_of_one_that_wants_the_latest", nor_do_those_of_one_that_wants_the_latest, 0},
    {NULL, NULL, 0},
};

const test_suite_t bridge_lossy_suite = {"bridge_lossy", cases, NULL};
