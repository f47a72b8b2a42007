/* SPDX-License-Identifier: Apache-2.0 */
/* The table of the manual that says who waits, what is lost and who is told (delivery_table.def): the columns about the reader, a
 * test each, which tries the cell of each row. Readers are processes. delivery_ring_test.c has the other columns. */
#include "support/delivery.h"
#include "support/suite.h"

#define SLOTS ((uint64_t)DELIVERY_SLOTS)

/* It is told once that it was revoked, with what it lost. */
static void check_told_of_revocation(scene_t *scene, uint64_t lost)
{
    CHECK_EQUAL(scene_order(scene, ORDER_LOOK).code, SLOTRING_E_REVOKED);
    slotring_reader_info_t info = scene_info(scene);
    CHECK_EQUAL(info.revoked, SLOTRING_REVOKED_BY_BUDGET);
    CHECK_EQUAL(info.lost, lost);
    CHECK_EQUAL(info.missed, lost);
    CHECK_EQUAL(ring_stats(scene->ring).revocations, 1);
    scene_takes(scene, scene->published - (SLOTS - 1), scene->published);
    CHECK_EQUAL(scene_order(scene, ORDER_LOOK).code, SLOTRING_E_EMPTY);
    CHECK_EQUAL(scene_info(scene).missed, lost);
}

/* ---- The ring is full --------------------------------------------------------------------------------- */

/* Nobody frees: then it matters to nobody who reads. */
static void full_and_kept(scene_t *scene)
{
    uint32_t count;
    scene->frees = 0;
    scene_publish_many(scene, SLOTS);
    CHECK(!scene_publish(scene));
    CHECK_OK(slotring_blockers(scene->ring, NULL, 0, &count));
    CHECK_EQUAL(count, 0);
    scene_takes(scene, 0, 1);
    CHECK(!scene_publish(scene));
    scene->frees = 1;
    CHECK(scene_publish(scene));
    scene_takes(scene, 1, scene->published);
    scene_account(scene, 0);
}

static void ring_full(scene_t *scene, enum delivery_cell cell)
{
    if (cell == CELL_KEPT) {
        full_and_kept(scene);
        return;
    }
    scene_publish_many(scene, SLOTS);
    if (cell == CELL_MISSES) {
        scene_publish_many(scene, SLOTS);
        scene_takes(scene, SLOTS, 2 * SLOTS);
        scene_account(scene, SLOTS);
        return;
    }
    CHECK(!scene_publish(scene));
    CHECK_EQUAL(scene_blocker(scene).messages, SLOTS);
    if (cell == CELL_WAITS) {
        scene_takes(scene, 0, 1);
        CHECK(scene_publish(scene));
        scene_takes(scene, 1, scene->published);
        scene_account(scene, 0);
        return;
    }
    CHECK_EQUAL(cell, CELL_REVOKED);
    scene_publish_waiting(scene);
    scene_publish_many(scene, SLOTS - 1);
    CHECK_EQUAL(only_reader(scene->ring).revoked, SLOTRING_REVOKED_BY_BUDGET);
    CHECK_EQUAL(scene_order(scene, ORDER_LOOK).code, SLOTRING_E_REVOKED);
    CHECK_EQUAL(scene_info(scene).lost, SLOTS);
    scene_takes(scene, SLOTS, 2 * SLOTS);
    CHECK_EQUAL(scene_info(scene).missed, SLOTS);
}

/* ---- The reader is slow ------------------------------------------------------------------------------- */

static void reader_slow(scene_t *scene, enum delivery_cell cell)
{
    scene_publish_many(scene, SLOTS);
    scene_takes(scene, 0, 1);
    if (cell == CELL_MISSES) {
        scene_publish_many(scene, 2 * SLOTS);
        scene_takes(scene, 2 * SLOTS, 3 * SLOTS);
        scene_account(scene, 2 * SLOTS - 1);
        return;
    }
    CHECK_EQUAL(cell, CELL_WAITS);
    scene_publish_many(scene, 1);
    for (uint64_t n = 1; n < 2 * SLOTS; n++) { /* each message waits for it */
        CHECK(!scene_publish(scene));
        (void)scene_blocker(scene);
        scene_takes(scene, n, n + 1);
        CHECK(scene_publish(scene));
    }
    scene_takes(scene, 2 * SLOTS, scene->published);
    scene_account(scene, 0);
}

/* ---- The reader is stopped, with a message in its hands ------------------------------------------------ */

static void reader_stopped(scene_t *scene, enum delivery_cell cell)
{
    scene_publish_many(scene, 1);
    CHECK_EQUAL(scene_order(scene, ORDER_GIVE).code, 0);
    peer_stop(&scene->reader);
    scene_publish_many(scene, SLOTS - 1);
    if (cell != CELL_MISSES) {
        CHECK(!scene_publish(scene));
        slotring_blocker_t blocker = scene_blocker(scene);
        if (process_shows_stops() && !is_group(&scene->kind))
            CHECK_EQUAL(blocker.life, SLOTRING_LIFE_STOPPED);
    }
    if (cell == CELL_REVOKED) {
        scene_publish_waiting(scene);
        scene_publish_many(scene, 2 * (SLOTS - 1) - 1);
    } else if (cell == CELL_MISSES) {
        scene_publish_many(scene, 2 * (SLOTS - 1));
    }
    CHECK_EQUAL(ring_stats(scene->ring).slots_held, cell != CELL_WAITS);
    peer_continue(&scene->reader);
    CHECK_EQUAL(scene_order(scene, ORDER_RELEASE).code, 0);
    uint64_t gone = scene->published - 1 - (SLOTS - 1);
    if (cell == CELL_REVOKED) {
        check_told_of_revocation(scene, gone);
        return;
    }
    CHECK(cell == CELL_WAITS || cell == CELL_MISSES);
    scene_takes(scene, 1 + gone, scene->published);
    scene_account(scene, gone);
}

/* ---- The reader is killed, or leaves -------------------------------------------------------------------- */

/* Producers do not wait for it any more, and the ring has nothing of it. */
static void reader_has_ended(scene_t *scene)
{
    slotring_stats_t stats = ring_stats(scene->ring);
    CHECK_EQUAL(stats.readers, 0);
    CHECK_EQUAL(stats.slots_held, 0);
    scene_publish_many(scene, SLOTS);
}

/* Producers wait, the ring says for whom, and the next one goes on at `number`. */
static void subscription_has_stayed(scene_t *scene, uint64_t number)
{
    slotring_reader_info_t left = only_reader(scene->ring);
    CHECK_EQUAL(left.durable, 1);
    CHECK_AT_LEAST(left.left_ns, 1);
    CHECK_EQUAL(left.participant, UINT32_MAX);
    CHECK_EQUAL(left.pid, (uint64_t)scene->reader.pid);
    scene_publish_many(scene, number); /* what it had acknowledged makes room */
    CHECK(!scene_publish(scene));
    CHECK_AT_LEAST(scene_blocker(scene).left_ns, 1);
    CHECK_OK(scene_reader(scene, SLOTRING_FROM_NOW));
    scene_takes(scene, number, scene->published);
    scene_account(scene, 0);
    peer_tell(&scene->reader, ORDER_LEAVE);
    peer_join(&scene->reader);
}

static void reader_killed(scene_t *scene, enum delivery_cell cell)
{
    scene_publish_many(scene, SLOTS);
    CHECK_EQUAL(scene_order(scene, ORDER_GIVE).code, 0);
    peer_kill(&scene->reader);
    CHECK_OK(slotring_recover(scene->ring, NULL));
    CHECK_EQUAL(ring_stats(scene->ring).repaired, 1);
    CHECK(cell == CELL_ENDS || cell == CELL_STAYS);
    if (cell == CELL_ENDS)
        reader_has_ended(scene);
    else
        subscription_has_stayed(scene, 0); /* the message in its hands again */
}

static void reader_leaves(scene_t *scene, enum delivery_cell cell)
{
    scene_publish_many(scene, SLOTS);
    scene_takes(scene, 0, 2);
    peer_tell(&scene->reader, ORDER_LEAVE);
    peer_join(&scene->reader);
    CHECK(cell == CELL_ENDS || cell == CELL_STAYS);
    if (cell == CELL_ENDS)
        reader_has_ended(scene);
    else
        subscription_has_stayed(scene, 2);
}

/* ---- The reader joins late ------------------------------------------------------------------------------ */

static void joins_without_a_past(scene_t *scene)
{
    CHECK_CODE(scene_reader(scene, SLOTRING_FROM_OLDEST), SLOTRING_E_INVALID);
    CHECK_OK(scene_reader(scene, SLOTRING_FROM_NOW));
    CHECK_EQUAL(scene_order(scene, ORDER_LOOK).code, SLOTRING_E_EMPTY);
    scene_publish_many(scene, 1);
    scene_takes(scene, 3, 4);
    scene_account(scene, 0);
}

static void joins_late(scene_t *scene, enum delivery_cell cell)
{
    scene_publish_many(scene, 3);
    if (cell == CELL_NO_PAST) {
        joins_without_a_past(scene);
        return;
    }
    CHECK_OK(scene_reader(scene, SLOTRING_FROM_OLDEST));
    CHECK_EQUAL(scene_info(scene).start, 0);
    scene->frees = scene->frees > 0 ? 3 : 0; /* the past, and no more */
    scene_publish_many(scene, SLOTS - 3);
    if (cell == CELL_PAST_HELD || cell == CELL_PAST_BUDGETED) {
        CHECK_EQUAL(ring_stats(scene->ring).slots_held, cell == CELL_PAST_HELD ? 3 : 0);
        CHECK(!scene_publish(scene));
        scene_takes(scene, 0, scene->published);
        scene_account(scene, 0);
        return;
    }
    CHECK_EQUAL(cell, CELL_PAST_FREE);
    scene_publish_many(scene, 3);
    scene_takes(scene, 3, scene->published);
    scene_account(scene, 3);
}

/* ---- The columns ------------------------------------------------------------------------------------------ */

#define COLUMN(name, ...)                                      \
    static void name(void)                                     \
    {                                                          \
        delivery_try(&(const delivery_column_t){__VA_ARGS__}); \
    }
COLUMN(the_ring_is_full, FULL, ring_full, false, false, false)
COLUMN(the_reader_is_slow, SLOW, reader_slow, false, false, false)
COLUMN(the_reader_is_stopped, STOPPED, reader_stopped, false, false, false)
COLUMN(the_reader_is_killed, KILLED, reader_killed, false, true, false)
COLUMN(the_reader_leaves, LEAVES, reader_leaves, false, true, false)
COLUMN(the_reader_joins_late, LATE, joins_late, true, false, false)

static const test_case_t cases[] = {
    {"the_ring_is_full", the_ring_is_full, 0},
    {"the_reader_is_slow", the_reader_is_slow, 0},
    {"the_reader_is_stopped", the_reader_is_stopped, 0},
    {"the_reader_is_killed", the_reader_is_killed, 0},
    {"the_reader_leaves", the_reader_leaves, 0},
    {"the_reader_joins_late", the_reader_joins_late, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {{"delivery-reader", delivery_reader}, {NULL, NULL}};

const test_suite_t delivery_reader_suite = {"delivery_reader", cases, roles};
