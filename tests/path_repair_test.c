/* SPDX-License-Identifier: Apache-2.0 */
/* A process is killed in the middle of a step, and whoever repairs that is killed at every instruction of its repair. The next
 * repairer ends the step: no slot is lost, what is held stays, and a reader gets what is there. */
#include <string.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/rounds.h"
#include "support/suite.h"

#define SLOTS 4u

typedef struct path {
    const char *what;
    role_fn victim;
    step_watch_fn stand; /* false: here the victim is killed */
    bool reads;          /* the survivor's reader has had all messages */
    bool holds;          /* the survivor holds the oldest one */
} path_t;

static struct {
    slotring_t *ring;
    slotring_reader_t *reader;
    slotring_ticket_t oldest, newest;
    slotring_slot_t held;
    uint64_t written;
} scene;

/* ---- Victims ---------------------------------------------------------------------------------------- */

static void needs_a_slot(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slot;
    step_begin();
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    step_end();
}

static void withdraws(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    step_begin();
    CHECK_OK(slotring_free(ring, &scene.newest));
    step_end();
}

/* ---- Where they are killed ---------------------------------------------------------------------------- */

static uint64_t word_of(const slotring_ticket_t *ticket)
{
    return sr__load(&sr__slot(&scene.ring->member.view, ticket->slot)->word);
}

/* It is looking whether anybody holds the oldest message. */
static bool not_in_reclaim(void *context, unsigned long done)
{
    (void)context, (void)done;
    return sr__slot_state(word_of(&scene.oldest)) != SR__RECLAIM;
}

/* It has withdrawn the newest message, which the reader has not had, and has not marked it as deferred. */
static bool not_withdrawn(void *context, unsigned long done)
{
    (void)context, (void)done;
    return !sr__is_withdrawn(word_of(&scene.newest));
}

/* ---- The survivor ------------------------------------------------------------------------------------- */

static uint64_t read_all(void)
{
    slotring_slot_t slot;
    for (uint64_t count = 0;;) {
        int code = slotring_next(scene.reader, 0, &slot);
        if (code == SLOTRING_E_EMPTY || code == SLOTRING_E_END)
            return count;
        if (code == SLOTRING_E_PRODUCER_DIED)
            continue;
        CHECK_OK(code);
        pattern_check(&slot);
        CHECK_OK(slotring_reader_release(scene.reader));
        count++;
    }
}

static void begin_round(const void *of)
{
    const path_t *path = of;
    for (uint32_t n = 0; n < SLOTS; n++) {
        scene.newest = publish(scene.ring, 1, scene.written++);
        scene.oldest = n == 0 ? scene.newest : scene.oldest;
    }
    if (path->reads)
        CHECK_EQUAL(read_all(), SLOTS);
    if (path->holds)
        hold(scene.ring, &scene.oldest, &scene.held);
}

/* Each slot once through the survivor's hands. */
static void take_every_slot(void)
{
    slotring_slot_t all[SLOTS];
    for (uint32_t i = 0; i < SLOTS; i++)
        CHECK_OK(slotring_allocate(scene.ring, 1, &all[i]));
    for (uint32_t i = 0; i < SLOTS; i++)
        CHECK_OK(slotring_abort(scene.ring, &all[i]));
}

static void end_round(const void *of, bool complete)
{
    const path_t *path = of;
    (void)complete;
    CHECK_OK(slotring_recover(scene.ring, NULL));
    CHECK_EQUAL(ring_stats(scene.ring).participants, 1);
    CHECK_EQUAL(read_all(), path->reads ? 0 : SLOTS); /* also what is withdrawn */
    if (path->holds) {
        pattern_check(&scene.held);
        CHECK_OK(slotring_release(scene.ring, &scene.held));
    }
    check_ring_at_rest(scene.ring);
    take_every_slot();
    check_ring_at_rest(scene.ring);
}

static bool nothing_beside(size_t way)
{
    (void)way;
    return false;
}

static void kill_on(const path_t *path)
{
    const char *why;
    if (!step_possible(&why)) {
        test_skip("%s", why);
        return;
    }
    memset(&scene, 0, sizeof scene);
    rounds_begin();
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, 100);
    options.max_participants = options.max_readers = 4; /* few rows to repair */
    scene.ring = ring_open_with(ring_name(), &options);
    scene.reader = subscribe(scene.ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    rounds_t rounds = {.what = path->what,
                       .path = path,
                       .ring = scene.ring,
                       .victim = path->victim,
                       .second = rounds_repair,
                       .stand = path->stand,
                       .ways = 1,
                       .begin = begin_round,
                       .beside = nothing_beside,
                       .end = end_round};
    rounds_kill(&rounds);
    CHECK_OK(slotring_unsubscribe(scene.reader));
    ring_remove(scene.ring, ring_name());
    rounds_end();
}

static const path_t paths[] = {
    {"repair who takes a slot over", needs_a_slot, not_in_reclaim, true, false},
    {"repair who takes a slot over that is held", needs_a_slot, not_in_reclaim, true, true},
    {"repair who withdraws what is not read", withdraws, not_withdrawn, false, false},
};

/* A test for each row. */
#define PATH(name, row)       \
    static void name(void)    \
    {                         \
        kill_on(&paths[row]); \
    }
PATH(reclaim, 0)
PATH(reclaim_of_held, 1)
PATH(deferred, 2)

#define CASE(name)     \
    {                  \
#name, name, 0 \
    }
static const test_case_t cases[] = {CASE(reclaim), CASE(reclaim_of_held), CASE(deferred), {NULL, NULL, 0}};

const test_suite_t path_repair_suite = {"path_repair", cases, step_roles};
