/* SPDX-License-Identifier: Apache-2.0 */
/* What each operation of the data path executes: instructions, atomic read-modify-writes and system calls, counted
 * exactly. ci/counts compares them with recorded ones. */
#include <stdio.h>
#include <string.h>

#include "message.h"
#include "single_step.h"

#define RING_SLOTS 64u
#define ROUNDS 64u /* counted, after two laps that are not */
#define BATCH 16u
#define FUNCTIONS_MAX 5u

#define BLOCK_SIZE (UINT64_C(1) << 20) /* bytes; no block is closed while records are counted */

typedef struct scene {
    slotring_t *ring;
    slotring_reader_t *reader;
    slotring_writer_t *writer; /* NULL: none is open */
} scene_t;

static void stream_round(scene_t *scene)
{
    slotring_slot_t slot;
    must(slotring_allocate_wait(scene->ring, BENCH_MESSAGE, -1, &slot), "allocate_wait");
    message_fill(slot.data, 1);
    must(slotring_mark_ready(scene->ring, &slot, BENCH_MESSAGE), "mark_ready");
    must(slotring_next(scene->reader, -1, &slot), "next");
    message_check(&slot, 1);
    must(slotring_reader_release(scene->reader), "reader_release");
}

static void batch_round(scene_t *scene)
{
    slotring_slot_t slots[BATCH];
    uint32_t count;
    must(slotring_allocate_batch(scene->ring, BENCH_MESSAGE, slots, BATCH, -1, &count), "allocate_batch");
    for (uint32_t i = 0; i < count; i++)
        slots[i].length = BENCH_MESSAGE;
    must(slotring_mark_ready_batch(scene->ring, slots, count, NULL), "mark_ready_batch");
    must(slotring_next_batch(scene->reader, -1, slots, BATCH, &count), "next_batch");
    must(slotring_reader_release(scene->reader), "reader_release");
}

/* A message of four slots. */
static void span_round(scene_t *scene)
{
    slotring_slot_t slot;
    slotring_piece_t piece = {0};
    must(slotring_allocate_span(scene->ring, 4 * BENCH_MESSAGE, -1, &slot), "allocate_span");
    must(slotring_mark_ready(scene->ring, &slot, 4 * BENCH_MESSAGE), "mark_ready");
    must(slotring_next(scene->reader, -1, &slot), "next");
    must(slotring_next_piece(scene->ring, &slot, &piece), "next_piece");
    must(slotring_reader_release(scene->reader), "reader_release");
}

static void ticket_round(scene_t *scene)
{
    slotring_slot_t slot;
    must(slotring_allocate(scene->ring, BENCH_MESSAGE, &slot), "allocate");
    must(slotring_mark_ready(scene->ring, &slot, BENCH_MESSAGE), "mark_ready");
    slotring_ticket_t ticket = slot.ticket;
    must(slotring_acquire_for_read(scene->ring, &ticket, &slot), "acquire_for_read");
    must(slotring_release(scene->ring, &slot), "release");
    must(slotring_free(scene->ring, &ticket), "free");
}

static void record_round(scene_t *scene)
{
    uint64_t message[BENCH_MESSAGE / 8];
    slotring_slot_t slot;
    message_fill(message, 1);
    must(slotring_writer_append(scene->writer, message, sizeof message, 0, -1), "writer_append");
    must(slotring_next(scene->reader, -1, &slot), "next");
    message_check(&slot, 1);
    must(slotring_reader_release(scene->reader), "reader_release");
}

static void reservation_round(scene_t *scene)
{
    slotring_slot_t slot;
    must(slotring_writer_reserve(scene->writer, BENCH_MESSAGE, -1, &slot), "writer_reserve");
    message_fill(slot.data, 1);
    must(slotring_writer_commit(scene->writer, &slot, BENCH_MESSAGE), "writer_commit");
    must(slotring_next(scene->reader, -1, &slot), "next");
    message_check(&slot, 1);
    must(slotring_reader_release(scene->reader), "reader_release");
}

static void record_batch_round(scene_t *scene)
{
    uint64_t message[BENCH_MESSAGE / 8];
    slotring_message_t messages[BATCH];
    slotring_slot_t slots[BATCH];
    uint32_t count;
    message_fill(message, 1);
    for (uint32_t i = 0; i < BATCH; i++)
        messages[i] = (slotring_message_t){.data = message, .size = sizeof message};
    must(slotring_writer_append_batch(scene->writer, messages, BATCH, -1, &count), "writer_append_batch");
    must(slotring_next_batch(scene->reader, -1, slots, BATCH, &count), "next_batch");
    must(slotring_reader_release(scene->reader), "reader_release");
}

typedef struct way {
    const char *name;
    void (*round)(scene_t *scene);
    int reader; /* -1: none */
    bool writes_records;
    uint32_t flags; /* of the ring */
    counted_function_t functions[FUNCTIONS_MAX];
} way_t;

static const way_t ways[] = {
    {"lossless",
     stream_round,
     SLOTRING_LOSSLESS,
     false,
     0,
     {{"allocate_wait", (function_t)slotring_allocate_wait},
      {"mark_ready", (function_t)slotring_mark_ready},
      {"next", (function_t)slotring_next},
      {"reader_release", (function_t)slotring_reader_release}}},
    {"lossy",
     stream_round,
     SLOTRING_LOSSY,
     false,
     0,
     {{"allocate_wait", (function_t)slotring_allocate_wait},
      {"mark_ready", (function_t)slotring_mark_ready},
      {"next", (function_t)slotring_next},
      {"reader_release", (function_t)slotring_reader_release}}},
    {"batch_of_16",
     batch_round,
     SLOTRING_LOSSLESS,
     false,
     0,
     {{"allocate_batch", (function_t)slotring_allocate_batch},
      {"mark_ready_batch", (function_t)slotring_mark_ready_batch},
      {"next_batch", (function_t)slotring_next_batch},
      {"reader_release", (function_t)slotring_reader_release}}},
    {"hot_slots",
     stream_round,
     SLOTRING_LOSSLESS,
     false,
     SLOTRING_HOT_SLOTS,
     {{"allocate_wait", (function_t)slotring_allocate_wait},
      {"mark_ready", (function_t)slotring_mark_ready},
      {"next", (function_t)slotring_next},
      {"reader_release", (function_t)slotring_reader_release}}},
    {"spans_of_4",
     span_round,
     SLOTRING_LOSSLESS,
     false,
     0,
     {{"allocate_span", (function_t)slotring_allocate_span},
      {"mark_ready", (function_t)slotring_mark_ready},
      {"next", (function_t)slotring_next},
      {"next_piece", (function_t)slotring_next_piece},
      {"reader_release", (function_t)slotring_reader_release}}},
    {"tickets",
     ticket_round,
     -1,
     false,
     0,
     {{"allocate", (function_t)slotring_allocate},
      {"mark_ready", (function_t)slotring_mark_ready},
      {"acquire_for_read", (function_t)slotring_acquire_for_read},
      {"release", (function_t)slotring_release},
      {"free", (function_t)slotring_free}}},
    {"records",
     record_round,
     SLOTRING_LOSSLESS,
     true,
     0,
     {{"writer_append", (function_t)slotring_writer_append},
      {"next", (function_t)slotring_next},
      {"reader_release", (function_t)slotring_reader_release}}},
    {"records_lossy",
     record_round,
     SLOTRING_LOSSY,
     true,
     0,
     {{"writer_append", (function_t)slotring_writer_append},
      {"next", (function_t)slotring_next},
      {"reader_release", (function_t)slotring_reader_release}}},
    {"records_in_place",
     reservation_round,
     SLOTRING_LOSSLESS,
     true,
     0,
     {{"writer_reserve", (function_t)slotring_writer_reserve},
      {"writer_commit", (function_t)slotring_writer_commit},
      {"next", (function_t)slotring_next},
      {"reader_release", (function_t)slotring_reader_release}}},
    {"records_in_batches_of_16",
     record_batch_round,
     SLOTRING_LOSSLESS,
     true,
     0,
     {{"writer_append_batch", (function_t)slotring_writer_append_batch},
      {"next_batch", (function_t)slotring_next_batch},
      {"reader_release", (function_t)slotring_reader_release}}},
    {"checksums",
     stream_round,
     SLOTRING_LOSSLESS,
     false,
     SLOTRING_CHECKSUMS,
     {{"allocate_wait", (function_t)slotring_allocate_wait},
      {"mark_ready", (function_t)slotring_mark_ready},
      {"next", (function_t)slotring_next},
      {"reader_release", (function_t)slotring_reader_release}}},
    {"records_with_checksums",
     record_round,
     SLOTRING_LOSSLESS,
     true,
     SLOTRING_CHECKSUMS,
     {{"writer_append", (function_t)slotring_writer_append},
      {"next", (function_t)slotring_next},
      {"reader_release", (function_t)slotring_reader_release}}},
};

static void be_counted(const void *argument)
{
    const way_t *way = argument;
    char name[64];
    ring_name(name, 200);
    uint64_t slot_size = way->writes_records ? BLOCK_SIZE : BENCH_MESSAGE;
    scene_t scene = {.ring = ring_create_with(name, RING_SLOTS, slot_size, way->flags)};
    ring_forget(name);
    slotring_reader_options_t options;
    slotring_reader_options_init(&options);
    options.mode = (uint32_t)way->reader;
    options.flags = way->flags & SLOTRING_CHECKSUMS ? SLOTRING_VERIFY : 0;
    if (way->reader >= 0)
        must(slotring_subscribe(scene.ring, &options, &scene.reader), "subscribe");
    if (way->writes_records)
        must(slotring_writer_open(scene.ring, NULL, &scene.writer), "writer_open");
    for (unsigned i = 0; i < 2 * RING_SLOTS; i++)
        way->round(&scene);
    counted_from_here();
    for (unsigned i = 0; i <= ROUNDS; i++)
        way->round(&scene);
}

static size_t functions_of(const way_t *way)
{
    size_t count = 0;
    while (count < FUNCTIONS_MAX && way->functions[count].name)
        count++;
    return count;
}

static void report_way(const way_t *way, double counts[FUNCTIONS_MAX][3][ROUNDS])
{
    static const char *const what[] = {"instructions", "atomics", "system_calls"};
    for (size_t f = 0; f < functions_of(way); f++)
        for (unsigned w = 0; w < 3; w++) {
            char key[80];
            snprintf(key, sizeof key, "%s_%s", way->functions[f].name, what[w]);
            report_spread(key, key, "per call", spread_of(counts[f][w], ROUNDS));
        }
}

static void bench_operation(const way_t *way)
{
    static double counts[FUNCTIONS_MAX][3][ROUNDS];
    char title[80], key[80];
    counted_t counted;
    snprintf(key, sizeof key, "operations_%s", way->name);
    snprintf(title, sizeof title, "Instructions of each operation: %s", way->name);
    report_section(key, title);
    if (!counted_start(&counted, be_counted, way)) {
        report_text("skipped", "counting needs Linux on x86-64 and processes that may be traced");
        return;
    }
    size_t functions = functions_of(way);
    for (unsigned i = 0; i < ROUNDS; i++)
        for (size_t f = 0; f < functions; f++) {
            call_counts_t call;
            if (counted_next_call(&counted, way->functions, functions, &call) != f)
                fail("%s: calls in an order that was not expected", way->name);
            counts[f][0][i] = (double)call.instructions;
            counts[f][1][i] = (double)call.atomics;
            counts[f][2][i] = (double)call.system_calls;
        }
    counted_end(&counted);
    report_way(way, counts);
}

void bench_operations(const bench_config_t *config)
{
    (void)config;
    for (size_t w = 0; w < sizeof ways / sizeof ways[0]; w++)
        bench_operation(&ways[w]);
}
