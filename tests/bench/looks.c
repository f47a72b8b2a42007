/* SPDX-License-Identifier: Apache-2.0 */
/* What the calls that look at every slot, participant or reader execute for each: the difference between two rings of
 * which one has more of them. Each call in a process of its own, with what it finds in the process being the same. */
#include <stdio.h>

#include "crowd.h"
#include "message.h"
#include "single_step.h"

#define PLACES 16u
#define LIST (2 * PLACES) /* participants, readers and blockers that are listed */

typedef struct extent {
    uint32_t slots, others, readers; /* others: participants; readers: of them, lossless */
    uint32_t held;                   /* publications, the oldest ones, where that matters */
} extent_t;

/* The second one of each pair has more of what is counted. */
enum {
    EACH_SLOT,
    EACH_PARTICIPANT,
    EACH_READER,
    EACH_HELD,
    AXES
};
#define SLOTS (1u << EACH_SLOT)
#define PARTICIPANTS (1u << EACH_PARTICIPANT)
#define READERS (1u << EACH_READER)
#define HELD (1u << EACH_HELD)

static const struct {
    const char *name;
    extent_t few, many;
    uint32_t more;
} axes[AXES] = {
    {"slot", {32, 1, 0, 0}, {96, 1, 0, 0}, 64},
    /* So many that a clock that is read once more does not matter. */
    {"participant", {8, 1, 0, 0}, {8, 11, 0, 0}, 10},
    {"reader", {8, 11, 1, 0}, {8, 11, 11, 0}, 10},
    {"held", {128, 1, 0, 16}, {128, 1, 0, 64}, 48},
};

typedef struct scene {
    slotring_t *ring;
    slotring_reader_t *reader;
    const extent_t *extent;
} scene_t;

static void publish(scene_t *scene, uint32_t messages)
{
    slotring_slot_t slot;
    for (uint32_t i = 0; i < messages; i++) {
        must(slotring_allocate(scene->ring, BENCH_MESSAGE, &slot), "allocate");
        must(slotring_mark_ready(scene->ring, &slot, BENCH_MESSAGE), "mark_ready");
    }
}

static void nothing(scene_t *scene)
{
    (void)scene;
}

static void get_stats(scene_t *scene)
{
    slotring_stats_t stats = {.struct_size = sizeof stats};
    must(slotring_get_stats(scene->ring, &stats), "get_stats");
}

static void participants(scene_t *scene)
{
    slotring_participant_t list[LIST];
    uint32_t count;
    must(slotring_participants(scene->ring, list, LIST, &count), "participants");
}

static void readers(scene_t *scene)
{
    slotring_reader_info_t list[LIST];
    uint32_t count;
    must(slotring_readers(scene->ring, list, LIST, &count), "readers");
}

static void blockers(scene_t *scene)
{
    slotring_blocker_t list[LIST];
    uint32_t count;
    must(slotring_blockers(scene->ring, list, LIST, &count), "blockers");
}

static void check(scene_t *scene)
{
    uint64_t findings;
    must(slotring_check(scene->ring, NULL, NULL, &findings), "check");
    if (findings)
        fail("the ring is damaged");
}

static void recover(scene_t *scene)
{
    must(slotring_recover(scene->ring, NULL), "recover");
}

static void close_if_idle(scene_t *scene)
{
    must(slotring_close_if_idle(scene->ring), "close_if_idle");
}

static void close_it(scene_t *scene)
{
    must(slotring_close(scene->ring), "close");
}

static void subscribe(scene_t *scene)
{
    must(slotring_subscribe(scene->ring, NULL, &scene->reader), "subscribe");
}

/* A reader's first look, as after each stream that began, ended or died. */
static void next(scene_t *scene)
{
    slotring_slot_t slot;
    if (slotring_next(scene->reader, 0, &slot) != SLOTRING_E_EMPTY)
        fail("there is a message");
}

/* Where the lossless readers have to be looked at: the oldest message is one that they may still need. */
static void fill(scene_t *scene)
{
    publish(scene, scene->extent->slots);
}

/* Two laps were published. The struct is used again and again: the holds go with the process. */
static void hold_oldest(scene_t *scene)
{
    for (uint32_t i = 0; i < scene->extent->slots; i++) {
        slotring_ticket_t ticket;
        slotring_slot_t slot;
        must(slotring_ticket_at(scene->ring, i, &ticket), "ticket_at");
        if (ticket.sequence < scene->extent->slots + scene->extent->held)
            must(slotring_acquire_for_read(scene->ring, &ticket, &slot), "acquire_for_read");
    }
}

static void allocate(scene_t *scene)
{
    slotring_slot_t slot;
    int code = slotring_allocate(scene->ring, BENCH_MESSAGE, &slot);
    if (code != SLOTRING_E_FULL)
        must(code, "allocate");
}

typedef struct look {
    void (*before)(scene_t *scene);
    void (*run)(scene_t *scene);
    counted_function_t call;
    unsigned each; /* what it looks at */
    bool observes;
} look_t;

#define CALL(function)                             \
    {                                              \
#function, (function_t)slotring_##function \
    }

static const look_t looks[] = {
    {nothing, get_stats, CALL(get_stats), SLOTS | PARTICIPANTS | READERS, false},
    {nothing, get_stats, {"get_stats_of_observer", (function_t)slotring_get_stats}, SLOTS, true},
    {nothing, participants, CALL(participants), SLOTS | PARTICIPANTS, false},
    {nothing, readers, CALL(readers), READERS, false},
    {nothing, blockers, CALL(blockers), SLOTS | READERS, false},
    {nothing, check, CALL(check), SLOTS | PARTICIPANTS | READERS, false},
    {nothing, recover, CALL(recover), SLOTS | PARTICIPANTS, false},
    {nothing, close_if_idle, CALL(close_if_idle), SLOTS, false},
    {nothing, close_it, CALL(close), SLOTS, false},
    {subscribe, next, {"next_after_a_stream_changed", (function_t)slotring_next}, PARTICIPANTS, false},
    {fill, allocate, {"allocate_at_the_gate", (function_t)slotring_allocate}, READERS, false},
    {hold_oldest, allocate, {"allocate_past_held", (function_t)slotring_allocate}, HELD, false},
};
enum {
    LOOKS = sizeof looks / sizeof looks[0]
};

typedef struct stage {
    const look_t *look;
    const char *ring;
    const extent_t *extent;
} stage_t;

static void be_counted(const void *argument)
{
    const stage_t *stage = argument;
    scene_t scene = {.extent = stage->extent};
    slotring_options_t options;
    slotring_options_init(&options);
    options.mode = stage->look->observes ? SLOTRING_OBSERVE : SLOTRING_ATTACH;
    options.flags = SLOTRING_ONE_THREAD;
    options.wait_slice_ns = UINT64_C(1) << 60;
    must(slotring_open(&scene.ring, stage->ring, &options, NULL), "open");
    stage->look->before(&scene);
    counted_from_here();
    stage->look->run(&scene);
}

/* Each in a ring of its own, so that none finds what another one has left. */
static call_counts_t count_look(const look_t *look, const extent_t *extent)
{
    char name[64];
    crowd_t crowd, reading;
    counted_t counted;
    call_counts_t call;
    scene_t scene = {.extent = extent};
    slotring_options_t options;
    slotring_options_init(&options);
    options.mode = SLOTRING_CREATE;
    options.slot_size = BENCH_MESSAGE;
    options.total_size = (uint64_t)extent->slots * BENCH_MESSAGE;
    options.max_participants = options.max_readers = PLACES;
    options.max_holds = UINT32_MAX; /* one holds all slots, so that leaving looks at each */
    ring_name(name, 400);
    must(slotring_open(&scene.ring, name, &options, NULL), "open");
    publish(&scene, 2 * extent->slots);
    crowd_come(&crowd, name, extent->others - extent->readers, -1);
    crowd_come(&reading, name, extent->readers, SLOTRING_LOSSLESS);
    stage_t stage = {look, name, extent};
    if (!counted_start(&counted, be_counted, &stage))
        fail("a process could be traced before, and cannot now");
    counted_next_call(&counted, &look->call, 1, &call);
    if (call.instructions == COUNTED_AT_MOST)
        fail("%s does not end within %u instructions", look->call.name, COUNTED_AT_MOST);
    counted_end(&counted);
    ring_forget(name);
    crowd_leave(&reading);
    crowd_leave(&crowd);
    must(slotring_close(scene.ring), "close");
    return call;
}

static void report_look(const look_t *look, unsigned axis)
{
    char key[100];
    call_counts_t few = count_look(look, &axes[axis].few), many = count_look(look, &axes[axis].many);
    snprintf(key, sizeof key, "%s_instructions", look->call.name);
    report_number(key, key, "each", ((double)many.instructions - (double)few.instructions) / axes[axis].more);
    snprintf(key, sizeof key, "%s_system_calls", look->call.name);
    report_number(key, key, "each", ((double)many.system_calls - (double)few.system_calls) / axes[axis].more);
}

void bench_looks(const bench_config_t *config)
{
    (void)config;
    for (unsigned axis = 0; axis < AXES; axis++) {
        char key[100], title[100];
        snprintf(key, sizeof key, "each_%s", axes[axis].name);
        snprintf(title, sizeof title, "What calls that look at all execute for each %s more",
                 axes[axis].name);
        report_section(key, title);
        if (!counted_possible()) {
            report_text("skipped", "counting needs Linux on x86-64 and processes that may be traced");
            continue;
        }
        for (size_t l = 0; l < LOOKS; l++)
            if (looks[l].each >> axis & 1)
                report_look(&looks[l], axis);
    }
}
