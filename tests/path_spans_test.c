/* SPDX-License-Identifier: Apache-2.0 */
/* Kills at every instruction of each path on which a message of several slots is taken, published, given back or freed, and
 * of who repairs after that. A message is read whole by those who live, or never was; and all slots can be had again. */
#include <string.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/rounds.h"
#include "support/suite.h"

#define NO_WAIT 0
#define SLOTS 6u
#define SIZE 64u
#define ALL (SLOTS * SIZE)

enum author {
    SURVIVOR = 1,
    VICTIM = 2
};

static struct {
    slotring_t *ring;
    slotring_reader_t *reader;
    uint64_t survivor_next, victim_next; /* number of the next message to be read */
    uint64_t written;                    /* by the survivor */
    slotring_ticket_t target;            /* of what the victim frees, or holds */
    slotring_slot_t held;                /* by the survivor; data NULL and pieces 0: nothing */
} scene;

/* ---- Messages: the tag says who wrote it, how long it is, and the how-manieth it is of its author ------------ */

static uint64_t tag_of(enum author author, uint64_t length, uint64_t number)
{
    return pattern_tag((uint32_t)length << 4 | author, number);
}

static const uint8_t *bytes_of(uint64_t tag)
{
    static uint8_t bytes[ALL];
    pattern_fill(bytes, pattern_producer(tag) >> 4, tag);
    return bytes;
}

static void check_whole(slotring_t *ring, const slotring_slot_t *slot)
{
    uint8_t bytes[ALL];
    uint64_t got;
    CHECK_EQUAL(slot->length, pattern_producer(slot->tag) >> 4);
    CHECK_OK(slotring_gather(ring, slot, 0, bytes, sizeof bytes, &got));
    CHECK_EQUAL(got, slot->length);
    CHECK_EQUAL(pattern_verify(bytes, got, slot->tag), got);
}

/* 0, or E_FULL: others may have the slots. */
static int write_one(slotring_t *ring, enum author author, uint64_t room, uint64_t length, uint64_t number)
{
    slotring_slot_t slot;
    int code = slotring_allocate_span(ring, room, NO_WAIT, &slot);
    if (code != 0) {
        CHECK_EQUAL(code, SLOTRING_E_FULL);
        return code;
    }
    slot.tag = tag_of(author, length, number);
    CHECK_OK(slotring_scatter(ring, &slot, 0, bytes_of(slot.tag), length));
    if (author == VICTIM)
        atomic_store(&progress->tried, number + 1);
    CHECK_OK(slotring_mark_ready(ring, &slot, length));
    if (author == VICTIM)
        atomic_store(&progress->done, number + 1);
    else
        scene.target = slot.ticket;
    return 0;
}

static void survivor_reads(void)
{
    for (;;) {
        slotring_slot_t slot;
        int code = slotring_next(scene.reader, NO_WAIT, &slot);
        if (code == SLOTRING_E_EMPTY || code == SLOTRING_E_END)
            return;
        if (code == SLOTRING_E_PRODUCER_DIED)
            continue;
        CHECK_OK(code);
        check_whole(scene.ring, &slot);
        if ((pattern_producer(slot.tag) & 15) == VICTIM)
            CHECK_EQUAL(pattern_number(slot.tag), scene.victim_next++);
        else
            CHECK_EQUAL(pattern_number(slot.tag), scene.survivor_next++);
        CHECK_OK(slotring_reader_release(scene.reader));
    }
}

static bool survivor_writes(uint64_t length)
{
    survivor_reads();
    if (write_one(scene.ring, SURVIVOR, length, length, scene.written) != 0)
        return false;
    scene.written++;
    survivor_reads();
    return true;
}

static void survivor_writes_a_lap(void)
{
    for (uint64_t i = 0; i < 2 * SLOTS && survivor_writes(1 + i * 53 % (3 * SIZE)); i++)
        ;
}

/* ---- What the survivor has prepared ------------------------------------------------------------------------ */

static void survivor_holds(const slotring_ticket_t *ticket)
{
    CHECK_OK(slotring_acquire_for_read(scene.ring, ticket, &scene.held));
    check_whole(scene.ring, &scene.held);
}

static void let_go(void)
{
    if (scene.held.pieces == 0)
        return;
    check_whole(scene.ring, &scene.held);
    CHECK_OK(slotring_release(scene.ring, &scene.held));
    scene.held.pieces = 0;
}

static void empty(void)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_allocate_span(scene.ring, ALL, NO_WAIT, &slot));
    CHECK_OK(slotring_abort(scene.ring, &slot));
}

static void fill(void)
{
    CHECK(survivor_writes(3 * SIZE));
    CHECK(survivor_writes(SIZE + 1));
    CHECK(survivor_writes(5));
}

static void one_large(void)
{
    CHECK(survivor_writes(4 * SIZE));
}

/* Somebody holds half of the slots, so all cannot be had. */
static void fill_and_hold(void)
{
    empty();
    CHECK(survivor_writes(3 * SIZE));
    survivor_holds(&scene.target);
    CHECK(survivor_writes(2 * SIZE));
}

/* ---- Victims ----------------------------------------------------------------------------------------------- */

static void publishes(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    step_begin();
    (void)write_one(ring, VICTIM, 4 * SIZE, 3 * SIZE + 1, 0);
    step_end();
}

/* What it keeps is there whatever others do, until it lets go. */
static void publish_and_keep(const char *name, uint64_t length)
{
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slot, held;
    step_begin();
    if (slotring_allocate_span(ring, length, NO_WAIT, &slot) == 0) {
        slot.tag = tag_of(VICTIM, length, 0);
        CHECK_OK(slotring_scatter(ring, &slot, 0, bytes_of(slot.tag), length));
        atomic_store(&progress->tried, 1);
        CHECK_OK(slotring_mark_ready_keep(ring, &slot, length));
        atomic_store(&progress->done, 1);
        slotring_ticket_t ticket = slot.ticket;
        CHECK_OK(slotring_acquire_for_read(ring, &ticket, &held));
        check_whole(ring, &held);
        CHECK_OK(slotring_release(ring, &held));
        CHECK_OK(slotring_release_ticket(ring, &ticket));
    }
    step_end();
}

static void keeps_a_span(peer_t *test, const char *name)
{
    (void)test;
    publish_and_keep(name, 3 * SIZE);
}

static void keeps_a_slot(peer_t *test, const char *name)
{
    (void)test;
    publish_and_keep(name, 30);
}

static void publishes_less(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    step_begin();
    if (write_one(ring, VICTIM, 5 * SIZE, SIZE + 9, 0) == 0)
        (void)write_one(ring, VICTIM, 3 * SIZE, 7, 1);
    step_end();
}

static void aborts(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slot;
    step_begin();
    if (slotring_allocate_span(ring, 4 * SIZE, NO_WAIT, &slot) == 0)
        CHECK_OK(slotring_abort(ring, &slot));
    step_end();
}

static void finds_too_few(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slot;
    step_begin();
    (void)slotring_allocate_span(ring, 5 * SIZE, NO_WAIT, &slot);
    step_end();
}

/* The survivor has the message retired meanwhile, so its slots become free here. */
static void releases_the_last_hold(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name), *other = ring_attach(name);
    slotring_slot_t slot;
    CHECK_OK(slotring_acquire_for_read(ring, &scene.target, &slot));
    CHECK_OK(slotring_free(other, &scene.target));
    step_begin();
    CHECK_OK(slotring_release(ring, &slot));
    step_end();
}

static void frees(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    step_begin();
    (void)slotring_free(ring, &scene.target);
    step_end();
}

static void appends(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_writer_t *writer;
    CHECK_OK(slotring_writer_open(ring, NULL, &writer));
    uint64_t tag = tag_of(VICTIM, 3 * SIZE + 5, 0);
    const uint8_t *bytes = bytes_of(tag);
    atomic_store(&progress->tried, 1);
    step_begin();
    if (slotring_writer_append(writer, bytes, 3 * SIZE + 5, tag, NO_WAIT) == 0)
        atomic_store(&progress->done, 1);
    step_end();
}

static void closes(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slot, held;
    CHECK_OK(slotring_allocate_span(ring, 2 * SIZE, NO_WAIT, &slot));
    (void)slotring_acquire_for_read(ring, &scene.target, &held);
    step_begin();
    CHECK_OK(slotring_close(ring));
    step_end();
}

static void waits_with_pieces(peer_t *test, const char *name)
{
    (void)test;
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    options.spin_ns = 1;
    slotring_t *ring = ring_open_with(name, &options);
    slotring_slot_t slot;
    step_begin();
    CHECK_CODE(slotring_allocate_span(ring, 5 * SIZE, MILLISECOND, &slot), SLOTRING_E_TIMEOUT);
    step_end();
}

/* ---- Where the victim stands after whom another one repairs ------------------------------------------------ */

static uint32_t pieces_there(void)
{
    uint32_t pieces = 0;
    for (uint32_t i = 0; i < SLOTS; i++)
        pieces += sr__slot_state(sr__load(&sr__slot(&scene.ring->member.view, i)->word)) == SR__PIECE;
    return pieces;
}

static bool no_two_pieces_yet(void *context, unsigned long done)
{
    (void)context, (void)done;
    return pieces_there() != 2;
}

/* ---- One round --------------------------------------------------------------------------------------------- */

typedef struct path {
    const char *what;
    void (*prepare)(void);
    role_fn victim;
    uint64_t messages; /* that it publishes when nobody is in its way */
    bool sleeps;
    role_fn second; /* NULL, or who repairs after the victim, which stands where `stand` says */
    step_watch_fn stand;
} path_t;

enum beside {
    NOTHING,
    WRITE,
    HOLD
};

typedef struct way {
    enum beside beside;
    bool goes_on; /* to its end, before it is killed */
} way_t;

static const way_t ways[] = {{NOTHING, false}, {WRITE, false}, {WRITE, true}, {HOLD, true}, {HOLD, false}};

static void begin_round(const void *of)
{
    const path_t *path = of;
    scene.victim_next = 0;
    path->prepare();
}

/* Puts itself between the victim and what it takes: what is being reclaimed is brought back. */
static void hold_something(void)
{
    slotring_ticket_t ticket;
    for (uint32_t i = 0; i < SLOTS && scene.held.pieces == 0; i++)
        if (slotring_ticket_at(scene.ring, i, &ticket) == 0 &&
            slotring_acquire_for_read(scene.ring, &ticket, &scene.held) == 0)
            check_whole(scene.ring, &scene.held);
}

static bool work_beside(size_t way)
{
    if (ways[way].beside == WRITE)
        survivor_writes_a_lap();
    if (ways[way].beside == HOLD)
        hold_something();
    return ways[way].goes_on;
}

static void end_round(const void *of, bool complete)
{
    const path_t *path = of;
    CHECK_OK(slotring_recover(scene.ring, NULL));
    CHECK_EQUAL(ring_stats(scene.ring).participants, 1);
    survivor_reads();
    CHECK_AT_LEAST(scene.victim_next, atomic_load(&progress->done));
    CHECK_AT_LEAST(atomic_load(&progress->tried), scene.victim_next);
    CHECK_AT_LEAST(scene.victim_next, complete ? path->messages : 0);
    CHECK_EQUAL(scene.survivor_next, scene.written);
    CHECK_EQUAL(sr__load(&scene.ring->member.view.state->span_token), 0);
    check_ring(scene.ring);
    survivor_writes_a_lap();
    let_go();
    check_ring_at_rest(scene.ring);
    empty(); /* all slots can be had at once */
    CHECK_EQUAL(pieces_there(), 0);
    check_ring_at_rest(scene.ring);
}

static void kill_on(const path_t *path)
{
    const char *why;
    if (!step_possible(&why))
        SKIP("%s", why);
    memset(&scene, 0, sizeof scene);
    rounds_begin();
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, SIZE);
    options.max_participants = 4;
    options.max_writers = 2;
    scene.ring = ring_open_with(ring_name(), &options);
    scene.reader = subscribe(scene.ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    rounds_t rounds = {.what = path->what,
                       .path = path,
                       .ring = scene.ring,
                       .victim = path->victim,
                       .sleeps = path->sleeps,
                       .second = path->second,
                       .stand = path->stand,
                       .ways = sizeof ways / sizeof ways[0],
                       .begin = begin_round,
                       .beside = work_beside,
                       .end = end_round};
    rounds_kill(&rounds);
    CHECK_OK(slotring_unsubscribe(scene.reader));
    ring_remove(scene.ring, ring_name());
    rounds_end();
}

static const path_t paths[] = {
    {"publish a span into free slots", empty, publishes, 1, false, NULL, NULL},
    {"publish a span over others", fill, publishes, 1, false, NULL, NULL},
    {"publish less than was allocated", fill, publishes_less, 2, false, NULL, NULL},
    {"abort a span", fill, aborts, 0, false, NULL, NULL},
    {"find too few slots for a span", fill_and_hold, finds_too_few, 0, false, NULL, NULL},
    {"release a span that is retired", one_large, releases_the_last_hold, 0, false, NULL, NULL},
    {"free a span", one_large, frees, 0, false, NULL, NULL},
    {"append a span", fill, appends, 1, false, NULL, NULL},
    {"close a handle with spans", one_large, closes, 0, false, NULL, NULL},
    {"wait with a part of a span", fill_and_hold, waits_with_pieces, 0, true, NULL, NULL},
    {"publish a span and keep it", fill, keeps_a_span, 1, false, NULL, NULL},
    {"publish a message and keep it", fill, keeps_a_slot, 1, false, NULL, NULL},
    {"repair a span that is freed", one_large, frees, 0, false, rounds_repair, no_two_pieces_yet},
    {"repair a span that is published", empty, publishes, 1, false, rounds_repair, no_two_pieces_yet},
};

/* A test for each row. */
#define PATH(name, row)       \
    static void name(void)    \
    {                         \
        kill_on(&paths[row]); \
    }
PATH(into_free, 0)
PATH(over_others, 1)
PATH(publish_less, 2)
PATH(abort_span, 3)
PATH(find_too_few, 4)
PATH(release_retired, 5)
PATH(free_span, 6)
PATH(append_span, 7)
PATH(close_handle, 8)
PATH(wait_with_pieces, 9)
PATH(keep_span, 10)
PATH(keep_message, 11)
PATH(repair_freed, 12)
PATH(repair_published, 13)

#define CASE(name)     \
    {                  \
#name, name, 0 \
    }
static const test_case_t cases[] = {
    CASE(into_free),    CASE(over_others),      CASE(publish_less), CASE(abort_span),
    CASE(find_too_few), CASE(release_retired),  CASE(free_span),    CASE(append_span),
    CASE(close_handle), CASE(wait_with_pieces), CASE(keep_span),    CASE(keep_message),
    CASE(repair_freed), CASE(repair_published), {NULL, NULL, 0},
};

const test_suite_t path_spans_suite = {"path_spans", cases, step_roles};
