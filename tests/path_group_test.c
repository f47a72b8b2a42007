/* SPDX-License-Identifier: Apache-2.0 */
/* Kills at every instruction of each path of a member of a group: it makes the group, joins it, takes messages, acknowledges them,
 * leaves, forgets the group; and of who repairs after that. What was not acknowledged another member gets, with its count. */
#include <string.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/rounds.h"
#include "support/step.h"
#include "support/suite.h"

#define NO_WAIT 0
#define NAME "workers"
#define SLOTS 8u
#define AHEAD 4u /* messages that the victim finds */

typedef struct path {
    const char *what;
    role_fn victim;
    bool makes;   /* there is no group before, */
    bool forgets; /* or none after it */
    bool offered; /* somebody had each message before, and left */
    role_fn second;
    uint64_t adds; /* messages that the victim publishes before its path begins */
    bool letters;
    uint32_t every; /* the group wants every so many; 0: all */
} path_t;

static struct {
    slotring_t *ring;
    uint64_t written, begun; /* messages; and when this round began */
    uint64_t redelivered;    /* of the group, before this round, … */
    uint64_t passed_over;
} scene;

static const path_t *running;

static slotring_reader_t *join(slotring_t *ring)
{
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    options.flags = SLOTRING_GROUP;
    options.name = NAME;
    options.every = running->every;
    return subscribe_with(ring, &options);
}

/* Messages from number `from` up to `to` that the group wants. */
static uint64_t wanted_between(uint64_t from, uint64_t to)
{
    uint64_t every = running->every > 1 ? running->every : 1;
    return (to + every - 1) / every - (from + every - 1) / every;
}

/* ---- Victims ---------------------------------------------------------------------------------------- */

static void acknowledges(slotring_reader_t *reader, uint32_t count)
{
    atomic_fetch_add(&progress->tried, count);
    CHECK_OK(slotring_reader_release(reader));
    atomic_fetch_add(&progress->done, count);
}

static void takes_two(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slot;
    step_begin();
    slotring_reader_t *reader = join(ring);
    for (int i = 0; i < 2 && slotring_next(reader, NO_WAIT, &slot) == 0; i++)
        acknowledges(reader, 1);
    CHECK_OK(slotring_unsubscribe(reader));
    step_end();
}

static void takes_a_batch(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = join(ring);
    slotring_slot_t slots[3];
    uint32_t count;
    step_begin();
    if (slotring_next_batch(reader, NO_WAIT, slots, 3, &count) == 0)
        acknowledges(reader, count);
    step_end();
}

/* It has looked for what was offered again, and has found everything. So it goes on by the hint. */
static void takes_a_new_one(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = join(ring);
    slotring_slot_t slot;
    for (uint32_t n = 0; n < AHEAD; n++) {
        CHECK_OK(slotring_next(reader, NO_WAIT, &slot));
        acknowledges(reader, 1);
    }
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_EMPTY);
    publish(ring, 1, scene.written);
    step_begin();
    CHECK_OK(slotring_next(reader, NO_WAIT, &slot));
    acknowledges(reader, 1);
    step_end();
}

/* What it is given lies behind one that the group does not want, and before another one. */
static void passes_over(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = join(ring);
    slotring_slot_t slot;
    step_begin();
    while (slotring_next(reader, NO_WAIT, &slot) == 0)
        acknowledges(reader, 1);
    step_end();
}

static void leaves(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = join(ring);
    slotring_slot_t slots[2];
    uint32_t count;
    CHECK_OK(slotring_next_batch(reader, NO_WAIT, slots, 2, &count));
    step_begin();
    CHECK_OK(slotring_unsubscribe(reader));
    step_end();
}

static void closes(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = join(ring);
    slotring_slot_t slot;
    CHECK_OK(slotring_next(reader, NO_WAIT, &slot));
    step_begin();
    CHECK_OK(slotring_close(ring));
    step_end();
}

static void forgets(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    step_begin();
    CHECK_OK(slotring_forget(ring, NAME));
    step_end();
}

/* ---- The survivor ------------------------------------------------------------------------------------- */

static bool find_group(slotring_reader_info_t *info)
{
    slotring_reader_info_t all[4];
    uint32_t count;
    CHECK_OK(slotring_readers(scene.ring, all, 4, &count));
    for (uint32_t i = 0; i < count; i++)
        if (all[i].durable) {
            *info = all[i];
            return true;
        }
    return false;
}

/* What is there is had once, and each message with a count that fits. How many, and the counts together. */
static uint64_t take_rest(slotring_reader_t *reader, uint64_t *counts)
{
    slotring_slot_t slot;
    uint64_t seen = 0, taken = 0;
    *counts = 0;
    while (slotring_next(reader, NO_WAIT, &slot) == 0) {
        uint64_t number = pattern_number(slot.tag), back = scene.written - 1 - number;
        CHECK(number < scene.written && back < 64);
        CHECK((seen >> back & 1) == 0);
        CHECK_EQUAL(wanted_between(slot.sequence, slot.sequence + 1), 1);
        CHECK(slot.deliveries <= 1u + running->offered);
        seen |= UINT64_C(1) << back;
        *counts += slot.deliveries;
        taken++;
        CHECK_OK(slotring_reader_release(reader));
    }
    return taken;
}

static void begin_round(const void *of)
{
    const path_t *path = of;
    slotring_reader_info_t info;
    slotring_slot_t slots[AHEAD];
    uint32_t count;
    bool there = find_group(&info);
    scene.begun = scene.written;
    scene.passed_over = there ? info.passed_over : 0;
    if (path->makes && there)
        CHECK_OK(slotring_forget(scene.ring, NAME));
    if (path->makes)
        return;
    slotring_reader_t *reader = join(scene.ring);
    for (uint32_t n = 0; n < AHEAD; n++)
        publish(scene.ring, 1, scene.written++);
    if (path->offered)
        CHECK_OK(slotring_next_batch(reader, NO_WAIT, slots, AHEAD, &count));
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK(find_group(&info));
    scene.redelivered = info.redelivered;
}

static void check_rest(const path_t *path, bool there, uint64_t taken, uint64_t counts)
{
    uint64_t done = atomic_load(&progress->done), tried = atomic_load(&progress->tried);
    uint64_t messages = wanted_between(scene.begun, scene.written);
    slotring_reader_info_t info;
    CHECK(find_group(&info));
    CHECK_EQUAL(info.members, 1);
    CHECK_EQUAL(info.cursor, scene.written);
    CHECK_EQUAL(info.delivered + info.passed_over, info.cursor - info.start);
    CHECK_EQUAL(info.delivered, wanted_between(info.start, info.cursor));
    if (path->makes || !there)
        return;
    CHECK_EQUAL(info.passed_over - scene.passed_over, scene.written - scene.begun - messages);
    CHECK_AT_LEAST(messages - done, taken);  /* what was acknowledged nobody has again, */
    CHECK_AT_LEAST(taken + tried, messages); /* and all else somebody has */
    CHECK_EQUAL(info.redelivered - scene.redelivered, counts + (path->offered ? messages - taken : 0));
}

static void end_round(const void *of, bool complete)
{
    const path_t *path = of;
    uint64_t counts, taken;
    slotring_reader_info_t info;
    scene.written += path->adds;
    CHECK_OK(slotring_recover(scene.ring, NULL));
    CHECK_EQUAL(ring_stats(scene.ring).participants, 1);
    check_ring(scene.ring);
    bool there = find_group(&info);
    if (complete)
        CHECK_EQUAL(there, !path->forgets);
    if (!path->makes && !path->forgets)
        CHECK(there);
    if (there)
        CHECK_EQUAL(info.members, 0);
    slotring_reader_t *reader = join(scene.ring);
    taken = take_rest(reader, &counts);
    check_rest(path, there, taken, counts);
    publish(scene.ring, 1, scene.written++); /* from here on nothing passes the group by, whoever made it */
    CHECK_EQUAL(take_rest(reader, &counts), wanted_between(scene.written - 1, scene.written));
    CHECK_EQUAL(counts, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring(scene.ring);
}

/* ---- Dead letters ------------------------------------------------------------------------------------ */

/* The group gives a message once, and two letters stay. */
#define LETTERS 2u
#define DYING 4u

static slotring_reader_t *join_limited(slotring_t *ring)
{
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    options.flags = SLOTRING_GROUP;
    options.name = NAME;
    options.tries = 1;
    options.letters = LETTERS;
    return subscribe_with(ring, &options);
}

static void find_none(slotring_t *ring)
{
    slotring_slot_t slot;
    slotring_reader_t *reader = join_limited(ring);
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_EMPTY);
    CHECK_OK(slotring_unsubscribe(reader));
}

/* Buries what begin_letters has left. */
static void buries(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slot;
    slotring_reader_t *reader = join_limited(ring);
    step_begin();
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_EMPTY);
    step_end();
}

static uint32_t read_letters(slotring_letter_t letters[SLOTRING_LETTERS_MAX])
{
    uint32_t count;
    CHECK_OK(slotring_dead_letters(scene.ring, NAME, letters, SLOTRING_LETTERS_MAX, &count));
    for (uint32_t i = 0; i < count; i++) {
        slotring_slot_t slot;
        CHECK_OK(slotring_acquire_for_read(scene.ring, &letters[i].ticket, &slot));
        CHECK_EQUAL(slot.tag, letters[i].tag);
        CHECK_OK(slotring_release(scene.ring, &slot));
    }
    return count;
}

static void drops(peer_t *test, const char *name)
{
    slotring_letter_t letters[SLOTRING_LETTERS_MAX];
    uint32_t count;
    (void)test;
    slotring_t *ring = ring_attach(name);
    CHECK_OK(slotring_dead_letters(ring, NAME, letters, SLOTRING_LETTERS_MAX, &count));
    step_begin();
    CHECK_OK(slotring_drop_letter(ring, NAME, letters[0].sequence));
    step_end();
}

/* Messages that were tried as often as they may be; and, but for who is to bury them, letters of them. */
static void begin_letters(const void *of)
{
    const path_t *path = of;
    slotring_slot_t slots[DYING];
    uint32_t count;
    slotring_reader_t *reader = join_limited(scene.ring);
    for (uint32_t n = 0; n < DYING; n++)
        publish(scene.ring, 1, scene.written++);
    CHECK_OK(slotring_next_batch(reader, NO_WAIT, slots, DYING, &count));
    CHECK_EQUAL(count, DYING);
    CHECK_OK(slotring_unsubscribe(reader));
    if (path->victim != buries)
        find_none(scene.ring);
}

/* All slots are there for producers but those of the letters. */
static void fill_the_ring(uint32_t letters)
{
    slotring_slot_t slots[SLOTS];
    uint32_t count = 0;
    while (count < SLOTS && slotring_allocate(scene.ring, 1, &slots[count]) == 0)
        count++;
    CHECK_EQUAL(count, SLOTS - letters);
    while (count > 0)
        CHECK_OK(slotring_abort(scene.ring, &slots[--count]));
}

static void end_letters(const void *of, bool complete)
{
    const path_t *path = of;
    slotring_letter_t letters[SLOTRING_LETTERS_MAX];
    slotring_reader_info_t info;
    CHECK_OK(slotring_recover(scene.ring, NULL));
    CHECK_EQUAL(ring_stats(scene.ring).participants, 1);
    check_ring(scene.ring);
    bool there = find_group(&info);
    CHECK(there || path->forgets);
    find_none(scene.ring);
    uint32_t count = read_letters(letters);
    CHECK(find_group(&info));
    CHECK_EQUAL(info.lag, 0);
    CHECK_AT_LEAST(LETTERS, count);
    if (path->victim == buries) {
        CHECK_EQUAL(count, LETTERS);
        CHECK_EQUAL(info.dead_lettered, info.delivered);
        CHECK_EQUAL(info.dead_lettered, info.letters_lost + count); /* nobody drops one */
    } else if (there) {
        CHECK_AT_LEAST(count, LETTERS - 1);
        CHECK_EQUAL(count, complete || count < LETTERS ? LETTERS - 1 : LETTERS);
    } else {
        CHECK_EQUAL(count, 0);
    }
    fill_the_ring(count);
    check_ring(scene.ring);
}

/* The second way of a round: a producer goes on, and the victim after it. */
static bool write_beside(size_t way)
{
    if (way == 1)
        publish(scene.ring, 1, scene.written++);
    return way == 1 && !running->offered;
}

/* Where the victim stands until the second one repairs: it has a message, or is about to take one. */
static bool not_far(void *context, unsigned long done)
{
    (void)context;
    return done < 100;
}

static void kill_on(const path_t *path)
{
    const char *why;
    if (!step_possible(&why)) {
        test_skip("%s", why);
        return;
    }
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, 100);
    options.max_participants = options.max_readers = 4;
    options.max_groups = 2;
    running = path;
    memset(&scene, 0, sizeof scene);
    rounds_begin();
    scene.ring = ring_open_with(ring_name(), &options);
    rounds_t rounds = {.what = path->what,
                       .path = path,
                       .ring = scene.ring,
                       .victim = path->victim,
                       .second = path->second,
                       .stand = not_far,
                       .ways = path->second || path->offered || path->adds > 0 || path->letters ? 1 : 2,
                       .begin = path->letters ? begin_letters : begin_round,
                       .beside = write_beside,
                       .end = path->letters ? end_letters : end_round};
    rounds_kill(&rounds);
    ring_remove(scene.ring, ring_name());
    rounds_end();
}

static const path_t paths[] = {
    {"join a group, take two messages, leave", takes_two, false, false, false, NULL, 0, false, 0},
    {"acknowledge a batch", takes_a_batch, false, false, false, NULL, 0, false, 0},
    {"take what was offered again", takes_a_batch, false, false, true, NULL, 0, false, 0},
    {"leave with messages out", leaves, false, false, false, NULL, 0, false, 0},
    {"close a handle that has a message out", closes, false, false, false, NULL, 0, false, 0},
    {"make a group", takes_two, true, false, false, NULL, 0, false, 0},
    {"forget a group", forgets, false, true, false, NULL, 0, false, 0},
    {"repair after a member", takes_a_batch, false, false, true, rounds_repair, 0, false, 0},
    {"take a message that nobody had", takes_a_new_one, false, false, false, NULL, 1, false, 0},
    {"bury what was tried too often", buries, false, false, false, NULL, 0, true, 0},
    {"drop a dead letter", drops, false, false, false, NULL, 0, true, 0},
    {"forget a group that has dead letters", forgets, false, true, false, NULL, 0, true, 0},
    {"repair after who buries", buries, false, false, false, rounds_repair, 0, true, 0},
    {"pass over what is not wanted", passes_over, false, false, false, NULL, 0, false, 2},
    {"pass over while what was offered is taken again", passes_over, false, false, true, NULL, 0, false, 3},
    {"repair after who passes over", passes_over, false, false, false, rounds_repair, 0, false, 2},
};

/* A test for each row. */
#define PATH(name, row)       \
    static void name(void)    \
    {                         \
        kill_on(&paths[row]); \
    }
PATH(join_and_take, 0)
PATH(acknowledge_a_batch, 1)
PATH(take_again, 2)
PATH(leave, 3)
PATH(close_handle, 4)
PATH(make, 5)
PATH(forget, 6)
PATH(repair, 7)
PATH(take_a_new_one, 8)
PATH(bury, 9)
PATH(drop_letter, 10)
PATH(forget_letters, 11)
PATH(repair_letters, 12)
PATH(pass_over, 13)
PATH(pass_over_and_take_again, 14)
PATH(repair_after_passing_over, 15)

#define CASE(name)     \
    {                  \
#name, name, 0 \
    }
static const test_case_t cases[] = {
    CASE(join_and_take),
    CASE(acknowledge_a_batch),
    CASE(take_again),
    CASE(leave),
    CASE(close_handle),
    CASE(make),
    CASE(forget),
    CASE(repair),
    CASE(take_a_new_one),
    CASE(bury),
    CASE(drop_letter),
    CASE(forget_letters),
    CASE(repair_letters),
    CASE(pass_over),
    CASE(pass_over_and_take_again),
    CASE(repair_after_passing_over),
    {NULL, NULL, 0},
};

const test_suite_t path_group_suite = {"path_group", cases, step_roles};
