/* SPDX-License-Identifier: Apache-2.0 */
#include "support/rounds.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "support/comb.h"
#include "support/internals.h"
#include "support/suite.h"

#define MARGIN 10u /* instructions before the first change, and after the last one */

progress_t *progress;

static step_trace_t trace;
static unsigned long first_kill, last_kill; /* all of it, or where something of the ring changes */
static pid_t dead;                          /* stands somewhere, until the repairer kills it */

void rounds_repair(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    uint32_t there = 0, count;
    slotring_participant_t people[4];
    CHECK_OK(slotring_participants(ring, people, 4, &count));
    for (uint32_t i = 0; i < count; i++)
        if (people[i].pid == (uint64_t)dead)
            there = people[i].index;
    CHECK(there != 0);
    CHECK_SYSTEM(kill(dead, SIGKILL));
    while (!sr__participant_is_dead(&ring->member, there, NULL))
        sched_yield();
    step_begin();
    CHECK_OK(slotring_recover(ring, NULL));
    step_end();
}

typedef struct changes {
    uint8_t *now, *before;
    size_t size;
    unsigned long first, last;
} changes_t;

static bool note_changes(void *context, unsigned long done)
{
    changes_t *changes = context;
    if (ring_changed_since(changes->before, changes->now, changes->size) && done != 0) {
        changes->last = done;
        if (changes->first == 0)
            changes->first = done;
    }
    return true;
}

static role_fn who_is_stepped(const rounds_t *rounds)
{
    return rounds->second ? rounds->second : rounds->victim;
}

/* Between two victims the way to where it stands may differ; the place may not. */
static void begin_round(const rounds_t *rounds)
{
    step_trace_t way;
    atomic_store(&progress->tried, 0);
    atomic_store(&progress->done, 0);
    rounds->begin(rounds->path);
    if (!rounds->second)
        return;
    dead = step_and_watch(rounds->victim, ring_name(), rounds->stand, NULL, &way);
    step_forget(&way);
}

static void kill_all(const rounds_t *rounds, pid_t victim)
{
    step_kill(victim);
    if (rounds->second)
        step_kill(dead);
}

static void end_round(const rounds_t *rounds, bool complete)
{
    rounds->end(rounds->path, complete && !rounds->second);
}

static void kill_at_instruction(const void *of, unsigned long n, size_t way)
{
    const rounds_t *rounds = of;
    begin_round(rounds);
    pid_t victim = step_start(who_is_stepped(rounds), ring_name());
    bool inside = n == trace.count || step_go_to(victim, &trace, 0, n);
    if (n == trace.count)
        step_finish(victim);
    bool goes_on = rounds->beside(way);
    if (goes_on && inside && n < trace.count)
        step_finish(victim);
    kill_all(rounds, victim);
    end_round(rounds, n == trace.count && way == 0);
}

static bool kill_at_system_call(const void *of, unsigned long call, unsigned long after)
{
    const rounds_t *rounds = of;
    begin_round(rounds);
    step_point_t point = {.system_calls = call, .instructions = after};
    bool inside = step_and_kill(rounds->victim, ring_name(), point);
    end_round(rounds, false);
    return inside;
}

/* A repairer looks at much, and changes little: it is killed from the first change to the last one. */
static void measure(const rounds_t *rounds)
{
    changes_t changes = {.first = 0};
    changes.now = ring_map(ring_name(), &changes.size);
    changes.size = (size_t)sr__layout_control_size(&rounds->ring->member.view.header);
    changes.before = calloc(1, changes.size);
    CHECK(changes.before != NULL);
    begin_round(rounds);
    pid_t victim = step_record(who_is_stepped(rounds), ring_name(), rounds->second ? note_changes : NULL,
                               &changes, &trace);
    kill_all(rounds, victim);
    end_round(rounds, true);
    free(changes.before);
    ring_unmap(changes.now);
    first_kill = changes.first > MARGIN ? changes.first - MARGIN : 0;
    last_kill = rounds->second && changes.last + MARGIN < trace.count ? changes.last + MARGIN : trace.count;
}

void rounds_begin(void)
{
    progress = mmap(NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(progress != MAP_FAILED);
}

void rounds_kill(const rounds_t *rounds)
{
    bool thorough = thorough_seconds() > 0;
    int64_t budget = time_to_try(200);
    unsigned long points = 0, kills;
    if (rounds->sleeps) {
        kills = comb_kill_around_system_calls(rounds->what, rounds, now_ns() + budget, kill_at_system_call);
        printf("PROVED %lu kills; %s: around its system calls\n", kills, rounds->what);
    } else {
        measure(rounds);
        comb_t comb = {rounds->what, rounds,       first_kill,         last_kill,
                       trace.count,  rounds->ways, kill_at_instruction};
        kills = 1 + comb_kill(&comb, thorough, now_ns() + budget, &points);
        printf("PROVED %lu kills; %s: at %lu of %lu instructions\n", kills, rounds->what, points,
               last_kill - first_kill + 1);
        step_forget(&trace);
    }
    check_context("%s", "");
    CHECK_AT_LEAST(kills, COMB_KILLS_LEAST);
}

void rounds_end(void)
{
    CHECK_SYSTEM(munmap(progress, sizeof *progress));
}
