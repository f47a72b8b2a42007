/* SPDX-License-Identifier: Apache-2.0 */
/* One way: half of a round trip of a 64-byte message through two rings, both sides spinning, written and checked
 * whole on both sides. Measured twice: from publication to reception, where the next slot is allocated and the last
 * message is released while the new one is on its way, as a program does that must answer fast; and with
 * everything, one step after the other. */
#include <stdio.h>
#include <stdlib.h>

#include "message.h"

#define RING_SLOTS 64u

typedef struct side {
    slotring_t *out, *in;
    slotring_reader_t *reader;
    slotring_slot_t next; /* allocated, to be published */
} side_t;

enum way {
    OVERLAPPED,
    IN_STEPS,
    WAYS
}; /* in pair->batch */

static void allocate(slotring_t *ring, slotring_slot_t *slot)
{
    must(slotring_allocate_wait(ring, BENCH_MESSAGE, -1, slot), "allocate");
}

static side_t open_side(pair_t *pair, unsigned side)
{
    side_t s = {.out = ring_attach(pair->ring[side]), .in = ring_attach(pair->ring[!side])};
    must(slotring_subscribe(s.in, NULL, &s.reader), "subscribe");
    pair_meet(pair, side);
    ring_forget(pair->ring[side]);
    if (pair->batch == OVERLAPPED)
        allocate(s.out, &s.next);
    pair_meet(pair, side);
    return s;
}

static void close_side(pair_t *pair, unsigned side, side_t *s)
{
    pair_meet(pair, side);
    must(slotring_close(s->in), "close");
    must(slotring_close(s->out), "close");
}

static void fill_and_publish(slotring_t *ring, slotring_slot_t *slot, uint64_t number)
{
    message_fill(slot->data, number);
    must(slotring_mark_ready(ring, slot, BENCH_MESSAGE), "mark_ready");
}

static void receive(slotring_reader_t *reader, uint64_t number)
{
    slotring_slot_t slot;
    must(slotring_next(reader, -1, &slot), "next");
    message_check(&slot, number);
}

/* Publishes message `number`; gives back the one received before, if there is one. */
static void answer(const pair_t *pair, side_t *s, uint64_t number, bool received)
{
    if (pair->batch == IN_STEPS) {
        if (received)
            must(slotring_reader_release(s->reader), "reader_release");
        allocate(s->out, &s->next);
        fill_and_publish(s->out, &s->next, number);
    } else {
        fill_and_publish(s->out, &s->next, number);
        allocate(s->out, &s->next);
        if (received)
            must(slotring_reader_release(s->reader), "reader_release");
    }
}

static void bounce(pair_t *pair)
{
    uint64_t rounds = pair->messages;
    double *times = calloc(rounds, sizeof *times);
    if (!times)
        fail("no memory for %llu times", (unsigned long long)rounds);
    side_t s = open_side(pair, 0);
    uint64_t before = ticks_now();
    for (uint64_t i = 0; i < rounds; i++) {
        answer(pair, &s, i, i > 0);
        receive(s.reader, i);
        uint64_t now = ticks_now();
        times[i] = ticks_to_ns(now - before) / 2;
        before = now;
    }
    close_side(pair, 0, &s);
    pair->results[2] = percentile_of(times, rounds, 50);
    pair->results[3] = percentile_of(times, rounds, 99);
    free(times);
}

static void echo(pair_t *pair)
{
    side_t s = open_side(pair, 1);
    for (uint64_t i = 0; i < pair->messages; i++) {
        receive(s.reader, i);
        answer(pair, &s, i, true);
    }
    close_side(pair, 1, &s);
}

static void measure(const bench_config_t *config, pair_t *pair, uint32_t way)
{
    for (unsigned i = 0; i < 2; i++) {
        ring_name(pair->ring[i], i);
        must(slotring_close(ring_create(pair->ring[i], RING_SLOTS, BENCH_MESSAGE)), "close");
    }
    pair->messages = (uint64_t)(300000 * config->scale) + 1;
    pair->batch = way;
    pair_run(pair, config->cpus, bounce, echo);
}

static void report_way(const bench_config_t *config, enum way way, double *p50, double *p99,
                       double *p50_lines, double *p99_lines)
{
    static const char *const names[WAYS] = {"publication to reception", "allocate to release"};
    static const char *const keys[WAYS] = {"reception", "whole"};
    char key[64], title[100];
    snprintf(key, sizeof key, "%s_p50", keys[way]);
    snprintf(title, sizeof title, "%s, p50", names[way]);
    report_spread(key, title, "ns", spread_of(p50, config->repeats));
    snprintf(key, sizeof key, "%s_p50_line_times", keys[way]);
    spread_t spread = spread_of(p50_lines, config->repeats);
    report_spread(key, title, "line times", spread);
    if (way == OVERLAPPED)
        report_target("p50_target", "  target", spread.median, false, 2.5);
    snprintf(key, sizeof key, "%s_p99", keys[way]);
    snprintf(title, sizeof title, "%s, p99", names[way]);
    report_spread(key, title, "ns", spread_of(p99, config->repeats));
    snprintf(key, sizeof key, "%s_p99_line_times", keys[way]);
    report_spread(key, title, "line times", spread_of(p99_lines, config->repeats));
}

void bench_latency(const bench_config_t *config)
{
    double p50[WAYS][64], p99[WAYS][64], p50_lines[WAYS][64], p99_lines[WAYS][64], line_times[64];
    pair_t *pair = pair_new();
    report_section("latency", "One-way latency of a 64-byte message, spinning");
    for (unsigned r = 0; r < config->repeats; r++) {
        line_time_t line = line_measure(config, pair);
        line_times[r] = line.own_lines;
        for (enum way way = OVERLAPPED; way < WAYS; way++) {
            measure(config, pair, way);
            p50[way][r] = pair->results[2];
            p99[way][r] = pair->results[3];
            p50_lines[way][r] = p50[way][r] / line.own_lines;
            p99_lines[way][r] = p99[way][r] / line.own_lines;
        }
    }
    report_spread("line_own", "bare line, one way", "ns", spread_of(line_times, config->repeats));
    for (enum way way = OVERLAPPED; way < WAYS; way++)
        report_way(config, way, p50[way], p99[way], p50_lines[way], p99_lines[way]);
    pair_delete(pair);
}
