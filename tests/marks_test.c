/* SPDX-License-Identifier: Apache-2.0 */
/* Marks beside the order: every reader that asks for them is told of each mark once and at the same place, whatever it wants
 * and however far behind it is. Runs begin and end. */
#include <stdio.h>
#include <string.h>

#include "support/internals.h"
#include "support/process.h"
#include "support/ring.h"
#include "support/suite.h"
#include "support/thread.h"

#define SLOTS 8u

static slotring_t *ring, *other;

static void begin(void)
{
    ring = ring_create(ring_name(), SLOTS, 64);
    other = ring_attach(ring_name());
}

static void end(void)
{
    CHECK_OK(slotring_close(other));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static slotring_reader_options_t asks(uint32_t mode)
{
    slotring_reader_options_t options = reader_options(mode, SLOTRING_FROM_NOW);
    options.flags = SLOTRING_TELL_MARKS;
    return options;
}

static slotring_reader_t *subscribe_asking(uint32_t mode)
{
    slotring_reader_options_t options = asks(mode);
    return subscribe_with(other, &options);
}

static void publish_up_to(uint64_t sequence)
{
    while (ring_stats(ring).published < sequence)
        publish(ring, 1, ring_stats(ring).published);
}

static void mark_user(uint64_t value)
{
    slotring_mark_t made;
    uint64_t published = ring_stats(ring).published;
    CHECK_OK(slotring_mark(ring, SLOTRING_MARK_USER, 0, value, NULL, 0, &made));
    CHECK_EQUAL(made.place, published);
}

static void mark_run(uint32_t kind, uint64_t run)
{
    CHECK_OK(slotring_mark(ring, kind, run, 0, NULL, 0, NULL));
}

static slotring_mark_t expect_told(slotring_reader_t *reader)
{
    slotring_slot_t slot;
    slotring_mark_t mark;
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_MARK);
    CHECK_OK(slotring_reader_mark(reader, &mark));
    return mark;
}

static void expect_mark(slotring_reader_t *reader, uint64_t value)
{
    CHECK_EQUAL(expect_told(reader).value, value);
}

static void expect_message(slotring_reader_t *reader, uint64_t number)
{
    take_now(reader, pattern_tag(1, number));
}

static void expect_nothing(slotring_reader_t *reader)
{
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_EMPTY);
}

/* ---- At the same place ---------------------------------------------------------------------------------- */

static void told_in_order(uint32_t mode)
{
    begin();
    slotring_reader_t *reader = subscribe_asking(mode), *deaf = subscribe(other, mode, SLOTRING_FROM_NOW);
    mark_user(100);
    publish_up_to(2);
    mark_user(102);
    mark_user(103);
    publish_up_to(3);
    mark_user(104);
    expect_mark(reader, 100);
    expect_message(reader, 0);
    expect_message(reader, 1);
    expect_mark(reader, 102);
    expect_mark(reader, 103);
    expect_message(reader, 2);
    expect_mark(reader, 104);
    expect_nothing(reader);
    for (uint64_t n = 0; n < 3; n++)
        expect_message(deaf, n);
    expect_nothing(deaf);
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_unsubscribe(deaf));
    end();
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
    begin();
    slotring_reader_t *reader = subscribe_asking(SLOTRING_LOSSLESS);
    char bytes[SLOTRING_MARK_BYTES_MAX];
    memset(bytes, 'b', sizeof bytes);
    publish_up_to(1);
    uint64_t before = (uint64_t)now_ns();
    CHECK_OK(slotring_mark(ring, SLOTRING_MARK_RUN_BEGIN, 17, 5, bytes, sizeof bytes, NULL));
    CHECK_OK(slotring_mark(ring, SLOTRING_MARK_USER, 99, 6, "six", 3, NULL));
    expect_message(reader, 0);
    slotring_mark_t run = expect_told(reader), user = expect_told(reader);
    CHECK_EQUAL(run.kind, SLOTRING_MARK_RUN_BEGIN);
    CHECK_EQUAL(run.run, 17);
    CHECK_EQUAL(run.value, 5);
    CHECK_EQUAL(run.place, 1);
    CHECK_EQUAL(run.number, 0);
    CHECK_EQUAL(run.size, sizeof bytes);
    CHECK(memcmp(run.bytes, bytes, sizeof bytes) == 0);
    CHECK_EQUAL(run.participant, ring_info(ring).participant);
    CHECK_EQUAL(run.incarnation, ring->member.incarnation);
    CHECK_AT_LEAST(run.time_ns, before);
    CHECK_EQUAL(user.kind, SLOTRING_MARK_USER);
    CHECK_EQUAL(user.run, 17); /* of the run in progress, whatever was asked for */
    CHECK_EQUAL(user.number, 1);
    CHECK_EQUAL(user.size, 3);
    CHECK(memcmp(user.bytes, "six\0", 4) == 0);
    CHECK_EQUAL(user.not_told, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    end();
}

/* Sequences 0 to 5 with marks before 0, 2, 4 and 6. */
static void publish_with_marks(void)
{
    for (uint64_t n = 0; n <= 6; n += 2) {
        publish_up_to(n);
        mark_user(100 + n);
    }
}

static void a_filter_is_told(void)
{
    begin();
    slotring_reader_options_t options = asks(SLOTRING_LOSSLESS);
    options.every = 5;
    slotring_reader_t *every = subscribe_with(other, &options);
    options.every = 0;
    options.tag_mask = UINT64_MAX;
    options.tag_match = pattern_tag(1, 3);
    slotring_reader_t *tag = subscribe_with(other, &options);
    publish_with_marks();
    expect_mark(every, 100);
    expect_message(every, 0);
    expect_mark(every, 102);
    expect_mark(every, 104);
    expect_message(every, 5);
    expect_mark(every, 106);
    expect_nothing(every);
    expect_mark(tag, 100);
    expect_mark(tag, 102);
    expect_message(tag, 3);
    expect_mark(tag, 104);
    expect_mark(tag, 106);
    expect_nothing(tag);
    CHECK_OK(slotring_unsubscribe(every));
    CHECK_OK(slotring_unsubscribe(tag));
    end();
}

static void the_latest_is_told(void)
{
    begin();
    slotring_reader_options_t options = asks(SLOTRING_LOSSY);
    options.wanted = SLOTRING_WANTS_LATEST;
    slotring_reader_t *reader = subscribe_with(other, &options);
    publish_with_marks();
    for (uint64_t n = 0; n <= 4; n += 2)
        expect_mark(reader, 100 + n);
    expect_message(reader, 5);
    expect_mark(reader, 106);
    expect_nothing(reader);
    CHECK_OK(slotring_unsubscribe(reader));
    end();
}

/* It missed what lay around the marks: they are told where it goes on. */
static void who_jumped_is_told(void)
{
    begin();
    slotring_reader_t *reader = subscribe_asking(SLOTRING_LOSSY);
    publish_up_to(3);
    mark_user(103);
    publish_up_to(3 * SLOTS);
    mark_user(199);
    expect_mark(reader, 103);
    expect_message(reader, 2 * SLOTS);
    for (uint64_t n = 2 * SLOTS + 1; n < 3 * SLOTS; n++)
        expect_message(reader, n);
    expect_mark(reader, 199);
    expect_nothing(reader);
    CHECK_OK(slotring_unsubscribe(reader));
    end();
}

static void a_batch_ends_before_a_mark(void)
{
    begin();
    slotring_slot_t slots[SLOTS];
    uint32_t count;
    slotring_reader_t *reader = subscribe_asking(SLOTRING_LOSSLESS);
    publish_up_to(3);
    mark_user(103);
    publish_up_to(5);
    CHECK_OK(slotring_next_batch(reader, 0, slots, SLOTS, &count));
    CHECK_EQUAL(count, 3);
    CHECK_OK(slotring_reader_release(reader));
    CHECK_CODE(slotring_next_batch(reader, 0, slots, SLOTS, &count), SLOTRING_E_MARK);
    CHECK_EQUAL(count, 0);
    CHECK_OK(slotring_next_batch(reader, 0, slots, SLOTS, &count));
    CHECK_EQUAL(count, 2);
    CHECK_OK(slotring_reader_release(reader));
    CHECK_OK(slotring_unsubscribe(reader));
    end();
}

/* A slot with records lies before the mark, or behind it. */
static void records_are_one_publication(void)
{
    begin();
    slotring_writer_t *writer;
    slotring_slot_t slot;
    slotring_reader_t *reader = subscribe_asking(SLOTRING_LOSSLESS);
    CHECK_OK(slotring_writer_open(ring, NULL, &writer));
    CHECK_OK(slotring_writer_append(writer, "a", 1, 1, 0));
    CHECK_OK(slotring_writer_append(writer, "b", 1, 2, 0));
    CHECK_OK(slotring_writer_close(writer));
    mark_user(1);
    CHECK_OK(slotring_writer_open(ring, NULL, &writer));
    CHECK_OK(slotring_writer_append(writer, "c", 1, 3, 0));
    for (uint64_t tag = 1; tag <= 2; tag++) {
        CHECK_OK(slotring_next(reader, 0, &slot));
        CHECK_EQUAL(slot.tag, tag);
        CHECK_OK(slotring_reader_release(reader));
    }
    expect_mark(reader, 1);
    CHECK_OK(slotring_next(reader, 0, &slot));
    CHECK_EQUAL(slot.tag, 3);
    CHECK_OK(slotring_reader_release(reader));
    CHECK_OK(slotring_writer_close(writer));
    CHECK_OK(slotring_unsubscribe(reader));
    end();
}

/* ---- Without a slot, and with few entries ------------------------------------------------------------------- */

static void a_mark_needs_no_slot(void)
{
    begin();
    slotring_slot_t slot;
    slotring_reader_t *reader = subscribe_asking(SLOTRING_LOSSLESS);
    mark_run(SLOTRING_MARK_RUN_BEGIN, 1);
    publish_up_to(SLOTS);
    CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_FULL);
    mark_run(SLOTRING_MARK_RUN_END, 1);
    CHECK_EQUAL(expect_told(reader).kind, SLOTRING_MARK_RUN_BEGIN);
    for (uint64_t n = 0; n < SLOTS; n++)
        expect_message(reader, n);
    CHECK_EQUAL(expect_told(reader).kind, SLOTRING_MARK_RUN_END);
    expect_nothing(reader);
    CHECK_OK(slotring_unsubscribe(reader));
    end();
}

static void who_sleeps_is_told_how_much_it_missed(void)
{
    begin();
    slotring_reader_t *reader = subscribe_asking(SLOTRING_LOSSY);
    mark_run(SLOTRING_MARK_RUN_BEGIN, 4);
    for (uint64_t n = 0; n < SLOTRING_MARKS_KEPT + 3; n++)
        mark_user(n);
    slotring_mark_t first = expect_told(reader); /* which no user mark has displaced */
    CHECK_EQUAL(first.kind, SLOTRING_MARK_RUN_BEGIN);
    CHECK_EQUAL(first.run, 4);
    CHECK_EQUAL(first.not_told, 0); /* those that it was not told of come after it */
    slotring_mark_t second = expect_told(reader);
    CHECK_EQUAL(second.not_told, 3);
    CHECK_EQUAL(second.number, 4);
    CHECK_EQUAL(second.value, 3);
    for (uint64_t n = 4; n < SLOTRING_MARKS_KEPT + 3; n++)
        expect_mark(reader, n);
    expect_nothing(reader);
    CHECK_OK(slotring_unsubscribe(reader));
    end();
}

static void who_joins_late_learns_the_run(void)
{
    begin();
    slotring_mark_t mark;
    slotring_reader_t *early = subscribe_asking(SLOTRING_LOSSY);
    CHECK_CODE(slotring_reader_mark(early, &mark), SLOTRING_E_STATE);
    CHECK_OK(slotring_unsubscribe(early));
    mark_run(SLOTRING_MARK_RUN_BEGIN, 8);
    publish_up_to(2);
    for (uint64_t n = 0; n < 2 * SLOTRING_MARKS_KEPT; n++)
        mark_user(n);
    slotring_reader_t *late = subscribe_asking(SLOTRING_LOSSLESS);
    expect_nothing(late);
    CHECK_OK(slotring_reader_mark(late, &mark));
    CHECK_EQUAL(mark.kind, SLOTRING_MARK_RUN_BEGIN);
    CHECK_EQUAL(mark.run, 8);
    mark_user(1000);
    expect_mark(late, 1000);
    CHECK_OK(slotring_unsubscribe(late));
    end();
}

/* It is told of what lies behind its start, and knows the run in which that lies. */
static void who_starts_in_the_past(uint32_t mode)
{
    begin();
    slotring_mark_t mark;
    mark_run(SLOTRING_MARK_RUN_BEGIN, 1);
    publish_up_to(SLOTS + 2);
    mark_run(SLOTRING_MARK_RUN_END, 1);
    mark_run(SLOTRING_MARK_RUN_BEGIN, 2);
    publish_up_to(SLOTS + 4);
    slotring_reader_options_t options = asks(mode);
    options.start = SLOTRING_FROM_OLDEST;
    slotring_reader_t *reader = subscribe_with(other, &options);
    CHECK_OK(slotring_reader_mark(reader, &mark));
    CHECK_EQUAL(mark.run, 1);
    for (uint64_t n = 4; n < SLOTS + 2; n++)
        expect_message(reader, n);
    CHECK_EQUAL(expect_told(reader).kind, SLOTRING_MARK_RUN_END);
    CHECK_EQUAL(expect_told(reader).run, 2);
    expect_message(reader, SLOTS + 2);
    expect_message(reader, SLOTS + 3);
    expect_nothing(reader);
    CHECK_OK(slotring_unsubscribe(reader));
    end();
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
    ring = ring_open_sleepy(ring_name(), SLOTRING_CREATE, SLOTS);
    slotring_reader_options_t options = asks(SLOTRING_LOSSLESS);
    if (gathers) {
        options.wake_messages = 4;
        options.wake_ns = (uint64_t)PATIENCE;
    }
    slotring_reader_t *reader = subscribe_with(ring, &options);
    thread_start(wait_for_a_mark, reader);
    threads_wait_asleep();
    int64_t start = now_ns();
    mark_user(1);
    threads_join();
    CHECK(now_ns() - start < NOT_WOKEN);
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
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
    begin();
    slotring_reader_t *reader = subscribe_asking(SLOTRING_LOSSLESS);
    CHECK_CODE(slotring_reader_wait_readable(reader, 0), SLOTRING_E_EMPTY);
    mark_user(1);
    mark_user(2);
    for (int i = 0; i < 3; i++)
        CHECK_OK(slotring_reader_wait_readable(reader, FOR_EVER));
    expect_mark(reader, 1);
    CHECK_OK(slotring_reader_wait_readable(reader, 0));
    expect_mark(reader, 2);
    CHECK_CODE(slotring_reader_wait_readable(reader, 0), SLOTRING_E_EMPTY);
    CHECK_OK(slotring_unsubscribe(reader));
    end();
}

static void drain_for_ever(void *of)
{
    const slotring_mark_t *mark = of;
    CHECK_OK(slotring_drain(ring, mark->place, FOR_EVER));
}

static void drain_waits_for_the_last_reader(void)
{
    ring = ring_open_sleepy(ring_name(), SLOTRING_CREATE, SLOTS);
    other = ring_open_sleepy(ring_name(), SLOTRING_ATTACH, 0);
    slotring_reader_t *a = subscribe(other, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_reader_t *b = subscribe(other, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_reader_t *lossy = subscribe(other, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    slotring_mark_t made;
    CHECK_OK(slotring_drain(ring, SLOTRING_DRAIN_ALL, 0));
    publish_up_to(2);
    CHECK_OK(slotring_mark(ring, SLOTRING_MARK_USER, 0, 0, NULL, 0, &made));
    publish_up_to(3);
    CHECK_CODE(slotring_drain(ring, made.place, 0), SLOTRING_E_TIMEOUT);
    CHECK_CODE(slotring_drain(ring, 4, 0), SLOTRING_E_INVALID);
    thread_start(drain_for_ever, &made);
    threads_wait_asleep();
    expect_message(a, 0);
    expect_message(a, 1);
    expect_message(a, 2);
    expect_message(b, 0);
    int64_t start = now_ns();
    expect_message(b, 1);
    threads_join();
    CHECK(now_ns() - start < NOT_WOKEN);
    CHECK_CODE(slotring_drain(ring, SLOTRING_DRAIN_ALL, MILLISECOND), SLOTRING_E_TIMEOUT);
    CHECK_OK(slotring_unsubscribe(b));
    CHECK_OK(slotring_drain(ring, SLOTRING_DRAIN_ALL, 0));
    CHECK_OK(slotring_unsubscribe(a));
    CHECK_OK(slotring_unsubscribe(lossy));
    end();
}

/* Who has the lock that a mark needs is named. */
static void a_mark_waits_for_nobody_for_ever(void)
{
    slotring_error_t error;
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    char holder[32];
    begin();
    options.lock_timeout_ns = (uint64_t)MILLISECOND;
    slotring_t *impatient = ring_open_with(ring_name(), &options);
    CHECK_OK(sr__mutex_lock(ring, (uint64_t)PATIENCE, NULL));
    CHECK_CODE(slotring_mark(impatient, SLOTRING_MARK_USER, 0, 0, NULL, 0, NULL), SLOTRING_E_BUSY);
    slotring_last_error(&error);
    sr__mutex_unlock(ring);
    (void)snprintf(holder, sizeof holder, "process %llu ", (unsigned long long)ring->member.self->pid);
    if (!strstr(error.text, holder))
        FAIL("\"%s\" does not name %s", error.text, holder);
    CHECK_OK(slotring_mark(impatient, SLOTRING_MARK_USER, 0, 0, NULL, 0, NULL));
    CHECK_OK(slotring_close(impatient));
    end();
}

/* ---- Runs, refusals ------------------------------------------------------------------------------------------- */

static void runs_begin_and_end(void)
{
    begin();
    slotring_t *observer = ring_observe(ring_name());
    slotring_mark_t mark;
    CHECK_CODE(slotring_run(observer, &mark), SLOTRING_E_EMPTY);
    CHECK_CODE(slotring_mark(ring, SLOTRING_MARK_RUN_END, 3, 0, NULL, 0, NULL), SLOTRING_E_STATE);
    mark_run(SLOTRING_MARK_RUN_BEGIN, 3);
    CHECK_CODE(slotring_mark(ring, SLOTRING_MARK_RUN_BEGIN, 4, 0, NULL, 0, NULL), SLOTRING_E_STATE);
    CHECK_CODE(slotring_mark(ring, SLOTRING_MARK_RUN_END, 4, 0, NULL, 0, NULL), SLOTRING_E_STATE);
    publish_up_to(2);
    for (int i = 0; i < 2; i++) {
        CHECK_OK(slotring_run(i ? observer : ring, &mark));
        CHECK_EQUAL(mark.kind, SLOTRING_MARK_RUN_BEGIN);
        CHECK_EQUAL(mark.run, 3);
        CHECK_EQUAL(mark.place, 0);
    }
    mark_run(SLOTRING_MARK_RUN_END, 3);
    CHECK_OK(slotring_run(observer, &mark));
    CHECK_EQUAL(mark.kind, SLOTRING_MARK_RUN_END);
    CHECK_EQUAL(mark.place, 2);
    mark_run(SLOTRING_MARK_RUN_BEGIN, 3);
    CHECK_CODE(slotring_mark(observer, SLOTRING_MARK_USER, 0, 0, NULL, 0, NULL), SLOTRING_E_READ_ONLY);
    CHECK_OK(slotring_close(observer));
    end();
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
    begin();
    slotring_slot_t slot;
    slotring_t *observer = ring_observe(ring_name());
    CHECK_OK(gate_with(ring, 100, 0, 1));
    publish_up_to(3 * SLOTS); /* nobody needs them: an allocation may have each of them */
    CHECK_OK(gate_with(observer, 100, 0, 1));
    slotring_reader_t *lossless = subscribe(other, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_reader_t *lossy = subscribe(other, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    CHECK_OK(gate_with(observer, 100, 1, 1));
    expect_closed(observer, 0, 2, 0, "1 lossless readers are there, and 2 are wanted");
    publish_up_to(3 * SLOTS + SLOTS / 2);
    CHECK_OK(gate_with(ring, 50, 1, 1));
    expect_closed(observer, 51, 3, 0, "4 of 8 slots can be had, and 51 % are wanted; 1 lossless readers");
    for (uint64_t n = 0; n < SLOTS / 2; n++)
        expect_message(lossless, 3 * SLOTS + n);
    publish_up_to(4 * SLOTS + SLOTS / 2);
    CHECK_OK(slotring_next(lossy, 0, &slot));
    expect_closed(ring, 0, 0, 1, "readers missed 4 messages since the ring was made");
    CHECK_OK(slotring_reader_release(lossy));
    mark_run(SLOTRING_MARK_RUN_BEGIN, 1);
    CHECK_OK(gate_with(ring, 0, 1, 1));
    CHECK_CODE(gate_with(ring, 101, 0, 0), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_run_gate(ring, NULL), SLOTRING_E_INVALID);
    CHECK_OK(slotring_unsubscribe(lossless));
    CHECK_OK(slotring_unsubscribe(lossy));
    CHECK_OK(slotring_close(observer));
    end();
}

static void what_is_refused(void)
{
    begin();
    char bytes[SLOTRING_MARK_BYTES_MAX + 1] = {0};
    slotring_mark_t mark;
    slotring_reader_t *deaf = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    CHECK_CODE(slotring_mark(ring, 0, 1, 0, NULL, 0, NULL), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_mark(ring, SLOTRING_MARK_GAP, 1, 0, NULL, 0, NULL), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_mark(ring, SLOTRING_MARK_USER, 0, 0, bytes, sizeof bytes, NULL), SLOTRING_E_SIZE);
    CHECK_CODE(slotring_mark(ring, SLOTRING_MARK_USER, 0, 0, NULL, 1, NULL), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_mark(NULL, SLOTRING_MARK_USER, 0, 0, NULL, 0, NULL), SLOTRING_E_CLOSED);
    CHECK_CODE(slotring_reader_mark(deaf, &mark), SLOTRING_E_STATE);
    CHECK_CODE(slotring_reader_mark(deaf, NULL), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_reader_mark(NULL, &mark), SLOTRING_E_CLOSED);
    CHECK_CODE(slotring_run(ring, NULL), SLOTRING_E_INVALID);
    slotring_reader_options_t options = asks(SLOTRING_LOSSY);
    options.flags = SLOTRING_TELL_MARKS << 1;
    CHECK_OK(slotring_unsubscribe(deaf));
    CHECK_CODE(slotring_subscribe(ring, &options, &deaf), SLOTRING_E_INVALID);
    end();
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
    ring = ring_open_with(ring_name(), &options);
    options = options_of_copy(SLOTRING_ATTACH, 1000);
    other = ring_open_with(ring_name(), &options);
    slotring_t *observer = ring_observe(ring_name()), *none;
    slotring_error_t error;
    uint64_t got;
    options.first_sequence = 1001;
    CHECK_CODE(slotring_open(&none, ring_name(), &options, &error), SLOTRING_E_GEOMETRY);
    CHECK_EQUAL(ring_info(observer).first_sequence, 1000);
    CHECK(memcmp(ring_info(observer).lineage_id, options.lineage_id, 16) == 0);
    slotring_reader_t *reader = subscribe_asking(SLOTRING_LOSSLESS),
                      *deaf = subscribe(other, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    expect_number(ring, 0, 1000);
    publish_up_to(2);
    slotring_mark_t made;
    CHECK_OK(slotring_publish_gap(ring, UINT64_C(1) << 40, &made)); /* more than any order remembers */
    CHECK_EQUAL(made.place, 2);
    CHECK_EQUAL(made.offset, 1000 + (UINT64_C(1) << 40));
    publish_up_to(3);
    mark_user(5);
    for (int i = 0; i < 2; i++) {
        slotring_t *who = i ? observer : ring;
        expect_number(who, 1, 1001);
        expect_number(who, 2, 1002 + (UINT64_C(1) << 40));
        CHECK_OK(slotring_sequence_of(who, 1002, &got)); /* in the gap: the next one that is there */
        CHECK_EQUAL(got, 2);
        CHECK_OK(slotring_sequence_of(who, 3, &got)); /* before the first one */
        CHECK_EQUAL(got, 0);
    }
    slotring_reader_t *late = subscribe(other, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    expect_gap(late, 0);
    expect_message(reader, 0);
    expect_gap(reader, 0);
    expect_message(reader, 1);
    slotring_mark_t told = expect_told(reader);
    CHECK_EQUAL(told.kind, SLOTRING_MARK_GAP);
    CHECK_EQUAL(told.gap, UINT64_C(1) << 40);
    expect_gap(reader, UINT64_C(1) << 40);
    expect_message(reader, 2);
    expect_mark(reader, 5);
    for (uint64_t n = 0; n < 3; n++)
        expect_message(deaf, n);
    expect_gap(deaf, UINT64_C(1) << 40);
    CHECK_CODE(slotring_publish_gap(ring, 0, NULL), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_publish_gap(ring, SLOTRING_NUMBER_MAX, NULL), SLOTRING_E_SIZE);
    for (uint64_t n = 0; n <= SLOTRING_MARKS_KEPT; n++)
        mark_user(n);
    CHECK_CODE(slotring_number_of(ring, 1, &got), SLOTRING_E_STALE); /* that gap is not remembered any more */
    expect_number(observer, 3, 1003 + (UINT64_C(1) << 40));
    expect_gap(deaf, UINT64_C(1) << 40);
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_unsubscribe(deaf));
    CHECK_OK(slotring_unsubscribe(late));
    CHECK_OK(slotring_close(observer));
    end();
}

static void numbers_of_a_ring_of_its_own(void)
{
    begin();
    slotring_options_t options = options_of_copy(SLOTRING_ATTACH, 0);
    slotring_error_t error;
    slotring_t *none;
    CHECK(memcmp(ring_info(ring).lineage_id, ring_info(ring).ring_id, 16) == 0);
    CHECK_CODE(slotring_open(&none, ring_name(), &options, &error), SLOTRING_E_GEOMETRY);
    for (uint64_t n = 0; n < 2 * SLOTRING_MARKS_KEPT; n++)
        mark_user(n);
    publish_up_to(3);
    expect_number(ring, 0, 0); /* no gap was ever made */
    expect_number(ring, 3, 3);
    memset(options.lineage_id, 0, sizeof options.lineage_id);
    options.first_sequence = 5;
    CHECK_CODE(slotring_open(&none, ring_name(), &options, &error), SLOTRING_E_INVALID);
    options.first_sequence = SLOTRING_NUMBER_MAX + 1;
    CHECK_CODE(slotring_open(&none, ring_name(), &options, &error), SLOTRING_E_SIZE);
    end();
}

/* What lies in shared memory is not believed. */
static void a_damaged_mark_is_none(void)
{
    begin();
    slotring_slot_t slot;
    slotring_reader_t *reader = subscribe_asking(SLOTRING_LOSSY);
    sr__view_t *view = &ring->member.view;
    mark_user(1);
    sr__word_t *shape = &view->marks[SR__MARK_ENTRIES].shape;
    uint64_t before = sr__load(shape);
    atomic_store(shape, 0xff03);
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_CORRUPT);
    atomic_store(shape, before);
    expect_mark(reader, 1);
    before = sr__load(&view->state->marks);
    atomic_store(&view->state->marks, 0);
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_CORRUPT);
    atomic_store(&view->state->marks, before);
    expect_nothing(reader);
    CHECK_OK(slotring_unsubscribe(reader));
    end();
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
    {"drain_waits_for_the_last_reader", drain_waits_for_the_last_reader, 0},
    {"a_mark_waits_for_nobody_for_ever", a_mark_waits_for_nobody_for_ever, 0},
    {"runs_begin_and_end", runs_begin_and_end, 0},
    {"a_run_may_begin_or_not", a_run_may_begin_or_not, 0},
    {"what_is_refused", what_is_refused, 0},
    {"numbers_of_a_copy", numbers_of_a_copy, 0},
    {"numbers_of_a_ring_of_its_own", numbers_of_a_ring_of_its_own, 0},
    {"a_damaged_mark_is_none", a_damaged_mark_is_none, 0},
    {NULL, NULL, 0},
};

const test_suite_t marks_suite = {"marks", cases, NULL};
