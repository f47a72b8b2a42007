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

static void measure(const bench_config_t *config, pair_t *pair)
{
    for (unsigned i = 0; i < 2; i++) {
        ring_name(pair->ring[i], i);
        must(slotring_close(ring_create(pair->ring[i], RING_SLOTS, BENCH_MESSAGE)), "close");
    }
    pair->messages = (uint64_t)(300000 * config->scale) + 1;
    pair_run(pair, config->cpus, bounce, echo);
}

static void report_percentile(const char *percentile, double *ns, const double *own_lines, unsigned count,
                              bool is_target)
{
    double lines[64];
    char key[64];
    for (unsigned r = 0; r < count; r++)
        lines[r] = ns[r] / own_lines[r];
    report_spread(percentile, percentile, "ns", spread_of(ns, count));
    snprintf(key, sizeof key, "%s_line_times", percentile);
    spread_t spread = spread_of(lines, count);
    report_spread(key, percentile, "line times", spread);
    if (is_target)
        report_target("target", "  target", spread.median, false, 2.5);
}

static void bench_way(const bench_config_t *config, pair_t *pair, enum way way)
{
    static paired_t paired;
    static const char *const sections[WAYS] = {"latency", "latency_whole"};
    static const char *const titles[WAYS] = {
        "One-way latency of a 64-byte message, spinning, from publication to reception",
        "The same with everything from allocate to release, one step after the other"};
    report_section(sections[way], titles[way]);
    pair->batch = way;
    paired_measure(config, pair, measure, &paired);
    report_percentile("p50", paired.results[0], paired.own_lines, paired.count, way == OVERLAPPED);
    report_percentile("p99", paired.results[1], paired.own_lines, paired.count, false);
    report_spread("line", "bare line, one way", "ns", spread_of(paired.own_lines, paired.count));
    report_number("discarded", "repetitions discarded: processors moved", "", paired.discarded);
}

void bench_latency(const bench_config_t *config)
{
    pair_t *pair = pair_new();
    for (enum way way = OVERLAPPED; way < WAYS; way++)
        bench_way(config, pair, way);
    pair_delete(pair);
}
