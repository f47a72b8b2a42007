/* SPDX-License-Identifier: Apache-2.0 */
/* Three producers die at one participant's entry while a reader is away. The repairer after the last one is stopped, or
 * killed, at each instruction. The reader is told of each death, of the last two with their own names, and never with
 * something of two of them. */
#include <sched.h>
#include <signal.h>
#include <string.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/step.h"
#include "support/suite.h"

#define PLACE 1u
#define DEATHS 3u

typedef struct scene {
    slotring_t *ring;
    slotring_reader_t *reader;
    slotring_participant_t dead[DEATHS]; /* who they were, as they were seen alive */
    peer_t last;                         /* whom the repairer kills */
} scene_t;

static pid_t to_kill;

static void producer(peer_t *test, const char *name)
{
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    uint64_t number = peer_hear(test);
    static const char *const names[DEATHS] = {"the first that died here", "its successor", "a third one"};
    options.client_name = names[number];
    slotring_t *ring = ring_open_with(name, &options);
    for (uint64_t n = 0; n <= number; n++)
        publish(ring, 5, n);
    peer_tell(test, 1);
    (void)peer_hear(test);
}

static peer_t comes_to_the_place(scene_t *scene, uint64_t number)
{
    slotring_participant_t people[3];
    uint32_t count;
    peer_t peer = peer_start(BY_FORK, "path-death-producer", ring_name());
    peer_tell(&peer, number);
    peer_expect(&peer, 1);
    CHECK_OK(slotring_participants(scene->ring, people, 3, &count));
    CHECK_EQUAL(count, 3);
    CHECK_EQUAL(people[PLACE].pid, peer.pid);
    scene->dead[number] = people[PLACE];
    return peer;
}

/* As if it had been there before the first death, and came back only now. */
static void forget_deaths(scene_t *scene)
{
    scene->reader->deaths_told[PLACE] = 0;
    scene->reader->stream_seen = SR__NO_SEQUENCE;
}

/* The reader has had all messages, and was told of no death. The last one is to die yet. */
static void set_up(scene_t *scene)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 8, 64);
    options.max_participants = 3;
    scene->ring = ring_open_with(ring_name(), &options);
    slotring_t *others[2] = {ring_attach(ring_name()), ring_attach(ring_name())};
    CHECK_OK(slotring_close(others[0])); /* one entry is free, the other one is not */
    for (uint64_t number = 0; number < DEATHS - 1; number++) {
        peer_t peer = comes_to_the_place(scene, number);
        peer_kill(&peer);
        CHECK_OK(slotring_recover(scene->ring, NULL));
    }
    scene->last = comes_to_the_place(scene, DEATHS - 1);
    to_kill = scene->last.pid;
    scene->reader = subscribe(scene->ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    forget_deaths(scene);
    CHECK_OK(slotring_close(others[1])); /* room for who repairs */
}

static void tear_down(scene_t *scene)
{
    peer_kill(&scene->last);
    CHECK_OK(slotring_unsubscribe(scene->reader));
    check_recovered(scene->ring, 1);
    ring_remove(scene->ring, ring_name());
}

static bool is_death(const slotring_participant_t *who, const slotring_participant_t *dead)
{
    return who->pid == dead->pid && who->incarnation == dead->incarnation &&
           who->last_sequence == dead->last_sequence && strcmp(who->name, dead->name) == 0;
}

/* The next death is told, as number `expected` or, if it may be, as the one after it. Which? */
static unsigned told(scene_t *scene, unsigned expected, bool or_later)
{
    slotring_participant_t who;
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(scene->reader, 0, &slot), SLOTRING_E_PRODUCER_DIED);
    CHECK_OK(slotring_reader_death(scene->reader, &who));
    CHECK_EQUAL(who.index, PLACE);
    if (is_death(&who, &scene->dead[expected]))
        return expected;
    if (or_later && is_death(&who, &scene->dead[expected + 1]))
        return expected + 1;
    FAIL("told instead of death %u: process %llu (%s), incarnation %llu, last sequence %llu", expected,
         (unsigned long long)who.pid, who.name, (unsigned long long)who.incarnation,
         (unsigned long long)who.last_sequence);
}

static unsigned deaths_counted(const scene_t *scene)
{
    return sr__stream_deaths(sr__load(&scene->ring->member.view.participants[PLACE].stream));
}

static void repairs(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    CHECK_SYSTEM(kill(to_kill, SIGKILL));
    while (!sr__participant_is_dead(&ring->member, PLACE, NULL))
        sched_yield();
    step_begin();
    CHECK_OK(slotring_recover(ring, NULL));
    step_end();
}

typedef struct watched {
    scene_t scene;
    uint8_t before[sizeof(sr__participant_t)];
    unsigned long first, last; /* instructions by which something of the entry changed */
    unsigned told[DEATHS + 1], first_kept[DEATHS + 1]; /* by the deaths that were counted then */
} watched_t;

static bool look(void *context, unsigned long done)
{
    watched_t *w = context;
    const sr__participant_t *p = &w->scene.ring->member.view.participants[PLACE];
    if (memcmp(w->before, p, sizeof w->before) != 0) {
        memcpy(w->before, p, sizeof w->before);
        w->first = w->first ? w->first : done;
        w->last = done;
    }
    unsigned counted = deaths_counted(&w->scene);
    forget_deaths(&w->scene);
    unsigned first = told(&w->scene, 0, true);
    w->first_kept[counted] += first == 0;
    w->told[counted]++;
    for (unsigned number = 1; number < counted; number++)
        CHECK_EQUAL(told(&w->scene, number, false), number);
    return true;
}

static void a_repairer_that_is_stopped_anywhere(void)
{
    const char *why;
    if (!step_possible(&why))
        SKIP("%s", why);
    watched_t w = {.first = 0};
    step_trace_t trace = {0};
    set_up(&w.scene);
    memcpy(w.before, &w.scene.ring->member.view.participants[PLACE], sizeof w.before);
    pid_t held = step_record(repairs, ring_name(), look, &w, &trace);
    for (unsigned counted = DEATHS - 1; counted <= DEATHS; counted++)
        CHECK_AT_LEAST(w.told[counted], 10);
    CHECK_AT_LEAST(w.first_kept[DEATHS - 1], 10);
    CHECK_AT_LEAST(w.told[DEATHS - 1] - w.first_kept[DEATHS - 1], 10); /* its record was being overwritten */
    CHECK_EQUAL(w.first_kept[DEATHS], 0);
    step_kill(held);
    step_forget(&trace);
    tear_down(&w.scene);
}

/* Whoever comes next writes it all once more. */
static void a_repairer_that_is_killed_anywhere(void)
{
    enum {
        POINTS = 12
    };
    const char *why;
    if (!step_possible(&why))
        SKIP("%s", why);
    watched_t w = {.first = 0};
    step_trace_t trace = {0};
    set_up(&w.scene);
    memcpy(w.before, &w.scene.ring->member.view.participants[PLACE], sizeof w.before);
    step_kill(step_record(repairs, ring_name(), look, &w, &trace));
    tear_down(&w.scene);
    for (unsigned long n = 0; n <= POINTS; n++) {
        scene_t scene;
        set_up(&scene);
        pid_t held = step_start(repairs, ring_name());
        bool there = step_go_to(held, &trace, 0, w.first + (w.last - w.first) * n / POINTS);
        step_kill(held);
        CHECK(there);
        CHECK_OK(slotring_recover(scene.ring, NULL));
        CHECK_EQUAL(told(&scene, 0, true), 1);
        CHECK_EQUAL(told(&scene, 1, false), 1);
        CHECK_EQUAL(told(&scene, 2, false), 2);
        slotring_slot_t slot;
        CHECK_CODE(slotring_next(scene.reader, 0, &slot), SLOTRING_E_END);
        tear_down(&scene);
    }
    step_forget(&trace);
}

static const test_case_t cases[] = {
    {"a_repairer_that_is_stopped_anywhere", a_repairer_that_is_stopped_anywhere, 0},
    {"a_repairer_that_is_killed_anywhere", a_repairer_that_is_killed_anywhere, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {{"path-death-producer", producer}, {NULL, NULL}};

const test_suite_t path_death_suite = {"path_death", cases, roles};
