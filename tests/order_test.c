/* SPDX-License-Identifier: Apache-2.0 */
/* Many producer processes, many reader processes: every payload is checked whole, sequences are dense, each
 * producer's messages come in its own order, lossless readers get all, lossy readers know what they missed. */
#include <stdio.h>
#include <string.h>

#include "support/ring.h"
#include "support/suite.h"

#define PRODUCERS_MAX 4

typedef struct job { /* what a helper is told */
    char name[SLOTRING_NAME_MAX + 1];
    uint32_t number;
    uint32_t mode;
    uint32_t delay; /* of a lossy reader: how often to look at each byte */
    uint32_t batch;
    uint64_t messages;
} job_t;

typedef struct tally { /* what a reader reports */
    uint64_t received, missed, start, cursor;
    uint64_t of[PRODUCERS_MAX];
} tally_t;

static void producer_role(peer_t *test, const char *argument)
{
    (void)argument;
    job_t job;
    peer_get(test, &job, sizeof job);
    slotring_t *ring = ring_attach(job.name);
    peer_tell(test, 1);
    peer_expect(test, 2);
    for (uint64_t n = 0; n < job.messages;) {
        slotring_slot_t slots[16];
        uint32_t count = 0;
        uint32_t wanted = job.messages - n < job.batch ? (uint32_t)(job.messages - n) : job.batch;
        CHECK_OK(slotring_allocate_batch(ring, 1, slots, wanted, PATIENCE, &count));
        for (uint32_t i = 0; i < count; i++) {
            slots[i].tag = pattern_tag(job.number, n + i);
            slots[i].length = pattern_length(slots[i].tag, slots[i].capacity);
            pattern_fill(slots[i].data, slots[i].length, slots[i].tag);
        }
        CHECK_OK(slotring_mark_ready_batch(ring, slots, count, NULL));
        n += count;
    }
    CHECK_OK(slotring_close(ring));
    peer_tell(test, 3);
}

/* One message: whole, next in the ring's order, next in its producer's order. */
static void receive(const slotring_slot_t *slot, tally_t *tally, bool lossless, uint64_t *expected)
{
    pattern_check(slot);
    uint32_t producer = pattern_producer(slot->tag);
    CHECK(producer < PRODUCERS_MAX);
    if (lossless) {
        CHECK_EQUAL(slot->sequence, *expected);
        CHECK_EQUAL(pattern_number(slot->tag), tally->of[producer]);
    } else {
        CHECK_AT_LEAST(slot->sequence, *expected);
        CHECK_AT_LEAST(pattern_number(slot->tag), tally->of[producer]);
    }
    *expected = slot->sequence + 1;
    tally->of[producer] = pattern_number(slot->tag) + 1;
    tally->received++;
}

static void reader_role(peer_t *test, const char *argument)
{
    (void)argument;
    job_t job;
    peer_get(test, &job, sizeof job);
    slotring_t *ring = ring_attach(job.name);
    slotring_reader_t *reader = subscribe(ring, job.mode, SLOTRING_FROM_NOW);
    slotring_reader_info_t info;
    tally_t tally = {0};
    uint64_t expected = 0;
    peer_tell(test, 1);
    for (;;) {
        slotring_slot_t slots[16];
        uint32_t count = 0;
        int code = slotring_next_batch(reader, PATIENCE, slots, job.batch, &count);
        if (code == SLOTRING_E_END)
            break;
        CHECK_OK(code);
        for (uint32_t i = 0; i < count; i++)
            for (uint32_t again = 0; again <= job.delay; again++)
                CHECK_EQUAL(pattern_verify(slots[i].data, slots[i].length, slots[i].tag), slots[i].length);
        for (uint32_t i = 0; i < count; i++)
            receive(&slots[i], &tally, job.mode == SLOTRING_LOSSLESS, &expected);
        CHECK_OK(slotring_reader_release(reader));
    }
    info = reader_info(reader);
    tally.missed = info.missed;
    tally.start = info.start;
    tally.cursor = info.cursor;
    CHECK_EQUAL(info.delivered, tally.received);
    CHECK_EQUAL(info.delivered + info.missed, info.cursor - info.start);
    peer_put(test, &tally, sizeof tally);
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_close(ring));
}

typedef struct setup {
    uint32_t producers, lossless, lossy;
    uint32_t slots, slot_size, batch;
    uint64_t messages; /* of each producer */
} setup_t;

static peer_t start(const char *role, const setup_t *setup, uint32_t number, uint32_t mode)
{
    job_t job = {.number = number, .mode = mode, .batch = setup->batch, .messages = setup->messages};
    job.delay = mode == SLOTRING_LOSSY ? 20 * (number + 1) : 0;
    (void)snprintf(job.name, sizeof job.name, "%s", ring_name());
    peer_t peer = peer_start(number % 2 == 0 ? BY_FORK : BY_EXEC, role, "");
    peer_put(&peer, &job, sizeof job);
    peer_expect(&peer, 1);
    return peer;
}

static void check_tally(const tally_t *tally, const setup_t *setup, bool lossless)
{
    uint64_t published = setup->producers * setup->messages;
    CHECK_EQUAL(tally->start, 0);
    CHECK_EQUAL(tally->cursor, published);
    CHECK_EQUAL(tally->received + tally->missed, published);
    if (!lossless)
        return;
    CHECK_EQUAL(tally->missed, 0);
    for (uint32_t p = 0; p < setup->producers; p++)
        CHECK_EQUAL(tally->of[p], setup->messages);
}

static void run(setup_t setup)
{
    peer_t readers[8], producers[PRODUCERS_MAX];
    setup.messages = scaled((unsigned long)setup.messages);
    uint64_t published = setup.producers * setup.messages, missed = 0;
    slotring_t *ring = ring_create(ring_name(), setup.slots, setup.slot_size);
    uint32_t count = setup.lossless + setup.lossy;
    for (uint32_t r = 0; r < count; r++)
        readers[r] =
            start("order-reader", &setup, r, r < setup.lossless ? SLOTRING_LOSSLESS : SLOTRING_LOSSY);
    for (uint32_t p = 0; p < setup.producers; p++)
        producers[p] = start("order-producer", &setup, p, 0);
    /* readers must not take a first producer's end for the end of all: all open their streams together */
    slotring_slot_t slot;
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    for (uint32_t p = 0; p < setup.producers; p++)
        peer_tell(&producers[p], 2);
    CHECK_OK(slotring_abort(ring, &slot));
    for (uint32_t p = 0; p < setup.producers; p++)
        peer_expect(&producers[p], 3);
    CHECK_OK(slotring_end_stream(ring));
    for (uint32_t r = 0; r < count; r++) {
        tally_t tally;
        peer_get(&readers[r], &tally, sizeof tally);
        check_context("reader %u", r);
        check_tally(&tally, &setup, r < setup.lossless);
        missed += tally.missed;
    }
    check_context("%s", "");
    for (uint32_t r = 0; r < count; r++)
        peer_join(&readers[r]);
    for (uint32_t p = 0; p < setup.producers; p++)
        peer_join(&producers[p]);
    slotring_stats_t stats = ring_stats(ring);
    CHECK_EQUAL(stats.published, published);
    CHECK_EQUAL(stats.missed, missed);
    CHECK_EQUAL(stats.producers_started, setup.producers + 1);
    CHECK_EQUAL(stats.producers_ended, setup.producers + 1);
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void one_to_one(void)
{
    run((setup_t){
        .producers = 1, .lossless = 1, .slots = 8, .slot_size = 256, .batch = 1, .messages = 60000});
}

static void three_to_three_lossless(void)
{
    run((setup_t){
        .producers = 3, .lossless = 3, .slots = 16, .slot_size = 300, .batch = 1, .messages = 8000});
}

static void three_to_mixed(void)
{
    run((setup_t){.producers = 3,
                  .lossless = 2,
                  .lossy = 2,
                  .slots = 16,
                  .slot_size = 500,
                  .batch = 1,
                  .messages = 5000});
}

static void lossy_only(void)
{
    run((setup_t){.producers = 2, .lossy = 3, .slots = 8, .slot_size = 200, .batch = 1, .messages = 40000});
}

static void batches(void)
{
    run((setup_t){.producers = 4,
                  .lossless = 2,
                  .lossy = 1,
                  .slots = 64,
                  .slot_size = 128,
                  .batch = 16,
                  .messages = 20000});
}

static void two_slots(void)
{
    run((setup_t){.producers = 2,
                  .lossless = 1,
                  .lossy = 1,
                  .slots = 2,
                  .slot_size = 64,
                  .batch = 1,
                  .messages = 3000});
}

static void one_slot(void)
{
    run((setup_t){.producers = 2, .lossless = 1, .slots = 1, .slot_size = 64, .batch = 1, .messages = 2000});
}

static const test_case_t cases[] = {
    {"one_to_one", one_to_one, 0},
    {"three_to_three_lossless", three_to_three_lossless, 0},
    {"three_to_mixed", three_to_mixed, 0},
    {"lossy_only", lossy_only, 0},
    {"batches", batches, 0},
    {"two_slots", two_slots, 0},
    {"one_slot", one_slot, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {
    {"order-producer", producer_role}, {"order-reader", reader_role}, {NULL, NULL}};

const test_suite_t order_suite = {"order", cases, roles};
