/* SPDX-License-Identifier: Apache-2.0 */
#include "path.h"
#include "comb.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "step.h"
#include "suite.h"
#include "support/internals.h"

static void begin_round(const path_t *path)
{
    if (path->prepare != NULL)
        path->prepare(&world);
    world_begin(&world);
}

/* `complete`: the victim had come to the end, and nobody disturbed it. */
static void end_round(const path_t *path, bool complete)
{
    world_check(&world, complete ? path->messages : 0, path->messages);
}

/* What the survivor does beside the victim that stands at instruction n, and what becomes of that then. */
enum beside {
    NOTHING,
    WRITE, /* publishes a lap and more, as far as there are slots */
    WORK, /* and reads by ticket what is there, which reinstates what is being reclaimed; and frees it in rings
              that keep */
    HOLD, /* holds all there is until the end of the round, and writes once the victim has gone on */
};

typedef struct way {
    enum beside beside;
    bool goes_on; /* to its end, before it is killed */
} way_t;

static const way_t ways[] = {{NOTHING, false}, {WRITE, false}, {WORK, false},
                             {WORK, true},     {HOLD, true},   {HOLD, false}};
#define WAYS (sizeof ways / sizeof ways[0])

/* The way of an undisturbed victim, and where the disturbance comes. */
static step_trace_t trace;
static unsigned long disturbed_at;

static bool watch_for_chance(void *context, unsigned long done)
{
    const path_t *path = context;
    if (disturbed_at == ULONG_MAX && path->disturb(&world))
        disturbed_at = done;
    return true;
}

/* Or it comes just before a store of the victim's, which an undisturbed one has shown. */
static bool (*is_stored)(world_t *world);

static bool watch_for_store(void *context, unsigned long done)
{
    (void)context;
    if (disturbed_at == ULONG_MAX && is_stored(&world))
        disturbed_at = done - 1;
    return true;
}

static bool disturb_before(void *context, unsigned long done)
{
    const path_t *path = context;
    if (done == disturbed_at)
        CHECK(!is_stored(&world) && path->disturb(&world));
    return true;
}

static void read_beside(world_t *w, uint32_t index)
{
    slotring_ticket_t ticket;
    slotring_slot_t slot;
    if (slotring_ticket_at(w->ring, index, &ticket) != 0)
        return;
    if (slotring_acquire_for_read(w->ring, &ticket, &slot) == 0) {
        pattern_check(&slot);
        CHECK_OK(slotring_release(w->ring, &slot));
    }
    if (w->keep)
        (void)slotring_free(w->ring, &ticket);
}

static void write_beside(world_t *w, bool and_read)
{
    for (uint32_t i = 0; i < w->slots + 2 && world_try_publish(w); i++)
        if (and_read)
            read_beside(w, i % w->slots);
}

static void hold_beside(world_t *w)
{
    slotring_ticket_t ticket;
    slotring_slot_t *slot = &w->held[w->held_count];
    for (uint32_t i = 0; i < w->slots && w->held_count < WORLD_SLOTS_MAX; i++) {
        if (slotring_ticket_at(w->ring, i, &ticket) != 0 ||
            slotring_acquire_for_read(w->ring, &ticket, slot) != 0)
            continue;
        pattern_check(slot);
        w->held_tags[w->held_count++] = slot->tag;
        slot++;
    }
}

/* Kills after n instructions; n = trace.count: at the end. */
static void run_round(const path_t *path, unsigned long n, const way_t *way)
{
    begin_round(path);
    pid_t victim = step_start(path->victim, ring_name());
    unsigned long from = 0;
    bool inside = true, disturbed = false;
    if (disturbed_at < n) {
        inside = step_go_to(victim, &trace, 0, disturbed_at);
        disturbed = path->disturb(&world);
        from = disturbed_at;
    }
    if (inside && n < trace.count)
        inside = step_go_to(victim, &trace, from, n);
    else if (inside)
        step_finish(victim);
    if (way->beside == WRITE || way->beside == WORK)
        write_beside(&world, way->beside == WORK);
    if (way->beside == HOLD)
        hold_beside(&world);
    if (way->goes_on && inside && n < trace.count)
        step_finish(victim);
    if (way->beside == HOLD && way->goes_on)
        write_beside(&world, false); /* over a slot that was given away while it was held */
    step_kill(victim);
    world.killed++;
    end_round(path, n == trace.count && !disturbed && way->beside == NOTHING);
}

static void record(const path_t *path, step_watch_fn watch)
{
    begin_round(path);
    step_kill(step_record(path->victim, ring_name(), watch, (void *)path, &trace));
    world.killed++;
    if (watch != NULL && disturbed_at == ULONG_MAX)
        FAIL("%s: the chance to disturb the victim never came", path->what);
    end_round(path, watch == NULL || watch == watch_for_store);
}

static void measure(const path_t *path)
{
    disturbed_at = ULONG_MAX;
    if (is_stored != NULL) {
        record(path, watch_for_store);
        step_forget(&trace);
        record(path, disturb_before);
    } else {
        record(path, path->disturb != NULL ? watch_for_chance : NULL);
    }
}

static bool kill_at_system_call(const void *of, unsigned long call, unsigned long after)
{
    const path_t *path = of;
    begin_round(path);
    step_point_t point = {.system_calls = call, .instructions = after};
    bool inside = step_and_kill(path->victim, ring_name(), point);
    world.killed++;
    end_round(path, false);
    return inside;
}

static void kill_at_instruction(const void *path, unsigned long n, size_t way)
{
    run_round(path, n, &ways[way]);
}

void kill_on_path(const path_t *path)
{
    kill_on_path_in(path, 0);
}

void kill_on_path_before(const path_t *path, bool (*stored)(world_t *world))
{
    is_stored = stored;
    kill_on_path_in(path, 0);
    is_stored = NULL;
}

void kill_on_path_in(const path_t *path, uint32_t flags)
{
    const char *why;
    if (!step_possible(&why)) {
        test_skip("%s", why);
        return;
    }
    bool thorough = thorough_seconds() > 0;
    int64_t start = now_ns(), budget = time_to_try(200);
    world_open(&world, path->slots, path->keep, flags);
    unsigned long points = 0, kills;
    if (path->sleeps) {
        kills = comb_kill_around_system_calls(path->what, path, start + budget, kill_at_system_call);
        printf("PROVED %lu kills; %s: around its system calls\n", kills, path->what);
    } else {
        measure(path);
        comb_t comb = {path->what, path, 0, trace.count, trace.count, WAYS, kill_at_instruction};
        kills = 1 + comb_kill(&comb, thorough, start + budget, &points);
        printf("PROVED %lu kills; %s: at %lu of %lu instructions\n", kills, path->what, points,
               trace.count + 1);
        step_forget(&trace);
    }
    check_context("%s", "");
    CHECK_AT_LEAST(kills, COMB_KILLS_LEAST);
    world_close(&world);
}
