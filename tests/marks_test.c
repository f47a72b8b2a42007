/* SPDX-License-Identifier: Apache-2.0 */
/* Marks beside the order: every reader that asks for them is told of each mark once and at the same place, whatever it wants
 * besides, and whoever waits is woken for it. */
#include <stdio.h>
#include <string.h>

#include "support/internals.h"
#include "support/marked.h"
#include "support/process.h"
#include "support/ring.h"
#include "support/suite.h"
#include "support/thread.h"

/* ---- At the same place ---------------------------------------------------------------------------------- */

static void told_in_order(uint32_t mode)
{
    marked_begin();
    slotring_reader_t *reader = marked_subscribe_asking(mode),
                      *deaf = subscribe(marked_other, mode, SLOTRING_FROM_NOW);
    marked_mark_user(100);
    marked_publish_up_to(2);
    marked_mark_user(102);
    marked_mark_user(103);
    marked_publish_up_to(3);
    marked_mark_user(104);
    marked_expect_mark(reader, 100);
    marked_expect_message(reader, 0);
    marked_expect_message(reader, 1);
    marked_expect_mark(reader, 102);
    marked_expect_mark(reader, 103);
    marked_expect_message(reader, 2);
    marked_expect_mark(reader, 104);
    marked_expect_nothing(reader);
    for (uint64_t n = 0; n < 3; n++)
        marked_expect_message(deaf, n);
    marked_expect_nothing(deaf);
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_unsubscribe(deaf));
    marked_end();
}

static void lossless_is_told(void)
{
    told_in_order(SLOTRING_LOSSLESS);
}

static void lossy_is_told(void)
{
    told_in_order(SLOTRING_LOSSY);
}

static void what_a_mark_says(void)
{
    marked_begin();
    slotring_reader_t *reader = marked_subscribe_asking(SLOTRING_LOSSLESS);
    char bytes[SLOTRING_MARK_BYTES_MAX];
    memset(bytes, 'b', sizeof bytes);
    marked_publish_up_to(1);
    uint64_t before = (uint64_t)now_ns();
    CHECK_OK(slotring_mark(marked_ring, SLOTRING_MARK_RUN_BEGIN, 17, 5, bytes, sizeof bytes, NULL));
    CHECK_OK(slotring_mark(marked_ring, SLOTRING_MARK_USER, 99, 6, "six", 3, NULL));
    marked_expect_message(reader, 0);
    slotring_mark_t run = marked_expect_told(reader), user = marked_expect_told(reader);
    CHECK_EQUAL(run.kind, SLOTRING_MARK_RUN_BEGIN);
    CHECK_EQUAL(run.run, 17);
    CHECK_EQUAL(run.value, 5);
    CHECK_EQUAL(run.place, 1);
    CHECK_EQUAL(run.number, 0);
    CHECK_EQUAL(run.size, sizeof bytes);
    CHECK(memcmp(run.bytes, bytes, sizeof bytes) == 0);
    CHECK_EQUAL(run.participant, ring_info(marked_ring).participant);
    CHECK_EQUAL(run.incarnation, marked_ring->member.incarnation);
    CHECK_AT_LEAST(run.time_ns, before);
    CHECK_EQUAL(user.kind, SLOTRING_MARK_USER);
    CHECK_EQUAL(user.run, 17); /* of the run in progress, whatever was asked for */
    CHECK_EQUAL(user.number, 1);
    CHECK_EQUAL(user.size, 3);
    CHECK(memcmp(user.bytes, "six\0", 4) == 0);
    CHECK_EQUAL(user.not_told, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    marked_end();
}

/* Sequences 0 to 5 with marks before 0, 2, 4 and 6. */
static void publish_with_marks(void)
{
    for (uint64_t n = 0; n <= 6; n += 2) {
        marked_publish_up_to(n);
        marked_mark_user(100 + n);
    }
}

static void a_filter_is_told(void)
{
    marked_begin();
    slotring_reader_options_t options = marked_asks(SLOTRING_LOSSLESS);
    options.every = 5;
    slotring_reader_t *every = subscribe_with(marked_other, &options);
    options.every = 0;
    options.tag_mask = UINT64_MAX;
    options.tag_match = pattern_tag(1, 3);
    slotring_reader_t *tag = subscribe_with(marked_other, &options);
    publish_with_marks();
    marked_expect_mark(every, 100);
    marked_expect_message(every, 0);
    marked_expect_mark(every, 102);
    marked_expect_mark(every, 104);
    marked_expect_message(every, 5);
    marked_expect_mark(every, 106);
    marked_expect_nothing(every);
    marked_expect_mark(tag, 100);
    marked_expect_mark(tag, 102);
    marked_expect_message(tag, 3);
    marked_expect_mark(tag, 104);
    marked_expect_mark(tag, 106);
    marked_expect_nothing(tag);
    CHECK_OK(slotring_unsubscribe(every));
    CHECK_OK(slotring_unsubscribe(tag));
    marked_end();
}

static void the_latest_is_told(void)
{
    marked_begin();
    slotring_reader_options_t options = marked_asks(SLOTRING_LOSSY);
    options.wanted = SLOTRING_WANTS_LATEST;
    slotring_reader_t *reader = subscribe_with(marked_other, &options);
    publish_with_marks();
    for (uint64_t n = 0; n <= 4; n += 2)
        marked_expect_mark(reader, 100 + n);
    marked_expect_message(reader, 5);
    marked_expect_mark(reader, 106);
    marked_expect_nothing(reader);
    CHECK_OK(slotring_unsubscribe(reader));
    marked_end();
}

/* It missed what lay around the marks: they are told where it goes on. */
static void who_jumped_is_told(void)
{
    marked_begin();
    slotring_reader_t *reader = marked_subscribe_asking(SLOTRING_LOSSY);
    marked_publish_up_to(3);
    marked_mark_user(103);
    marked_publish_up_to(3 * SLOTS);
    marked_mark_user(199);
    marked_expect_mark(reader, 103);
    marked_expect_message(reader, 2 * SLOTS);
    for (uint64_t n = 2 * SLOTS + 1; n < 3 * SLOTS; n++)
        marked_expect_message(reader, n);
    marked_expect_mark(reader, 199);
    marked_expect_nothing(reader);
    CHECK_OK(slotring_unsubscribe(reader));
    marked_end();
}

static void a_batch_ends_before_a_mark(void)
{
    marked_begin();
    slotring_slot_t slots[SLOTS];
    uint32_t count;
    slotring_reader_t *reader = marked_subscribe_asking(SLOTRING_LOSSLESS);
    marked_publish_up_to(3);
    marked_mark_user(103);
    marked_publish_up_to(5);
    CHECK_OK(slotring_next_batch(reader, 0, slots, SLOTS, &count));
    CHECK_EQUAL(count, 3);
    CHECK_OK(slotring_reader_release(reader));
    CHECK_CODE(slotring_next_batch(reader, 0, slots, SLOTS, &count), SLOTRING_E_MARK);
    CHECK_EQUAL(count, 0);
    CHECK_OK(slotring_next_batch(reader, 0, slots, SLOTS, &count));
    CHECK_EQUAL(count, 2);
    CHECK_OK(slotring_reader_release(reader));
    CHECK_OK(slotring_unsubscribe(reader));
    marked_end();
}

/* A slot with records lies before the mark, or behind it. */
static void records_are_one_publication(void)
{
    marked_begin();
    slotring_writer_t *writer;
    slotring_slot_t slot;
    slotring_reader_t *reader = marked_subscribe_asking(SLOTRING_LOSSLESS);
    CHECK_OK(slotring_writer_open(marked_ring, NULL, &writer));
    CHECK_OK(slotring_writer_append(writer, "a", 1, 1, 0));
    CHECK_OK(slotring_writer_append(writer, "b", 1, 2, 0));
    CHECK_OK(slotring_writer_close(writer));
    marked_mark_user(1);
    CHECK_OK(slotring_writer_open(marked_ring, NULL, &writer));
    CHECK_OK(slotring_writer_append(writer, "c", 1, 3, 0));
    for (uint64_t tag = 1; tag <= 2; tag++) {
        CHECK_OK(slotring_next(reader, 0, &slot));
        CHECK_EQUAL(slot.tag, tag);
        CHECK_OK(slotring_reader_release(reader));
    }
    marked_expect_mark(reader, 1);
    CHECK_OK(slotring_next(reader, 0, &slot));
    CHECK_EQUAL(slot.tag, 3);
    CHECK_OK(slotring_reader_release(reader));
    CHECK_OK(slotring_writer_close(writer));
    CHECK_OK(slotring_unsubscribe(reader));
    marked_end();
}

/* ---- Without a slot, and with few entries ------------------------------------------------------------------- */

static void a_mark_needs_no_slot(void)
{
    marked_begin();
    slotring_slot_t slot;
    slotring_reader_t *reader = marked_subscribe_asking(SLOTRING_LOSSLESS);
    marked_mark_run(SLOTRING_MARK_RUN_BEGIN, 1);
    marked_publish_up_to(SLOTS);
    CHECK_CODE(slotring_allocate(marked_ring, 1, &slot), SLOTRING_E_FULL);
    marked_mark_run(SLOTRING_MARK_RUN_END, 1);
    CHECK_EQUAL(marked_expect_told(reader).kind, SLOTRING_MARK_RUN_BEGIN);
    for (uint64_t n = 0; n < SLOTS; n++)
        marked_expect_message(reader, n);
    CHECK_EQUAL(marked_expect_told(reader).kind, SLOTRING_MARK_RUN_END);
    marked_expect_nothing(reader);
    CHECK_OK(slotring_unsubscribe(reader));
    marked_end();
}

static void who_sleeps_is_told_how_much_it_missed(void)
{
    marked_begin();
    slotring_reader_t *reader = marked_subscribe_asking(SLOTRING_LOSSY);
    marked_mark_run(SLOTRING_MARK_RUN_BEGIN, 4);
    for (uint64_t n = 0; n < SLOTRING_MARKS_KEPT + 3; n++)
        marked_mark_user(n);
    slotring_mark_t first = marked_expect_told(reader); /* which no user mark has displaced */
    CHECK_EQUAL(first.kind, SLOTRING_MARK_RUN_BEGIN);
    CHECK_EQUAL(first.run, 4);
    CHECK_EQUAL(first.not_told, 0); /* those that it was not told of come after it */
    slotring_mark_t second = marked_expect_told(reader);
    CHECK_EQUAL(second.not_told, 3);
    CHECK_EQUAL(second.number, 4);
    CHECK_EQUAL(second.value, 3);
    for (uint64_t n = 4; n < SLOTRING_MARKS_KEPT + 3; n++)
        marked_expect_mark(reader, n);
    marked_expect_nothing(reader);
    CHECK_OK(slotring_unsubscribe(reader));
    marked_end();
}

static void who_joins_late_learns_the_run(void)
{
    marked_begin();
    slotring_mark_t mark;
    slotring_reader_t *early = marked_subscribe_asking(SLOTRING_LOSSY);
    CHECK_CODE(slotring_reader_mark(early, &mark), SLOTRING_E_STATE);
    CHECK_OK(slotring_unsubscribe(early));
    marked_mark_run(SLOTRING_MARK_RUN_BEGIN, 8);
    marked_publish_up_to(2);
    for (uint64_t n = 0; n < 2 * SLOTRING_MARKS_KEPT; n++)
        marked_mark_user(n);
    slotring_reader_t *late = marked_subscribe_asking(SLOTRING_LOSSLESS);
    marked_expect_nothing(late);
    CHECK_OK(slotring_reader_mark(late, &mark));
    CHECK_EQUAL(mark.kind, SLOTRING_MARK_RUN_BEGIN);
    CHECK_EQUAL(mark.run, 8);
    marked_mark_user(1000);
    marked_expect_mark(late, 1000);
    CHECK_OK(slotring_unsubscribe(late));
    marked_end();
}

/* It is told of what lies behind its start, and knows the run in which that lies. */
static void who_starts_in_the_past(uint32_t mode)
{
    marked_begin();
    slotring_mark_t mark;
    marked_mark_run(SLOTRING_MARK_RUN_BEGIN, 1);
    marked_publish_up_to(SLOTS + 2);
    marked_mark_run(SLOTRING_MARK_RUN_END, 1);
    marked_mark_run(SLOTRING_MARK_RUN_BEGIN, 2);
    marked_publish_up_to(SLOTS + 4);
    slotring_reader_options_t options = marked_asks(mode);
    options.start = SLOTRING_FROM_OLDEST;
    slotring_reader_t *reader = subscribe_with(marked_other, &options);
    CHECK_OK(slotring_reader_mark(reader, &mark));
    CHECK_EQUAL(mark.run, 1);
    for (uint64_t n = 4; n < SLOTS + 2; n++)
        marked_expect_message(reader, n);
    CHECK_EQUAL(marked_expect_told(reader).kind, SLOTRING_MARK_RUN_END);
    CHECK_EQUAL(marked_expect_told(reader).run, 2);
    marked_expect_message(reader, SLOTS + 2);
    marked_expect_message(reader, SLOTS + 3);
    marked_expect_nothing(reader);
    CHECK_OK(slotring_unsubscribe(reader));
    marked_end();
}

static void lossless_from_the_oldest(void)
{
    who_starts_in_the_past(SLOTRING_LOSSLESS);
}

static void lossy_from_the_oldest(void)
{
    who_starts_in_the_past(SLOTRING_LOSSY);
}

/* ---- Waiting ------------------------------------------------------------------------------------------------ */

static void wait_for_a_mark(void *of)
{
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(of, FOR_EVER, &slot), SLOTRING_E_MARK);
}

static void a_mark_wakes(bool gathers)
{
    marked_ring = ring_open_sleepy(ring_name(), SLOTRING_CREATE, SLOTS);
    slotring_reader_options_t options = marked_asks(SLOTRING_LOSSLESS);
    if (gathers) {
        options.wake_messages = 4;
        options.wake_ns = (uint64_t)PATIENCE;
    }
    slotring_reader_t *reader = subscribe_with(marked_ring, &options);
    thread_start(wait_for_a_mark, reader);
    threads_wait_asleep();
    int64_t start = now_ns();
    marked_mark_user(1);
    threads_join();
    CHECK(now_ns() - start < NOT_WOKEN);
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(marked_ring, ring_name());
}

static void a_mark_wakes_who_waits(void)
{
    a_mark_wakes(false);
}

static void a_mark_wakes_who_gathers(void)
{
    a_mark_wakes(true);
}

/* A reader that only waits is told by its next call, not by the wait. */
static void a_wait_takes_no_mark(void)
{
    marked_begin();
    slotring_reader_t *reader = marked_subscribe_asking(SLOTRING_LOSSLESS);
    CHECK_CODE(slotring_reader_wait_readable(reader, 0), SLOTRING_E_EMPTY);
    marked_mark_user(1);
    marked_mark_user(2);
    for (int i = 0; i < 3; i++)
        CHECK_OK(slotring_reader_wait_readable(reader, FOR_EVER));
    marked_expect_mark(reader, 1);
    CHECK_OK(slotring_reader_wait_readable(reader, 0));
    marked_expect_mark(reader, 2);
    CHECK_CODE(slotring_reader_wait_readable(reader, 0), SLOTRING_E_EMPTY);
    CHECK_OK(slotring_unsubscribe(reader));
    marked_end();
}

static void drain_for_ever(void *of)
{
    const slotring_mark_t *mark = of;
    CHECK_OK(slotring_drain(marked_ring, mark->place, FOR_EVER));
}

static void check_behind(uint64_t count)
{
    uint64_t found = 77;
    slotring_t *viewer = ring_observe(ring_name());
    CHECK_OK(slotring_marks_behind(marked_ring, &found));
    CHECK_EQUAL(found, count);
    CHECK_OK(slotring_marks_behind(viewer, &found));
    CHECK_EQUAL(found, count);
    CHECK_OK(slotring_close(viewer));
}

/* Where a copy of a ring ends. */
static void how_many_lie_behind_the_last_message(void)
{
    marked_begin();
    check_behind(0);
    CHECK_CODE(slotring_marks_behind(marked_ring, NULL), SLOTRING_E_INVALID);
    CHECK_OK(slotring_mark(marked_ring, SLOTRING_MARK_RUN_BEGIN, 1, 0, NULL, 0, NULL));
    marked_mark_user(1);
    check_behind(2);
    marked_publish_up_to(1);
    check_behind(0);
    marked_mark_user(2);
    CHECK_OK(slotring_mark(marked_ring, SLOTRING_MARK_RUN_END, 1, 0, NULL, 0, NULL));
    check_behind(2);
    CHECK_OK(slotring_publish_gap(marked_ring, 5, NULL));
    check_behind(0);
    CHECK_OK(slotring_mark(marked_ring, SLOTRING_MARK_RUN_BEGIN, 2, 0, NULL, 0, NULL));
    marked_mark_user(3);
    check_behind(2);
    for (uint64_t i = 0; i < 2 * SLOTRING_MARKS_KEPT; i++)
        marked_mark_user(i);
    check_behind(SLOTRING_MARKS_KEPT +
                 2); /* the gap is forgotten, so the end of the run before it counts too */
    marked_publish_up_to(2);
    check_behind(0);
    marked_end();
}

static void drain_waits_for_the_last_reader(void)
{
    marked_ring = ring_open_sleepy(ring_name(), SLOTRING_CREATE, SLOTS);
    marked_other = ring_open_sleepy(ring_name(), SLOTRING_ATTACH, 0);
    slotring_reader_t *a = subscribe(marked_other, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_reader_t *b = subscribe(marked_other, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_reader_t *lossy = subscribe(marked_other, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    slotring_mark_t made;
    CHECK_OK(slotring_drain(marked_ring, SLOTRING_DRAIN_ALL, 0));
    marked_publish_up_to(2);
    CHECK_OK(slotring_mark(marked_ring, SLOTRING_MARK_USER, 0, 0, NULL, 0, &made));
    marked_publish_up_to(3);
    CHECK_CODE(slotring_drain(marked_ring, made.place, 0), SLOTRING_E_TIMEOUT);
    CHECK_CODE(slotring_drain(marked_ring, 4, 0), SLOTRING_E_INVALID);
    thread_start(drain_for_ever, &made);
    threads_wait_asleep();
    marked_expect_message(a, 0);
    marked_expect_message(a, 1);
    marked_expect_message(a, 2);
    marked_expect_message(b, 0);
    int64_t start = now_ns();
    marked_expect_message(b, 1);
    threads_join();
    CHECK(now_ns() - start < NOT_WOKEN);
    CHECK_CODE(slotring_drain(marked_ring, SLOTRING_DRAIN_ALL, MILLISECOND), SLOTRING_E_TIMEOUT);
    CHECK_OK(slotring_unsubscribe(b));
    CHECK_OK(slotring_drain(marked_ring, SLOTRING_DRAIN_ALL, 0));
    CHECK_OK(slotring_unsubscribe(a));
    CHECK_OK(slotring_unsubscribe(lossy));
    marked_end();
}

/* Who has the lock that a mark needs is named. */
static void a_mark_waits_for_nobody_for_ever(void)
{
    slotring_error_t error;
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    char holder[32];
    marked_begin();
    options.lock_timeout_ns = (uint64_t)MILLISECOND;
    slotring_t *impatient = ring_open_with(ring_name(), &options);
    CHECK_OK(sr__mutex_lock(marked_ring, (uint64_t)PATIENCE, NULL));
    CHECK_CODE(slotring_mark(impatient, SLOTRING_MARK_USER, 0, 0, NULL, 0, NULL), SLOTRING_E_BUSY);
    slotring_last_error(&error);
    sr__mutex_unlock(marked_ring);
    (void)snprintf(holder, sizeof holder, "process %llu ", (unsigned long long)marked_ring->member.self->pid);
    if (!strstr(error.text, holder))
        FAIL("\"%s\" does not name %s", error.text, holder);
    CHECK_OK(slotring_mark(impatient, SLOTRING_MARK_USER, 0, 0, NULL, 0, NULL));
    CHECK_OK(slotring_close(impatient));
    marked_end();
}

static const test_case_t cases[] = {
    {"lossless_is_told", lossless_is_told, 0},
    {"lossy_is_told", lossy_is_told, 0},
    {"what_a_mark_says", what_a_mark_says, 0},
    {"a_filter_is_told", a_filter_is_told, 0},
    {"the_latest_is_told", the_latest_is_told, 0},
    {"who_jumped_is_told", who_jumped_is_told, 0},
    {"a_batch_ends_before_a_mark", a_batch_ends_before_a_mark, 0},
    {"records_are_one_publication", records_are_one_publication, 0},
    {"a_mark_needs_no_slot", a_mark_needs_no_slot, 0},
    {"who_sleeps_is_told_how_much_it_missed", who_sleeps_is_told_how_much_it_missed, 0},
    {"who_joins_late_learns_the_run", who_joins_late_learns_the_run, 0},
    {"lossless_from_the_oldest", lossless_from_the_oldest, 0},
    {"lossy_from_the_oldest", lossy_from_the_oldest, 0},
    {"a_mark_wakes_who_waits", a_mark_wakes_who_waits, 0},
    {"a_mark_wakes_who_gathers", a_mark_wakes_who_gathers, 0},
    {"a_wait_takes_no_mark", a_wait_takes_no_mark, 0},
    {"how_many_lie_behind_the_last_message", how_many_lie_behind_the_last_message, 0},
    {"drain_waits_for_the_last_reader", drain_waits_for_the_last_reader, 0},
    {"a_mark_waits_for_nobody_for_ever", a_mark_waits_for_nobody_for_ever, 0},
    {NULL, NULL, 0},
};

const test_suite_t marks_suite = {"marks", cases, NULL};
