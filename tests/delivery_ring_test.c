/* SPDX-License-Identifier: Apache-2.0 */
/* The same table: the columns about producers, the ring and other readers. */
#include "support/delivery.h"
#include "support/suite.h"

/* ---- Producers ------------------------------------------------------------------------------------------ */

static void producer_killed(scene_t *scene, enum delivery_cell cell)
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

static void producer_ends(scene_t *scene, enum delivery_cell cell)
{
    CHECK_EQUAL(cell, CELL_END);
    scene_publish_many(scene, 3);
    CHECK_OK(slotring_end_stream(scene->ring));
    scene_takes(scene, 0, 3);
    CHECK_EQUAL(scene_order(scene, ORDER_TAKE).code, SLOTRING_E_END);
    CHECK_EQUAL(ring_stats(scene->ring).producers_ended, 1);
    scene_publish_many(scene, 1); /* a new stream: it goes on */
    scene_takes(scene, 3, 4);
    scene_account(scene, 0);
}

/* ---- The ring is removed, and made anew ----------------------------------------------------------------- */

static void remove_under_them(scene_t *scene)
{
    CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_FORCE, NULL, NULL));
    CHECK_EQUAL(ring_info(scene->ring).removed, 1);
    scene_publish_many(scene, 3);
    scene_takes(scene, 0, 3);
    scene_account(scene, 0);
}

/* The nameless ring goes with its users. */
static void leave_the_removed(scene_t *scene)
{
    peer_tell(&scene->reader, ORDER_LEAVE);
    peer_join(&scene->reader);
    CHECK_OK(slotring_close(scene->ring));
}

static void ring_removed(scene_t *scene, enum delivery_cell cell)
{
    slotring_options_t attach = ring_options(SLOTRING_ATTACH, 0, 0);
    slotring_t *newcomer;
    CHECK_EQUAL(cell, CELL_GOES_ON);
    remove_under_them(scene);
    CHECK_CODE(slotring_open(&newcomer, ring_name(), &attach, NULL), SLOTRING_E_NOT_FOUND);
    leave_the_removed(scene);
}

static void ring_made_anew(scene_t *scene, enum delivery_cell cell)
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

/* ---- Another reader is killed ---------------------------------------------------------------------------- */

static void other_killed(scene_t *scene, enum delivery_cell cell)
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
    if (!is_group(&scene->kind)) /* which has no process of its own */
        CHECK_EQUAL(only_reader(scene->ring).pid, (uint64_t)scene->reader.pid);
    scene_takes(scene, 1, 3);
    scene_publish_many(scene, 1);
    scene_takes(scene, 3, 4);
    scene_account(scene, 0);
}

/* ---- Another member is killed ---------------------------------------------------------------------------- */

static void member_killed(scene_t *scene, enum delivery_cell cell)
{
    CHECK_EQUAL(cell, CELL_HANDED_ON);
    peer_t other = peer_start(process_can_fork() ? BY_FORK : BY_EXEC, "delivery-member", ring_name());
    peer_expect(&other, 1);
    scene_publish_many(scene, 2);
    peer_expect(&other, 2);
    peer_kill(&other);
    CHECK_OK(slotring_recover(scene->ring, NULL));
    CHECK_EQUAL(ring_stats(scene->ring).repaired, 1);
    delivery_answer_t again = scene_order(scene, ORDER_LOOK);
    CHECK_EQUAL(again.code, 0);
    CHECK_EQUAL(again.tag, pattern_tag(1, 0));
    CHECK_EQUAL(again.deliveries, 1);
    scene_takes(scene, 1, 2);
    CHECK_EQUAL(only_reader(scene->ring).redelivered, 1);
    scene_account(scene, 0);
}

/* ---- The columns ------------------------------------------------------------------------------------------ */

#define COLUMN(name, ...)                                      \
    static void name(void)                                     \
    {                                                          \
        delivery_try(&(const delivery_column_t){__VA_ARGS__}); \
    }
COLUMN(a_producer_is_killed, PRODUCER_KILLED, producer_killed, false, false, false)
COLUMN(the_last_producer_ends, PRODUCER_ENDS, producer_ends, false, false, false)
COLUMN(the_ring_is_removed, REMOVED, ring_removed, false, true, true)
COLUMN(the_ring_is_made_anew, MADE_ANEW, ring_made_anew, false, true, true)
COLUMN(another_reader_is_killed, OTHER_KILLED, other_killed, false, false, false)
COLUMN(another_member_is_killed, MEMBER_KILLED, member_killed, false, false, false)

static const test_case_t cases[] = {
    {"a_producer_is_killed", a_producer_is_killed, 0},
    {"the_last_producer_ends", the_last_producer_ends, 0},
    {"the_ring_is_removed", the_ring_is_removed, 0},
    {"the_ring_is_made_anew", the_ring_is_made_anew, 0},
    {"another_reader_is_killed", another_reader_is_killed, 0},
    {"another_member_is_killed", another_member_is_killed, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {{"delivery-other", delivery_other},
                                    {"delivery-member", delivery_member},
                                    {"delivery-producer", delivery_producer},
                                    {NULL, NULL}};

const test_suite_t delivery_ring_suite = {"delivery_ring", cases, roles};
