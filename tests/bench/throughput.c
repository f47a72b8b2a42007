/* SPDX-License-Identifier: Apache-2.0 */
/* Small messages from one producer process to one lossless reader process, each written and checked whole. */
#include <stdio.h>

#include "message.h"

#define RING_SLOTS 1024u
/* The median of chunks of about a millisecond: a process that is interrupted spoils a few of them. Each is many times
 * as long as the ring, so that none measures only the emptying of a full one. */
#define CHUNK 8192u
#define CHUNKS_MAX 8192u
#define BATCH_MAX 16u

static void produce_single(slotring_t *ring, uint64_t messages)
{
    slotring_slot_t slot;
    for (uint64_t i = 0; i < messages; i++) {
        must(slotring_allocate_wait(ring, BENCH_MESSAGE, -1, &slot), "allocate");
        message_fill(slot.data, i);
        must(slotring_mark_ready(ring, &slot, BENCH_MESSAGE), "mark_ready");
    }
}

static void produce_batches(slotring_t *ring, uint64_t messages, uint32_t batch)
{
    slotring_slot_t slots[BATCH_MAX];
    for (uint64_t i = 0; i < messages;) {
        uint32_t wanted = messages - i < batch ? (uint32_t)(messages - i) : batch, count;
        must(slotring_allocate_batch(ring, BENCH_MESSAGE, slots, wanted, -1, &count), "allocate_batch");
        for (uint32_t k = 0; k < count; k++) {
            message_fill(slots[k].data, i++);
            slots[k].length = BENCH_MESSAGE;
        }
        must(slotring_mark_ready_batch(ring, slots, count, NULL), "mark_ready_batch");
    }
}

static void producer(pair_t *pair)
{
    slotring_t *ring = ring_attach(pair->ring[0]);
    pair_meet(pair, 0); /* attached */
    pair_meet(pair, 0); /* the reader has subscribed */
    if (pair->batch > 1)
        produce_batches(ring, pair->messages, pair->batch);
    else
        produce_single(ring, pair->messages);
    pair_meet(pair, 0);
    must(slotring_close(ring), "close");
}

static void read_single(slotring_reader_t *reader, uint64_t from, uint64_t to)
{
    slotring_slot_t slot;
    for (uint64_t i = from; i < to; i++) {
        must(slotring_next(reader, -1, &slot), "next");
        message_check(&slot, i);
        must(slotring_reader_release(reader), "reader_release");
    }
}

/* Batches do not end where chunks do: returns how far it came. */
static uint64_t read_batches(slotring_reader_t *reader, uint64_t from, uint64_t to, uint32_t batch)
{
    slotring_slot_t slots[BATCH_MAX];
    while (from < to) {
        uint32_t count;
        must(slotring_next_batch(reader, -1, slots, batch, &count), "next_batch");
        for (uint32_t k = 0; k < count; k++)
            message_check(&slots[k], from++);
        must(slotring_reader_release(reader), "reader_release");
    }
    return from;
}

static void consumer(pair_t *pair)
{
    static double chunks[CHUNKS_MAX];
    slotring_reader_t *reader;
    slotring_t *ring = ring_attach(pair->ring[0]);
    must(slotring_subscribe(ring, NULL, &reader), "subscribe");
    pair_meet(pair, 1);
    ring_forget(pair->ring[0]);
    pair_meet(pair, 1);
    uint64_t at = 0, count = pair->messages / CHUNK;
    for (uint64_t c = 0; c < count; c++) {
        uint64_t to = (c + 1) * CHUNK, from = at, start = ticks_now();
        if (pair->batch > 1) {
            at = read_batches(reader, at, to, pair->batch);
        } else {
            read_single(reader, at, to);
            at = to;
        }
        chunks[c] = (double)(at - from) / ticks_to_ns(ticks_now() - start);
    }
    pair->results[2] = spread_of(chunks, count).median;
    pair_meet(pair, 1);
    must(slotring_unsubscribe(reader), "unsubscribe");
    must(slotring_close(ring), "close");
}

/* Messages a nanosecond. */
static double measure(const bench_config_t *config, pair_t *pair, uint32_t batch)
{
    ring_name(pair->ring[0], 0);
    slotring_t *ring = ring_create(pair->ring[0], RING_SLOTS, BENCH_MESSAGE);
    must(slotring_close(ring), "close");
    uint64_t chunks = (uint64_t)(500 * config->scale) + 1;
    pair->messages = (chunks < CHUNKS_MAX ? chunks : CHUNKS_MAX) * CHUNK;
    pair->batch = batch;
    pair_run(pair, config->cpus, producer, consumer);
    return pair->results[2];
}

static void report_rate(const char *key, const char *title, double *rates, double *ratios, unsigned count,
                        bool is_target)
{
    char text[100], name[100];
    snprintf(text, sizeof text, "%s, messages", title);
    report_spread(key, text, "million/s", spread_of(rates, count));
    snprintf(text, sizeof text, "%s, per line time", title);
    snprintf(name, sizeof name, "%s_per_line_time", key);
    spread_t spread = spread_of(ratios, count);
    report_spread(name, text, "messages", spread);
    snprintf(name, sizeof name, "%s_target", key);
    if (is_target)
        report_target(name, "  target", spread.median, true, 0.45);
}

void bench_throughput(const bench_config_t *config)
{
    enum {
        WAYS = 2
    };
    static const uint32_t batches[WAYS] = {1, BATCH_MAX};
    double rates[WAYS][64], ratios[WAYS][64], own[64], same[64];
    pair_t *pair = pair_new();
    report_section("throughput", "64-byte messages, one producer process to one lossless reader process");
    for (unsigned r = 0; r < config->repeats; r++) {
        line_time_t line = line_measure(config, pair);
        own[r] = line.own_lines;
        same[r] = line.same_line;
        for (unsigned w = 0; w < WAYS; w++) {
            double rate = measure(config, pair, batches[w]);
            rates[w][r] = rate * 1000;
            ratios[w][r] = rate * line.own_lines;
        }
    }
    report_spread("line_own", "bare line, one way, a line each", "ns", spread_of(own, config->repeats));
    report_spread("line_same", "bare line, one way, both words on it", "ns",
                  spread_of(same, config->repeats));
    report_rate("single", "one by one", rates[0], ratios[0], config->repeats, true);
    report_rate("batch16", "batches of 16", rates[1], ratios[1], config->repeats, false);
    pair_delete(pair);
}
