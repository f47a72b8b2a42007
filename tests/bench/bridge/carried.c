/* SPDX-License-Identifier: Apache-2.0 */
/* The bridge: a producer and a reader, each with a ring, and the two halves between. */
#include "bench.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "receiver.h"
#include "sender.h"
#include "slotring/slotring.h"

/* Half a window of the largest ones is some slots still. */
static uint64_t slots_of(const bench_t *b)
{
    uint64_t slots = (UINT64_C(96) << 20) / b->size;
    return slots < 32768 ? slots : 32768;
}

static void make(const bench_t *b)
{
    slotring_options_t options;
    slotring_t *ring;
    slotring_options_init(&options);
    options.mode = SLOTRING_CREATE;
    options.slot_size = b->size;
    options.total_size = options.slot_size * slots_of(b);
    need(slotring_open(&ring, "source", &options, NULL) == 0, "the source");
    (void)slotring_close(ring);
}

static char log_name[32]; /* each run has rings of another lineage, and a log of its own */

static void prepare(bench_t *b)
{
    static unsigned runs;
    (void)snprintf(log_name, sizeof log_name, "bench%d-%u", (int)getpid(), ++runs);
    make(b);
}

static slotring_t *attach(const char *name)
{
    slotring_options_t options;
    slotring_t *ring = NULL;
    slotring_options_init(&options);
    options.mode = SLOTRING_ATTACH;
    while (slotring_open(&ring, name, &options, NULL) != 0)
        bridge_sleep_ns(1000000);
    return ring;
}

static bool stops(void *user)
{
    return is_over(user);
}

static bridge_engine_t *engine_of(const bench_t *b)
{
    bridge_engine_t *engine;
    bridge_error_t error;
    bridge_jetstream_options_t options = {.servers = {b->url}, .stream = log_name};
    need(bridge_jetstream_open(&engine, &options, &error) == BRIDGE_OK, "the log");
    return engine;
}

static void sends(bench_t *b)
{
    bridge_sender_report_t report;
    bridge_error_t error;
    bridge_sender_options_t options = {.ring = "source",
                                       .remote = "bench",
                                       .start = SLOTRING_FROM_OLDEST,
                                       .pack_ns = b->pack_ns,
                                       .stop = {stops, b}};
    slotring_options_init(&options.place);
    options.engine = engine_of(b);
    need(bridge_send(&options, &report, &error) == BRIDGE_STOPPED, error.text);
    options.engine->calls->close(options.engine);
}

static void receives(bench_t *b)
{
    bridge_receiver_report_t report;
    bridge_error_t error;
    bridge_receiver_options_t options = {.ring = "copy", .stop = {stops, b}};
    slotring_options_init(&options.place);
    options.engine = engine_of(b);
    need(bridge_receive(&options, &report, &error) == BRIDGE_STOPPED, error.text);
    options.engine->calls->close(options.engine);
}

static void reads(bench_t *b)
{
    slotring_t *ring = attach("copy");
    slotring_reader_t *reader;
    slotring_reader_options_t options;
    slotring_slot_t slot;
    slotring_reader_options_init(&options);
    options.at_end = SLOTRING_AT_END_WAIT;
    options.start = SLOTRING_FROM_OLDEST;
    need(slotring_subscribe(ring, &options, &reader) == 0, "a reader of the copy");
    is_ready(b);
    for (uint64_t n = 0; n < b->count; n++) {
        need(slotring_next(reader, -1, &slot) == 0 && slot.length == b->size, "a message");
        take_stamp(b, slot.data);
        need(slotring_reader_release(reader) == 0, "to release");
    }
    has_ended(b);
    (void)slotring_close(ring);
}

static void publishes(bench_t *b)
{
    slotring_t *ring = attach("source");
    slotring_slot_t slot;
    for (uint64_t n = 0; n < b->count; n++) {
        need(slotring_allocate_wait(ring, b->size, -1, &slot) == 0, "room");
        stamp(b, n, slot.data);
        need(slotring_mark_ready(ring, &slot, b->size) == 0, "to publish");
    }
    while (!is_over(b)) /* its end would be told */
        bridge_sleep_ns(1000000);
    (void)slotring_close(ring);
}

static void clean(bench_t *b)
{
    (void)b;
    (void)slotring_unlink("source", 0, NULL, NULL);
    (void)slotring_unlink("copy", 0, NULL, NULL);
}

const way_t bridge_way = {"bridge", prepare, reads, publishes, {sends, receives}, clean};
