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

/* results[2]: messages a nanosecond. */
static void measure(const bench_config_t *config, pair_t *pair)
{
    ring_name(pair->ring[0], 0);
    slotring_t *ring = ring_create(pair->ring[0], RING_SLOTS, BENCH_MESSAGE);
    must(slotring_close(ring), "close");
    uint64_t chunks = (uint64_t)(500 * config->scale) + 1;
    pair->messages = (chunks < CHUNKS_MAX ? chunks : CHUNKS_MAX) * CHUNK;
    pair_run(pair, config->cpus, producer, consumer);
}

static void bench_batch(const bench_config_t *config, pair_t *pair, uint32_t batch)
{
    static paired_t paired;
    double rates[64], ratios[64];
    char section[64], title[120];
    snprintf(section, sizeof section, "throughput_%u", batch);
    snprintf(title, sizeof title, "64-byte messages, one producer process to one lossless reader process, %s",
             batch > 1 ? "batches of 16" : "one by one");
    report_section(section, title);
    pair->batch = batch;
    paired_measure(config, pair, measure, &paired);
    for (unsigned r = 0; r < paired.count; r++) {
        rates[r] = paired.results[0][r] * 1000;
        ratios[r] = paired.results[0][r] * paired.own_lines[r];
    }
    report_spread("line", "bare line, one way", "ns", spread_of(paired.own_lines, paired.count));
    report_spread("line_same", "bare line, both words on it", "ns",
                  spread_of(paired.same_line, paired.count));
    report_spread("rate", "messages", "million/s", spread_of(rates, paired.count));
    spread_t spread = spread_of(ratios, paired.count);
    report_spread("per_line_time", "messages per line time", "", spread);
    if (batch == 1)
        report_target("target", "  target", spread.median, true, 0.45);
    report_number("discarded", "repetitions discarded: processors moved", "", paired.discarded);
}

void bench_throughput(const bench_config_t *config)
{
    pair_t *pair = pair_new();
    bench_batch(config, pair, 1);
    bench_batch(config, pair, BATCH_MAX);
    pair_delete(pair);
}
