/* SPDX-License-Identifier: Apache-2.0 */
/* What readers cost that are blocked because there is nothing to read: processor time, by the kernel's account. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "own.h"

#define MANY 1000u
#define RINGS 8u /* that an event builder waits for */

static void *wait_for_ever(void *reader)
{
    slotring_slot_t slot;
    slotring_next(reader, -1, &slot);
    return NULL;
}

/* One process with so many threads, each blocked in a subscription of its own. */
static void block(slotring_t *ring, uint32_t readers)
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 256u << 10);
    for (uint32_t i = 0; i < readers; i++) {
        pthread_t thread;
        slotring_reader_t *reader;
        must(slotring_subscribe(ring, NULL, &reader), "subscribe");
        if (pthread_create(&thread, &attributes, wait_for_ever, reader) != 0)
            fail("cannot start thread %u of %u", i + 1, readers);
    }
    pthread_attr_destroy(&attributes);
    own_ready();
}

static char board_names[RINGS][80];

/* An event builder: one thread that waits for a reader of each of several rings. */
static void build_events(slotring_t *ring, uint32_t rings)
{
    slotring_reader_t *readers[RINGS];
    int results[RINGS];
    uint32_t ready;
    (void)ring;
    for (uint32_t i = 0; i < rings; i++)
        must(slotring_subscribe(own_attach(board_names[i]), NULL, &readers[i]), "subscribe");
    own_ready();
    must(slotring_wait_many(readers, rings, -1, results, &ready), "wait_many");
    fail("the event builder was woken, and nobody has published");
}

/* Seconds of processor time that the process has used. */
static double used_by(pid_t process)
{
    clockid_t clock;
    struct timespec time;
    if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &time) != 0)
        fail("no processor clock of process %ld", (long)process);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void sleep_seconds(double seconds)
{
    struct timespec time = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    nanosleep(&time, NULL);
}

static double percent_of_one(pid_t process, double seconds)
{
    sleep_seconds(0.3); /* the threads go to sleep */
    double before = used_by(process);
    sleep_seconds(seconds);
    double used = used_by(process) - before;
    own_end(process);
    return used / seconds * 100;
}

static void idle(uint32_t readers, double seconds)
{
    char name[64], key[64], title[120];
    ring_name(name, 63);
    slotring_t *ring = own_ring(name, 64, BENCH_MESSAGE, 0, MANY);
    pid_t process = own_start(name, block, readers);
    ring_forget(name);
    double percent = percent_of_one(process, seconds);
    must(slotring_close(ring), "close");
    snprintf(key, sizeof key, "idle_%u", readers);
    snprintf(title, sizeof title, "processor time of %u blocked reader%s", readers, readers > 1 ? "s" : "");
    own_figure(key, title, "percent of one", percent);
}

static void idle_builder(double seconds)
{
    char name[64];
    slotring_t *rings[RINGS];
    ring_name(name, 63);
    for (uint32_t i = 0; i < RINGS; i++) {
        snprintf(board_names[i], sizeof board_names[i], "%s-%u", name, i);
        rings[i] = own_ring(board_names[i], 64, BENCH_MESSAGE, 0, 0);
    }
    pid_t process = own_start(board_names[0], build_events, RINGS);
    double percent = percent_of_one(process, seconds);
    for (uint32_t i = 0; i < RINGS; i++) {
        ring_forget(board_names[i]);
        must(slotring_close(rings[i]), "close");
    }
    own_figure("idle_builder", "processor time of an event builder that waits for eight rings",
               "percent of one", percent);
}

void own_idle(double scale)
{
    double seconds = scale < 1 ? 0.5 : 2;
    idle(1, seconds);
    idle(MANY, seconds);
    idle_builder(seconds);
}
