/* SPDX-License-Identifier: Apache-2.0 */
/* The table of the manual that says who waits, what is lost and who is told: a test for each column, which tries the cell of each
 * row (delivery_table.def). Reader, producer and the others are processes. */
#include <string.h>

#include "support/delivery.h"
#include "support/suite.h"

#define SLOTS ((uint64_t)DELIVERY_SLOTS)

enum column {
    FULL,
    SLOW,
    STOPPED,
    KILLED,
    LEAVES,
    PRODUCER_KILLED,
    PRODUCER_ENDS,
    REMOVED,
    MADE_ANEW,
    LATE,
    OTHER_KILLED,
    COLUMNS
};

enum cell {
    CELL_WAITS,
    CELL_REVOKED,
    CELL_MISSES,
    CELL_KEPT,
    CELL_ENDS,
    CELL_STAYS,
    CELL_TOLD,
    CELL_END,
    CELL_GOES_ON,
    CELL_APART,
    CELL_PAST_HELD,
    CELL_PAST_BUDGETED,
    CELL_PAST_FREE,
    CELL_NO_PAST,
    CELL_UNMOVED,
    CELL_REFUSED,
};

enum {
    LIFE_PROCESS = 0,
    LIFE_DURABLE = SLOTRING_DURABLE,
    FULL_OVERWRITE = SLOTRING_OVERWRITE,
    FULL_KEEP = SLOTRING_KEEP,
    FULL_HOT = SLOTRING_OVERWRITE,
    FLAGS_OVERWRITE = 0,
    FLAGS_KEEP = 0,
    FLAGS_HOT = SLOTRING_HOT_SLOTS,
};

typedef struct row {
    const char *name;
    delivery_kind_t kind;
    enum cell cells[COLUMNS];
} row_t;

#define ROW(pressure, life, ring, full, slow, stopped, killed, leaves, producer_killed, producer_ends, \
            removed, made_anew, late, other_killed)                                                    \
    {#pressure " " #life " " #ring,                                                                    \
     {SLOTRING_##pressure, LIFE_##life, FULL_##ring, FLAGS_##ring, false},                             \
     {CELL_##full, CELL_##slow, CELL_##stopped, CELL_##killed, CELL_##leaves, CELL_##producer_killed,  \
      CELL_##producer_ends, CELL_##removed, CELL_##made_anew, CELL_##late, CELL_##other_killed}},

static const row_t rows[] = {
#include "delivery_table.def"
};

#define ROWS (sizeof rows / sizeof rows[0])

static bool is_durable(const scene_t *scene)
{
    return (scene->kind.reader_flags & SLOTRING_DURABLE) != 0;
}

/* The ring says who producers wait for: this reader, and nobody else. It may hold one slot besides. */
static slotring_blocker_t only_blocker(const scene_t *scene)
{
    slotring_blocker_t blockers[3];
    uint32_t count;
    CHECK_OK(slotring_blockers(scene->ring, blockers, 3, &count));
    CHECK_EQUAL(count, 1 + ring_stats(scene->ring).slots_held);
    CHECK_EQUAL(blockers[0].why, SLOTRING_BLOCKS_BY_LAG);
    CHECK_EQUAL(blockers[0].mode, scene->kind.mode);
    CHECK_STRING(blockers[0].name, DELIVERY_NAME);
    return blockers[0];
}

static slotring_reader_info_t only_reader(slotring_t *ring)
{
    slotring_reader_info_t info[2];
    uint32_t count;
    CHECK_OK(slotring_readers(ring, info, 2, &count));
    CHECK_EQUAL(count, 1);
    return info[0];
}

/* It has had all there is, and `missed` messages were gone. */
static void check_account(scene_t *scene, uint64_t missed)
{
    CHECK_EQUAL(scene_order(scene, ORDER_LOOK).code, SLOTRING_E_EMPTY);
    slotring_reader_info_t info = scene_info(scene);
    CHECK_EQUAL(info.cursor, scene->published);
    CHECK_EQUAL(info.missed, missed);
    CHECK_EQUAL(info.revoked, SLOTRING_NOT_REVOKED);
}

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
    check_account(scene, 0);
}

static void ring_full(scene_t *scene, enum cell cell)
{
    if (cell == CELL_KEPT) {
        full_and_kept(scene);
        return;
    }
    scene_publish_many(scene, SLOTS);
    if (cell == CELL_MISSES) {
        scene_publish_many(scene, SLOTS);
        scene_takes(scene, SLOTS, 2 * SLOTS);
        check_account(scene, SLOTS);
        return;
    }
    CHECK(!scene_publish(scene));
    CHECK_EQUAL(only_blocker(scene).messages, SLOTS);
    if (cell == CELL_WAITS) {
        scene_takes(scene, 0, 1);
        CHECK(scene_publish(scene));
        scene_takes(scene, 1, scene->published);
        check_account(scene, 0);
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

static void reader_slow(scene_t *scene, enum cell cell)
{
    scene_publish_many(scene, SLOTS);
    scene_takes(scene, 0, 1);
    if (cell == CELL_MISSES) {
        scene_publish_many(scene, 2 * SLOTS);
        scene_takes(scene, 2 * SLOTS, 3 * SLOTS);
        check_account(scene, 2 * SLOTS - 1);
        return;
    }
    CHECK_EQUAL(cell, CELL_WAITS);
    scene_publish_many(scene, 1);
    for (uint64_t n = 1; n < 2 * SLOTS; n++) { /* each message waits for it */
        CHECK(!scene_publish(scene));
        (void)only_blocker(scene);
        scene_takes(scene, n, n + 1);
        CHECK(scene_publish(scene));
    }
    scene_takes(scene, 2 * SLOTS, scene->published);
    check_account(scene, 0);
}

/* ---- The reader is stopped, with a message in its hands ------------------------------------------------ */

static void reader_stopped(scene_t *scene, enum cell cell)
{
    scene_publish_many(scene, 1);
    CHECK_EQUAL(scene_order(scene, ORDER_GIVE).code, 0);
    peer_stop(&scene->reader);
    scene_publish_many(scene, SLOTS - 1);
    if (cell != CELL_MISSES) {
        CHECK(!scene_publish(scene));
        slotring_blocker_t blocker = only_blocker(scene);
        if (process_shows_stops())
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
    check_account(scene, gone);
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
    CHECK_AT_LEAST(only_blocker(scene).left_ns, 1);
    CHECK_OK(scene_reader(scene, SLOTRING_FROM_NOW));
    scene_takes(scene, number, scene->published);
    check_account(scene, 0);
    peer_tell(&scene->reader, ORDER_LEAVE);
    peer_join(&scene->reader);
}

static void reader_killed(scene_t *scene, enum cell cell)
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

static void reader_leaves(scene_t *scene, enum cell cell)
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

/* ---- Producers ------------------------------------------------------------------------------------------ */

static void producer_killed(scene_t *scene, enum cell cell)
{
    CHECK_EQUAL(cell, CELL_TOLD);
    peer_t producer = peer_start(process_can_fork() ? BY_FORK : BY_EXEC, "delivery-producer", ring_name());
    peer_expect(&producer, 1);
    peer_kill(&producer);
    CHECK_OK(slotring_recover(scene->ring, NULL));
    scene_takes(scene, 0, 3);
    CHECK_EQUAL(scene_order(scene, ORDER_TAKE).code, SLOTRING_E_PRODUCER_DIED);
    CHECK_EQUAL(scene_order(scene, ORDER_TAKE).code, SLOTRING_E_END);
    CHECK_EQUAL(scene_info(scene).missed, 0);
    CHECK_EQUAL(ring_stats(scene->ring).producers_died, 1);
    CHECK_EQUAL(ring_stats(scene->ring).slots_writing, 0);
}

static void producer_ends(scene_t *scene, enum cell cell)
{
    CHECK_EQUAL(cell, CELL_END);
    scene_publish_many(scene, 3);
    CHECK_OK(slotring_end_stream(scene->ring));
    scene_takes(scene, 0, 3);
    CHECK_EQUAL(scene_order(scene, ORDER_TAKE).code, SLOTRING_E_END);
    CHECK_EQUAL(ring_stats(scene->ring).producers_ended, 1);
    scene_publish_many(scene, 1); /* a new stream: it goes on */
    scene_takes(scene, 3, 4);
    check_account(scene, 0);
}

/* ---- The ring is removed, and made anew ----------------------------------------------------------------- */

static void remove_under_them(scene_t *scene)
{
    CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_FORCE, NULL, NULL));
    CHECK_EQUAL(ring_info(scene->ring).removed, 1);
    scene_publish_many(scene, 3);
    scene_takes(scene, 0, 3);
    check_account(scene, 0);
}

/* The nameless ring goes with its users. */
static void leave_the_removed(scene_t *scene)
{
    peer_tell(&scene->reader, ORDER_LEAVE);
    peer_join(&scene->reader);
    CHECK_OK(slotring_close(scene->ring));
}

static void ring_removed(scene_t *scene, enum cell cell)
{
    slotring_options_t attach = ring_options(SLOTRING_ATTACH, 0, 0);
    slotring_t *newcomer;
    CHECK_EQUAL(cell, CELL_GOES_ON);
    remove_under_them(scene);
    CHECK_CODE(slotring_open(&newcomer, ring_name(), &attach, NULL), SLOTRING_E_NOT_FOUND);
    leave_the_removed(scene);
}

static void ring_made_anew(scene_t *scene, enum cell cell)
{
    slotring_reader_t *reader;
    slotring_slot_t slot;
    CHECK_EQUAL(cell, CELL_APART);
    remove_under_them(scene);
    slotring_t *second = scene_ring(&scene->kind, ring_name());
    CHECK_EQUAL(ring_stats(second).readers, 0);
    slotring_ticket_t ticket = publish(second, 1, 7);
    CHECK_EQUAL(scene_order(scene, ORDER_LOOK).code, SLOTRING_E_EMPTY); /* the old ring's reader */
    CHECK_CODE(slotring_acquire_for_read(scene->ring, &ticket, &slot), SLOTRING_E_FOREIGN);
    slotring_reader_options_t options = delivery_options(&scene->kind, SLOTRING_FROM_NOW);
    CHECK_OK(slotring_subscribe(second, &options, &reader)); /* knows nothing of the old one */
    publish(second, 1, 8);
    take_now(reader, pattern_tag(1, 8));
    CHECK_EQUAL(only_reader(second).start, 1);
    CHECK_OK(slotring_unsubscribe(reader));
    leave_the_removed(scene);
    ring_remove(second, ring_name());
}

/* ---- The reader joins late ------------------------------------------------------------------------------ */

static void joins_without_a_past(scene_t *scene)
{
    CHECK_CODE(scene_reader(scene, SLOTRING_FROM_OLDEST), SLOTRING_E_INVALID);
    CHECK_OK(scene_reader(scene, SLOTRING_FROM_NOW));
    CHECK_EQUAL(scene_order(scene, ORDER_LOOK).code, SLOTRING_E_EMPTY);
    scene_publish_many(scene, 1);
    scene_takes(scene, 3, 4);
    check_account(scene, 0);
}

static void joins_late(scene_t *scene, enum cell cell)
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
        check_account(scene, 0);
        return;
    }
    CHECK_EQUAL(cell, CELL_PAST_FREE);
    scene_publish_many(scene, 3);
    scene_takes(scene, 3, scene->published);
    check_account(scene, 3);
}

/* ---- Another reader is killed ---------------------------------------------------------------------------- */

static void other_killed(scene_t *scene, enum cell cell)
{
    CHECK_EQUAL(cell, CELL_UNMOVED);
    peer_t other = peer_start(process_can_fork() ? BY_FORK : BY_EXEC, "delivery-other", ring_name());
    peer_expect(&other, 1);
    scene_publish_many(scene, 3);
    peer_expect(&other, 2);
    scene_takes(scene, 0, 1);
    peer_kill(&other);
    CHECK_OK(slotring_recover(scene->ring, NULL));
    CHECK_EQUAL(ring_stats(scene->ring).repaired, 1);
    CHECK_EQUAL(only_reader(scene->ring).pid, (uint64_t)scene->reader.pid);
    scene_takes(scene, 1, 3);
    scene_publish_many(scene, 1);
    scene_takes(scene, 3, 4);
    check_account(scene, 0);
}

/* ---- The columns ------------------------------------------------------------------------------------------ */

/* No ring has such a reader. */
static void refused(scene_t *scene)
{
    CHECK_CODE(scene_reader(scene, SLOTRING_FROM_NOW), SLOTRING_E_INVALID);
    CHECK_EQUAL(ring_stats(scene->ring).readers, 0);
}

static const struct {
    void (*run)(scene_t *scene, enum cell cell);
    bool begins;   /* with the reader there */
    bool closes;   /* the ring by itself */
    bool outlives; /* the reader is there at the end */
} columns[COLUMNS] = {
    [FULL] = {ring_full, true, false, true},
    [SLOW] = {reader_slow, true, false, true},
    [STOPPED] = {reader_stopped, true, false, true},
    [KILLED] = {reader_killed, true, false, false},
    [LEAVES] = {reader_leaves, true, false, false},
    [PRODUCER_KILLED] = {producer_killed, true, false, true},
    [PRODUCER_ENDS] = {producer_ends, true, false, true},
    [REMOVED] = {ring_removed, true, true, false},
    [MADE_ANEW] = {ring_made_anew, true, true, false},
    [LATE] = {joins_late, false, false, true},
    [OTHER_KILLED] = {other_killed, true, false, true},
};

static void try_column(enum column column)
{
    for (size_t r = 0; r < ROWS; r++) {
        delivery_kind_t kind = rows[r].kind;
        enum cell cell = rows[r].cells[column];
        scene_t scene;
        check_context("%s", rows[r].name);
        kind.short_budget = cell == CELL_REVOKED;
        scene_open(&scene, &kind);
        if (cell == CELL_REFUSED) {
            refused(&scene);
            scene_close(&scene, false);
            continue;
        }
        if (columns[column].begins)
            CHECK_OK(scene_reader(&scene, SLOTRING_FROM_NOW));
        CHECK_EQUAL(columns[column].begins && is_durable(&scene),
                    columns[column].begins && only_reader(scene.ring).durable);
        columns[column].run(&scene, cell);
        if (!columns[column].closes)
            scene_close(&scene, columns[column].outlives);
    }
    check_context("%s", "");
}

#define COLUMN(name, column) \
    static void name(void)   \
    {                        \
        try_column(column);  \
    }
COLUMN(the_ring_is_full, FULL)
COLUMN(the_reader_is_slow, SLOW)
COLUMN(the_reader_is_stopped, STOPPED)
COLUMN(the_reader_is_killed, KILLED)
COLUMN(the_reader_leaves, LEAVES)
COLUMN(a_producer_is_killed, PRODUCER_KILLED)
COLUMN(the_last_producer_ends, PRODUCER_ENDS)
COLUMN(the_ring_is_removed, REMOVED)
COLUMN(the_ring_is_made_anew, MADE_ANEW)
COLUMN(the_reader_joins_late, LATE)
COLUMN(another_reader_is_killed, OTHER_KILLED)

static const test_case_t cases[] = {
    {"the_ring_is_full", the_ring_is_full, 0},
    {"the_reader_is_slow", the_reader_is_slow, 0},
    {"the_reader_is_stopped", the_reader_is_stopped, 0},
    {"the_reader_is_killed", the_reader_is_killed, 0},
    {"the_reader_leaves", the_reader_leaves, 0},
    {"a_producer_is_killed", a_producer_is_killed, 0},
    {"the_last_producer_ends", the_last_producer_ends, 0},
    {"the_ring_is_removed", the_ring_is_removed, 0},
    {"the_ring_is_made_anew", the_ring_is_made_anew, 0},
    {"the_reader_joins_late", the_reader_joins_late, 0},
    {"another_reader_is_killed", another_reader_is_killed, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {
    {"delivery-reader", delivery_reader},
    {"delivery-other", delivery_other},
    {"delivery-producer", delivery_producer},
    {NULL, NULL},
};

const test_suite_t delivery_table_suite = {"delivery_table", cases, roles};
