/* SPDX-License-Identifier: Apache-2.0 */
/* Sender and receiver are killed at any points, and the log loses entries: the target has each message once, in order, whole, and each mark
 * once at its place. */
#include "storm.h"
#include "support/records.h"

typedef struct storm {
    peer_t sender, receiver;
    unsigned seed, sender_kills, receiver_kills;
    void (*also)(const hosts_t *h, unsigned dice);
} storm_t;

#define MOST 3000u /* bytes of a message of the writer */

static uint64_t wanted;
static storm_kinds_t kinds;

/* A ring keeps 64 marks, and the producer may be ahead by all messages. */
static bool has_mark_behind(uint64_t n)
{
    if (kinds == STORM_RECORDS)
        return false;
    uint64_t every = wanted / 50 > 37 ? wanted / 50 : 37;
    return n % every == 0;
}

static void produces(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_writer_t *writer = writer_open(ring);
    for (uint64_t n = 0; n < wanted; n++) {
        send_one(ring, n);
        if (kinds != STORM_MARKS)
            CHECK_OK(record_append(writer, 2, n, MOST, PATIENCE));
        if (has_mark_behind(n))
            CHECK_OK(slotring_mark(ring, SLOTRING_MARK_USER, 0, n, NULL, 0, NULL));
    }
    (void)peer_hear(test); /* it stays: its end is not what this is about */
    CHECK_OK(slotring_close(ring));
}

static unsigned dice(storm_t *storm, unsigned sides)
{
    storm->seed = storm->seed * 1103515245u + 12345u;
    return (storm->seed >> 16) % sides;
}

/* One of them, at any point. */
static void strike(storm_t *storm, const hosts_t *h)
{
    bridge_sleep_ns((int64_t)dice(storm, 3000) * 1000);
    if (dice(storm, 2) == 0) {
        peer_kill(&storm->sender);
        storm->sender = start_sender();
        storm->sender_kills++;
    } else {
        peer_kill(&storm->receiver);
        storm->receiver = start_receiver();
        storm->receiver_kills++;
    }
    if (storm->also != NULL && dice(storm, 4) == 0)
        storm->also(h, dice(storm, 1000));
}

/* The next one of the writer, whose order with the others is not said. */
static void expect_record(const hosts_t *h, slotring_reader_t *reader, const slotring_slot_t *slot,
                          uint64_t number)
{
    CHECK_EQUAL(slot->writer, 0);
    CHECK_EQUAL(slot->number, number);
    CHECK_EQUAL(slot->tag, pattern_tag(2, number));
    record_check_pieces(h->target, slot, MOST);
    CHECK_OK(slotring_reader_release(reader));
}

/* Until it comes to a message without a writer, or a mark. What a receiver was killed for, readers are told; that is not what this is
 * about. */
static int next_thing(const hosts_t *h, slotring_reader_t *reader, uint64_t *records, slotring_slot_t *slot)
{
    for (;;) {
        int code = slotring_next(reader, PATIENCE, slot);
        if (code == 0 && slot->writer != SLOTRING_NO_WRITER)
            expect_record(h, reader, slot, (*records)++);
        else if (code != SLOTRING_E_SOURCE_LOST)
            return code;
    }
}

static void expect_other_records(const hosts_t *h, slotring_reader_t *reader, uint64_t records)
{
    slotring_slot_t slot;
    while (kinds != STORM_MARKS && records < wanted) {
        int code = slotring_next(reader, PATIENCE, &slot);
        if (code == SLOTRING_E_SOURCE_LOST)
            continue;
        CHECK_OK(code);
        expect_record(h, reader, &slot, records++);
    }
}

static void expect_all(storm_t *storm, const hosts_t *h, slotring_reader_t *reader)
{
    slotring_slot_t slot;
    slotring_mark_t mark;
    uint64_t until_next = 1, records = 0, got;
    for (uint64_t n = 0; n < wanted; n++) {
        check_context("message %llu, %u senders and %u receivers killed", (unsigned long long)n,
                      storm->sender_kills, storm->receiver_kills);
        CHECK_OK(next_thing(h, reader, &records, &slot));
        CHECK_EQUAL(slot.tag, pattern_tag(1, n));
        if (slot.length > 0)
            CHECK_OK(slotring_gather(h->target, &slot, 0, h->buffer, slot.length, &got));
        CHECK_EQUAL(pattern_verify(h->buffer, slot.length, slot.tag), slot.length);
        CHECK_OK(slotring_reader_release(reader));
        if (has_mark_behind(n)) {
            CHECK_CODE(next_thing(h, reader, &records, &slot), SLOTRING_E_MARK);
            CHECK_OK(slotring_reader_mark(reader, &mark));
            CHECK_EQUAL(mark.kind, SLOTRING_MARK_USER);
            CHECK_EQUAL(mark.value, n);
        }
        if (--until_next == 0) {
            strike(storm, h);
            until_next = 5 + dice(storm, 50);
        }
    }
    expect_other_records(h, reader, records);
    check_context("%s", "");
}

void storm_rage(hosts_t *h, uint64_t messages, storm_kinds_t which,
                void (*also)(const hosts_t *h, unsigned dice))
{
    wanted = messages;
    kinds = which;
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    h->log_entries = 8;
    h->pack_bytes = 8192;
    h->target_writers = 65; /* one more than the source has */
    hosts_make_target(80, 700);
    options.flags = SLOTRING_TELL_MARKS;
    options.at_end = SLOTRING_AT_END_WAIT;
    CHECK_OK(slotring_unsubscribe(h->reader));
    h->reader = subscribe_with(h->target, &options);
    storm_t storm = {.seed = (unsigned)now_ns(), .also = also};
    storm.receiver = start_receiver();
    storm.sender = start_sender();
    hosts_wait_for_sender(); /* which begins with the first message */
    peer_t producer = peer_fork(produces, source_name());
    expect_all(&storm, h, h->reader);
    CHECK_AT_LEAST(storm.sender_kills + storm.receiver_kills, 1);
    peer_tell(&producer, 1);
    peer_join(&producer);
    CHECK_EQUAL(stop_sender(&storm.sender).gaps, 0);
    CHECK_EQUAL(stop_receiver(&storm.receiver).gaps, 0);
}

static void kills_lose_and_double_nothing(void)
{
    storm_rage(hosts_make(64, 1000), scaled(1500), STORM_ALL, NULL); /* a message may take 31 slots */
    hosts_remove();
}

static void forget(const hosts_t *h, unsigned dice)
{
    CHECK_OK(bridge_files_lose(h->folder, 1 + dice % 3));
}

/* What a log loses has to be in the ring still. */
static void forget_storm(storm_kinds_t which)
{
    uint64_t messages = scaled(1500);
    storm_rage(hosts_make(64 + 8 * messages, 1000), messages, which, forget);
    hosts_remove();
}

static void nor_does_a_log_that_forgets(void)
{
    forget_storm(STORM_MARKS);
}

static void nor_one_that_forgets_messages_of_writers(void)
{
    forget_storm(STORM_RECORDS);
}

static const test_case_t cases[] = {
    {"kills_lose_and_double_nothing", kills_lose_and_double_nothing, 0},
    {"nor_does_a_log_that_forgets", nor_does_a_log_that_forgets, 0},
    {"nor_one_that_forgets_messages_of_writers", nor_one_that_forgets_messages_of_writers, 0},
    {NULL, NULL, 0},
};

const test_suite_t bridge_storm_suite = {"bridge_storm", cases, NULL};
