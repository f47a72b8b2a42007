/* SPDX-License-Identifier: Apache-2.0 */
/* A message of 10 MiB in ten slots of 1 MiB, beside the same in one slot of 10 MiB: one producer process, one lossless reader
 * process, each byte written and read. */
#include <stdio.h>

#include "message.h"

#define MESSAGE (UINT64_C(10) << 20)
#define PARTS 10u
#define RING_MESSAGES 6u /* that fit into the ring */
#define ROUND 20u        /* messages of one measurement, times the scale */

static void write_bytes(const slotring_piece_t *piece, uint64_t value)
{
    uint64_t *words = piece->data;
    for (uint64_t i = 0; i < piece->length / 8; i++)
        words[i] = value;
}

static uint64_t sum_bytes(const slotring_piece_t *piece)
{
    const uint64_t *words = piece->data;
    uint64_t sum = 0;
    for (uint64_t i = 0; i < piece->length / 8; i++)
        sum += words[i];
    return sum;
}

static void producer(pair_t *pair)
{
    slotring_t *ring = ring_attach(pair->ring[0]);
    pair_meet(pair, 0); /* attached */
    pair_meet(pair, 0); /* the reader has subscribed */
    for (uint64_t i = 0; i < pair->messages; i++) {
        slotring_slot_t slot;
        slotring_piece_t piece = {0};
        must(slotring_allocate_span(ring, MESSAGE, -1, &slot), "allocate_span");
        while (slotring_next_piece(ring, &slot, &piece) == 0)
            write_bytes(&piece, i);
        must(slotring_mark_ready(ring, &slot, MESSAGE), "mark_ready");
    }
    pair_meet(pair, 0);
    must(slotring_close(ring), "close");
}

static void read_one(slotring_t *ring, slotring_reader_t *reader, uint64_t number)
{
    slotring_slot_t slot;
    slotring_piece_t piece = {0};
    uint64_t sum = 0;
    must(slotring_next(reader, -1, &slot), "next");
    while (slotring_next_piece(ring, &slot, &piece) == 0)
        sum += sum_bytes(&piece);
    if (sum != number * (MESSAGE / 8))
        fail("message %llu is not what was written", (unsigned long long)number);
    must(slotring_reader_release(reader), "reader_release");
}

/* results[2]: nanoseconds a message, without the first ones, which meet an empty ring. */
static void consumer(pair_t *pair)
{
    slotring_reader_t *reader;
    slotring_t *ring = ring_attach(pair->ring[0]);
    must(slotring_subscribe(ring, NULL, &reader), "subscribe");
    pair_meet(pair, 1);
    ring_forget(pair->ring[0]);
    pair_meet(pair, 1);
    uint64_t number = 0;
    for (; number < RING_MESSAGES; number++)
        read_one(ring, reader, number);
    uint64_t start = ticks_now();
    for (; number < pair->messages; number++)
        read_one(ring, reader, number);
    pair->results[2] = ticks_to_ns(ticks_now() - start) / (double)(pair->messages - RING_MESSAGES);
    pair_meet(pair, 1);
    must(slotring_unsubscribe(reader), "unsubscribe");
    must(slotring_close(ring), "close");
}

static double measure(const bench_config_t *config, pair_t *pair, uint32_t parts)
{
    ring_name(pair->ring[0], 0);
    slotring_t *ring = ring_create(pair->ring[0], RING_MESSAGES * parts, MESSAGE / parts);
    must(slotring_close(ring), "close");
    pair->messages = RING_MESSAGES + (uint64_t)(ROUND * config->scale) + 1;
    pair_run(pair, config->cpus, producer, consumer);
    return pair->results[2];
}

void bench_spans(const bench_config_t *config)
{
    pair_t *pair = pair_new();
    double spans[64], slots[64], ratios[64];
    report_section(
        "spans", "10 MiB, written and read whole, 1 to 1, lossless: ten slots of 1 MiB, one slot of 10 MiB");
    for (unsigned r = 0; r < config->repeats; r++) {
        double slot = measure(config, pair, 1), span = measure(config, pair, PARTS);
        slots[r] = (double)MESSAGE / slot;
        spans[r] = (double)MESSAGE / span;
        ratios[r] = slot / span;
    }
    report_spread("slot", "one slot", "GB/s", spread_of(slots, config->repeats));
    report_spread("span", "a span of ten slots", "GB/s", spread_of(spans, config->repeats));
    spread_t spread = spread_of(ratios, config->repeats);
    report_spread("ratio", "the span's rate, of the slot's", "", spread);
    report_target("target", "  target", spread.median, true, 0.9);
    pair_delete(pair);
}
