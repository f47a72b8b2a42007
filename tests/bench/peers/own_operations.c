/* SPDX-License-Identifier: Apache-2.0 */
/* The operations by themselves. */
#define _GNU_SOURCE
#include <stdatomic.h>

#include "own.h"

#define SLOTS 1024u
#define REPEATS 9u

typedef void (*step_fn)(slotring_t *ring, const slotring_ticket_t *ticket);

static void publish(slotring_t *ring, const slotring_ticket_t *ticket)
{
    slotring_slot_t slot;
    (void)ticket;
    must(slotring_allocate(ring, BENCH_MESSAGE, &slot), "allocate");
    *(uint64_t *)slot.data = 1;
    must(slotring_mark_ready(ring, &slot, BENCH_MESSAGE), "mark_ready");
}

static void acquire_and_release(slotring_t *ring, const slotring_ticket_t *ticket)
{
    slotring_slot_t slot;
    must(slotring_acquire_for_read(ring, ticket, &slot), "acquire_for_read");
    must(slotring_release(ring, &slot), "release");
}

static void whole_life(slotring_t *ring, const slotring_ticket_t *ticket)
{
    slotring_slot_t slot;
    (void)ticket;
    must(slotring_allocate(ring, BENCH_MESSAGE, &slot), "allocate");
    must(slotring_mark_ready(ring, &slot, BENCH_MESSAGE), "mark_ready");
    slotring_ticket_t own = slot.ticket;
    acquire_and_release(ring, &own);
    must(slotring_free(ring, &own), "free");
}

/* The atomics of whole_life and nothing else, as ci/counts counts them, on the same lines of a ring of as many slots. */
static void its_atomics(slotring_t *ring, const slotring_ticket_t *ticket)
{
    static struct line {
        _Alignas(128) _Atomic uint64_t word, hold;
    } lines[SLOTS], frontier;
    static _Atomic uint64_t hints[SLOTS / 64], order[SLOTS];
    static uint32_t at;
    struct line *slot = &lines[at];
    _Atomic uint64_t *hint = &hints[at / 64], *place = &order[at];
    (void)ring, (void)ticket;
    at = (at + 1) % SLOTS;
    uint64_t seen = atomic_load(&slot->word);
    for (int i = 0; i < 4; i++, seen++) /* claim, free, settle twice */
        atomic_compare_exchange_strong(&slot->word, &seen, seen + 1);
    atomic_fetch_and(hint, ~UINT64_C(1));
    atomic_fetch_or(hint, 1);
    seen = atomic_load(place);
    atomic_compare_exchange_strong(place, &seen, seen + 1);
    seen = atomic_load(&frontier.word);
    atomic_compare_exchange_strong(&frontier.word, &seen, seen + 1);
    for (int i = 0; i < 2; i++) { /* acquire and release; and free, which holds it meanwhile */
        atomic_fetch_or(&slot->hold, 1);
        atomic_fetch_and(&slot->hold, ~UINT64_C(1));
    }
}

static double median_ns(slotring_t *ring, step_fn step, const slotring_ticket_t *ticket, uint64_t steps)
{
    double times[REPEATS];
    for (unsigned r = 0; r < REPEATS; r++) {
        uint64_t start = ticks_now();
        for (uint64_t i = 0; i < steps; i++)
            step(ring, ticket);
        times[r] = ticks_to_ns(ticks_now() - start) / (double)steps;
    }
    return spread_of(times, REPEATS).median;
}

static slotring_reader_t *reader;

static void publish_and_take(slotring_t *ring, const slotring_ticket_t *ticket)
{
    slotring_slot_t slot;
    publish(ring, ticket);
    must(slotring_next(reader, -1, &slot), "next");
    must(slotring_reader_release(reader), "reader_release");
}

static void take_in_order(slotring_t *ring, uint32_t mode, const char *key, const char *title, uint64_t steps)
{
    slotring_reader_options_t options;
    slotring_reader_options_init(&options);
    options.mode = mode;
    must(slotring_subscribe(ring, &options, &reader), "subscribe");
    own_figure(key, title, "ns", median_ns(ring, publish_and_take, NULL, steps));
    must(slotring_unsubscribe(reader), "unsubscribe");
}

void own_operations(double scale)
{
    char name[64];
    int cpus[2];
    slotring_ticket_t ticket;
    uint64_t steps = (uint64_t)(200000 * scale) + 1000;
    if (machine_two_cpus(cpus))
        machine_pin(0, cpus[1]);
    ring_name(name, 60);
    slotring_t *ring = own_ring(name, SLOTS, BENCH_MESSAGE, 0, 0);
    own_figure("life", "allocate, mark_ready, acquire, release, free; one thread", "ns",
               median_ns(ring, whole_life, NULL, steps));
    own_figure("life_atomics", "the atomics of these five and nothing else", "ns",
               median_ns(ring, its_atomics, NULL, steps));
    own_figure("overwrite", "allocate and mark_ready without a reader, overwriting", "ns",
               median_ns(ring, publish, NULL, steps));
    take_in_order(ring, SLOTRING_LOSSLESS, "lossless",
                  "allocate, mark_ready, next, reader_release; a lossless reader", steps);
    take_in_order(ring, SLOTRING_LOSSY, "lossy", "allocate, mark_ready, next, reader_release; a lossy reader",
                  steps);
    must(slotring_ticket_at(ring, 0, &ticket), "ticket_at");
    own_figure("ticket", "acquire by ticket and release", "ns",
               median_ns(ring, acquire_and_release, &ticket, steps));
    ring_forget(name);
    must(slotring_close(ring), "close");
}
