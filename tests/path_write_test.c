/* SPDX-License-Identifier: Apache-2.0 */
/* Kills at every instruction of each path on which a producer gets a slot, publishes it or gives it back. */
#include "protocol/gather.h"
#include "support/internals.h"
#include "support/path.h"
#include "support/step.h"
#include "support/suite.h"

/* ---- Victims ---------------------------------------------------------------------------------------- */

static void writes(const char *name, uint32_t writer)
{
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slot;
    uint64_t length;
    step_begin();
    int code = slotring_allocate(ring, 1, &slot);
    if (code == 0) {
        victim_message(&slot, writer, 0, &length);
        CHECK_OK(slotring_mark_ready(ring, &slot, length));
    } else {
        CHECK_EQUAL(code, SLOTRING_E_FULL); /* the survivor may have it all in hand */
    }
    step_end();
}

static void publishes(peer_t *test, const char *name)
{
    (void)test;
    writes(name, VICTIM);
}

static void aborts(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slot;
    step_begin();
    if (slotring_allocate(ring, 1, &slot) == 0)
        CHECK_OK(slotring_abort(ring, &slot));
    step_end();
}

static void publishes_batch(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slots[3];
    uint32_t count, published;
    uint64_t length;
    step_begin();
    int code = slotring_allocate_batch(ring, 1, slots, 3, 0, &count);
    if (code == 0) {
        for (uint32_t i = 0; i < count; i++)
            victim_message(&slots[i], VICTIM, i, &length);
        CHECK_OK(slotring_mark_ready_batch(ring, slots, count, &published));
        CHECK_EQUAL(published, count);
    }
    step_end();
}

/* Enough at once that `tail` and the frontier have to move. */
static void publishes_many(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slots[12];
    uint64_t length;
    for (uint32_t i = 0; i < 12; i++) {
        CHECK_OK(slotring_allocate(ring, 1, &slots[i]));
        victim_message(&slots[i], VICTIM, i, &length);
    }
    step_begin();
    for (uint32_t i = 0; i < 12; i++)
        CHECK_OK(slotring_mark_ready(ring, &slots[i], slots[i].length));
    step_end();
}

/* In a ring that keeps: finds nothing, which retires what is kept; frees one, and gets its slot. */
static void makes_room(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slot;
    uint64_t length;
    step_begin();
    int code = slotring_allocate(ring, 1, &slot);
    if (code == SLOTRING_E_FULL) {
        (void)slotring_free(ring, &world.target); /* E_STALE when the survivor was first */
        code = slotring_allocate(ring, 1, &slot);
    }
    if (code == 0) {
        victim_message(&slot, VICTIM, 0, &length);
        CHECK_OK(slotring_mark_ready(ring, &slot, length));
    }
    step_end();
}

static void ends_its_stream(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slot;
    uint64_t length;
    if (slotring_allocate(ring, 1, &slot) == 0) {
        victim_message(&slot, VICTIM, 0, &length);
        CHECK_OK(slotring_mark_ready(ring, &slot, length));
    }
    step_begin();
    CHECK_OK(slotring_end_stream(ring));
    step_end();
}

static void waits_for_space(peer_t *test, const char *name)
{
    (void)test;
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    options.spin_ns = 1;
    slotring_t *ring = ring_open_with(name, &options);
    slotring_slot_t slot;
    step_begin();
    CHECK_CODE(slotring_allocate_wait(ring, 1, MILLISECOND, &slot), SLOTRING_E_TIMEOUT);
    step_end();
}

/* ---- What the survivor has prepared ----------------------------------------------------------------- */

static void hold_oldest_two(world_t *w)
{
    world_fill(w);
    slotring_ticket_t tickets[2] = {world_oldest(w)};
    world_hold(w, &tickets[0]);
    for (uint32_t i = 0; i < w->slots; i++)
        if (slotring_ticket_at(w->ring, i, &tickets[1]) == 0 &&
            tickets[1].sequence == tickets[0].sequence + 1)
            world_hold(w, &tickets[1]);
    CHECK_EQUAL(w->held_count, 2);
}

/* The walk has been over the two that are held: they are retired, and not in its way any more. */
static void hold_retired(world_t *w)
{
    hold_oldest_two(w);
    world_publish(w);
    CHECK(sr__is_retired(sr__load(&sr__slot(&w->ring->member.view, w->held[0].index)->word)));
}

/* The frontier stays at a held publication while withdrawn slots go round, until the order is full: the next
 * publication needs the position where the frontier stands. */
static void order_full(world_t *w)
{
    sr__view_t *view = &w->ring->member.view;
    world_fill(w);
    slotring_ticket_t ticket = world_oldest(w);
    world_hold(w, &ticket);
    for (uint32_t i = 0; i < w->slots; i++)
        if (slotring_ticket_at(w->ring, i, &ticket) == 0 && ticket.sequence != w->held[0].sequence)
            CHECK_OK(slotring_free(w->ring, &ticket));
    while (w->expected - sr__load(&view->state->frontier) < view->order_mask + 1) {
        ticket = world_publish(w);
        CHECK_OK(slotring_free(w->ring, &ticket));
    }
    CHECK(!sr__is_retired(sr__load(&sr__slot(view, w->held[0].index)->word)));
}

/* Freed before the lossless reader had them: in the walk, and to be reclaimed by it. */
static void fill_withdrawn(world_t *w)
{
    world_empty(w);
    for (uint32_t i = 0; i < w->slots; i++) {
        slotring_ticket_t ticket = world_publish_only(w);
        CHECK_OK(slotring_free(w->ring, &ticket));
    }
    world_read(w);
}

static void fill_kept(world_t *w)
{
    world_fill(w);
    w->target = world_oldest(w);
}

/* The reader has had nothing: all is gated. */
static void fill_unread(world_t *w)
{
    world_empty(w);
    w->quiet = true;
    for (uint32_t i = 0; i < w->slots; i++)
        world_publish_only(w);
}

static void one_free(world_t *w)
{
    world_fill(w);
    slotring_ticket_t ticket = world_oldest(w);
    CHECK_OK(slotring_free(w->ring, &ticket));
}

/* ---- Who disturbs ----------------------------------------------------------------------------------- */

/* A reader waits for two messages, and the victim publishes three. */
static void one_gathers(world_t *w)
{
    world_empty(w);
    (void)sr__sleepers_arm(&w->ring->member, SR__GATHERED_EVENT);
    sr__gather_arm(&w->ring->member, 2);
}

/* The victim is about to list its slot: another producer takes the number. */
static bool rival_publishes(world_t *w)
{
    return world_slot_in(w, SR__COMMIT) < w->slots && world_try_publish(w);
}

/* The victim is looking whether anybody holds the slot: somebody does now, and puts it back. */
static bool reader_puts_back(world_t *w)
{
    uint32_t slot = world_slot_in(w, SR__RECLAIM);
    slotring_ticket_t ticket;
    if (slot >= w->slots || slotring_ticket_at(w->ring, slot, &ticket) != 0)
        return false;
    world_hold(w, &ticket);
    return true;
}

/* The victim has claimed the slot that the free map named: the survivor takes and returns all others. */
static bool rival_claims(world_t *w)
{
    return world_slot_in(w, SR__CLAIMED) < w->slots && world_try_publish(w) && world_try_publish(w);
}

/* ---- The paths -------------------------------------------------------------------------------------- */

static const path_t paths[] = {
    {"publish into a free slot", 4, false, false, world_empty, publishes, NULL, 1},
    {"publish into the last free slot", 4, false, false, one_free, publishes, NULL, 1},
    {"publish over another", 4, false, false, world_fill, publishes, NULL, 1},
    {"walk over held slots", 4, false, false, hold_oldest_two, publishes, NULL, 1},
    {"walk where held slots are retired", 4, false, false, hold_retired, publishes, NULL, 1},
    {"walk loses to a put-back", 4, false, false, world_fill, publishes, reader_puts_back, 1},
    {"walk takes what was freed", 4, true, false, fill_withdrawn, publishes, NULL, 1},
    {"walk retires what is kept", 4, true, false, fill_kept, makes_room, NULL, 1},
    {"publish against another producer", 4, false, false, world_empty, publishes, rival_publishes, 1},
    {"claim against another producer", 4, false, false, world_empty, publishes, rival_claims, 1},
    {"publish moves the hints", 32, false, false, world_empty, publishes_many, NULL, 12},
    {"publish retires the oldest", 4, false, false, order_full, publishes, NULL, 1},
    {"abort", 4, false, false, world_fill, aborts, NULL, 0},
    {"publish a batch", 4, false, false, one_free, publishes_batch, NULL, 3},
    {"end of stream", 4, false, false, world_empty, ends_its_stream, NULL, 1},
    {"wait for space", 4, false, true, fill_unread, waits_for_space, NULL, 0},
    {"publish to who gathers", 4, false, false, one_gathers, publishes_batch, NULL, 3},
};

/* A test for each row. */
#define PATH(name, row)            \
    static void name(void)         \
    {                              \
        kill_on_path(&paths[row]); \
    }
PATH(into_free, 0)
PATH(into_last_free, 1)
PATH(over_others, 2)
PATH(walk_over_held, 3)
PATH(walk_past_retired, 4)
PATH(walk_against_reinstating, 5)
PATH(walk_takes_freed, 6)
PATH(walk_retires_kept, 7)
PATH(against_publisher, 8)
PATH(against_claimer, 9)
PATH(many, 10)
PATH(retires_oldest, 11)
PATH(abort_slot, 12)
PATH(batch, 13)
PATH(end_stream, 14)
PATH(wait_for_space, 15)
PATH(to_who_gathers, 16)

static const test_case_t cases[] = {
    {"into_free", into_free, 0},
    {"into_last_free", into_last_free, 0},
    {"over_others", over_others, 0},
    {"walk_over_held", walk_over_held, 0},
    {"walk_past_retired", walk_past_retired, 0},
    {"walk_against_reinstating", walk_against_reinstating, 0},
    {"walk_takes_freed", walk_takes_freed, 0},
    {"walk_retires_kept", walk_retires_kept, 0},
    {"against_publisher", against_publisher, 0},
    {"against_claimer", against_claimer, 0},
    {"many", many, 0},
    {"retires_oldest", retires_oldest, 0},
    {"abort", abort_slot, 0},
    {"batch", batch, 0},
    {"end_stream", end_stream, 0},
    {"wait_for_space", wait_for_space, 0},
    {"to_who_gathers", to_who_gathers, 0},
    {NULL, NULL, 0},
};

const test_suite_t path_write_suite = {"path_write", cases, step_roles};
