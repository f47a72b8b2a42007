/* SPDX-License-Identifier: Apache-2.0 */
/* What the calls of the data path execute in a small ring and in a large one, and in one with many participants, after
 * whatever was withdrawn or missed before. ci/counts wants the same of all, within a tenth. */
#include <stdio.h>
#include <string.h>

#include "crowd.h"
#include "sizes.h"

typedef struct extent {
    const char *name;
    uint32_t slots, places; /* entries of participants, and as many subscriptions */
    uint32_t crowd;         /* how many others are attached, and subscribed */
} extent_t;

static const extent_t extents[] = {
    {"small", 1u << 10, 64, 30}, {"large", 1u << 20, 2048, 30}, {"crowded", 1u << 10, 2048, 2046}};

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

/* Nobody looks after the dead in a call that is counted: that is counted for itself (crowds.c). */
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
    if (way->options)
        way->options(&options);
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

/* What a way's process leaves, which was killed: its slots, and a subscription that outlives it. */
static void tidy_up(slotring_t *ring)
{
    must(slotring_recover(ring, NULL), "recover");
    int failed = slotring_forget(ring, KIND_NAME);
    if (failed && failed != SLOTRING_E_NOT_FOUND)
        must(failed, "forget");
}

static void count_ways(const way_t *of, size_t count, const extent_t *extent, uint32_t when_full,
                       slotring_t *ring, const char *name)
{
    for (size_t w = 0; w < count; w++)
        if (of[w].when_full == when_full && !(of[w].rare && extent->crowd > 64)) {
            count_way(&of[w], extent, name);
            tidy_up(ring);
        }
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
    options.max_groups = 1;
    options.max_holds = UINT32_MAX; /* what holds cost is counted all the same */
    options.when_full = when_full == HOT_SLOTS ? SLOTRING_OVERWRITE : when_full;
    options.flags = when_full == HOT_SLOTS ? SLOTRING_HOT_SLOTS : 0;
    ring_name(name, number);
    must(slotring_open(&ring, name, &options, NULL), "open");
    crowd_come(&crowd, name, extent->crowd, SLOTRING_LOSSY);
    count_ways(ways, way_count, extent, when_full, ring, name);
    count_ways(kinds, kind_count, extent, when_full, ring, name);
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
        count_at(&extents[e], SLOTRING_OVERWRITE, 300 + 3 * e);
        count_at(&extents[e], SLOTRING_KEEP, 301 + 3 * e);
        count_at(&extents[e], HOT_SLOTS, 302 + 3 * e);
    }
}
