/* SPDX-License-Identifier: Apache-2.0 */
/* Further kinds of readers and of messages, counted in rings of several sizes: what has more state than one position in the
 * order. */
#include "message.h"
#include "sizes.h"

#define PARTS 4u  /* slots of a span */
#define RECORD 8u /* bytes */
#define TAG 7u    /* that a reader wants */
#define UNWANTED 16u
#define OLD 100u /* a start so many messages back */

/* ---- Readers ---------------------------------------------------------------------------------------------- */

static void outlives_its_process(slotring_reader_options_t *options)
{
    options->flags = SLOTRING_DURABLE;
    options->name = KIND_NAME;
}

static void is_one_of_a_group(slotring_reader_options_t *options)
{
    options->flags = SLOTRING_GROUP;
    options->name = KIND_NAME;
}

static void wants_marks(slotring_reader_options_t *options)
{
    options->flags = SLOTRING_TELL_MARKS;
}

static void wants_the_latest(slotring_reader_options_t *options)
{
    options->wanted = SLOTRING_WANTS_LATEST;
}

static void wants_a_tag(slotring_reader_options_t *options)
{
    options->tag_mask = UINT64_MAX;
    options->tag_match = TAG;
}

static void wants_every_8th(slotring_reader_options_t *options)
{
    options->every = 8;
}

static void starts_in_the_past(slotring_reader_options_t *options)
{
    options->start = SLOTRING_FROM_LAST;
    options->first = OLD;
}

/* ---- What was done before --------------------------------------------------------------------------------- */

static void publish(scene_t *scene, uint32_t messages, uint64_t tag)
{
    slotring_slot_t slot;
    for (uint32_t i = 0; i < messages; i++) {
        must(slotring_allocate(scene->ring, BENCH_MESSAGE, &slot), "allocate");
        slot.tag = tag;
        must(slotring_mark_ready(scene->ring, &slot, BENCH_MESSAGE), "mark_ready");
    }
}

/* Laps that nobody has looked at, and then eight messages, of which the reader is to get the last one. */
static void miss_laps_and_more(scene_t *scene)
{
    publish(scene, 2 * scene->slots, 0);
    publish(scene, 7, 0);
    publish(scene, 1, TAG);
}

static void unwanted_ones(scene_t *scene)
{
    publish(scene, UNWANTED - 1, 0);
    publish(scene, 1, TAG);
}

static void begin_with_a_writer(scene_t *scene)
{
    begin_full(scene);
    must(slotring_writer_open(scene->ring, NULL, &scene->writer), "writer_open");
}

/* The first hold of a handle takes memory, and so a system call in a large ring: the header says so. */
static void begin_with_a_hold(scene_t *scene)
{
    slotring_slot_t slot;
    begin_full(scene);
    must(slotring_allocate(scene->ring, BENCH_MESSAGE, &slot), "allocate");
    must(slotring_mark_ready_keep(scene->ring, &slot, BENCH_MESSAGE), "mark_ready_keep");
    must(slotring_release_ticket(scene->ring, &slot.ticket), "release_ticket");
}

/* ---- What is counted -------------------------------------------------------------------------------------- */

static void read_one(scene_t *scene)
{
    slotring_slot_t slot;
    must(slotring_next(scene->reader, 0, &slot), "next");
    must(slotring_reader_release(scene->reader), "reader_release");
}

static void append_and_read(scene_t *scene)
{
    static const char bytes[RECORD];
    must(slotring_writer_append(scene->writer, bytes, sizeof bytes, 0, -1), "writer_append");
    read_one(scene);
}

static void spans(scene_t *scene)
{
    slotring_slot_t slot;
    must(slotring_allocate_span(scene->ring, (uint64_t)PARTS * BENCH_MESSAGE, -1, &slot), "allocate_span");
    must(slotring_mark_ready(scene->ring, &slot, (uint64_t)PARTS * BENCH_MESSAGE), "mark_ready");
    read_one(scene);
}

static void keep_and_release(scene_t *scene)
{
    slotring_slot_t slot;
    must(slotring_allocate(scene->ring, BENCH_MESSAGE, &slot), "allocate");
    must(slotring_mark_ready_keep(scene->ring, &slot, BENCH_MESSAGE), "mark_ready_keep");
    must(slotring_hold(scene->ring, &slot.ticket), "hold");
    must(slotring_release_ticket(scene->ring, &slot.ticket), "release_ticket");
    must(slotring_release_ticket(scene->ring, &slot.ticket), "release_ticket");
}

#define READ                 \
    {CALL(next)},            \
    {                        \
        CALL(reader_release) \
    }
#define STREAM                                          \
    {                                                   \
        {CALL(allocate_wait)}, {CALL(mark_ready)}, READ \
    }
#define APPENDED                    \
    {                               \
        {CALL(writer_append)}, READ \
    }
#define SPANS                                           \
    {                                                   \
        {CALL(allocate_span)}, {CALL(mark_ready)}, READ \
    }
#define LOSSLESS SLOTRING_OVERWRITE, SLOTRING_LOSSLESS
#define LOSSY SLOTRING_OVERWRITE, SLOTRING_LOSSY

const way_t kinds[] = {
    {"budgeted", SLOTRING_OVERWRITE, SLOTRING_BUDGETED, 9, begin_full, nothing, stream, STREAM, NULL, false},
    {"durable", LOSSLESS, 9, begin_full, nothing, stream, STREAM, outlives_its_process, true},
    {"member", LOSSLESS, 9, begin_full, nothing, stream, STREAM, is_one_of_a_group, true},
    {"marks", LOSSLESS, 9, begin_full, nothing, stream, STREAM, wants_marks, false},
    {"from_the_past", LOSSLESS, 9, begin_full, nothing, stream, STREAM, starts_in_the_past, false},
    {"passes_over", LOSSLESS, 6, begin_full, unwanted_ones, read_one, {READ}, wants_a_tag, false},
    {"passes_over_lossy", LOSSY, 6, begin_full, unwanted_ones, read_one, {READ}, wants_a_tag, false},
    {"every_8th_after_missed",
     LOSSY,
     3,
     begin_full,
     miss_laps_and_more,
     read_one,
     {READ},
     wants_every_8th,
     false},
    {"latest_after_missed",
     LOSSY,
     3,
     begin_full,
     miss_laps_and_more,
     read_one,
     {READ},
     wants_the_latest,
     false},
    {"records", LOSSLESS, 9, begin_with_a_writer, nothing, append_and_read, APPENDED, NULL, false},
    {"records_lossy", LOSSY, 9, begin_with_a_writer, nothing, append_and_read, APPENDED, NULL, false},
    {"span", LOSSLESS, 6, begin_full, nothing, spans, SPANS, NULL, false},
    {"span_lossy", LOSSY, 6, begin_full, nothing, spans, SPANS, NULL, false},
    {"keep",
     SLOTRING_OVERWRITE,
     NO_READER,
     4,
     begin_with_a_hold,
     nothing,
     keep_and_release,
     {{CALL(allocate)},
      {CALL(mark_ready_keep)},
      {CALL(hold)},
      {"release_first", (function_t)slotring_release_ticket},
      {"release_last", (function_t)slotring_release_ticket}},
     NULL,
     false},
};

const size_t kind_count = sizeof kinds / sizeof kinds[0];
