/* SPDX-License-Identifier: Apache-2.0 */
/* What is done in rings of several sizes before something is counted, and what is counted then. */
#include "message.h"
#include "sizes.h"

#define BATCH 16u

/* ---- What was done before, at full speed ---------------------------------------------------------------- */

static void publish(scene_t *scene, uint32_t messages)
{
    slotring_slot_t slot;
    for (uint32_t i = 0; i < messages; i++) {
        must(slotring_allocate(scene->ring, BENCH_MESSAGE, &slot), "allocate");
        must(slotring_mark_ready(scene->ring, &slot, BENCH_MESSAGE), "mark_ready");
    }
    scene->ticket = slot.ticket;
}

static void free_all(scene_t *scene)
{
    for (uint32_t i = 0; i < scene->slots; i++) {
        slotring_ticket_t ticket;
        if (slotring_ticket_at(scene->ring, i, &ticket) == 0)
            must(slotring_free(scene->ring, &ticket), "free");
    }
}

/* A lap, so that each slot is published and none held. Up to the last one of eight, as all that follows: the end of the
 * order is walked to from the last eighth. */
void begin_full(scene_t *scene)
{
    publish(scene, scene->slots + 1);
    publish(scene, (uint32_t)(7 - scene->ticket.sequence % 8));
}

static void hold_one_for_a_lap(scene_t *scene)
{
    must(slotring_acquire_for_read(scene->ring, &scene->ticket, &scene->one), "acquire_for_read");
    publish(scene, scene->slots + 8);
}

/* Each turn ends at another position in the lap. */
static void free_a_lap(scene_t *scene)
{
    publish(scene, scene->slots + scene->slots / 8 + 40 * scene->turn);
    free_all(scene);
    publish(scene, scene->slots);
}

static void miss_laps(scene_t *scene)
{
    publish(scene, 2 * scene->slots + scene->slots / 2);
}

static void free_what_was_missed(scene_t *scene)
{
    uint32_t messages = scene->slots - scene->slots / 8 - 40 * scene->turn - 1;
    free_all(scene);
    publish(scene, messages);
    free_all(scene);
    publish(scene, 1);
}

static void free_and_fill(scene_t *scene)
{
    free_all(scene);
    publish(scene, scene->slots);
}

static void begin_kept(scene_t *scene)
{
    free_all(scene);
    publish(scene, 1);
    publish(scene, (uint32_t)(7 - scene->ticket.sequence % 8));
}

void nothing(scene_t *scene)
{
    (void)scene;
}

/* ---- What is counted ------------------------------------------------------------------------------------ */

void stream(scene_t *scene)
{
    slotring_slot_t slot;
    must(slotring_allocate_wait(scene->ring, BENCH_MESSAGE, -1, &slot), "allocate_wait");
    must(slotring_mark_ready(scene->ring, &slot, BENCH_MESSAGE), "mark_ready");
    must(slotring_next(scene->reader, -1, &slot), "next");
    must(slotring_reader_release(scene->reader), "reader_release");
}

static void batches(scene_t *scene)
{
    slotring_slot_t slots[BATCH];
    uint32_t count;
    must(slotring_allocate_batch(scene->ring, BENCH_MESSAGE, slots, BATCH, -1, &count), "allocate_batch");
    for (uint32_t i = 0; i < count; i++)
        slots[i].length = BENCH_MESSAGE;
    must(slotring_mark_ready_batch(scene->ring, slots, count, NULL), "mark_ready_batch");
    must(slotring_next_batch(scene->reader, -1, slots, BATCH, &count), "next_batch");
    must(slotring_reader_release(scene->reader), "reader_release");
}

static void tickets(scene_t *scene)
{
    slotring_slot_t slot;
    char bytes[BENCH_MESSAGE];
    must(slotring_allocate(scene->ring, BENCH_MESSAGE, &slot), "allocate");
    must(slotring_mark_ready(scene->ring, &slot, BENCH_MESSAGE), "mark_ready");
    slotring_ticket_t ticket = slot.ticket;
    must(slotring_copy(scene->ring, &ticket, bytes, sizeof bytes, NULL), "copy");
    must(slotring_copy_sequence(scene->ring, ticket.sequence, bytes, sizeof bytes, NULL), "copy_sequence");
    must(slotring_acquire_for_read(scene->ring, &ticket, &slot), "acquire_for_read");
    must(slotring_release(scene->ring, &slot), "release");
    must(slotring_free(scene->ring, &ticket), "free");
}

static void abort_one(scene_t *scene)
{
    slotring_slot_t slot;
    must(slotring_allocate(scene->ring, BENCH_MESSAGE, &slot), "allocate");
    must(slotring_abort(scene->ring, &slot), "abort");
}

static void release_one(scene_t *scene)
{
    must(slotring_release(scene->ring, &scene->one), "release");
}

static void allocate_one(scene_t *scene)
{
    slotring_slot_t slot;
    must(slotring_allocate(scene->ring, BENCH_MESSAGE, &slot), "allocate");
    must(slotring_mark_ready(scene->ring, &slot, BENCH_MESSAGE), "mark_ready");
}

static void find_full(scene_t *scene)
{
    slotring_slot_t slot;
    for (int i = 0; i < 2; i++)
        if (slotring_allocate(scene->ring, BENCH_MESSAGE, &slot) != SLOTRING_E_FULL)
            fail("the ring is not full");
}

static void read_one(scene_t *scene)
{
    slotring_slot_t slot;
    must(slotring_next(scene->reader, 0, &slot), "next");
    must(slotring_reader_release(scene->reader), "reader_release");
    if (slot.sequence + 1 < scene->ticket.sequence - scene->slots)
        fail("next gave a message that should be gone");
}

static void read_last(scene_t *scene)
{
    slotring_slot_t slot;
    must(slotring_next(scene->reader, 0, &slot), "next");
    must(slotring_reader_release(scene->reader), "reader_release");
    if (slot.sequence != scene->ticket.sequence)
        fail("next gave another message than the last one");
}

static void find_empty(scene_t *scene)
{
    slotring_slot_t slot;
    if (slotring_next(scene->reader, 0, &slot) != SLOTRING_E_EMPTY)
        fail("there is a message");
}

#define STREAM                                                   \
    {                                                            \
        {CALL(allocate_wait)}, {CALL(mark_ready)}, {CALL(next)}, \
        {                                                        \
            CALL(reader_release)                                 \
        }                                                        \
    }
#define BATCHES                                                               \
    {                                                                         \
        {CALL(allocate_batch)}, {CALL(mark_ready_batch)}, {CALL(next_batch)}, \
        {                                                                     \
            CALL(reader_release)                                              \
        }                                                                     \
    }

const way_t ways[] = {
    {"lossless", SLOTRING_OVERWRITE, SLOTRING_LOSSLESS, 9, begin_full, nothing, stream, STREAM, NULL, false},
    {"lossy", SLOTRING_OVERWRITE, SLOTRING_LOSSY, 9, begin_full, nothing, stream, STREAM, NULL, false},
    {"hot_slots", HOT_SLOTS, SLOTRING_LOSSLESS, 9, begin_full, nothing, stream, STREAM, NULL, false},
    {"batch_of_16", SLOTRING_OVERWRITE, SLOTRING_LOSSLESS, 1, begin_full, nothing, batches, BATCHES, NULL,
     false},
    {"lossy_batch_of_16", SLOTRING_OVERWRITE, SLOTRING_LOSSY, 1, begin_full, nothing, batches, BATCHES, NULL,
     false},
    {"tickets",
     SLOTRING_OVERWRITE,
     NO_READER,
     9,
     begin_full,
     nothing,
     tickets,
     {{CALL(allocate)},
      {CALL(mark_ready)},
      {CALL(copy)},
      {CALL(copy_sequence)},
      {CALL(acquire_for_read)},
      {CALL(release)},
      {CALL(free)}},
     NULL,
     false},
    {"abort",
     SLOTRING_OVERWRITE,
     NO_READER,
     2,
     begin_full,
     nothing,
     abort_one,
     {{CALL(allocate)}, {CALL(abort)}},
     NULL,
     false},
    {"release_that_reclaims",
     SLOTRING_OVERWRITE,
     NO_READER,
     3,
     begin_full,
     hold_one_for_a_lap,
     release_one,
     {{CALL(release)}},
     NULL,
     false},
    {"after_freed",
     SLOTRING_OVERWRITE,
     NO_READER,
     6,
     begin_full,
     free_a_lap,
     allocate_one,
     {{CALL(allocate)}, {CALL(mark_ready)}},
     NULL,
     false},
    {"after_missed",
     SLOTRING_OVERWRITE,
     SLOTRING_LOSSY,
     3,
     begin_full,
     miss_laps,
     read_one,
     {{CALL(next)}, {CALL(reader_release)}},
     NULL,
     false},
    {"after_missed_and_freed",
     SLOTRING_OVERWRITE,
     SLOTRING_LOSSY,
     6,
     begin_full,
     free_what_was_missed,
     read_last,
     {{CALL(next)}, {CALL(reader_release)}},
     NULL,
     false},
    {"empty",
     SLOTRING_OVERWRITE,
     SLOTRING_LOSSY,
     4,
     begin_full,
     nothing,
     find_empty,
     {{CALL(next)}},
     NULL,
     false},
    {"full",
     SLOTRING_KEEP,
     NO_READER,
     3,
     begin_kept,
     free_and_fill,
     find_full,
     {{"allocate_first", (function_t)slotring_allocate}, {"allocate_again", (function_t)slotring_allocate}},
     NULL,
     false},
    {"kept_after_missed_and_freed",
     SLOTRING_KEEP,
     SLOTRING_LOSSY,
     6,
     begin_kept,
     free_what_was_missed,
     read_last,
     {{CALL(next)}, {CALL(reader_release)}},
     NULL,
     false},
};

const size_t way_count = sizeof ways / sizeof ways[0];
