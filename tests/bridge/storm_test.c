/* SPDX-License-Identifier: Apache-2.0 */
/* Sender and receiver are killed at any points, and the log loses entries: the target has each message once, in order, whole, and each mark
 * once at its place. */
#include "storm.h"

typedef struct storm {
    peer_t sender, receiver;
    unsigned seed, sender_kills, receiver_kills;
    void (*also)(const hosts_t *h, unsigned dice);
} storm_t;

static uint64_t wanted;

/* A ring keeps 64 marks, and the producer may be ahead by all messages. */
static bool has_mark_behind(uint64_t n)
{
    uint64_t every = wanted / 50 > 37 ? wanted / 50 : 37;
    return n % every == 0;
}

static void produces(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    for (uint64_t n = 0; n < wanted; n++) {
        send_one(ring, n);
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

/* Until it comes to a message or a mark. What a receiver was killed for, readers are told; that is not what this is about. */
static int next_thing(slotring_reader_t *reader, slotring_slot_t *slot)
{
    int code;
    do
        code = slotring_next(reader, PATIENCE, slot);
    while (code == SLOTRING_E_SOURCE_LOST);
    return code;
}

static void expect_all(storm_t *storm, const hosts_t *h, slotring_reader_t *reader)
{
    slotring_slot_t slot;
    slotring_mark_t mark;
    uint64_t until_next = 1, number, got;
    for (uint64_t n = 0; n < wanted; n++) {
        check_context("message %llu, %u senders and %u receivers killed", (unsigned long long)n,
                      storm->sender_kills, storm->receiver_kills);
        CHECK_OK(next_thing(reader, &slot));
        CHECK_EQUAL(slot.tag, pattern_tag(1, n));
        if (slot.length > 0)
            CHECK_OK(slotring_gather(h->target, &slot, 0, h->buffer, slot.length, &got));
        CHECK_EQUAL(pattern_verify(h->buffer, slot.length, slot.tag), slot.length);
        CHECK_OK(slotring_number_of(h->target, slot.sequence, &number));
        CHECK_EQUAL(number, n);
        CHECK_OK(slotring_reader_release(reader));
        if (has_mark_behind(n)) {
            CHECK_CODE(next_thing(reader, &slot), SLOTRING_E_MARK);
            CHECK_OK(slotring_reader_mark(reader, &mark));
            CHECK_EQUAL(mark.kind, SLOTRING_MARK_USER);
            CHECK_EQUAL(mark.value, n);
        }
        if (--until_next == 0) {
            strike(storm, h);
            until_next = 5 + dice(storm, 50);
        }
    }
    check_context("%s", "");
}

void storm_rage(hosts_t *h, uint64_t messages, void (*also)(const hosts_t *h, unsigned dice))
{
    wanted = messages;
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    h->log_entries = 8;
    h->pack_bytes = 8192;
    hosts_make_target(64, 700);
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
    storm_rage(hosts_make(64, 1000), scaled(1500), NULL); /* a message may take 31 slots */
    hosts_remove();
}

static void forget(const hosts_t *h, unsigned dice)
{
    CHECK_OK(bridge_files_lose(h->folder, 1 + dice % 3));
}

static void nor_does_a_log_that_forgets(void)
{
    uint64_t messages = scaled(1500); /* what a log loses has to be in the ring still */
    storm_rage(hosts_make(64 + 4 * messages, 1000), messages, forget);
    hosts_remove();
}

static const test_case_t cases[] = {
    {"kills_lose_and_double_nothing", kills_lose_and_double_nothing, 0},
    {"nor_does_a_log_that_forgets", nor_does_a_log_that_forgets, 0},
    {NULL, NULL, 0},
};

const test_suite_t bridge_storm_suite = {"bridge_storm", cases, NULL};
