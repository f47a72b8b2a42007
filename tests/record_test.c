/* SPDX-License-Identifier: Apache-2.0 */
/* Records that one thread writes while others read: who is at a participant's entry, who died there, what a reader has
 * had. What a call gives is of one moment. All threads have one mapping, so that ThreadSanitizer sees what is written
 * beside what is read. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/suite.h"
#include "support/thread.h"

/* ---- A backend in which every process says which one it is -------------------------------------------- */

#define PLACE 1u
#define UNIT 1000003u /* by which the fields of a person differ */

static const sr__backend_t *real;
static sr__backend_t imagined;
static _Atomic uint64_t number; /* of the process that attaches now */

static void own_self(sr__self_t *self)
{
    uint64_t n = atomic_load(&number);
    *self = (sr__self_t){
        .pid = n, .pid_namespace = n + UNIT, .start_time = n + 2 * UNIT, .uid = n + UINT64_C(3) * UNIT};
    (void)snprintf(self->name, sizeof self->name, "process %llu", (unsigned long long)n);
}

/* Nobody asks the system about a process that there is not. */
static uint32_t no_life(uint64_t pid, uint64_t pid_namespace, uint64_t start_time)
{
    (void)pid, (void)pid_namespace, (void)start_time;
    return SLOTRING_LIFE_RUNNING;
}

static void imagine(slotring_t *ring)
{
    real = ring->member.os;
    imagined = *real;
    imagined.system.self = own_self;
    imagined.system.life = no_life;
    ring->member.os = &imagined;
}

static uint64_t number_in(const char *name)
{
    return strncmp(name, "process ", 8) == 0 ? strtoull(name + 8, NULL, 10) : 0;
}

/* ---- The scene ---------------------------------------------------------------------------------------- */

static struct {
    slotring_t *ring, *observer;
    slotring_t *keeper; /* has the entry's death lock, whoever is said to be there */
    slotring_reader_t *reader;
    atomic_uint over;
    atomic_ulong looks; /* that saw somebody there */
} scene;

static void set_up(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 8, 64);
    options.max_participants = 3;
    options.max_readers = 3;
    memset(&scene, 0, sizeof scene);
    atomic_store(&number, 0);
    scene.ring = ring_open_with(ring_name(), &options);
    scene.keeper = ring_attach(ring_name());
    CHECK_EQUAL(ring_info(scene.keeper).participant, PLACE);
    scene.observer = ring_observe(ring_name());
    atomic_fetch_add(&scene.ring->member.view.participants[PLACE].incarnation, 1);
    imagine(scene.ring);
    imagine(scene.observer);
}

static void tear_down(void)
{
    scene.ring->member.os = scene.observer->member.os = real;
    scene.keeper->member.incarnation =
        atomic_fetch_add(&scene.ring->member.view.participants[PLACE].incarnation, 1) + 1;
    CHECK_OK(slotring_close(scene.keeper));
    CHECK_OK(slotring_close(scene.observer));
    check_ring_at_rest(scene.ring);
    ring_remove(scene.ring, ring_name());
}

static const slotring_options_t nameless; /* all defaults */

/* The next process has the entry, by the same steps as one that attaches. */
static void comes(void)
{
    sr__participant_t *p = &scene.ring->member.view.participants[PLACE];
    atomic_fetch_add(&number, 1);
    sr__participant_write(&scene.ring->member, p, &nameless);
    atomic_fetch_add(&p->incarnation, 1);
}

static void leaves(void)
{
    atomic_fetch_add(&scene.ring->member.view.participants[PLACE].incarnation, 1);
}

/* ---- Who is there ------------------------------------------------------------------------------------- */

/* Process n has incarnation 2 n + 1: 1 was the keeper. */
static void check_person(const slotring_participant_t *who)
{
    CHECK_EQUAL(who->incarnation, 2 * who->pid + 1);
    CHECK_EQUAL(who->pid_namespace, who->pid + UNIT);
    CHECK_EQUAL(who->start_time, who->pid + 2 * UNIT);
    CHECK_EQUAL(who->uid, who->pid + UINT64_C(3) * UNIT);
    CHECK_EQUAL(number_in(who->name), who->pid);
}

/* The row that a process has while it is there has its number, as the generation. */
static void set_row(enum sr__subscription_state state)
{
    uint32_t generation = (uint32_t)atomic_load(&number),
             owner = state == SR__SUBSCRIPTION_ACTIVE ? PLACE : 0;
    atomic_store(&scene.ring->member.view.subscriptions[0].state,
                 sr__subscription_word(state, owner, 0, generation));
}

static void come_and_go(void *argument)
{
    (void)argument;
    for (unsigned long n = scaled(100000); n > 0 && threads_go_on(); n--) {
        comes();
        set_row(SR__SUBSCRIPTION_ACTIVE);
        set_row(SR__SUBSCRIPTION_FREE);
        leaves();
    }
    atomic_store(&scene.over, 1);
}

static void look_who_is_there(void *argument)
{
    slotring_t *ring = argument;
    do {
        slotring_participant_t people[3];
        uint32_t count;
        CHECK_OK(slotring_participants(ring, people, 3, &count));
        for (uint32_t i = 0; i < count; i++)
            if (people[i].index == PLACE) {
                check_person(&people[i]);
                atomic_fetch_add(&scene.looks, 1);
            }
    } while (atomic_load(&scene.over) == 0 && threads_go_on());
}

/* The entry's hold bit is set all the time, whoever is there. */
static void look_who_is_in_the_way(void *argument)
{
    slotring_t *ring = argument;
    do {
        slotring_blocker_t blockers[4];
        uint32_t count;
        CHECK_OK(slotring_blockers(ring, blockers, 4, &count));
        for (uint32_t i = 0; i < count; i++)
            if (blockers[i].participant == PLACE) {
                CHECK_EQUAL(number_in(blockers[i].name), blockers[i].pid); /* 0: it has left meanwhile */
                CHECK_EQUAL(blockers[i].life,
                            blockers[i].pid ? SLOTRING_LIFE_RUNNING : SLOTRING_LIFE_UNKNOWN);
                atomic_fetch_add(&scene.looks, blockers[i].pid != 0);
            }
    } while (atomic_load(&scene.over) == 0 && threads_go_on());
}

/* A row that did not change meanwhile is of somebody who was there all the time. */
static void look_who_reads(void *argument)
{
    slotring_t *ring = argument;
    do {
        slotring_reader_info_t readers[3];
        uint32_t count;
        CHECK_OK(slotring_readers(ring, readers, 3, &count));
        for (uint32_t i = 0; i < count; i++) {
            CHECK(readers[i].pid != 0);
            CHECK_EQUAL(readers[i].life, SLOTRING_LIFE_RUNNING);
            atomic_fetch_add(&scene.looks, 1);
        }
    } while (atomic_load(&scene.over) == 0 && threads_go_on());
}

static void look_beside(void (*look)(void *))
{
    set_up();
    sr__slot_t *slot = sr__slot(&scene.ring->member.view, 0);
    atomic_store(&scene.ring->member.view.state->readers_high, 1);
    atomic_store(&slot->hold0, UINT64_C(1) << PLACE);
    thread_start(come_and_go, NULL);
    thread_start(look, scene.ring);
    thread_start(look, scene.observer);
    threads_join();
    atomic_store(&scene.looks, 0);
    comes();
    set_row(SR__SUBSCRIPTION_ACTIVE);
    look(scene.ring); /* once more, and now nobody goes */
    look(scene.observer);
    CHECK_EQUAL(atomic_load(&scene.looks), 2);
    set_row(SR__SUBSCRIPTION_FREE);
    atomic_store(&slot->hold0, 0);
    leaves();
    tear_down();
}

static void a_process_is_never_shown_as_another(void)
{
    look_beside(look_who_is_there);
}

static void who_holds_is_never_shown_as_another(void)
{
    look_beside(look_who_is_in_the_way);
}

static void who_reads_is_never_shown_as_another(void)
{
    look_beside(look_who_reads);
}

/* ---- Who died ----------------------------------------------------------------------------------------- */

#define MESSAGES 4u

static void die_one_after_the_other(void *argument)
{
    sr__participant_t *p = &scene.ring->member.view.participants[PLACE];
    (void)argument;
    for (unsigned long n = scaled(20000); n > 0 && threads_go_on(); n--) {
        comes();
        atomic_store(&p->first_sequence, 0);
        atomic_store(&p->last_sequence, atomic_load(&number) % MESSAGES);
        uint64_t w = atomic_load(&p->stream);
        CHECK(atomic_compare_exchange_strong(&p->stream, &w, sr__stream_step(w, SR__STREAMING)));
        sr__repair(&scene.ring->member, PLACE, SR__DIED, NULL);
    }
    atomic_store(&scene.over, 1);
}

static void hear_of_deaths(void *argument)
{
    uint64_t told = 0, before = 0;
    (void)argument;
    for (;;) {
        bool last = atomic_load(&scene.over) != 0;
        slotring_participant_t who;
        slotring_slot_t slot;
        int code = slotring_next(scene.reader, 0, &slot);
        if (code != SLOTRING_E_PRODUCER_DIED) {
            CHECK(code == SLOTRING_E_EMPTY || code == SLOTRING_E_END);
            if (last || !threads_go_on())
                break;
            continue;
        }
        CHECK_OK(slotring_reader_death(scene.reader, &who));
        CHECK_EQUAL(who.index, PLACE);
        CHECK_EQUAL(who.incarnation, 2 * who.pid + 1);
        CHECK_EQUAL(number_in(who.name), who.pid);
        CHECK_EQUAL(who.last_sequence, who.pid % MESSAGES);
        told++;
        CHECK_AT_LEAST(who.pid, told);   /* this one, or a later one */
        CHECK_AT_LEAST(who.pid, before); /* in their order */
        before = who.pid;
    }
    CHECK_EQUAL(told, atomic_load(&number));
    CHECK_EQUAL(before, told); /* the last one is itself */
}

static void a_death_is_never_told_as_another(void)
{
    set_up();
    scene.reader = subscribe(scene.ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    for (uint64_t n = 0; n < MESSAGES; n++) {
        publish(scene.ring, 1, n);
        take_now(scene.reader, pattern_tag(1, n));
    }
    thread_start(die_one_after_the_other, NULL);
    thread_start(hear_of_deaths, NULL);
    threads_join();
    CHECK_EQUAL(ring_stats(scene.ring).producers_died, atomic_load(&number));
    CHECK_EQUAL(ring_stats(scene.observer).producers_died, atomic_load(&number));
    CHECK_OK(slotring_unsubscribe(scene.reader));
    tear_down();
}

/* ---- What a reader has had ---------------------------------------------------------------------------- */

/* Readers of the same row, one after the other, each with a name that says at which sequence it started. */
static void subscribe_again_and_again(void *argument)
{
    (void)argument;
    for (unsigned long n = scaled(4000); n > 0 && threads_go_on(); n--) {
        char name[32];
        slotring_stats_t stats = ring_stats(scene.ring);
        (void)snprintf(name, sizeof name, "process %llu", (unsigned long long)stats.published);
        slotring_reader_options_t options;
        slotring_reader_options_init(&options);
        options.mode = SLOTRING_LOSSY;
        options.name = name;
        slotring_reader_t *reader;
        slotring_slot_t slot;
        CHECK_OK(slotring_subscribe(scene.ring, &options, &reader));
        for (uint64_t m = 0; m < 20 + n % 5; m++) /* more than the ring has: it jumps */
            publish(scene.ring, 1, m);
        CHECK_OK(slotring_next(reader, 0, &slot));
        CHECK_OK(slotring_reader_release(reader));
        CHECK_OK(slotring_unsubscribe(reader));
    }
    atomic_store(&scene.over, 1);
}

static void look_at_its_account(void *argument)
{
    slotring_t *ring = argument;
    while (atomic_load(&scene.over) == 0 && threads_go_on()) {
        slotring_reader_info_t info;
        uint32_t count;
        CHECK_OK(slotring_readers(ring, &info, 1, &count));
        if (count == 0)
            continue;
        CHECK_EQUAL(number_in(info.name), info.start);
        CHECK_EQUAL(info.delivered + info.missed + info.pending, info.cursor - info.start);
        CHECK(info.delivered <= 1);
        CHECK(info.bytes_read == 0 || info.cursor > info.start);
        atomic_fetch_add(&scene.looks, 1);
    }
}

static void a_reader_is_never_shown_as_another(void)
{
    set_up();
    thread_start(subscribe_again_and_again, NULL);
    thread_start(look_at_its_account, scene.ring);
    thread_start(look_at_its_account, scene.observer);
    threads_join();
    tear_down();
}

static const test_case_t cases[] = {
    {"a_process_is_never_shown_as_another", a_process_is_never_shown_as_another, TEST_THREADS},
    {"who_holds_is_never_shown_as_another", who_holds_is_never_shown_as_another, TEST_THREADS},
    {"who_reads_is_never_shown_as_another", who_reads_is_never_shown_as_another, TEST_THREADS},
    {"a_death_is_never_told_as_another", a_death_is_never_told_as_another, TEST_THREADS},
    {"a_reader_is_never_shown_as_another", a_reader_is_never_shown_as_another, TEST_THREADS},
    {NULL, NULL, 0},
};

const test_suite_t record_suite = {"record", cases, NULL};
