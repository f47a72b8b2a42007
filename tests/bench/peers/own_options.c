/* SPDX-License-Identifier: Apache-2.0 */
/* What the options of a ring cost or gain, each against a ring without it, in turns. */
#include <stdio.h>
#include <string.h>

#include "own.h"

#define SLOTS 1024u
#define REPEATS 9u
#define LARGE_SLOTS 64u
#define LARGE_SLOT (UINT64_C(1) << 20)

static slotring_t *make(unsigned number, uint32_t slots, uint64_t slot_size, uint32_t flags,
                        uint32_t time_stamps)
{
    char name[64];
    slotring_t *ring;
    slotring_error_t error;
    slotring_options_t options;
    slotring_options_init(&options);
    options.mode = SLOTRING_CREATE;
    options.flags = flags;
    options.slot_size = slot_size;
    options.total_size = slots * slot_size;
    options.time_stamps = time_stamps;
    ring_name(name, 70 + number);
    if (slotring_open(&ring, name, &options, &error) != 0)
        fail("%s (%s)", error.text, slotring_error_name(error.code));
    ring_forget(name);
    return ring;
}

/* ---- Small messages --------------------------------------------------------------------------------- */

static double publish_ns(slotring_t *ring, uint64_t steps)
{
    slotring_slot_t slot;
    uint64_t start = ticks_now();
    for (uint64_t i = 0; i < steps; i++) {
        must(slotring_allocate(ring, BENCH_MESSAGE, &slot), "allocate");
        must(slotring_mark_ready(ring, &slot, BENCH_MESSAGE), "mark_ready");
    }
    return ticks_to_ns(ticks_now() - start) / (double)steps;
}

typedef struct choice {
    const char *key, *title;
    uint32_t flags, time_stamps;
} choice_t;

static const choice_t choices[] = {
    {"option_threads", "a handle for several threads: allocate and mark_ready take", SLOTRING_PREFAULT,
     SLOTRING_TIME_NONE},
    {"option_coarse", "coarse time stamps: allocate and mark_ready take",
     SLOTRING_PREFAULT | SLOTRING_ONE_THREAD, SLOTRING_TIME_COARSE},
    {"option_monotonic", "time stamps of nanoseconds: allocate and mark_ready take",
     SLOTRING_PREFAULT | SLOTRING_ONE_THREAD, SLOTRING_TIME_MONOTONIC},
};

static void small_messages(uint64_t steps)
{
    slotring_t *plain =
        make(0, SLOTS, BENCH_MESSAGE, SLOTRING_PREFAULT | SLOTRING_ONE_THREAD, SLOTRING_TIME_NONE);
    for (size_t c = 0; c < sizeof choices / sizeof choices[0]; c++) {
        double ratios[REPEATS];
        slotring_t *ring = make(1, SLOTS, BENCH_MESSAGE, choices[c].flags, choices[c].time_stamps);
        publish_ns(ring, 2 * SLOTS);
        publish_ns(plain, 2 * SLOTS);
        for (unsigned r = 0; r < REPEATS; r++) {
            double chosen = publish_ns(ring, steps);
            ratios[r] = chosen / publish_ns(plain, steps);
        }
        own_figure(choices[c].key, choices[c].title, "times as long", spread_of(ratios, REPEATS).median);
        must(slotring_close(ring), "close");
    }
    must(slotring_close(plain), "close");
}

/* ---- Large ones: the pages behind them --------------------------------------------------------------- */

/* The first lap of a process that has just attached to it, or made it. */
static double lap_ns(slotring_t *ring, uint8_t value)
{
    slotring_slot_t slot;
    uint64_t start = ticks_now();
    for (uint32_t i = 0; i < LARGE_SLOTS; i++) {
        must(slotring_allocate(ring, LARGE_SLOT, &slot), "allocate");
        memset(slot.data, value, LARGE_SLOT);
        must(slotring_mark_ready(ring, &slot, LARGE_SLOT), "mark_ready");
    }
    return ticks_to_ns(ticks_now() - start);
}

/* How long the first lap takes, in times of the third; and the third one, in times of that without the option. */
static void large_messages(const char *key, const char *title, uint32_t flag)
{
    double first[REPEATS], later[REPEATS];
    char name[64], text[160];
    uint32_t granted = 0;
    for (unsigned r = 0; r < REPEATS; r++) {
        double laps[2][3];
        for (unsigned with = 0; with < 2; with++) {
            slotring_t *ring = make(with, LARGE_SLOTS, LARGE_SLOT, with ? flag : 0, SLOTRING_TIME_NONE);
            slotring_info_t info = {.struct_size = sizeof info};
            must(slotring_info(ring, &info), "info");
            granted = info.granted;
            for (uint8_t lap = 0; lap < 3; lap++)
                laps[with][lap] = lap_ns(ring, lap);
            must(slotring_close(ring), "close");
        }
        first[r] = laps[1][0] / laps[0][0];
        later[r] = laps[1][2] / laps[0][2];
    }
    const char *got = granted & flag ? "granted" : "not granted here";
    snprintf(name, sizeof name, "%s_first", key);
    snprintf(text, sizeof text, "%s (%s): the first lap over 64 slots of 1 MiB takes", title, got);
    own_figure(name, text, "times as long", spread_of(first, REPEATS).median);
    snprintf(name, sizeof name, "%s_later", key);
    snprintf(text, sizeof text, "%s (%s): a later lap takes", title, got);
    own_figure(name, text, "times as long", spread_of(later, REPEATS).median);
}

void own_options(double scale)
{
    small_messages((uint64_t)(200000 * scale) + 1000);
    large_messages("option_prefault", "prefault", SLOTRING_PREFAULT);
    large_messages("option_huge", "huge pages", SLOTRING_HUGE_PAGES);
    large_messages("option_lock", "locked memory", SLOTRING_LOCK_MEMORY);
}
