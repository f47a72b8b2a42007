/* SPDX-License-Identifier: Apache-2.0 */
/* Kills at every instruction of a durable reader that is told of marks: it takes the subscription over, is told of a mark, gives it
 * back by a release, by its next call, or with the messages of a window, and leaves. The next owner is told of each mark that was not
 * given back, at its place, and of no other. */
#include <string.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/rounds.h"
#include "support/step.h"
#include "support/suite.h"

#define NO_WAIT 0
#define NAME "recorder"
#define SLOTS 8u
#define THINGS 256u /* more than a round has */

typedef struct path {
    const char *what;
    role_fn victim;
    uint32_t window;
    bool subscribed; /* it has the subscription before the first of these instructions */
    bool makes;      /* there is no subscription before */
    bool revoked;    /* nobody had it for too long, and much is gone */
} path_t;

/* Messages and marks, numbered together in the order in which they were made. */
static struct {
    slotring_t *ring;
    uint64_t made, had; /* had: before this round */
    uint64_t run;       /* number of the run in progress; 0: none */
    bool is_mark[THINGS];
} scene;

static const path_t *running;

static slotring_reader_options_t asks(void)
{
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    options.flags = SLOTRING_DURABLE | SLOTRING_TELL_MARKS;
    options.name = NAME;
    options.window = running->window;
    return options;
}

static uint64_t bit_of(uint64_t thing)
{
    return thing - scene.had < 64 ? UINT64_C(1) << (thing - scene.had) : 0;
}

/* The next thing; UINT64_MAX: there is none. */
static uint64_t next_thing(slotring_reader_t *reader, slotring_slot_t *slot)
{
    int code = slotring_next(reader, NO_WAIT, slot);
    if (code == SLOTRING_E_EMPTY)
        return UINT64_MAX;
    if (code != SLOTRING_E_MARK) {
        CHECK_OK(code);
        return pattern_number(slot->tag);
    }
    slotring_mark_t mark;
    CHECK_OK(slotring_reader_mark(reader, &mark));
    CHECK_EQUAL(mark.not_told, 0);
    return mark.value;
}

/* ---- Victims ---------------------------------------------------------------------------------------- */

static void tries(uint64_t bits)
{
    atomic_fetch_or(&progress->tried, bits);
}

static void has_done(uint64_t bits)
{
    atomic_fetch_or(&progress->done, bits);
}

/* Each by a release, but for the fourth one, a mark: by the next call. */
static void reads_four(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_options_t options = asks();
    slotring_reader_t *reader;
    slotring_slot_t slot;
    if (!running->subscribed)
        step_begin();
    CHECK_OK(slotring_subscribe(ring, &options, &reader));
    if (running->subscribed)
        step_begin();
    if (running->revoked)
        CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_REVOKED);
    for (int i = 0; i < 4; i++) {
        uint64_t thing = next_thing(reader, &slot);
        if (thing == UINT64_MAX)
            break;
        tries(bit_of(thing));
        if (i < 3)
            CHECK_OK(slotring_reader_release(reader));
        else
            (void)slotring_next(reader, NO_WAIT, &slot);
        has_done(bit_of(thing));
    }
    CHECK_OK(slotring_unsubscribe(reader));
    step_end();
}

/* Of five things it releases the second message first. When it releases the first one, the cursor goes over both marks. */
static void releases_ahead(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_options_t options = asks();
    slotring_reader_t *reader = subscribe_with(ring, &options);
    slotring_slot_t slots[5];
    uint64_t bits[5];
    step_begin();
    for (int i = 0; i < 5; i++)
        bits[i] = bit_of(next_thing(reader, &slots[i]));
    tries(bits[2]);
    CHECK_OK(slotring_reader_release_one(reader, &slots[2]));
    has_done(bits[2]);
    tries(bits[0] | bits[1] | bits[3]);
    CHECK_OK(slotring_reader_release_one(reader, &slots[0]));
    has_done(bits[0] | bits[1] | bits[3]);
    CHECK_OK(slotring_unsubscribe(reader));
    step_end();
}

/* ---- The survivor ------------------------------------------------------------------------------------- */

static void make_message(void)
{
    scene.is_mark[scene.made % THINGS] = false;
    publish(scene.ring, 1, scene.made++);
}

static void make_mark(bool of_a_run)
{
    uint32_t kind = !of_a_run        ? SLOTRING_MARK_USER
                    : scene.run == 0 ? SLOTRING_MARK_RUN_BEGIN
                                     : SLOTRING_MARK_RUN_END;
    uint64_t run = scene.run > 0 ? scene.run : 1;
    scene.is_mark[scene.made % THINGS] = true;
    CHECK_OK(slotring_mark(scene.ring, kind, run, scene.made++, NULL, 0, NULL));
    if (of_a_run)
        scene.run = scene.run > 0 ? 0 : run;
}

static slotring_reader_t *go_on(void)
{
    slotring_reader_options_t options = asks();
    return subscribe_with(scene.ring, &options);
}

/* These did not come: they were given back, or may have been, or are messages that are gone. Behind what came each mark comes. */
static void check_left_out(uint64_t from, uint64_t to, uint64_t tried, bool any_before)
{
    for (uint64_t n = from; n < to; n++) {
        bool is_mark = scene.is_mark[n % THINGS];
        CHECK((tried & bit_of(n)) || running->makes || (running->revoked && !is_mark));
        CHECK(!(any_before && is_mark));
    }
}

/* What is acknowledged lies before it, and the rest behind it. */
static void check_place(slotring_reader_t *reader)
{
    slotring_mark_t mark;
    CHECK_OK(slotring_reader_mark(reader, &mark));
    CHECK_EQUAL(mark.place, reader_info(reader).cursor);
}

static void read_all(slotring_reader_t *reader, uint64_t done, uint64_t tried)
{
    slotring_slot_t slot;
    uint64_t next = scene.had, thing;
    bool any = false;
    while ((thing = next_thing(reader, &slot)) != UINT64_MAX) {
        CHECK_AT_LEAST(thing, next);
        CHECK(!(done & bit_of(thing)));
        check_left_out(next, thing, tried, any);
        if (scene.is_mark[thing % THINGS] && !running->revoked)
            check_place(reader);
        CHECK_OK(slotring_reader_release(reader));
        next = thing + 1;
        any = true;
    }
    check_left_out(next, scene.made, tried, any);
    scene.had = scene.made;
}

static bool is_there(void)
{
    slotring_reader_info_t info;
    uint32_t count;
    CHECK_OK(slotring_readers(scene.ring, &info, 1, &count));
    return count > 0;
}

/* By the ring's owner, while nobody has it. */
static void revoke(void)
{
    slotring_reader_info_t info;
    uint32_t count;
    CHECK_OK(slotring_readers(scene.ring, &info, 1, &count));
    CHECK_EQUAL(count, 1);
    CHECK_OK(slotring_revoke(scene.ring, info.row));
}

static void begin_round(const void *of)
{
    const path_t *path = of;
    if (path->makes && is_there())
        CHECK_OK(slotring_forget(scene.ring, NAME));
    if (!path->makes && !is_there())
        CHECK_OK(slotring_unsubscribe(go_on()));
    scene.had = scene.made;
    if (path->revoked)
        revoke();
    for (int n = 0; n < 2; n++) {
        make_message();
        make_mark(n > 0);
    }
    make_message();
    if (path->revoked) {
        make_mark(false);
        for (unsigned n = 0; n < SLOTS; n++)
            make_message();
    }
}

/* The next call of a reader whose subscription was revoked. */
static void hear(slotring_reader_t *reader)
{
    slotring_slot_t slot;
    if (running->revoked && sr__load(&reader->subscription->state) != reader->quiet_word)
        CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_REVOKED);
}

static void end_round(const void *of, bool complete)
{
    (void)of;
    (void)complete;
    uint64_t done = atomic_load(&progress->done), tried = atomic_load(&progress->tried);
    CHECK_OK(slotring_recover(scene.ring, NULL));
    CHECK_EQUAL(ring_stats(scene.ring).participants, 1);
    check_ring(scene.ring);
    slotring_reader_t *reader = go_on();
    hear(reader);
    read_all(reader, done, tried);
    make_mark(false); /* from here on it is told of each, whoever made it */
    make_message();
    make_mark(true);
    uint64_t missed = reader_info(reader).missed;
    CHECK(running->revoked || missed == 0);
    CHECK_OK(slotring_unsubscribe(reader));
    const path_t *path = running;
    static const path_t all_is_there = {0};
    running = &all_is_there;
    reader = go_on();
    read_all(reader, 0, 0);
    running = path;
    CHECK_EQUAL(reader_info(reader).missed, missed);
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring(scene.ring);
}

/* The second way of a round: a mark and a message come, and the victim goes on. Who makes a subscription has the process mutex, which a
 * mark needs. */
static bool make_beside(size_t way)
{
    if (way == 1 && !running->revoked) {
        if (!running->makes)
            make_mark(false);
        make_message();
    }
    return way == 1;
}

static void kill_on(const path_t *path)
{
    const char *why;
    if (!step_possible(&why)) {
        test_skip("%s", why);
        return;
    }
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, 64);
    options.max_participants = 4;
    options.max_readers = 2;
    options.max_writers = 0;
    running = path;
    memset(&scene, 0, sizeof scene);
    rounds_begin();
    scene.ring = ring_open_with(ring_name(), &options);
    rounds_t rounds = {.what = path->what,
                       .path = path,
                       .ring = scene.ring,
                       .victim = path->victim,
                       .ways = 2,
                       .begin = begin_round,
                       .beside = make_beside,
                       .end = end_round};
    rounds_kill(&rounds);
    ring_remove(scene.ring, ring_name());
    rounds_end();
}

static const path_t paths[] = {
    {"take a subscription over, be told of marks, leave it", reads_four, 0, false, false, false},
    {"give marks back", reads_four, 0, true, false, false},
    {"give marks back with the messages of a window", releases_ahead, 6, true, false, false},
    {"make a subscription that is told of marks", reads_four, 0, false, true, false},
    {"go on with what was revoked, and its marks", reads_four, 0, false, false, true},
};

static void take_over(void)
{
    kill_on(&paths[0]);
}

static void give_back(void)
{
    kill_on(&paths[1]);
}

static void give_back_with_a_window(void)
{
    kill_on(&paths[2]);
}

static void make(void)
{
    kill_on(&paths[3]);
}

static void go_on_revoked(void)
{
    kill_on(&paths[4]);
}

static const test_case_t cases[] = {
    {"take_over", take_over, 0},
    {"give_back", give_back, 0},
    {"give_back_with_a_window", give_back_with_a_window, 0},
    {"make", make, 0},
    {"go_on_revoked", go_on_revoked, 0},
    {NULL, NULL, 0},
};

const test_suite_t path_marks_durable_suite = {"path_marks_durable", cases, step_roles};
