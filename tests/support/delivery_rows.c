/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of the table, and what its columns have in common. */
#include "delivery.h"

#include "suite.h"

enum {
    LIFE_PROCESS = 0,
    LIFE_DURABLE = SLOTRING_DURABLE,
    LIFE_GROUP = SLOTRING_GROUP,
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
    enum delivery_cell cells[COLUMNS];
} row_t;

#define ROW(pressure, life, ring, full, slow, stopped, killed, leaves, producer_killed, producer_ends, \
            removed, made_anew, late, other_killed, member_killed)                                     \
    {#pressure " " #life " " #ring,                                                                    \
     {SLOTRING_##pressure, LIFE_##life, FULL_##ring, FLAGS_##ring, false},                             \
     {CELL_##full, CELL_##slow, CELL_##stopped, CELL_##killed, CELL_##leaves, CELL_##producer_killed,  \
      CELL_##producer_ends, CELL_##removed, CELL_##made_anew, CELL_##late, CELL_##other_killed,        \
      CELL_##member_killed}},

static const row_t rows[] = {
#include "../delivery_table.def"
};

#define ROWS (sizeof rows / sizeof rows[0])

/* It may hold one slot besides. */
slotring_blocker_t scene_blocker(const scene_t *scene)
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

slotring_reader_info_t only_reader(slotring_t *ring)
{
    slotring_reader_info_t info[3];
    uint32_t count, group;
    CHECK_OK(slotring_readers(ring, info, 3, &count));
    CHECK_AT_LEAST(count, 1);
    for (group = 0; group < count && !(info[group].durable && info[group].group); group++)
        ;
    if (group == count)
        CHECK_EQUAL(count, 1);
    else
        CHECK_EQUAL(count, 1 + info[group].members);
    return info[group < count ? group : 0];
}

void scene_account(scene_t *scene, uint64_t missed)
{
    CHECK_EQUAL(scene_order(scene, ORDER_LOOK).code, SLOTRING_E_EMPTY);
    slotring_reader_info_t info = scene_info(scene);
    if (is_group(&scene->kind)) /* members share it */
        info = only_reader(scene->ring);
    CHECK_EQUAL(info.cursor, scene->published);
    CHECK_EQUAL(info.missed, missed);
    CHECK_EQUAL(info.revoked, SLOTRING_NOT_REVOKED);
}

/* No ring has such a reader. */
static void refused(scene_t *scene)
{
    CHECK_CODE(scene_reader(scene, SLOTRING_FROM_NOW), SLOTRING_E_INVALID);
    CHECK_EQUAL(ring_stats(scene->ring).readers, 0);
    scene_close(scene, false);
}

static void try_cell(const delivery_column_t *column, scene_t *scene, enum delivery_cell cell)
{
    if (!column->joins_late) {
        CHECK_OK(scene_reader(scene, SLOTRING_FROM_NOW));
        CHECK_EQUAL(only_reader(scene->ring).durable,
                    (scene->kind.reader_flags & (SLOTRING_DURABLE | SLOTRING_GROUP)) != 0);
    }
    column->run(scene, cell);
    if (!column->closes)
        scene_close(scene, !column->ends_reader);
}

void delivery_try(const delivery_column_t *column)
{
    for (size_t r = 0; r < ROWS; r++) {
        delivery_kind_t kind = rows[r].kind;
        enum delivery_cell cell = rows[r].cells[column->column];
        scene_t scene;
        if (cell == CELL_ALONE)
            continue; /* nobody can be one */
        check_context("%s", rows[r].name);
        kind.short_budget = cell == CELL_REVOKED;
        scene_open(&scene, &kind);
        if (cell == CELL_REFUSED)
            refused(&scene);
        else
            try_cell(column, &scene, cell);
    }
    check_context("%s", "");
}
