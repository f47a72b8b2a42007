/* SPDX-License-Identifier: Apache-2.0 */
/* Runs that begin and end, what is refused, and the numbers of a ring that is a copy. */
#include <stdio.h>
#include <string.h>

#include "support/internals.h"
#include "support/marked.h"
#include "support/process.h"
#include "support/ring.h"
#include "support/suite.h"
#include "support/thread.h"

/* ---- Runs, refusals ------------------------------------------------------------------------------------------- */

static void runs_begin_and_end(void)
{
    marked_begin();
    slotring_t *observer = ring_observe(ring_name());
    slotring_mark_t mark;
    CHECK_CODE(slotring_run(observer, &mark), SLOTRING_E_EMPTY);
    CHECK_CODE(slotring_mark(marked_ring, SLOTRING_MARK_RUN_END, 3, 0, NULL, 0, NULL), SLOTRING_E_STATE);
    marked_mark_run(SLOTRING_MARK_RUN_BEGIN, 3);
    CHECK_CODE(slotring_mark(marked_ring, SLOTRING_MARK_RUN_BEGIN, 4, 0, NULL, 0, NULL), SLOTRING_E_STATE);
    CHECK_CODE(slotring_mark(marked_ring, SLOTRING_MARK_RUN_END, 4, 0, NULL, 0, NULL), SLOTRING_E_STATE);
    marked_publish_up_to(2);
    for (int i = 0; i < 2; i++) {
        CHECK_OK(slotring_run(i ? observer : marked_ring, &mark));
        CHECK_EQUAL(mark.kind, SLOTRING_MARK_RUN_BEGIN);
        CHECK_EQUAL(mark.run, 3);
        CHECK_EQUAL(mark.place, 0);
    }
    marked_mark_run(SLOTRING_MARK_RUN_END, 3);
    CHECK_OK(slotring_run(observer, &mark));
    CHECK_EQUAL(mark.kind, SLOTRING_MARK_RUN_END);
    CHECK_EQUAL(mark.place, 2);
    marked_mark_run(SLOTRING_MARK_RUN_BEGIN, 3);
    CHECK_CODE(slotring_mark(observer, SLOTRING_MARK_USER, 0, 0, NULL, 0, NULL), SLOTRING_E_READ_ONLY);
    CHECK_OK(slotring_close(observer));
    marked_end();
}

static int gate_with(slotring_t *who, uint32_t free_percent, uint32_t readers, uint32_t nothing_dropped)
{
    slotring_run_gate_t gate = {.struct_size = sizeof gate,
                                .free_percent = free_percent,
                                .readers = readers,
                                .nothing_dropped = nothing_dropped};
    return slotring_run_gate(who, &gate);
}

static void expect_closed(slotring_t *who, uint32_t free_percent, uint32_t readers, uint32_t nothing_dropped,
                          const char *because)
{
    slotring_error_t error;
    CHECK_CODE(gate_with(who, free_percent, readers, nothing_dropped), SLOTRING_E_STATE);
    slotring_last_error(&error);
    if (!strstr(error.text, because))
        FAIL("\"%s\" does not say \"%s\"", error.text, because);
}

static void a_run_may_begin_or_not(void)
{
    marked_begin();
    slotring_slot_t slot;
    slotring_t *observer = ring_observe(ring_name());
    CHECK_OK(gate_with(marked_ring, 100, 0, 1));
    marked_publish_up_to(3 * SLOTS); /* nobody needs them: an allocation may have each of them */
    CHECK_OK(gate_with(observer, 100, 0, 1));
    slotring_reader_t *lossless = subscribe(marked_other, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_reader_t *lossy = subscribe(marked_other, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    CHECK_OK(gate_with(observer, 100, 1, 1));
    expect_closed(observer, 0, 2, 0, "1 lossless readers are there, and 2 are wanted");
    marked_publish_up_to(3 * SLOTS + SLOTS / 2);
    CHECK_OK(gate_with(marked_ring, 50, 1, 1));
    expect_closed(observer, 51, 3, 0, "4 of 8 slots can be had, and 51 % are wanted; 1 lossless readers");
    for (uint64_t n = 0; n < SLOTS / 2; n++)
        marked_expect_message(lossless, 3 * SLOTS + n);
    marked_publish_up_to(4 * SLOTS + SLOTS / 2);
    CHECK_OK(slotring_next(lossy, 0, &slot));
    expect_closed(marked_ring, 0, 0, 1, "readers missed 4 messages since the ring was made");
    CHECK_OK(slotring_reader_release(lossy));
    marked_mark_run(SLOTRING_MARK_RUN_BEGIN, 1);
    CHECK_OK(gate_with(marked_ring, 0, 1, 1));
    CHECK_CODE(gate_with(marked_ring, 101, 0, 0), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_run_gate(marked_ring, NULL), SLOTRING_E_INVALID);
    CHECK_OK(slotring_unsubscribe(lossless));
    CHECK_OK(slotring_unsubscribe(lossy));
    CHECK_OK(slotring_close(observer));
    marked_end();
}

static void what_is_refused(void)
{
    marked_begin();
    char bytes[SLOTRING_MARK_BYTES_MAX + 1] = {0};
    slotring_mark_t mark;
    slotring_reader_t *deaf = subscribe(marked_ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    CHECK_CODE(slotring_mark(marked_ring, 0, 1, 0, NULL, 0, NULL), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_mark(marked_ring, SLOTRING_MARK_GAP, 1, 0, NULL, 0, NULL), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_mark(marked_ring, SLOTRING_MARK_USER, 0, 0, bytes, sizeof bytes, NULL),
               SLOTRING_E_SIZE);
    CHECK_CODE(slotring_mark(marked_ring, SLOTRING_MARK_USER, 0, 0, NULL, 1, NULL), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_mark(NULL, SLOTRING_MARK_USER, 0, 0, NULL, 0, NULL), SLOTRING_E_CLOSED);
    CHECK_CODE(slotring_reader_mark(deaf, &mark), SLOTRING_E_STATE);
    CHECK_CODE(slotring_reader_mark(deaf, NULL), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_reader_mark(NULL, &mark), SLOTRING_E_CLOSED);
    CHECK_CODE(slotring_run(marked_ring, NULL), SLOTRING_E_INVALID);
    slotring_reader_options_t options = marked_asks(SLOTRING_LOSSY);
    options.flags = SLOTRING_TELL_MARKS << 1;
    CHECK_OK(slotring_unsubscribe(deaf));
    CHECK_CODE(slotring_subscribe(marked_ring, &options, &deaf), SLOTRING_E_INVALID);
    marked_end();
}

/* ---- Numbers of a copy ------------------------------------------------------------------------------------------ */

static void expect_number(slotring_t *who, uint64_t sequence, uint64_t number)
{
    uint64_t got;
    CHECK_OK(slotring_number_of(who, sequence, &got));
    CHECK_EQUAL(got, number);
    CHECK_OK(slotring_sequence_of(who, number, &got));
    CHECK_EQUAL(got, sequence);
}

static void expect_gap(slotring_reader_t *reader, uint64_t gap)
{
    CHECK_EQUAL(reader_info(reader).gap, gap);
}

static slotring_options_t options_of_copy(uint32_t mode, uint64_t first_sequence)
{
    slotring_options_t options =
        ring_options(mode, mode == SLOTRING_CREATE ? SLOTS : 0, mode == SLOTRING_CREATE ? 64 : 0);
    memset(options.lineage_id, 7, sizeof options.lineage_id);
    options.first_sequence = first_sequence;
    return options;
}

static void numbers_of_a_copy(void)
{
    slotring_options_t options = options_of_copy(SLOTRING_CREATE, 1000);
    marked_ring = ring_open_with(ring_name(), &options);
    options = options_of_copy(SLOTRING_ATTACH, 1000);
    marked_other = ring_open_with(ring_name(), &options);
    slotring_t *observer = ring_observe(ring_name()), *none;
    slotring_error_t error;
    uint64_t got;
    options.first_sequence = 1001;
    CHECK_CODE(slotring_open(&none, ring_name(), &options, &error), SLOTRING_E_GEOMETRY);
    CHECK_EQUAL(ring_info(observer).first_sequence, 1000);
    CHECK(memcmp(ring_info(observer).lineage_id, options.lineage_id, 16) == 0);
    slotring_reader_t *reader = marked_subscribe_asking(SLOTRING_LOSSLESS),
                      *deaf = subscribe(marked_other, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    expect_number(marked_ring, 0, 1000);
    marked_publish_up_to(2);
    slotring_mark_t made;
    CHECK_OK(slotring_publish_gap(marked_ring, UINT64_C(1) << 40, &made)); /* more than any order remembers */
    CHECK_EQUAL(made.place, 2);
    CHECK_EQUAL(made.offset, 1000 + (UINT64_C(1) << 40));
    marked_publish_up_to(3);
    marked_mark_user(5);
    for (int i = 0; i < 2; i++) {
        slotring_t *who = i ? observer : marked_ring;
        expect_number(who, 1, 1001);
        expect_number(who, 2, 1002 + (UINT64_C(1) << 40));
        CHECK_OK(slotring_sequence_of(who, 1002, &got)); /* in the gap: the next one that is there */
        CHECK_EQUAL(got, 2);
        CHECK_OK(slotring_sequence_of(who, 3, &got)); /* before the first one */
        CHECK_EQUAL(got, 0);
    }
    slotring_reader_t *late = subscribe(marked_other, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    expect_gap(late, 0);
    marked_expect_message(reader, 0);
    expect_gap(reader, 0);
    marked_expect_message(reader, 1);
    slotring_mark_t told = marked_expect_told(reader);
    CHECK_EQUAL(told.kind, SLOTRING_MARK_GAP);
    CHECK_EQUAL(told.gap, UINT64_C(1) << 40);
    expect_gap(reader, UINT64_C(1) << 40);
    marked_expect_message(reader, 2);
    marked_expect_mark(reader, 5);
    for (uint64_t n = 0; n < 3; n++)
        marked_expect_message(deaf, n);
    expect_gap(deaf, UINT64_C(1) << 40);
    CHECK_CODE(slotring_publish_gap(marked_ring, 0, NULL), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_publish_gap(marked_ring, SLOTRING_NUMBER_MAX, NULL), SLOTRING_E_SIZE);
    for (uint64_t n = 0; n <= SLOTRING_MARKS_KEPT; n++)
        marked_mark_user(n);
    CHECK_CODE(slotring_number_of(marked_ring, 1, &got),
               SLOTRING_E_STALE); /* that gap is not remembered any more */
    expect_number(observer, 3, 1003 + (UINT64_C(1) << 40));
    expect_gap(deaf, UINT64_C(1) << 40);
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_unsubscribe(deaf));
    CHECK_OK(slotring_unsubscribe(late));
    CHECK_OK(slotring_close(observer));
    marked_end();
}

static void numbers_of_a_ring_of_its_own(void)
{
    marked_begin();
    slotring_options_t options = options_of_copy(SLOTRING_ATTACH, 0);
    slotring_error_t error;
    slotring_t *none;
    CHECK(memcmp(ring_info(marked_ring).lineage_id, ring_info(marked_ring).ring_id, 16) == 0);
    CHECK_CODE(slotring_open(&none, ring_name(), &options, &error), SLOTRING_E_GEOMETRY);
    for (uint64_t n = 0; n < 2 * SLOTRING_MARKS_KEPT; n++)
        marked_mark_user(n);
    marked_publish_up_to(3);
    expect_number(marked_ring, 0, 0); /* no gap was ever made */
    expect_number(marked_ring, 3, 3);
    memset(options.lineage_id, 0, sizeof options.lineage_id);
    options.first_sequence = 5;
    CHECK_CODE(slotring_open(&none, ring_name(), &options, &error), SLOTRING_E_INVALID);
    options.first_sequence = SLOTRING_NUMBER_MAX + 1;
    CHECK_CODE(slotring_open(&none, ring_name(), &options, &error), SLOTRING_E_SIZE);
    marked_end();
}

/* What lies in shared memory is not believed. */
static void a_damaged_mark_is_none(void)
{
    marked_begin();
    slotring_slot_t slot;
    slotring_reader_t *reader = marked_subscribe_asking(SLOTRING_LOSSY);
    sr__view_t *view = &marked_ring->member.view;
    marked_mark_user(1);
    sr__word_t *shape = &view->marks[SR__MARK_ENTRIES].shape;
    uint64_t before = sr__load(shape);
    atomic_store(shape, 0xff03);
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_CORRUPT);
    atomic_store(shape, before);
    marked_expect_mark(reader, 1);
    before = sr__load(&view->state->marks);
    atomic_store(&view->state->marks, 0);
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_CORRUPT);
    atomic_store(&view->state->marks, before);
    marked_expect_nothing(reader);
    CHECK_OK(slotring_unsubscribe(reader));
    marked_end();
}

static const test_case_t cases[] = {
    {"runs_begin_and_end", runs_begin_and_end, 0},
    {"a_run_may_begin_or_not", a_run_may_begin_or_not, 0},
    {"what_is_refused", what_is_refused, 0},
    {"numbers_of_a_copy", numbers_of_a_copy, 0},
    {"numbers_of_a_ring_of_its_own", numbers_of_a_ring_of_its_own, 0},
    {"a_damaged_mark_is_none", a_damaged_mark_is_none, 0},
    {NULL, NULL, 0},
};

const test_suite_t mark_runs_suite = {"mark_runs", cases, NULL};
