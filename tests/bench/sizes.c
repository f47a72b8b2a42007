/* SPDX-License-Identifier: Apache-2.0 */
/* What the calls of the data path execute in a small ring and in a large one, and in one with many participants, after
 * whatever was freed or missed before. ci/counts wants the same of all, within a tenth. */
#include <stdio.h>
#include <string.h>

#include "crowd.h"
#include "message.h"
#include "single_step.h"

#define CALLS_MAX 8u
#define TURNS_MAX 9u /* the end of the order and the frontier move at each eighth */
#define BATCH 16u
#define NO_READER -1

typedef struct extent {
    const char *name;
    uint32_t slots, places; /* of participants, and as many of readers */
    uint32_t crowd;         /* how many others are attached, and subscribed */
} extent_t;

static const extent_t extents[] = {
    {"small", 1u << 10, 64, 30}, {"large", 1u << 20, 2048, 30}, {"crowded", 1u << 10, 2048, 2046}};

typedef struct scene {
    slotring_t *ring;
    slotring_reader_t *reader;
    uint32_t slots, turn;
    slotring_slot_t one; /* that is held */
    slotring_ticket_t ticket;
} scene_t;

/* ---- What was done before, at full speed ---------------------------------------------------------------- */

static void publish(scene_t *scene, uint32_t messages)
{
    slotring_slot_t slot;
    for (uint32_t i = 0; i < messages; i++) {
        must(slotring_allocate(scene->ring, BENCH_MESSAGE, &slot), "allocate");
        must(slotring_mark_ready(scene->ring, &slot, BENCH_MESSAGE), "mark_ready");
    }
    scene->ticket = slot.ticket;
}

static void free_all(scene_t *scene)
{
    for (uint32_t i = 0; i < scene->slots; i++) {
        slotring_ticket_t ticket;
        if (slotring_ticket_at(scene->ring, i, &ticket) == 0)
            must(slotring_free(scene->ring, &ticket), "free");
    }
}

/* A lap, so that each slot is published and none held. Up to the last one of eight, as all that follows: the end of the
 * order is walked to from the last eighth. */
static void begin_full(scene_t *scene)
{
    publish(scene, scene->slots + 1);
    publish(scene, (uint32_t)(7 - scene->ticket.sequence % 8));
}

static void hold_one_for_a_lap(scene_t *scene)
{
    must(slotring_acquire_for_read(scene->ring, &scene->ticket, &scene->one), "acquire_for_read");
    publish(scene, scene->slots + 8);
}

/* Each turn ends at another place in the lap. */
static void free_a_lap(scene_t *scene)
{
    publish(scene, scene->slots + scene->slots / 8 + 40 * scene->turn);
    free_all(scene);
    publish(scene, scene->slots);
}

static void miss_laps(scene_t *scene)
{
    publish(scene, 2 * scene->slots + scene->slots / 2);
}

static void free_what_was_missed(scene_t *scene)
{
    uint32_t messages = scene->slots - scene->slots / 8 - 40 * scene->turn - 1;
    free_all(scene);
    publish(scene, messages);
    free_all(scene);
    publish(scene, 1);
}

static void free_and_fill(scene_t *scene)
{
    free_all(scene);
    publish(scene, scene->slots);
}

static void begin_kept(scene_t *scene)
{
    free_all(scene);
    publish(scene, 1);
    publish(scene, (uint32_t)(7 - scene->ticket.sequence % 8));
}

static void nothing(scene_t *scene)
{
    (void)scene;
}

/* ---- What is counted ------------------------------------------------------------------------------------ */

static void stream(scene_t *scene)
{
    slotring_slot_t slot;
    must(slotring_allocate_wait(scene->ring, BENCH_MESSAGE, -1, &slot), "allocate_wait");
    must(slotring_mark_ready(scene->ring, &slot, BENCH_MESSAGE), "mark_ready");
    must(slotring_next(scene->reader, -1, &slot), "next");
    must(slotring_reader_release(scene->reader), "reader_release");
}

static void batches(scene_t *scene)
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

static void tickets(scene_t *scene)
{
    slotring_slot_t slot;
    char bytes[BENCH_MESSAGE];
    must(slotring_allocate(scene->ring, BENCH_MESSAGE, &slot), "allocate");
    must(slotring_mark_ready(scene->ring, &slot, BENCH_MESSAGE), "mark_ready");
    slotring_ticket_t ticket = slot.ticket;
    must(slotring_copy(scene->ring, &ticket, bytes, sizeof bytes, NULL), "copy");
    must(slotring_copy_sequence(scene->ring, ticket.sequence, bytes, sizeof bytes, NULL), "copy_sequence");
    must(slotring_acquire_for_read(scene->ring, &ticket, &slot), "acquire_for_read");
    must(slotring_release(scene->ring, &slot), "release");
    must(slotring_free(scene->ring, &ticket), "free");
}

static void abort_one(scene_t *scene)
{
    slotring_slot_t slot;
    must(slotring_allocate(scene->ring, BENCH_MESSAGE, &slot), "allocate");
    must(slotring_abort(scene->ring, &slot), "abort");
}

static void release_one(scene_t *scene)
{
    must(slotring_release(scene->ring, &scene->one), "release");
}

static void allocate_one(scene_t *scene)
{
    slotring_slot_t slot;
    must(slotring_allocate(scene->ring, BENCH_MESSAGE, &slot), "allocate");
    must(slotring_mark_ready(scene->ring, &slot, BENCH_MESSAGE), "mark_ready");
}

static void find_full(scene_t *scene)
{
    slotring_slot_t slot;
    for (int i = 0; i < 2; i++)
        if (slotring_allocate(scene->ring, BENCH_MESSAGE, &slot) != SLOTRING_E_FULL)
            fail("the ring is not full");
}

static void read_one(scene_t *scene)
{
    slotring_slot_t slot;
    must(slotring_next(scene->reader, 0, &slot), "next");
    must(slotring_reader_release(scene->reader), "reader_release");
    if (slot.sequence + 1 < scene->ticket.sequence - scene->slots)
        fail("next gave a message that should be gone");
}

static void read_last(scene_t *scene)
{
    slotring_slot_t slot;
    must(slotring_next(scene->reader, 0, &slot), "next");
    must(slotring_reader_release(scene->reader), "reader_release");
    if (slot.sequence != scene->ticket.sequence)
        fail("next gave another message than the last one");
}

static void find_empty(scene_t *scene)
{
    slotring_slot_t slot;
    if (slotring_next(scene->reader, 0, &slot) != SLOTRING_E_EMPTY)
        fail("there is a message");
}

#define CALL(function) #function, (function_t)slotring_##function
#define STREAM                                                   \
    {                                                            \
        {CALL(allocate_wait)}, {CALL(mark_ready)}, {CALL(next)}, \
        {                                                        \
            CALL(reader_release)                                 \
        }                                                        \
    }
#define BATCHES                                                               \
    {                                                                         \
        {CALL(allocate_batch)}, {CALL(mark_ready_batch)}, {CALL(next_batch)}, \
        {                                                                     \
            CALL(reader_release)                                              \
        }                                                                     \
    }

typedef struct way {
    const char *name;
    uint32_t when_full;
    int reader; /* mode */
    unsigned turns;
    void (*begin)(scene_t *scene);  /* once */
    void (*before)(scene_t *scene); /* each turn */
    void (*turn)(scene_t *scene);
    counted_function_t calls[CALLS_MAX]; /* of a turn, in this order */
} way_t;

static const way_t ways[] = {
    {"lossless", SLOTRING_OVERWRITE, SLOTRING_LOSSLESS, 9, begin_full, nothing, stream, STREAM},
    {"lossy", SLOTRING_OVERWRITE, SLOTRING_LOSSY, 9, begin_full, nothing, stream, STREAM},
    {"batch_of_16", SLOTRING_OVERWRITE, SLOTRING_LOSSLESS, 1, begin_full, nothing, batches, BATCHES},
    {"lossy_batch_of_16", SLOTRING_OVERWRITE, SLOTRING_LOSSY, 1, begin_full, nothing, batches, BATCHES},
    {"tickets",
     SLOTRING_OVERWRITE,
     NO_READER,
     9,
     begin_full,
     nothing,
     tickets,
     {{CALL(allocate)},
      {CALL(mark_ready)},
      {CALL(copy)},
      {CALL(copy_sequence)},
      {CALL(acquire_for_read)},
      {CALL(release)},
      {CALL(free)}}},
    {"abort",
     SLOTRING_OVERWRITE,
     NO_READER,
     2,
     begin_full,
     nothing,
     abort_one,
     {{CALL(allocate)}, {CALL(abort)}}},
    {"release_that_settles",
     SLOTRING_OVERWRITE,
     NO_READER,
     3,
     begin_full,
     hold_one_for_a_lap,
     release_one,
     {{CALL(release)}}},
    {"after_freed",
     SLOTRING_OVERWRITE,
     NO_READER,
     6,
     begin_full,
     free_a_lap,
     allocate_one,
     {{CALL(allocate)}, {CALL(mark_ready)}}},
    {"after_missed",
     SLOTRING_OVERWRITE,
     SLOTRING_LOSSY,
     3,
     begin_full,
     miss_laps,
     read_one,
     {{CALL(next)}, {CALL(reader_release)}}},
    {"after_missed_and_freed",
     SLOTRING_OVERWRITE,
     SLOTRING_LOSSY,
     6,
     begin_full,
     free_what_was_missed,
     read_last,
     {{CALL(next)}, {CALL(reader_release)}}},
    {"empty", SLOTRING_OVERWRITE, SLOTRING_LOSSY, 4, begin_full, nothing, find_empty, {{CALL(next)}}},
    {"full",
     SLOTRING_KEEP,
     NO_READER,
     3,
     begin_kept,
     free_and_fill,
     find_full,
     {{"allocate_first", (function_t)slotring_allocate}, {"allocate_again", (function_t)slotring_allocate}}},
    {"kept_after_missed_and_freed",
     SLOTRING_KEEP,
     SLOTRING_LOSSY,
     6,
     begin_kept,
     free_what_was_missed,
     read_last,
     {{CALL(next)}, {CALL(reader_release)}}},
};

/* ---- Counting ------------------------------------------------------------------------------------------- */

typedef struct stage {
    const extent_t *extent;
    const way_t *way;
    const char *ring;
} stage_t;

static void drain(scene_t *scene)
{
    slotring_slot_t slot;
    while (slotring_next(scene->reader, 0, &slot) == 0)
        must(slotring_reader_release(scene->reader), "reader_release");
}

/* Nobody looks after the dead in a call that is counted: that is counted for itself (sweeps.c). */
static slotring_t *attach(const char *name)
{
    slotring_t *ring;
    slotring_options_t options;
    slotring_options_init(&options);
    options.mode = SLOTRING_ATTACH;
    options.flags = SLOTRING_ONE_THREAD;
    options.wait_slice_ns = UINT64_C(1) << 60;
    must(slotring_open(&ring, name, &options, NULL), "open");
    return ring;
}

static void be_counted(const void *argument)
{
    const stage_t *stage = argument;
    const way_t *way = stage->way;
    scene_t scene = {.ring = attach(stage->ring), .slots = stage->extent->slots};
    slotring_reader_options_t options;
    way->begin(&scene);
    slotring_reader_options_init(&options);
    options.mode = (uint32_t)way->reader;
    if (way->reader != NO_READER)
        must(slotring_subscribe(scene.ring, &options, &scene.reader), "subscribe");
    if (scene.reader)
        drain(&scene);
    counted_from_here();
    for (unsigned turn = 0; turn < way->turns; turn++) {
        scene.turn = turn;
        way->before(&scene);
        counted_from_here();
        way->turn(&scene);
    }
}

static void report_call(const char *call, double counts[3][TURNS_MAX], unsigned turns)
{
    static const char *const what[] = {"instructions", "atomics", "system_calls"};
    for (unsigned w = 0; w < 3; w++) {
        char key[100];
        snprintf(key, sizeof key, "%s_%s", call, what[w]);
        report_spread(key, key, "per call", spread_of(counts[w], turns));
    }
}

static void count_way(const way_t *way, const extent_t *extent, const char *ring)
{
    static double counts[CALLS_MAX][3][TURNS_MAX];
    char title[100], key[100];
    stage_t stage = {extent, way, ring};
    counted_t counted;
    snprintf(key, sizeof key, "sizes_%s_%s", extent->name, way->name);
    snprintf(title, sizeof title, "Data path, %s, at %u slots and %u places", way->name, extent->slots,
             extent->places);
    report_section(key, title);
    memset(counts, 0, sizeof counts);
    if (!counted_start(&counted, be_counted, &stage))
        fail("a process could be traced before, and cannot now");
    for (unsigned turn = 0; turn < way->turns; turn++) {
        counted_go_on(&counted);
        for (size_t c = 0; c < CALLS_MAX && way->calls[c].name; c++) {
            call_counts_t call;
            counted_next_call(&counted, &way->calls[c], 1, &call);
            counts[c][0][turn] = (double)call.instructions;
            counts[c][1][turn] = (double)call.atomics;
            counts[c][2][turn] = (double)call.system_calls;
            if (call.instructions == COUNTED_AT_MOST)
                break; /* it is still inside */
        }
    }
    counted_end(&counted);
    for (size_t c = 0; c < CALLS_MAX && way->calls[c].name; c++)
        report_call(way->calls[c].name, counts[c], way->turns);
}

/* All ways in one ring: what each leaves is what the next one finds. */
static void count_at(const extent_t *extent, uint32_t when_full, unsigned number)
{
    char name[64];
    slotring_t *ring;
    crowd_t crowd;
    slotring_options_t options;
    slotring_options_init(&options);
    options.mode = SLOTRING_CREATE;
    options.slot_size = BENCH_MESSAGE;
    options.total_size = (uint64_t)extent->slots * BENCH_MESSAGE;
    options.max_participants = options.max_readers = extent->places;
    options.when_full = when_full;
    ring_name(name, number);
    must(slotring_open(&ring, name, &options, NULL), "open");
    crowd_come(&crowd, name, extent->crowd, SLOTRING_LOSSY);
    for (size_t w = 0; w < sizeof ways / sizeof ways[0]; w++)
        if (ways[w].when_full == when_full)
            count_way(&ways[w], extent, name);
    ring_forget(name);
    crowd_leave(&crowd);
    must(slotring_close(ring), "close");
}

void bench_sizes(const bench_config_t *config)
{
    (void)config;
    if (!counted_possible()) {
        report_section("sizes", "Data path, small and large");
        report_text("skipped", "counting needs Linux on x86-64 and processes that may be traced");
        return;
    }
    for (unsigned e = 0; e < sizeof extents / sizeof extents[0]; e++) {
        count_at(&extents[e], SLOTRING_OVERWRITE, 300 + 2 * e);
        count_at(&extents[e], SLOTRING_KEEP, 301 + 2 * e);
    }
}
