/* SPDX-License-Identifier: Apache-2.0 */
/* How long a wake takes: from just before a message is published until the call that waits has returned, on two processors,
 * the sleeper asleep in the kernel. One ring by slotring_next, then the same by a wait for one reader, for readers of eight
 * rings, and by poll on eight descriptors. Each round has one wake of each way, so all of them meet the same machine. */
#define _GNU_SOURCE
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "message.h"

#define RING_SLOTS 64u
#define RINGS 8u
#define FALLS_ASLEEP_NS 300000L /* what a sleeper needs for that, many times */

enum way {
    BY_NEXT,
    BY_ONE,
    BY_MANY,
    BY_POLL,
    WAYS
};

static char
    names[2 * RINGS]
         [64]; /* the second half for the descriptors, whose threads would wake up beside the others */

static slotring_t *attach(const char *name)
{
    slotring_options_t options;
    slotring_options_init(&options);
    options.mode = SLOTRING_ATTACH;
    options.spin_ns = 1; /* it is the sleep that is measured */
    slotring_t *ring;
    must(slotring_open(&ring, name, &options, NULL), "attach");
    return ring;
}

/* In the first ring, or in each of them in turn. */
static uint32_t ring_of(uint64_t round, enum way way)
{
    return way == BY_MANY   ? (uint32_t)(round % RINGS)
           : way == BY_POLL ? RINGS + (uint32_t)(round % RINGS)
                            : 0;
}

static void wait_in(enum way way, slotring_reader_t *const *readers, const intptr_t *descriptors)
{
    struct pollfd polled[RINGS];
    int results[RINGS];
    uint32_t ready;
    if (way == BY_ONE || way == BY_MANY) {
        must(slotring_wait_many(readers, way == BY_ONE ? 1 : RINGS, -1, results, &ready), "wait_many");
    } else if (way == BY_POLL) {
        for (uint32_t i = 0; i < RINGS; i++)
            polled[i] = (struct pollfd){.fd = (int)descriptors[i], .events = POLLIN};
        if (poll(polled, RINGS, -1) < 1)
            fail("poll failed");
    }
}

static slotring_reader_t *subscribe(slotring_t *ring)
{
    slotring_reader_t *reader;
    must(slotring_subscribe(ring, NULL, &reader), "subscribe");
    return reader;
}

static void drain(slotring_reader_t *reader)
{
    slotring_slot_t slot;
    while (slotring_next(reader, 0, &slot) == 0)
        must(slotring_reader_release(reader), "release");
}

static void sleeper(pair_t *pair)
{
    slotring_t *rings[2 * RINGS];
    slotring_reader_t *single, *readers[2 * RINGS];
    intptr_t descriptors[RINGS];
    slotring_slot_t slot;
    size_t rounds = (size_t)pair->messages;
    double *times = calloc(WAYS * rounds, sizeof *times);
    if (!times)
        fail("no memory for %llu times", (unsigned long long)pair->messages);
    for (uint32_t i = 0; i < 2 * RINGS; i++) {
        rings[i] = attach(names[i]);
        readers[i] = subscribe(rings[i]);
        if (i >= RINGS)
            must(slotring_reader_descriptor(readers[i], &descriptors[i - RINGS]), "descriptor");
    }
    single = subscribe(rings[0]);
    pair_meet(pair, 0);
    for (uint64_t turn = 0; turn < WAYS * pair->messages; turn++) {
        enum way way = (enum way)(turn % WAYS);
        slotring_reader_t *reader = way <= BY_ONE ? single : readers[ring_of(turn / WAYS, way)];
        drain(single);
        for (uint32_t i = 0; i < 2 * RINGS; i++)
            drain(readers[i]);
        atomic_store(&pair->exchanges[0].left, turn + 1);
        int code;
        do { /* a descriptor may be readable for nothing */
            wait_in(way, way == BY_ONE ? &single : readers, descriptors);
            code = slotring_next(reader, way == BY_NEXT ? -1 : 0, &slot);
        } while (way == BY_POLL && code == SLOTRING_E_EMPTY);
        must(code, "next");
        uint64_t now = ticks_now();
        times[way * rounds + (size_t)(turn / WAYS)] = ticks_to_ns(now - *(const uint64_t *)slot.data);
        must(slotring_reader_release(reader), "release");
    }
    for (enum way way = 0; way < WAYS; way++) {
        pair->results[2 * way] = percentile_of(&times[way * rounds], rounds, 50);
        pair->results[2 * way + 1] = percentile_of(&times[way * rounds], rounds, 99);
    }
    free(times);
    for (uint32_t i = 0; i < 2 * RINGS; i++)
        must(slotring_close(rings[i]), "close");
}

static void waker(pair_t *pair)
{
    const struct timespec nap = {.tv_nsec = FALLS_ASLEEP_NS};
    slotring_t *rings[2 * RINGS];
    slotring_slot_t slot;
    for (uint32_t i = 0; i < 2 * RINGS; i++)
        rings[i] = attach(names[i]);
    pair_meet(pair, 1);
    for (uint64_t turn = 0; turn < WAYS * pair->messages; turn++) {
        slotring_t *ring = rings[ring_of(turn / WAYS, (enum way)(turn % WAYS))];
        while (atomic_load(&pair->exchanges[0].left) != turn + 1)
            nanosleep(&nap, NULL);
        nanosleep(&nap, NULL);
        must(slotring_allocate(ring, BENCH_MESSAGE, &slot), "allocate");
        *(uint64_t *)slot.data = ticks_now();
        must(slotring_mark_ready(ring, &slot, BENCH_MESSAGE), "mark_ready");
    }
    for (uint32_t i = 0; i < 2 * RINGS; i++)
        must(slotring_close(rings[i]), "close");
}

void bench_many(const bench_config_t *config)
{
    static const char *const titles[WAYS] = {"slotring_next, one ring", "slotring_wait_many, one ring",
                                             "slotring_wait_many, eight rings", "poll, eight descriptors"};
    static const char *const keys[WAYS] = {"next", "one", "eight", "poll"};
    static double p50[WAYS][64], p99[WAYS][64], ratio[WAYS][64];
    pair_t *pair = pair_new();
    report_section(
        "many", "Wake of a sleeper, from publication to the return of the call, median and 99th percentile");
    pair->messages = (uint64_t)(1000 * config->scale) + 1;
    for (unsigned r = 0; r < config->repeats; r++) {
        for (uint32_t i = 0; i < 2 * RINGS; i++) {
            ring_name(names[i], i);
            must(slotring_close(ring_create(names[i], RING_SLOTS, BENCH_MESSAGE)), "close");
        }
        pair_run(pair, config->cpus, sleeper, waker);
        for (enum way way = 0; way < WAYS; way++) {
            p50[way][r] = pair->results[2 * way];
            p99[way][r] = pair->results[2 * way + 1];
            ratio[way][r] = p50[way][r] / p50[BY_NEXT][r];
        }
        for (uint32_t i = 0; i < 2 * RINGS; i++)
            ring_forget(names[i]);
    }
    for (enum way way = 0; way < WAYS; way++) {
        char key[32];
        report_spread(keys[way], titles[way], "ns", spread_of(p50[way], config->repeats));
        snprintf(key, sizeof key, "%s_p99", keys[way]);
        report_spread(key, "  p99", "ns", spread_of(p99[way], config->repeats));
    }
    for (enum way way = BY_ONE; way < WAYS; way++) {
        char key[32];
        spread_t spread = spread_of(ratio[way], config->repeats);
        snprintf(key, sizeof key, "%s_times_next", keys[way]);
        report_spread(key, titles[way], "times slotring_next", spread);
        if (way == BY_MANY)
            report_target("target", "  target", spread.median, false, 1.5);
    }
    pair_delete(pair);
}
