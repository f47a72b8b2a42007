/* SPDX-License-Identifier: Apache-2.0 */
/* Kills at every instruction of the paths on which a reader with a budget is revoked, is told, and is armed again, and on
 * which one is read by ticket. */
#include "support/internals.h"
#include "support/path.h"
#include "support/step.h"
#include "support/suite.h"

static slotring_reader_options_t budgeted(uint32_t start)
{
    slotring_reader_options_t options = reader_options(SLOTRING_BUDGETED, start);
    options.budget_messages = 1;
    options.budget_ns = 60000 * MILLISECOND; /* longer than any round */
    return options;
}

static slotring_reader_t *subscribe_budgeted(slotring_t *ring, uint32_t start)
{
    slotring_reader_options_t options = budgeted(start);
    return subscribe_with(ring, &options);
}

static sr__subscription_t *row_of(slotring_t *ring, slotring_reader_t *reader)
{
    slotring_reader_info_t info = reader_info(reader);
    return &ring->member.view.subscriptions[info.row];
}

/* As a producer does that finds the reader over its budget. */
static void revoke_now(slotring_t *ring, slotring_reader_t *reader)
{
    sr__subscription_t *row = row_of(ring, reader);
    uint64_t word = sr__load(&row->state);
    CHECK(sr__subscription_gates(word));
    CHECK(sr__cas(&row->state, word, sr__subscription_revoked(word)));
}

/* ---- Victims ---------------------------------------------------------------------------------------- */

/* A producer that finds no slot, and a reader in its way for longer than its budget allows. */
static void decides(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe_budgeted(ring, SLOTRING_FROM_NOW);
    sr__subscription_t *row = row_of(ring, reader);
    victim_publishes(ring, 0, world.slots);
    uint32_t long_ago = (uint32_t)(now_ns() / MILLISECOND) - 100000u;
    atomic_store(&row->stall, sr__stall(sr__load(&row->state), sr__load(&row->cursor), long_ago));
    slotring_slot_t slot;
    step_begin();
    int code = slotring_allocate(ring, 1, &slot);
    if (code == 0)
        CHECK_OK(slotring_abort(ring, &slot));
    CHECK(code == 0 || code == SLOTRING_E_FULL); /* the survivor's reader is in the way, too */
    CHECK(!sr__subscription_gates(sr__load(&row->state)));
    step_end();
}

/* The first look at a reader that is in the way: its time begins. */
static void begins_its_time(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe_budgeted(ring, SLOTRING_FROM_NOW);
    sr__subscription_t *row = row_of(ring, reader);
    victim_publishes(ring, 0, world.slots);
    slotring_slot_t slot;
    step_begin();
    CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_FULL);
    CHECK(sr__subscription_gates(sr__load(&row->state)));
    CHECK(sr__load(&row->stall) != 0);
    step_end();
}

static void is_told(const char *name, bool loses)
{
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe_budgeted(ring, SLOTRING_FROM_NOW);
    victim_publishes(ring, 0, world.slots);
    revoke_now(ring, reader);
    for (uint32_t i = 0; loses && i + 1 < world.slots;
         i++) { /* what nobody needs any more but the survivor */
        slotring_ticket_t ticket = world_oldest(&(world_t){.ring = ring, .slots = world.slots});
        CHECK_OK(slotring_free(ring, &ticket));
    }
    slotring_slot_t slot;
    int code;
    step_begin();
    while ((code = slotring_next(reader, 0, &slot)) == SLOTRING_E_PRODUCER_DIED) {
    }
    CHECK_EQUAL(code, SLOTRING_E_REVOKED);
    victim_takes(reader);
    step_end();
}

static void is_told_nothing_lost(peer_t *test, const char *name)
{
    (void)test;
    is_told(name, false);
}

static void is_told_what_is_lost(peer_t *test, const char *name)
{
    (void)test;
    is_told(name, true);
}

static void arms_again(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe_budgeted(ring, SLOTRING_FROM_NOW);
    victim_publishes(ring, 0, 2);
    revoke_now(ring, reader);
    slotring_slot_t slot;
    int code;
    while ((code = slotring_next(reader, 0, &slot)) == SLOTRING_E_PRODUCER_DIED) {
    }
    CHECK_EQUAL(code, SLOTRING_E_REVOKED);
    step_begin();
    code = slotring_reader_rearm(reader);
    CHECK(code == 0 ||
          code == SLOTRING_E_STATE); /* others may have written meanwhile, too much to catch up with */
    victim_takes(reader);
    victim_takes(reader);
    step_end();
}

static void reads_on(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe_budgeted(ring, SLOTRING_FROM_NOW);
    victim_publishes(ring, 0, 2);
    step_begin();
    for (int i = 0; i < 3; i++) /* the third finds nothing */
        victim_takes(reader);
    step_end();
}

/* What it is given, but deaths. */
static int next_alive(slotring_reader_t *reader, slotring_slot_t *slot)
{
    int code;
    while ((code = slotring_next(reader, 0, slot)) == SLOTRING_E_PRODUCER_DIED) {
    }
    return code;
}

/* Two are out, and the second is released; a third comes out. Then it is revoked, and is told that with two out. */
static void releases_a_window(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_options_t options = budgeted(SLOTRING_FROM_NOW);
    options.window = 4;
    slotring_reader_t *reader = subscribe_with(ring, &options);
    slotring_slot_t out[3];
    victim_publishes(ring, 0, 3);
    step_begin();
    CHECK_OK(next_alive(reader, &out[0]));
    CHECK_OK(next_alive(reader, &out[1]));
    CHECK_OK(slotring_reader_release_one(reader, &out[1]));
    CHECK_OK(next_alive(reader, &out[2]));
    revoke_now(ring, reader);
    CHECK_CODE(next_alive(reader, &out[1]), SLOTRING_E_REVOKED);
    pattern_check(&out[0]);
    CHECK_OK(slotring_reader_release_one(reader, &out[0]));
    pattern_check(&out[2]);
    CHECK_OK(slotring_reader_release(reader));
    step_end();
}

static void comes_and_goes(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    step_begin();
    slotring_reader_t *reader = subscribe_budgeted(ring, SLOTRING_FROM_OLDEST);
    victim_takes(reader);
    CHECK_OK(slotring_unsubscribe(reader));
    step_end();
}

static void leaves_revoked(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe_budgeted(ring, SLOTRING_FROM_NOW);
    victim_publishes(ring, 0, 1);
    revoke_now(ring, reader);
    step_begin();
    CHECK_OK(slotring_unsubscribe(reader));
    step_end();
}

/* Its own reader, which reads in place and then gives way. */
static void revokes_and_gives_way(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    victim_publishes(ring, 0, 2);
    slotring_reader_info_t info;
    slotring_slot_t slot;
    int code;
    info = reader_info(reader);
    step_begin();
    CHECK_OK(slotring_revoke(ring, info.row));
    while ((code = slotring_next(reader, 0, &slot)) == SLOTRING_E_PRODUCER_DIED) {
    }
    CHECK_EQUAL(code, SLOTRING_E_REVOKED);
    victim_takes(reader);
    step_end();
}

/* Tickets of its own messages, in another order, and one of them never. */
static void is_read_by_ticket(peer_t *test, const char *name)
{
    static const uint32_t order[] = {1, 0, 3, 3};
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_options_t options = reader_options(SLOTRING_BUDGETED, SLOTRING_FROM_NOW);
    options.flags = SLOTRING_BY_TICKET;
    options.window = 1;
    options.budget_ns = 60000 * MILLISECOND; /* longer than any round */
    slotring_reader_t *reader = subscribe_with(ring, &options);
    slotring_ticket_t tickets[4];
    slotring_slot_t slot;
    for (uint64_t n = 0; n < 4; n++) {
        uint64_t length;
        CHECK_OK(slotring_allocate(ring, 1, &slot));
        victim_message(&slot, VICTIM, n, &length);
        CHECK_OK(slotring_mark_ready(ring, &slot, length));
        tickets[n] = slot.ticket;
    }
    step_begin();
    for (uint32_t i = 0; i < 4; i++) {
        CHECK_OK(slotring_reader_acquire_ticket(reader, &tickets[order[i]], &slot));
        pattern_check(&slot);
        CHECK_OK(slotring_release(ring, &slot));
    }
    step_end();
    CHECK_EQUAL(reader_info(reader).delivered, 3);
    CHECK_EQUAL(reader_info(reader).passed_over, 1);
}

/* It is told that it was revoked, loses what is gone, and is armed again. */
static void by_ticket_is_told(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_options_t options = reader_options(SLOTRING_BUDGETED, SLOTRING_FROM_NOW);
    options.flags = SLOTRING_BY_TICKET;
    options.budget_ns = 60000 * MILLISECOND;
    slotring_reader_t *reader = subscribe_with(ring, &options);
    victim_publishes(ring, 0, 2);
    slotring_ticket_t ticket = world_oldest(&(world_t){.ring = ring, .slots = world.slots});
    revoke_now(ring, reader);
    slotring_slot_t slot;
    step_begin();
    CHECK_CODE(slotring_reader_acquire_ticket(reader, &ticket, &slot), SLOTRING_E_REVOKED);
    int code = slotring_reader_rearm(reader);
    CHECK(code == 0 || code == SLOTRING_E_STATE); /* as above */
    step_end();
}

/* ---- The paths -------------------------------------------------------------------------------------- */

static const path_t paths[] = {
    {"a producer decides", 4, false, false, world_empty, decides, NULL, 4},
    {"a producer begins to count", 4, false, false, world_empty, begins_its_time, NULL, 4},
    {"a revoked reader is told", 4, false, false, world_empty, is_told_nothing_lost, NULL, 4},
    {"a revoked reader is told, and jumps", 4, false, false, world_empty, is_told_what_is_lost, NULL, 4},
    {"a reader is armed again", 4, false, false, world_empty, arms_again, NULL, 2},
    {"next, budgeted", 4, false, false, world_empty, reads_on, NULL, 2},
    {"subscribe to the past, budgeted", 4, false, false, world_fill, comes_and_goes, NULL, 0},
    {"a revoked reader leaves", 4, false, false, world_empty, leaves_revoked, NULL, 1},
    {"a reader is revoked by hand", 4, false, false, world_empty, revokes_and_gives_way, NULL, 2},
    {"a window is released in any order", 4, false, false, world_empty, releases_a_window, NULL, 3},
    {"a reader is read by ticket", 4, false, false, world_empty, is_read_by_ticket, NULL, 4},
    {"a revoked reader by ticket is told", 4, false, false, world_empty, by_ticket_is_told, NULL, 2},
};

#define PATH(name, row)            \
    static void name(void)         \
    {                              \
        kill_on_path(&paths[row]); \
    }
PATH(decide, 0)
PATH(begin, 1)
PATH(tell, 2)
PATH(tell_loss, 3)
PATH(arm, 4)
PATH(next_budgeted, 5)
PATH(past_budgeted, 6)
PATH(leave_revoked, 7)
PATH(by_hand, 8)
PATH(window, 9)
PATH(by_ticket, 10)
PATH(by_ticket_tell, 11)

static void decide_hot(void)
{
    kill_on_path_in(&paths[0], SLOTRING_HOT_SLOTS);
}

static void by_ticket_hot(void)
{
    kill_on_path_in(&paths[10], SLOTRING_HOT_SLOTS);
}

static const test_case_t cases[] = {
    {"decide", decide, 0},
    {"begin", begin, 0},
    {"tell", tell, 0},
    {"tell_loss", tell_loss, 0},
    {"arm", arm, 0},
    {"next_budgeted", next_budgeted, 0},
    {"past_budgeted", past_budgeted, 0},
    {"leave_revoked", leave_revoked, 0},
    {"by_hand", by_hand, 0},
    {"window", window, 0},
    {"by_ticket", by_ticket, 0},
    {"by_ticket_tell", by_ticket_tell, 0},
    {"by_ticket_hot", by_ticket_hot, 0},
    {"decide_hot", decide_hot, 0},
    {NULL, NULL, 0},
};

const test_suite_t path_budget_suite = {"path_budget", cases, step_roles};
