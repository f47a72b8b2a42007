/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of writers: a copy of another ring's writer begins with its numbers, and skips those that were missed on the way. Each
 * reader counts them once, and none takes them for damage. */
#include <string.h>

#include "support/internals.h"
#include "support/records.h"
#include "support/ring.h"
#include "support/suite.h"

#define NO_WAIT 0
#define ROW 2u
#define FIRST 1000u
#define MOST 40u /* bytes of a small message */
#define LAST_NUMBER (UINT64_C(1) << 51)

static slotring_writer_options_t copy_options(uint64_t first)
{
    slotring_writer_options_t options;
    slotring_writer_options_init(&options);
    options.flags = SLOTRING_WRITER_AT_ROW | SLOTRING_WRITER_FIRST_NUMBER;
    options.row = ROW;
    options.first_number = first;
    return options;
}

static slotring_writer_t *copy_open(slotring_t *ring, uint64_t first)
{
    slotring_writer_options_t options = copy_options(first);
    slotring_writer_t *writer;
    CHECK_OK(slotring_writer_open(ring, &options, &writer));
    CHECK_EQUAL(writer_row(writer), ROW);
    return writer;
}

static uint64_t number_of(slotring_writer_t *writer)
{
    uint64_t number = 0;
    CHECK_OK(slotring_writer_number(writer, &number));
    return number;
}

/* A message whose tag is its number. */
static void append_one(slotring_writer_t *writer)
{
    uint64_t number = number_of(writer);
    CHECK_OK(record_append(writer, 1, number, MOST, NO_WAIT));
    CHECK_EQUAL(number_of(writer), number + 1);
}

static void take_number(slotring_reader_t *reader, uint64_t number)
{
    record_take_now(reader, pattern_tag(1, number), number, MOST);
}

/* Gives how many there were. */
static uint64_t read_to_the_end(slotring_reader_t *reader)
{
    slotring_slot_t slot;
    uint64_t had = 0;
    int code;
    for (; (code = slotring_next(reader, NO_WAIT, &slot)) == 0; had++)
        CHECK_OK(slotring_reader_release(reader));
    CHECK_EQUAL(code, SLOTRING_E_END);
    return had;
}

static slotring_t *small_ring(void)
{
    return ring_create(ring_name(), 16, 400);
}

/* ---- Where the numbers begin --------------------------------------------------------------------------- */

static void begin_where_they_are_to(void)
{
    slotring_t *ring = small_ring();
    slotring_reader_t *before = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_reader_t *lossy = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    slotring_writer_t *writer = copy_open(ring, FIRST);
    slotring_reader_t *after = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    CHECK_EQUAL(number_of(writer), FIRST);
    append_one(writer);
    append_one(writer);
    slotring_reader_t *oldest = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_OLDEST);
    slotring_reader_t *readers[] = {before, lossy, after, oldest};
    for (size_t r = 0; r < sizeof readers / sizeof readers[0]; r++) {
        take_number(readers[r], FIRST);
        take_number(readers[r], FIRST + 1);
        CHECK_EQUAL(records_missed(readers[r]), 0);
    }
    CHECK_EQUAL(ring_stats(ring).records, 2);
    check_ring(ring);
    ring_remove(ring, ring_name());
}

/* A reader that was late for the first ones missed those, and not what is below. */
static void what_is_below_is_not_missed(void)
{
    slotring_t *ring = small_ring();
    slotring_reader_t *lossy = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    slotring_writer_t *writer = copy_open(ring, FIRST);
    for (uint32_t i = 0; i < 4000; i++)
        append_one(writer);
    CHECK_OK(slotring_writer_close(writer));
    CHECK_OK(slotring_end_stream(ring));
    uint64_t had = read_to_the_end(lossy);
    CHECK_AT_LEAST(3999, had);
    CHECK_EQUAL(had + records_missed(lossy), 4000);
    CHECK_EQUAL(ring_stats(ring).records, 4000);
    check_ring(ring);
    ring_remove(ring, ring_name());
}

/* No message at all: the end of the stream is no loss. */
static void begin_and_end(void)
{
    slotring_t *ring = small_ring();
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t slot;
    CHECK_OK(slotring_writer_close(copy_open(ring, FIRST)));
    CHECK_OK(slotring_end_stream(ring));
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_END);
    CHECK_EQUAL(records_missed(reader), 0);
    check_ring(ring);
    ring_remove(ring, ring_name());
}

static void go_on_in_the_row(void)
{
    slotring_t *ring = small_ring();
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_writer_t *writer = copy_open(ring, FIRST);
    append_one(writer);
    CHECK_OK(slotring_writer_close(writer));
    writer = copy_open(ring, 5); /* somebody wrote there: where they began stands */
    CHECK_EQUAL(number_of(writer), FIRST + 1);
    append_one(writer);
    take_number(reader, FIRST);
    take_number(reader, FIRST + 1);
    check_ring(ring);
    ring_remove(ring, ring_name());
}

/* Who was at the end knows where they were: a message below that would be taken for one that was read. */
static void never_go_down(void)
{
    slotring_t *ring = small_ring();
    slotring_slot_t slot;
    slotring_reader_t *before = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    CHECK_OK(slotring_writer_close(copy_open(ring, FIRST)));
    CHECK_OK(slotring_end_stream(ring));
    CHECK_CODE(slotring_next(before, NO_WAIT, &slot), SLOTRING_E_END);
    slotring_reader_t *after = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_writer_t *writer = copy_open(ring, 5);
    CHECK_EQUAL(number_of(writer), FIRST);
    append_one(writer);
    take_number(before, FIRST);
    take_number(after, FIRST);
    check_ring(ring);
    ring_remove(ring, ring_name());
}

/* What a kill leaves between the two words: the row begins where its next owner says, be it at 0. */
static void begin_anew_after_a_kill(void)
{
    slotring_t *ring = small_ring();
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    sr__poke(&ring->member.view.writers[0].first, FIRST);
    check_ring(ring);
    CHECK_EQUAL(ring_stats(ring).records, 0);
    slotring_writer_t *writer = writer_open(ring);
    CHECK_EQUAL(writer_row(writer), 0);
    for (uint64_t n = 0; n < 3; n++)
        append_one(writer);
    for (uint64_t n = 0; n < 3; n++)
        take_number(reader, n);
    CHECK_EQUAL(records_missed(reader), 0);
    CHECK_EQUAL(ring_stats(ring).records, 3);
    check_ring(ring);
    ring_remove(ring, ring_name());
}

/* ---- Numbers that are skipped --------------------------------------------------------------------------- */

static void count_once_for_each_reader(void)
{
    slotring_t *ring = small_ring();
    slotring_reader_t *lossless = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_reader_t *lossy = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    slotring_writer_t *writer = copy_open(ring, FIRST);
    append_one(writer);
    CHECK_OK(slotring_writer_skip(writer, 7, NO_WAIT));
    CHECK_EQUAL(number_of(writer), FIRST + 8);
    append_one(writer);
    CHECK_OK(slotring_writer_skip(writer, 0, NO_WAIT));
    append_one(writer);
    CHECK_OK(slotring_writer_skip(writer, UINT64_C(1) << 40, NO_WAIT));
    CHECK_OK(slotring_writer_skip(writer, 1, NO_WAIT)); /* nothing between the two */
    append_one(writer);
    slotring_reader_t *readers[] = {lossless, lossy};
    for (size_t r = 0; r < 2; r++) {
        take_number(readers[r], FIRST);
        take_number(readers[r], FIRST + 8);
        CHECK_EQUAL(records_missed(readers[r]), 7);
        take_number(readers[r], FIRST + 9);
        take_number(readers[r], FIRST + 11 + (UINT64_C(1) << 40));
        CHECK_EQUAL(records_missed(readers[r]), 8 + (UINT64_C(1) << 40));
    }
    CHECK_EQUAL(ring_stats(ring).records,
                12 + (UINT64_C(1) << 40)); /* the skipped ones too: so what was had and missed adds up */
    check_ring(ring);
    ring_remove(ring, ring_name());
}

/* It tells them of what nobody had before it. Who begins behind them has missed nothing. */
static void seen_from_where_a_reader_begins(void)
{
    slotring_t *ring = small_ring();
    slotring_writer_t *writer = copy_open(ring, FIRST);
    append_one(writer);
    CHECK_OK(slotring_writer_skip(writer, 3, NO_WAIT));
    slotring_reader_t *now = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_reader_t *oldest = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_OLDEST);
    append_one(writer);
    take_number(now, FIRST + 4);
    CHECK_EQUAL(records_missed(now), 0);
    take_number(oldest, FIRST);
    take_number(oldest, FIRST + 4);
    CHECK_EQUAL(records_missed(oldest), 3);
    check_ring(ring);
    ring_remove(ring, ring_name());
}

/* From the oldest on in a ring that had nothing: what is skipped at the very beginning counts, too. */
static void from_the_very_beginning(void)
{
    slotring_t *ring = small_ring();
    slotring_reader_t *lossless = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_OLDEST);
    slotring_reader_t *lossy = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_OLDEST);
    slotring_writer_t *writer = copy_open(ring, FIRST);
    CHECK_OK(slotring_writer_skip(writer, 5, NO_WAIT));
    append_one(writer);
    take_number(lossless, FIRST + 5);
    take_number(lossy, FIRST + 5);
    CHECK_EQUAL(records_missed(lossless), 5);
    CHECK_EQUAL(records_missed(lossy), 5);
    ring_remove(ring, ring_name());
}

/* A reader that always has others' messages before it reads what is open in its turn, as without a skip. */
static void beside_a_busy_producer(void)
{
    slotring_t *ring = ring_create(ring_name(), 128, 400);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_writer_t *writer = copy_open(ring, FIRST);
    append_one(writer);
    take_number(reader, FIRST); /* now it follows what this writer has open */
    slotring_slot_t slot;
    uint32_t others = 0;
    for (uint64_t n = 0; n < 100; n++)
        publish(ring, 5, n);
    CHECK_OK(slotring_writer_skip(writer, 5, NO_WAIT));
    append_one(writer);
    do {
        CHECK_OK(slotring_next(reader, NO_WAIT, &slot));
        CHECK_OK(slotring_reader_release(reader));
        others++;
    } while (slot.writer != ROW);
    CHECK_AT_LEAST(99, others);
    ring_remove(ring, ring_name());
}

static uint64_t findings_of(slotring_t *ring)
{
    uint64_t findings;
    CHECK_OK(slotring_check(ring, NULL, NULL, &findings));
    return findings;
}

/* What no kill leaves. */
static void damage_is_found(void)
{
    slotring_t *ring = small_ring();
    slotring_writer_t *writer = copy_open(ring, FIRST);
    append_one(writer);
    CHECK_OK(slotring_writer_skip(writer, 5, NO_WAIT));
    append_one(writer);
    CHECK_OK(slotring_writer_close(writer));
    check_ring(ring);
    sr__word_t *first = &ring->member.view.writers[ROW].first;
    sr__poke(first, FIRST + 8);
    CHECK_AT_LEAST(findings_of(ring), 1);
    sr__poke(first, FIRST);
    for (uint32_t i = 0; i < 16; i++) {
        sr__slot_t *slot = sr__slot(&ring->member.view, i);
        uint64_t skipped = sr__peek(&slot->skipped);
        if (skipped == 0)
            continue;
        sr__poke(&slot->skipped, FIRST + 7);
        CHECK_AT_LEAST(findings_of(ring), 1);
        sr__poke(&slot->skipped, skipped + 1);
        CHECK_AT_LEAST(findings_of(ring), 1);
        sr__poke(&slot->skipped, skipped);
    }
    check_ring(ring);
    ring_remove(ring, ring_name());
}

/* A producer that is killed while it says what lies in a slot leaves one word of it, and one of what lay there before. */
static void left_by_a_kill(void)
{
    slotring_t *ring = small_ring();
    sr__slot_t *slot = sr__slot(&ring->member.view, 0);
    sr__poke(&slot->number, 3);
    sr__poke(&slot->skipped, FIRST);
    check_ring(ring);
    ring_remove(ring, ring_name());
}

static void before_the_end(void)
{
    slotring_t *ring = small_ring();
    slotring_reader_t *lossless = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_reader_t *lossy = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    slotring_writer_t *writer = copy_open(ring, FIRST);
    append_one(writer);
    CHECK_OK(slotring_writer_skip(writer, 7, NO_WAIT));
    CHECK_OK(slotring_writer_close(writer));
    CHECK_OK(slotring_end_stream(ring));
    slotring_reader_t *readers[] = {lossless, lossy};
    for (size_t r = 0; r < 2; r++) {
        slotring_slot_t slot;
        take_number(readers[r], FIRST);
        CHECK_CODE(slotring_next(readers[r], NO_WAIT, &slot), SLOTRING_E_END);
        CHECK_EQUAL(records_missed(readers[r]), 7);
    }
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* In front of a message that has a slot to itself, and one of several slots. */
static void before_large_messages(void)
{
    static uint8_t bytes[1000];
    slotring_t *ring = small_ring();
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_writer_t *writer = copy_open(ring, FIRST);
    const uint64_t sizes[] = {390, 1000};
    uint64_t number = FIRST;
    for (size_t i = 0; i < 2; i++) {
        slotring_slot_t slot;
        CHECK_OK(slotring_writer_skip(writer, 5, NO_WAIT));
        CHECK_OK(slotring_writer_append(writer, bytes, sizes[i], 0, NO_WAIT));
        CHECK_OK(slotring_next(reader, NO_WAIT, &slot));
        CHECK_EQUAL(slot.number, number + 5);
        CHECK_EQUAL(slot.length, sizes[i]);
        CHECK_EQUAL(records_missed(reader), 5 * (i + 1));
        CHECK_OK(slotring_reader_release(reader));
        number += 6;
    }
    check_ring(ring);
    ring_remove(ring, ring_name());
}

/* Blocks that a lossy reader never saw had messages and skipped numbers: it has missed both. */
static void under_a_lossy_reader_that_is_late(void)
{
    slotring_t *ring = small_ring();
    slotring_reader_t *lossy = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    slotring_writer_t *writer = copy_open(ring, FIRST);
    for (uint32_t i = 0; i < 200; i++) {
        append_one(writer);
        CHECK_OK(slotring_writer_skip(writer, i, NO_WAIT));
    }
    uint64_t total = number_of(writer) - FIRST;
    CHECK_OK(slotring_writer_close(writer));
    CHECK_OK(slotring_end_stream(ring));
    uint64_t had = read_to_the_end(lossy);
    CHECK_AT_LEAST(199, had);
    CHECK_EQUAL(had + records_missed(lossy), total);
    CHECK_EQUAL(ring_stats(ring).records, total);
    check_ring(ring);
    ring_remove(ring, ring_name());
}

static void a_skipped_number_names_nothing(void)
{
    slotring_t *ring = small_ring();
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_writer_t *writer = copy_open(ring, FIRST);
    slotring_slot_t slot;
    CHECK_OK(slotring_writer_skip(writer, 7, NO_WAIT));
    append_one(writer);
    CHECK_OK(slotring_next(reader, NO_WAIT, &slot));
    slotring_ticket_t ticket = slot.ticket;
    CHECK_OK(slotring_reader_release(reader));
    CHECK_OK(slotring_acquire_for_read(ring, &ticket, &slot));
    CHECK_EQUAL(slot.number, FIRST + 7);
    CHECK_OK(slotring_release(ring, &slot));
    ticket.sequence--;
    CHECK_CODE(slotring_acquire_for_read(ring, &ticket, &slot), SLOTRING_E_STALE);
    ring_remove(ring, ring_name());
}

/* ---- Readers that share, or come back -------------------------------------------------------------------- */

static void in_a_group(void)
{
    slotring_options_t with_groups = ring_options(SLOTRING_CREATE, 16, 400);
    with_groups.max_groups = 1;
    slotring_t *ring = ring_open_with(ring_name(), &with_groups);
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    options.flags = SLOTRING_GROUP;
    options.name = "workers";
    slotring_reader_t *one = subscribe_with(ring, &options), *other = subscribe_with(ring, &options);
    slotring_writer_t *writer = copy_open(ring, FIRST);
    append_one(writer);
    CHECK_OK(slotring_writer_skip(writer, 7, NO_WAIT));
    append_one(writer);
    CHECK_OK(slotring_writer_close(writer));
    take_number(one, FIRST);
    slotring_slot_t slot;
    CHECK_OK(slotring_next(one, NO_WAIT, &slot)); /* offered, and given back */
    CHECK_EQUAL(slot.number, FIRST + 8);
    CHECK_OK(slotring_unsubscribe(one));
    take_number(other, FIRST + 8);
    CHECK_EQUAL(ring_stats(ring).records_missed, 0);
    check_ring(ring);
    ring_remove(ring, ring_name());
}

static slotring_reader_t *recorder(slotring_t *ring)
{
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    options.flags = SLOTRING_DURABLE;
    options.name = "recorder";
    return subscribe_with(ring, &options);
}

/* Wherever its owner went, the next one goes on, and takes nothing for lost. */
static void for_a_durable_reader(void)
{
    slotring_t *ring = small_ring();
    slotring_reader_t *reader = recorder(ring);
    slotring_writer_t *writer = copy_open(ring, FIRST);
    append_one(writer);
    CHECK_OK(slotring_writer_skip(writer, 7, NO_WAIT));
    append_one(writer);
    append_one(writer);
    take_number(reader, FIRST);
    CHECK_OK(slotring_unsubscribe(reader));
    reader = recorder(ring); /* in front of what is skipped */
    take_number(reader, FIRST + 8);
    CHECK_OK(slotring_writer_skip(writer, 9, NO_WAIT));
    append_one(writer);
    take_number(reader, FIRST + 9);
    slotring_slot_t slot;
    CHECK_OK(slotring_next(reader, NO_WAIT, &slot)); /* given, not acknowledged */
    CHECK_EQUAL(slot.number, FIRST + 19);
    CHECK_OK(slotring_unsubscribe(reader));
    reader = recorder(ring);
    take_number(reader, FIRST + 19);
    CHECK_EQUAL(records_missed(reader), 0);
    check_ring(ring);
    ring_remove(ring, ring_name());
}

/* Messages that are out are the ones that there are, whatever their numbers. Then the window goes, and its successor goes on. */
static void in_a_durable_window(void)
{
    slotring_t *ring = small_ring();
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    options.flags = SLOTRING_DURABLE;
    options.name = "recorder";
    options.window = 8;
    slotring_reader_t *reader = subscribe_with(ring, &options);
    slotring_writer_t *writer = copy_open(ring, FIRST);
    publish(ring, 5, 0);
    append_one(writer);
    CHECK_OK(slotring_writer_skip(writer, 3, NO_WAIT));
    CHECK_OK(slotring_writer_skip(writer, 4, NO_WAIT)); /* a block without a message lies between */
    append_one(writer);
    append_one(writer);
    CHECK_OK(slotring_writer_close(writer));
    slotring_slot_t out[4];
    for (uint32_t i = 0; i < 4; i++)
        CHECK_OK(slotring_next(reader, NO_WAIT, &out[i]));
    uint32_t first = 0;
    while (out[first].writer != ROW)
        first++;
    uint32_t second = first == 0 && out[1].writer != ROW ? 2 : first + 1;
    CHECK_EQUAL(out[first].number, FIRST);
    CHECK_EQUAL(out[second].number, FIRST + 8);
    CHECK_OK(slotring_reader_release_one(reader, &out[first]));
    CHECK_OK(slotring_reader_release_one(reader, &out[second])); /* its writer's oldest one that is out */
    CHECK_OK(slotring_unsubscribe(reader));
    reader = subscribe_with(ring, &options);
    slotring_slot_t slot;
    uint32_t records = 0;
    while (slotring_next(reader, NO_WAIT, &slot) == 0) {
        if (slot.writer == ROW) {
            CHECK_EQUAL(slot.number, FIRST + 9);
            records++;
        }
        CHECK_OK(slotring_reader_release_one(reader, &slot));
    }
    CHECK_EQUAL(records, 1);
    check_ring(ring);
    ring_remove(ring, ring_name());
}

/* ---- Where a copy goes on --------------------------------------------------------------------------------- */

static void expect_progress(slotring_t *ring, uint64_t number, uint64_t publications)
{
    uint64_t there, listed;
    CHECK_OK(slotring_writer_progress(ring, ROW, &there, &listed));
    CHECK_EQUAL(there, number);
    CHECK_EQUAL(listed, publications);
    CHECK_OK(slotring_writer_progress(ring, ROW, &there, NULL));
    CHECK_EQUAL(there, number);
}

static void expect_progress_by_all(slotring_t *ring, slotring_t *observer, uint64_t number,
                                   uint64_t publications)
{
    expect_progress(ring, number, publications);
    expect_progress(observer, number, publications);
}

static void the_progress_of_a_row_is_known_without_a_writer(void)
{
    slotring_t *ring = small_ring(), *observer = ring_observe(ring_name());
    uint64_t number;
    expect_progress_by_all(ring, observer, 0, 0);
    slotring_writer_t *writer = copy_open(ring, FIRST);
    expect_progress_by_all(ring, observer, FIRST, 0);
    append_one(writer);
    append_one(writer);
    expect_progress_by_all(ring, observer, FIRST + 2, 0); /* its slot is open */
    CHECK_OK(slotring_writer_close(writer));
    expect_progress_by_all(ring, observer, FIRST + 2, 1);
    publish(ring, 5, 0);
    writer = copy_open(ring, 0);
    CHECK_OK(slotring_writer_skip(writer, 5, NO_WAIT));
    append_one(writer);
    CHECK_OK(slotring_writer_close(writer));
    expect_progress_by_all(ring, observer, FIRST + 8, 2);
    CHECK_EQUAL(ring_stats(ring).published, 3); /* one is no writer's */
    CHECK_CODE(slotring_writer_progress(ring, ring_info(ring).max_writers, &number, NULL),
               SLOTRING_E_INVALID);
    CHECK_CODE(slotring_writer_progress(ring, UINT32_MAX, &number, NULL), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_writer_progress(ring, ROW, NULL, NULL), SLOTRING_E_INVALID);
    CHECK_OK(slotring_close(observer));
    ring_remove(ring, ring_name());
}

/* ---- What is refused -------------------------------------------------------------------------------------- */

static void refuse(slotring_t *ring, uint32_t flags, uint32_t row, uint64_t first, int code)
{
    slotring_writer_options_t options = copy_options(first);
    slotring_writer_t *writer;
    options.flags = flags;
    options.row = row;
    CHECK_CODE(slotring_writer_open(ring, &options, &writer), code);
    CHECK(writer == NULL);
}

static void refused_at_opening(void)
{
    slotring_t *ring = small_ring();
    const uint32_t both = SLOTRING_WRITER_AT_ROW | SLOTRING_WRITER_FIRST_NUMBER;
    refuse(ring, both | 4, ROW, 0, SLOTRING_E_INVALID);
    refuse(ring, SLOTRING_WRITER_FIRST_NUMBER, ROW, 0, SLOTRING_E_INVALID);
    refuse(ring, both, ring_info(ring).max_writers, 0, SLOTRING_E_INVALID);
    refuse(ring, both, UINT32_MAX, 0, SLOTRING_E_INVALID);
    refuse(ring, both, ROW, LAST_NUMBER + 1, SLOTRING_E_INVALID);
    slotring_writer_t *writer = copy_open(ring, LAST_NUMBER);
    refuse(ring, both, ROW, 0, SLOTRING_E_WRITERS);
    slotring_error_t error;
    slotring_last_error(&error);
    CHECK(strstr(error.text, "writer 2 ") != NULL);
    CHECK_OK(slotring_writer_close(writer));
    CHECK_OK(slotring_writer_close(copy_open(ring, 0)));
    ring_remove(ring, ring_name());
}

static void refused_to_skip(void)
{
    slotring_t *ring = small_ring();
    slotring_writer_t *writer = copy_open(ring, FIRST);
    slotring_slot_t slot;
    CHECK_CODE(slotring_writer_skip(writer, LAST_NUMBER - FIRST + 1, NO_WAIT), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_writer_skip(writer, UINT64_MAX, NO_WAIT), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_writer_number(writer, NULL), SLOTRING_E_INVALID);
    CHECK_OK(slotring_writer_reserve(writer, 10, NO_WAIT, &slot));
    CHECK_CODE(slotring_writer_skip(writer, 1, NO_WAIT), SLOTRING_E_STATE);
    CHECK_OK(slotring_writer_cancel(writer, &slot));
    CHECK_EQUAL(number_of(writer), FIRST);
    CHECK_OK(slotring_writer_skip(writer, LAST_NUMBER - FIRST, NO_WAIT));
    CHECK_EQUAL(number_of(writer), LAST_NUMBER);
    append_one(writer);
    CHECK_CODE(slotring_writer_skip(writer, 1, NO_WAIT), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_writer_skip(writer, UINT64_MAX, NO_WAIT), SLOTRING_E_INVALID);
    CHECK_OK(slotring_writer_close(writer));
    ring_remove(ring, ring_name());
}

static void refused_without_room(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100), *other = ring_attach(ring_name());
    slotring_reader_t *reader = subscribe(other, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_writer_options_t options = copy_options(FIRST);
    slotring_writer_t *writer;
    options.row = 0;
    CHECK_OK(slotring_writer_open(ring, &options, &writer));
    for (uint64_t n = 0; n < 4; n++)
        publish(ring, 5, n);
    CHECK_CODE(slotring_writer_skip(writer, 7, NO_WAIT), SLOTRING_E_FULL);
    CHECK_CODE(slotring_writer_skip(writer, 7, MILLISECOND), SLOTRING_E_TIMEOUT);
    CHECK_EQUAL(number_of(writer), FIRST); /* nothing is skipped */
    take_now(reader, pattern_tag(5, 0));
    CHECK_OK(slotring_writer_skip(writer, 7, NO_WAIT));
    CHECK_EQUAL(number_of(writer), FIRST + 7);
    CHECK_OK(slotring_close(other));
    ring_remove(ring, ring_name());
}

/* Slots of less than a header's size. */
static void refused_where_no_block_fits(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 4);
    slotring_writer_t *writer = writer_open(ring);
    CHECK_CODE(slotring_writer_skip(writer, 1, NO_WAIT), SLOTRING_E_UNSUPPORTED);
    CHECK_OK(slotring_writer_skip(writer, 0, NO_WAIT));
    CHECK_OK(slotring_writer_append(writer, "1234", 4, 0, NO_WAIT));
    CHECK_EQUAL(number_of(writer), 1);
    ring_remove(ring, ring_name());
}

#define CASE(name)     \
    {                  \
#name, name, 0 \
    }
static const test_case_t cases[] = {
    CASE(begin_where_they_are_to),
    CASE(what_is_below_is_not_missed),
    CASE(begin_and_end),
    CASE(go_on_in_the_row),
    CASE(never_go_down),
    CASE(begin_anew_after_a_kill),
    CASE(count_once_for_each_reader),
    CASE(seen_from_where_a_reader_begins),
    CASE(from_the_very_beginning),
    CASE(beside_a_busy_producer),
    CASE(damage_is_found),
    CASE(left_by_a_kill),
    CASE(before_the_end),
    CASE(before_large_messages),
    CASE(under_a_lossy_reader_that_is_late),
    CASE(a_skipped_number_names_nothing),
    CASE(in_a_group),
    CASE(for_a_durable_reader),
    CASE(in_a_durable_window),
    CASE(the_progress_of_a_row_is_known_without_a_writer),
    CASE(refused_at_opening),
    CASE(refused_to_skip),
    CASE(refused_without_room),
    CASE(refused_where_no_block_fits),
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {{NULL, NULL}};

const test_suite_t skip_suite = {"skip", cases, roles};
