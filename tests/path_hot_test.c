/* SPDX-License-Identifier: Apache-2.0 */
/* Kills at every instruction of each path in a ring with hot slots: of who lets the gate rise, and so makes free what all
 * have passed, and of who takes what became free last. */
#include "support/internals.h"
#include "support/path.h"
#include "support/step.h"
#include "support/suite.h"

#define MESSAGES 2u

/* ---- Victims ---------------------------------------------------------------------------------------- */

static void publishes(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slot;
    step_begin();
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    CHECK_OK(slotring_abort(ring, &slot));
    victim_publishes(ring, 0, MESSAGES);
    step_end();
}

static void reads(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    victim_publishes(ring, 0, MESSAGES);
    step_begin();
    for (uint32_t i = 0; i < MESSAGES; i++)
        victim_takes(reader);
    step_end();
}

static void reads_a_batch(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    victim_publishes(ring, 0, MESSAGES);
    slotring_slot_t slots[MESSAGES];
    uint32_t count;
    step_begin();
    if (slotring_next_batch(reader, 0, slots, MESSAGES, &count) == 0)
        CHECK_OK(slotring_reader_release(reader));
    step_end();
}

static void leaves(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    victim_publishes(ring, 0, MESSAGES);
    step_begin();
    CHECK_OK(slotring_unsubscribe(reader));
    step_end();
}

static void joins(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader;
    step_begin();
    CHECK_OK(slotring_subscribe(ring, NULL, &reader));
    step_end();
}

/* Holds what the readers pass meanwhile. */
static void releases(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_slot_t held;
    hold(ring, &world.target, &held);
    step_begin();
    CHECK_OK(slotring_release(ring, &held));
    step_end();
}

/* ---- What the survivor does ------------------------------------------------------------------------- */

static void leave_two_unread(world_t *w)
{
    world_empty(w);
    w->quiet = true;
    w->target = world_publish_only(w);
    world_publish_only(w);
}

/* The survivor has read everything: the victim is the last one that has not. */
static bool read_first(world_t *w)
{
    world_read(w);
    return true;
}

/* The same once the target is marked as withdrawn, while a lossless reader still needs it. */
static bool read_what_is_withdrawn(world_t *w)
{
    uint64_t word = sr__load(&sr__slot(&w->ring->member.view, w->target.slot)->word);
    return sr__is_withdrawn(word) && read_first(w);
}

static const path_t publishing = {"publish", 4, false, false, world_empty, publishes, NULL, MESSAGES};
static const path_t reading = {"read as the last", 4, false, false, world_empty, reads, read_first, MESSAGES};
static const path_t reading_first = {"read as the first", 4,     false, false,
                                     world_empty,         reads, NULL,  MESSAGES};
static const path_t batch = {"read a batch", 4,          false,   false, world_empty,
                             reads_a_batch,  read_first, MESSAGES};
static const path_t leaving = {"unsubscribe", 4, false, false, world_empty, leaves, read_first, MESSAGES};
static const path_t joining = {"subscribe", 4, false, false, leave_two_unread, joins, read_first, 0};
static const path_t releasing = {"release what was passed", 4,        false,      false,
                                 leave_two_unread,          releases, read_first, 0};
static const path_t freeing = {
    "free what is not passed", 4, false, false, leave_two_unread, victim_frees, NULL, 0};
static const path_t freeing_passed = {"free as it is passed", 4, false, false, leave_two_unread, victim_frees,
                                      read_what_is_withdrawn, 0};

#define PATH(name, path)                              \
    static void name(void)                            \
    {                                                 \
        kill_on_path_in(&(path), SLOTRING_HOT_SLOTS); \
    }
PATH(publish_and_abort, publishing)
PATH(read_as_the_last, reading)
PATH(read_as_the_first, reading_first)
PATH(read_a_batch, batch)
PATH(unsubscribe, leaving)
PATH(subscribe_beside, joining)
PATH(release_what_was_passed, releasing)
PATH(free_what_is_not_passed, freeing)
PATH(free_as_it_is_passed, freeing_passed)

static const test_case_t cases[] = {
    {"publish", publish_and_abort, 0},
    {"read_as_the_last", read_as_the_last, 0},
    {"read_as_the_first", read_as_the_first, 0},
    {"read_a_batch", read_a_batch, 0},
    {"unsubscribe", unsubscribe, 0},
    {"subscribe", subscribe_beside, 0},
    {"release_what_was_passed", release_what_was_passed, 0},
    {"free_what_is_not_passed", free_what_is_not_passed, 0},
    {"free_as_it_is_passed", free_as_it_is_passed, 0},
    {NULL, NULL, 0},
};

const test_suite_t path_hot_suite = {"path_hot", cases, step_roles};
