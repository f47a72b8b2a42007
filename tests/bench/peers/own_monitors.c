/* SPDX-License-Identifier: Apache-2.0 */
/* What a monitor costs a producer that runs as fast as it can and waits for nobody: one monitor of each kind, on a processor of its
 * own. A monitor that draws is away for a while after each message that it was given. */
#define _GNU_SOURCE
#include <stdio.h>
#include <time.h>

#include "own.h"

#define SLOTS 1024u
#define REPEATS 9u
#define EVERY 100u
#define ANYWHERE (-1) /* instead of the number of a processor */

typedef struct kind {
    const char *key, *title;
    uint32_t mode, wanted, every;
    uint64_t tag_mask, tag_match;
    long draws_ns;
} kind_t;

/* A tag of the producer is the number of the message: every 256th has the one that is wanted. */
static const kind_t kinds[] = {
    {"monitor", "a slow lossy monitor", SLOTRING_LOSSY, SLOTRING_WANTS_ALL, 0, 0, 0, 1000000},
    {"monitor_latest", "a monitor of the latest message", SLOTRING_LOSSY, SLOTRING_WANTS_LATEST, 0, 0, 0,
     1000000},
    {"monitor_every", "a monitor of every 100th message", SLOTRING_LOSSY, SLOTRING_WANTS_ALL, EVERY, 0, 0,
     1000000},
    {"monitor_tag", "a monitor of one tag of 256", SLOTRING_LOSSY, SLOTRING_WANTS_ALL, 0, 255, 7, 1000000},
    {"monitor_eager", "a lossy monitor that looks all the time", SLOTRING_LOSSY, SLOTRING_WANTS_ALL, 0, 0, 0,
     0},
    {"monitor_eager_every", "a monitor of every 100th that looks all the time", SLOTRING_LOSSY,
     SLOTRING_WANTS_ALL, EVERY, 0, 0, 0},
};

#define KINDS (sizeof kinds / sizeof kinds[0])

static int monitor_cpu = ANYWHERE;

static void monitor(slotring_t *ring, uint32_t number)
{
    const kind_t *kind = &kinds[number];
    slotring_reader_options_t options;
    slotring_reader_t *reader;
    slotring_slot_t slot;
    if (monitor_cpu != ANYWHERE) /* the producer has the other one */
        machine_pin(0, monitor_cpu);
    slotring_reader_options_init(&options);
    options.mode = kind->mode;
    options.wanted = kind->wanted;
    options.every = kind->every;
    options.tag_mask = kind->tag_mask;
    options.tag_match = kind->tag_match;
    must(slotring_subscribe(ring, &options, &reader), "subscribe");
    own_ready();
    for (;;) {
        must(slotring_next(reader, -1, &slot), "next");
        if (kind->draws_ns > 0)
            nanosleep(&(struct timespec){.tv_nsec = kind->draws_ns}, NULL);
        must(slotring_reader_release(reader), "reader_release");
    }
}

static double publish_ns(slotring_t *ring, uint64_t steps)
{
    uint64_t start = ticks_now();
    for (uint64_t i = 0; i < steps; i++) {
        slotring_slot_t slot;
        must(slotring_allocate(ring, BENCH_MESSAGE, &slot), "allocate");
        *(uint64_t *)slot.data = 1;
        slot.tag = i;
        must(slotring_mark_ready(ring, &slot, BENCH_MESSAGE), "mark_ready");
    }
    return ticks_to_ns(ticks_now() - start) / (double)steps;
}

static double costs(slotring_t *ring, const char *name, uint32_t number, uint64_t steps)
{
    double percent[REPEATS];
    for (unsigned r = 0; r < REPEATS; r++) {
        double alone = publish_ns(ring, steps);
        pid_t process = own_start(name, monitor, number);
        double watched = publish_ns(ring, steps);
        own_end(process);
        must(slotring_recover(ring, NULL), "recover");
        percent[r] = (watched / alone - 1) * 100;
    }
    return spread_of(percent, REPEATS).median;
}

void own_monitors(double scale)
{
    char name[64], title[128];
    int cpus[2];
    uint64_t steps = (uint64_t)(400000 * scale) + 1000;
    if (machine_two_cpus(cpus)) {
        machine_pin(0, cpus[1]);
        monitor_cpu = cpus[0];
    }
    ring_name(name, 60);
    slotring_t *ring = own_ring(name, SLOTS, BENCH_MESSAGE, 0, 0);
    for (uint32_t i = 0; i < KINDS; i++) {
        snprintf(title, sizeof title, "%s costs a producer without other readers", kinds[i].title);
        own_figure(kinds[i].key, title, "percent", costs(ring, name, i, steps));
    }
    ring_forget(name);
    must(slotring_close(ring), "close");
}
