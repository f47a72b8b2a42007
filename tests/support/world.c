/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "core.h"
#include "step.h"
#include "suite.h"

world_t world;

/* ---- What the survivor does ------------------------------------------------------------------------- */

void victim_message(slotring_slot_t *slot, uint32_t writer, uint64_t number, uint64_t *length)
{
    slot->tag = pattern_tag(writer, number);
    *length = slot->length = pattern_length(slot->tag, slot->capacity);
    pattern_fill(slot->data, *length, slot->tag);
}

static bool publish_if_possible(world_t *w, slotring_ticket_t *ticket)
{
    slotring_slot_t slot;
    uint64_t length;
    int code = slotring_allocate(w->ring, 1, &slot);
    if (code == SLOTRING_E_FULL)
        return false;
    CHECK_OK(code);
    victim_message(&slot, SURVIVOR, w->number++, &length);
    CHECK_OK(slotring_mark_ready(w->ring, &slot, length));
    *ticket = slot.ticket;
    return true;
}

slotring_ticket_t world_publish_only(world_t *w)
{
    slotring_ticket_t ticket;
    if (!publish_if_possible(w, &ticket))
        FAIL("no slot for the survivor's message %llu", (unsigned long long)w->number);
    return ticket;
}

/* One message that the reader got: the next of whoever wrote it. */
static void account(world_t *w, const slotring_slot_t *slot)
{
    uint32_t writer = pattern_producer(slot->tag);
    uint64_t number = pattern_number(slot->tag);
    pattern_check(slot);
    CHECK_EQUAL(slot->sequence, w->expected);
    w->expected++;
    w->bytes += slot->length;
    if (writer == SURVIVOR) {
        CHECK_EQUAL(number, w->read_next);
        w->read_next++;
        return;
    }
    CHECK(writer == VICTIM || writer == OTHER_VICTIM);
    CHECK_EQUAL(number, w->victims[writer]);
    w->victims[writer]++;
    w->last_length[writer] = slot->length;
}

void world_read(world_t *w)
{
    for (;;) {
        slotring_slot_t slot;
        int code = slotring_next(w->reader, 0, &slot);
        if (code == SLOTRING_E_EMPTY || code == SLOTRING_E_END)
            return;
        if (code == SLOTRING_E_PRODUCER_DIED) {
            w->deaths++;
            continue;
        }
        CHECK_OK(code);
        account(w, &slot);
        CHECK_OK(slotring_reader_release(w->reader));
    }
}

slotring_ticket_t world_publish(world_t *w)
{
    slotring_ticket_t ticket = world_publish_only(w);
    world_read(w);
    return ticket;
}

bool world_try_publish(world_t *w)
{
    slotring_ticket_t ticket;
    bool done = publish_if_possible(w, &ticket);
    if (!w->quiet)
        world_read(w);
    return done;
}

void world_hold(world_t *w, const slotring_ticket_t *ticket)
{
    slotring_slot_t *slot = &w->held[w->held_count];
    CHECK_OK(slotring_acquire_for_read(w->ring, ticket, slot));
    pattern_check(slot);
    CHECK_EQUAL(slot->sequence, ticket->sequence);
    w->held_tags[w->held_count++] = slot->tag;
}

/* What the survivor holds is still what it acquired. */
static void release_all(world_t *w)
{
    while (w->held_count > 0) {
        slotring_slot_t *slot = &w->held[--w->held_count];
        CHECK_EQUAL(slot->tag, w->held_tags[w->held_count]);
        pattern_check(slot);
        CHECK_OK(slotring_release(w->ring, slot));
    }
}

static void free_all(world_t *w)
{
    slotring_ticket_t ticket;
    for (uint32_t i = 0; i < w->slots; i++)
        if (slotring_ticket_at(w->ring, i, &ticket) == 0)
            CHECK_OK(slotring_free(w->ring, &ticket));
}

void world_empty(world_t *w)
{
    slotring_slot_t slots[WORLD_SLOTS_MAX];
    if (w->keep)
        free_all(w);
    for (uint32_t i = 0; i < w->slots; i++) {
        check_context("slot %u of %u in hand after the last kill", i, w->slots);
        CHECK_OK(slotring_allocate(w->ring, 1, &slots[i]));
    }
    check_context("%s", "");
    for (uint32_t i = 0; i < w->slots; i++)
        CHECK_OK(slotring_abort(w->ring, &slots[i]));
}

void world_fill(world_t *w)
{
    world_empty(w);
    for (uint32_t i = 0; i < w->slots; i++)
        world_publish(w);
}

slotring_ticket_t world_oldest(world_t *w)
{
    slotring_ticket_t oldest = {.sequence = UINT64_MAX}, ticket;
    for (uint32_t i = 0; i < w->slots; i++)
        if (slotring_ticket_at(w->ring, i, &ticket) == 0 && ticket.sequence < oldest.sequence)
            oldest = ticket;
    CHECK(oldest.sequence != UINT64_MAX);
    return oldest;
}

uint32_t world_slot_in(world_t *w, uint32_t state)
{
    uint32_t i = 0;
    for (; i < w->slots; i++) {
        uint64_t word = sr__load(&sr__slot(&w->ring->view, i)->word);
        if (sr__slot_state(word) == state && sr__owner(word) != w->ring->me)
            break;
    }
    return i;
}

/* ---- What must hold --------------------------------------------------------------------------------- */

/* Publications that are gone from their slots, without those that the counters know of. */
static uint64_t uncounted(world_t *w, const slotring_stats_t *stats)
{
    uint64_t freed_but_there = 0;
    for (uint32_t i = 0; i < w->slots; i++) {
        uint64_t word = sr__load(&sr__slot(&w->ring->view, i)->word);
        freed_but_there += sr__slot_state(word) == SR__PUBLISHED && sr__is_freed(word);
    }
    uint64_t counted = stats->overwritten + stats->recycled + stats->freed - freed_but_there;
    uint64_t gone = stats->published - stats->slots_ready;
    if (counted > gone)
        FAIL("%llu publications are counted as gone, and only %llu are", (unsigned long long)counted,
             (unsigned long long)gone);
    return gone - counted;
}

static void check_statistics(world_t *w)
{
    slotring_stats_t now = ring_stats(w->ring), *before = &w->before;
    CHECK_EQUAL(now.published, w->expected);
    CHECK_EQUAL(now.participants, 1);
    CHECK_EQUAL(now.readers, 1);
    CHECK_EQUAL(now.repaired, before->repaired + w->killed);
    CHECK_EQUAL(now.producers_started, now.producers_ended + now.producers_died + now.producers);
    CHECK_EQUAL(w->deaths, now.producers_died);
    uint64_t missing = uncounted(w, &now) - w->uncounted_before;
    CHECK_AT_LEAST(w->killed, missing); /* each may lack the one that it was at */
    uint64_t unwritten = w->bytes - (now.bytes_written - before->bytes_written);
    CHECK(unwritten == 0 || unwritten == w->last_length[VICTIM] ||
          unwritten == w->last_length[OTHER_VICTIM] ||
          unwritten == w->last_length[VICTIM] + w->last_length[OTHER_VICTIM]);
    w->uncounted_before += missing;
}

static void begin_round(world_t *w, const path_t *path)
{
    if (path->prepare != NULL)
        path->prepare(w);
    if (!w->quiet)
        world_read(w);
    w->killed = 0;
}

/* Remembers what the ring says now; what comes after it belongs to the next round. */
static void close_books(world_t *w)
{
    w->before = ring_stats(w->ring);
    w->bytes = 0;
    memset(w->victims, 0, sizeof w->victims);
    memset(w->last_length, 0, sizeof w->last_length);
    w->quiet = false;
}

/* After the kill. `complete`: the victim had come to the end, and nobody disturbed it. */
static void check_world(world_t *w, const path_t *path, bool complete)
{
    if (w->stopped != 0) {
        step_kill(w->stopped);
        w->stopped = 0;
        w->killed++;
    }
    slotring_recovery_t recovery = {.struct_size = sizeof recovery};
    CHECK_OK(slotring_recover(w->ring, &recovery));
    CHECK_EQUAL(recovery.participants, w->killed);
    world_read(w);
    release_all(w);
    check_ring_at_rest(w->ring);
    check_statistics(w);
    CHECK_AT_LEAST(path->messages, w->victims[VICTIM]);
    if (complete)
        CHECK_EQUAL(w->victims[VICTIM], path->messages);
    close_books(w);
    world_empty(w); /* each slot once through the survivor's hands */
    for (int i = 0; i < 2; i++) {
        slotring_ticket_t ticket = world_publish(w);
        read_once(w->ring, &ticket);
    }
}

/* ---- One round -------------------------------------------------------------------------------------- */

/* What the survivor does beside the victim that stands at instruction n, and what becomes of that then. */
enum beside {
    NOTHING,
    WRITE, /* publishes a lap and more, as far as there are slots */
    WORK, /* and reads by ticket what is there, which puts back what is being reclaimed; and frees it in rings that
              keep */
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
    begin_round(&world, path);
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
    check_world(&world, path, n == trace.count && !disturbed && way->beside == NOTHING);
}

static void measure(const path_t *path)
{
    disturbed_at = ULONG_MAX;
    begin_round(&world, path);
    step_kill(step_record(path->victim, ring_name(), path->disturb != NULL ? watch_for_chance : NULL,
                          (void *)path, &trace));
    world.killed++;
    if (path->disturb != NULL && disturbed_at == ULONG_MAX)
        FAIL("%s: the chance to disturb the victim never came", path->what);
    check_world(&world, path, path->disturb == NULL);
}

/* The path sleeps: kills at its system calls and a little after each. */
static unsigned long kill_around_system_calls(const path_t *path, int64_t end)
{
    unsigned long kills = 0, after = 0;
    for (bool over = false; !over; after = after * 2 + 1) {
        bool inside = true;
        for (unsigned long call = 0; inside; call++, kills++) {
            check_context("%s: killed at system call stop %lu + %lu instructions", path->what, call, after);
            begin_round(&world, path);
            step_point_t point = {.system_calls = call, .instructions = after};
            inside = step_and_kill(path->victim, ring_name(), point);
            world.killed++;
            check_world(&world, path, false);
        }
        over = after > 4000 || now_ns() > end;
    }
    return kills;
}

/* Thorough: every instruction with a plain kill, then with the other ways, as far as the time goes. */
static unsigned long kill_everywhere(const path_t *path, int64_t end, unsigned long *points)
{
    unsigned long kills = 0;
    for (size_t way = 0; way < WAYS; way++)
        for (unsigned long n = 0; n <= trace.count; n++, kills++) {
            if (now_ns() > end)
                return kills;
            check_context("%s: at instruction %lu of %lu, way %zu", path->what, n, trace.count, way);
            run_round(path, n, &ways[way]);
            *points += way == 0;
        }
    return kills;
}

/* A coarse comb over all of it, then the teeth between, as far as the time goes; the ways by turns. */
static unsigned long kill_by_comb(const path_t *path, int64_t end, unsigned long *points)
{
    unsigned long stride = 1, first;
    while (stride * 12 < trace.count)
        stride *= 2;
    first = stride;
    for (unsigned long step = first; step >= 1; step /= 2)
        for (unsigned long n = step == first ? 0 : step; n <= trace.count;
             n += step == first ? step : 2 * step, ++*points) {
            if (now_ns() > end && step != first)
                return *points;
            size_t way = *points % WAYS;
            check_context("%s: at instruction %lu of %lu, way %zu", path->what, n, trace.count, way);
            run_round(path, n, &ways[way]);
        }
    return *points;
}

static void open_world(const path_t *path)
{
    memset(&world, 0, sizeof world);
    world.slots = path->slots;
    world.keep = path->keep;
    slotring_options_t options = ring_options(SLOTRING_CREATE, path->slots, 64);
    options.when_full = path->keep ? SLOTRING_KEEP : SLOTRING_OVERWRITE;
    world.ring = ring_open_with(ring_name(), &options);
    world.reader = subscribe(world.ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    world_publish(&world);
    close_books(&world);
}

void kill_on_path(const path_t *path)
{
    const char *why;
    if (!step_possible(&why)) {
        test_skip("%s", why);
        return;
    }
    bool thorough = thorough_seconds() > 0;
    int64_t start = now_ns(),
            budget = thorough ? (int64_t)thorough_seconds() * SECOND : (int64_t)scaled(900) * MILLISECOND;
    open_world(path);
    unsigned long points = 0, kills;
    if (path->sleeps) {
        kills = kill_around_system_calls(path, start + budget);
        printf("PROVED %lu kills; %s: around its system calls\n", kills, path->what);
    } else {
        measure(path);
        kills = 1 + (thorough ? kill_everywhere : kill_by_comb)(path, start + budget, &points);
        printf("PROVED %lu kills; %s: at %lu of %lu instructions\n", kills, path->what, points,
               trace.count + 1);
        step_forget(&trace);
    }
    check_context("%s", "");
    CHECK_AT_LEAST(kills, 3);
    CHECK_OK(slotring_unsubscribe(world.reader));
    world.reader = NULL;
    if (path->keep)
        free_all(&world);
    check_ring_at_rest(world.ring);
    ring_remove(world.ring, ring_name());
}
