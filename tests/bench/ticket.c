/* SPDX-License-Identifier: Apache-2.0 */
/* Acquiring and releasing a publication by its ticket. */
#include <stdlib.h>

#include "bench.h"

static void fill(slotring_t *ring, slotring_ticket_t *tickets, uint32_t slots)
{
    for (uint32_t i = 0; i < slots; i++) {
        slotring_slot_t slot;
        must(slotring_allocate(ring, BENCH_MESSAGE, &slot), "allocate");
        must(slotring_mark_ready(ring, &slot, BENCH_MESSAGE), "mark_ready");
        tickets[i] = slot.ticket;
    }
}

/* Nanoseconds for one acquire with its release, going through `count` tickets again and again. */
static double time_tickets(slotring_t *ring, const slotring_ticket_t *tickets, uint32_t count, uint64_t steps)
{
    slotring_slot_t slot;
    uint32_t at = 0;
    uint64_t start = ticks_now();
    for (uint64_t i = 0; i < steps; i++) {
        must(slotring_acquire_for_read(ring, &tickets[at], &slot), "acquire_for_read");
        must(slotring_release(ring, &slot), "release");
        if (++at == count)
            at = 0;
    }
    return ticks_to_ns(ticks_now() - start) / (double)steps;
}

static spread_t measure(const bench_config_t *config, uint32_t slots, uint32_t used)
{
    char name[64];
    double times[64];
    slotring_ticket_t *tickets = calloc(slots, sizeof *tickets);
    if (!tickets)
        fail("no memory for %u tickets", slots);
    ring_name(name, 50);
    slotring_t *producer = ring_create(name, slots, BENCH_MESSAGE), *reader = ring_attach(name);
    ring_forget(name);
    fill(producer, tickets, slots);
    uint64_t steps = (uint64_t)(1000000 * config->scale) + 1;
    time_tickets(reader, tickets, used, used);
    for (unsigned r = 0; r < config->repeats; r++)
        times[r] = time_tickets(reader, tickets, used, steps);
    must(slotring_close(reader), "close");
    must(slotring_close(producer), "close");
    free(tickets);
    return spread_of(times, config->repeats);
}

/* Both sides acquire and release the one same publication all the time. */
static void contend(pair_t *pair, unsigned side)
{
    slotring_ticket_t ticket;
    slotring_t *ring = ring_attach(pair->ring[0]);
    must(slotring_ticket_at(ring, 0, &ticket), "ticket_at");
    pair_meet(pair, side);
    if (side == 0)
        ring_forget(pair->ring[0]);
    pair_meet(pair, side);
    pair->results[side] = time_tickets(ring, &ticket, 1, pair->messages);
    pair_meet(pair, side);
    must(slotring_close(ring), "close");
}

static void contend_first(pair_t *pair)
{
    contend(pair, 0);
}

static void contend_second(pair_t *pair)
{
    contend(pair, 1);
}

static spread_t measure_contended(const bench_config_t *config)
{
    double times[64];
    pair_t *pair = pair_new();
    pair->messages = (uint64_t)(500000 * config->scale) + 1;
    for (unsigned r = 0; r < config->repeats; r++) {
        slotring_ticket_t ticket;
        ring_name(pair->ring[0], 51);
        slotring_t *ring = ring_create(pair->ring[0], 1, BENCH_MESSAGE);
        fill(ring, &ticket, 1);
        must(slotring_close(ring), "close");
        pair_run(pair, config->cpus, contend_first, contend_second);
        times[r] = (pair->results[0] + pair->results[1]) / 2;
    }
    pair_delete(pair);
    return spread_of(times, config->repeats);
}

void bench_ticket(const bench_config_t *config)
{
    machine_pin(0, config->cpus[0]);
    report_section("ticket", "Acquire and release by ticket");
    report_spread("one", "the same ticket", "ns", measure(config, config->small_ring, 1));
    report_spread("few", "round all of few slots", "ns",
                  measure(config, config->small_ring, config->small_ring));
    spread_t many = measure(config, config->large_ring, config->large_ring);
    report_spread("many", "round all of many slots", "ns", many);
    report_target("target", "  target", many.median, false, 500);
    if (config->cpus[0] != config->cpus[1])
        report_spread("contended", "the same ticket in two processes at once", "ns",
                      measure_contended(config));
}
