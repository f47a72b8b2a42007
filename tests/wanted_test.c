/* SPDX-License-Identifier: Apache-2.0 */
/* Which messages a reader wants: every one, the latest, every Nth, those with a tag; also of the records of writers. */
#include <string.h>

#include "support/internals.h"
#include "support/process.h"
#include "support/ring.h"
#include "support/suite.h"
#include "support/wanted.h"

/* ---- Every Nth ------------------------------------------------------------------------------------------ */

static void every_third(uint32_t mode)
{
    wanted_begin();
    wanted_publish_up_to(1, 0);
    slotring_reader_options_t options = wanted_wants(mode);
    options.every = 3;
    slotring_reader_t *a = subscribe_with(wanted_other, &options);
    wanted_publish_up_to(4, 0);
    slotring_reader_t *b = subscribe_with(wanted_other, &options); /* whenever it comes, it wants the same */
    wanted_publish_up_to(11, 0);
    wanted_expect(a, 3);
    for (uint64_t n = 6; n < 11; n += 3) {
        wanted_expect(a, n);
        wanted_expect(b, n);
    }
    wanted_expect_nothing(a);
    wanted_expect_nothing(b);
    wanted_expect_account(a, 3, 0, 7, 0);
    wanted_expect_account(b, 2, 0, 5, 0);
    CHECK_OK(slotring_unsubscribe(a));
    CHECK_OK(slotring_unsubscribe(b));
    wanted_end();
}

static void every_third_lossless(void)
{
    every_third(SLOTRING_LOSSLESS);
}

static void every_third_lossy(void)
{
    every_third(SLOTRING_LOSSY);
}

/* Of what went, only what it wanted was missed. */
static void missed_of_every_third(void)
{
    wanted_begin();
    slotring_reader_options_t options = wanted_wants(SLOTRING_LOSSY);
    options.every = 3;
    slotring_reader_t *reader = subscribe_with(wanted_other, &options);
    wanted_publish_up_to(3 * SLOTS,
                         0); /* the last 16 of 48 are there: 33, 36, 39, 42 and 45 of those it wants */
    for (uint64_t n = 33; n < 48; n += 3)
        wanted_expect(reader, n);
    wanted_expect_nothing(reader);
    wanted_expect_account(reader, 5, 11, 32, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    wanted_end();
}

/* ---- By tag ----------------------------------------------------------------------------------------------- */

static void by_tag(uint32_t mode, uint32_t every, uint64_t first, uint64_t step)
{
    wanted_begin();
    slotring_reader_options_t options = wanted_wants(mode);
    options.tag_mask = 3;
    options.tag_match = 1;
    options.every = every;
    slotring_reader_t *reader = subscribe_with(wanted_other, &options);
    wanted_publish_up_to(SLOTS, 0);
    uint64_t delivered = 0;
    for (uint64_t n = first; n < SLOTS; n += step, delivered++)
        wanted_expect(reader, n);
    wanted_expect_nothing(reader);
    wanted_expect_account(reader, delivered, 0, SLOTS - delivered, 0);
    slotring_reader_info_t info = reader_info(reader);
    CHECK_EQUAL(info.tag_mask, 3);
    CHECK_EQUAL(info.tag_match, 1);
    CHECK_EQUAL(info.every, every);
    CHECK_EQUAL(info.wanted, SLOTRING_WANTS_ALL);
    CHECK_OK(slotring_unsubscribe(reader));
    wanted_end();
}

static void with_a_tag_lossless(void)
{
    by_tag(SLOTRING_LOSSLESS, 0, 1, 4);
}

static void with_a_tag_lossy(void)
{
    by_tag(SLOTRING_LOSSY, 0, 1, 4);
}

static void with_a_tag_every_third(void)
{
    by_tag(SLOTRING_LOSSLESS, 3, 9, 12);
}

/* A tag that the reader could not look at any more may have been the right one. */
static void unlooked_tags_are_missed(void)
{
    wanted_begin();
    slotring_reader_options_t options = wanted_wants(SLOTRING_LOSSY);
    options.tag_mask = UINT64_MAX;
    options.tag_match = 40;
    slotring_reader_t *reader = subscribe_with(wanted_other, &options);
    wanted_publish_up_to(3 * SLOTS, 0);
    wanted_expect(reader, 40);
    wanted_expect_nothing(reader);
    wanted_expect_account(reader, 1, 2 * SLOTS, SLOTS - 1, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    wanted_end();
}

/* What nobody wants makes no producer wait beyond the reader's next call. */
static void unwanted_messages_make_room(void)
{
    wanted_begin();
    slotring_reader_options_t options = wanted_wants(SLOTRING_LOSSLESS);
    options.tag_mask = options.tag_match = UINT64_C(1) << 63;
    slotring_reader_t *reader = subscribe_with(wanted_other, &options);
    slotring_slot_t slot;
    for (int lap = 1; lap < 5; lap++) {
        wanted_publish_up_to(SLOTS * (uint64_t)lap, 0);
        CHECK_CODE(slotring_allocate(wanted_ring, 1, &slot), SLOTRING_E_FULL);
        wanted_expect_nothing(reader);
    }
    wanted_publish_tag(UINT64_C(1) << 63);
    wanted_expect(reader, UINT64_C(1) << 63);
    wanted_expect_account(reader, 1, 0, 4 * SLOTS, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    wanted_end();
}

static void batches(void)
{
    wanted_begin();
    for (uint32_t mode = SLOTRING_LOSSLESS; mode <= SLOTRING_LOSSY; mode++) {
        slotring_reader_options_t options = wanted_wants(mode);
        options.every = 2;
        uint64_t from = ring_stats(wanted_ring).published, passed = 0;
        slotring_reader_t *reader = subscribe_with(wanted_other, &options);
        slotring_slot_t slots[5];
        uint32_t count;
        wanted_publish_up_to(from + SLOTS, 0);
        for (uint64_t next = from; next < from + SLOTS; next += 2 * count) {
            CHECK_OK(slotring_next_batch(reader, 0, slots, 5, &count));
            for (uint32_t i = 0; i < count; i++)
                CHECK_EQUAL(slots[i].tag, next + 2 * i);
            passed += count;
            CHECK_OK(slotring_reader_release(reader));
        }
        wanted_expect_nothing(reader);
        wanted_expect_account(reader, SLOTS / 2, 0, SLOTS / 2, 0);
        CHECK_EQUAL(passed, SLOTS / 2);
        CHECK_OK(slotring_unsubscribe(reader));
    }
    wanted_end();
}

/* ---- The latest -------------------------------------------------------------------------------------------- */

static void the_latest(void)
{
    wanted_begin();
    slotring_reader_options_t options = wanted_wants(SLOTRING_LOSSY);
    options.wanted = SLOTRING_WANTS_LATEST;
    slotring_reader_t *reader = subscribe_with(wanted_other, &options);
    wanted_expect_nothing(reader);
    wanted_publish_up_to(1, 0);
    wanted_expect(reader, 0);
    wanted_expect_nothing(reader);
    wanted_publish_up_to(5, 0);
    wanted_expect(reader, 4);
    wanted_expect_nothing(reader);
    wanted_publish_up_to(5 * SLOTS, 0); /* most of it is gone, and none of it was missed */
    wanted_expect(reader, 5 * SLOTS - 1);
    wanted_expect_account(reader, 3, 0, 5 * SLOTS - 3, 0);
    slotring_reader_info_t info = reader_info(reader);
    CHECK_EQUAL(info.wanted, SLOTRING_WANTS_LATEST);
    CHECK_OK(slotring_unsubscribe(reader));
    wanted_end();
}

/* The newest that is there: not one that was freed, nor a block of records that were read while it was open. */
static void the_latest_that_is_there(void)
{
    wanted_begin();
    slotring_writer_t *writer;
    slotring_slot_t slot;
    slotring_reader_options_t options = wanted_wants(SLOTRING_LOSSY);
    options.wanted = SLOTRING_WANTS_LATEST;
    slotring_reader_t *reader = subscribe_with(wanted_other, &options);
    CHECK_OK(slotring_writer_open(wanted_ring, NULL, &writer));
    CHECK_OK(slotring_writer_append(writer, "12345678", 8, 77, 0));
    CHECK_OK(slotring_next(reader, 0, &slot));
    CHECK_EQUAL(slot.tag, 77);
    CHECK_OK(slotring_reader_release(reader));
    wanted_publish_tag(5);
    CHECK_OK(slotring_writer_close(writer)); /* its block is listed behind the message */
    wanted_expect(reader, 5);
    wanted_expect_nothing(reader);
    wanted_publish_tag(6);
    slotring_ticket_t freed = publish(wanted_ring, 1, 0);
    CHECK_OK(slotring_free(wanted_ring, &freed));
    wanted_expect(reader, 6);
    wanted_expect_nothing(reader);
    CHECK_OK(slotring_unsubscribe(reader));
    wanted_end();
}

static void the_latest_with_a_tag(void)
{
    wanted_begin();
    slotring_reader_options_t options = wanted_wants(SLOTRING_LOSSY);
    options.wanted = SLOTRING_WANTS_LATEST;
    options.tag_mask = options.tag_match = 1;
    slotring_reader_t *reader = subscribe_with(wanted_other, &options);
    wanted_publish_up_to(5, 0);
    wanted_expect_nothing(reader); /* the newest one is even */
    wanted_publish_up_to(8, 0);
    wanted_expect(reader, 7);
    wanted_expect_account(reader, 1, 0, 7, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    wanted_end();
}

/* ---- Messages of writers ------------------------------------------------------------------------------------ */

static void records_every_fourth(uint32_t mode)
{
    wanted_begin();
    slotring_writer_t *writer;
    slotring_reader_options_t options = wanted_wants(mode);
    options.every = 4;
    slotring_reader_t *reader = subscribe_with(wanted_other, &options);
    CHECK_OK(slotring_writer_open(wanted_ring, NULL, &writer));
    for (uint64_t n = 0; n < 40; n++)
        wanted_append(writer, n, n % 8 == 4 || n % 8 == 5 ? 200 : 8); /* some have a slot to themselves */
    for (uint64_t n = 0; n < 40; n += 4)
        wanted_expect(reader, n);
    wanted_expect_nothing(reader);
    slotring_reader_info_t info = reader_info(reader);
    CHECK_EQUAL(info.records, 5); /* the other five had slots of their own */
    CHECK_EQUAL(info.records_passed_over, 30);
    CHECK_EQUAL(info.records_missed, 0);
    CHECK_OK(slotring_writer_close(writer));
    wanted_expect_nothing(reader);
    CHECK_OK(slotring_unsubscribe(reader));
    wanted_end();
}

static void records_lossless(void)
{
    records_every_fourth(SLOTRING_LOSSLESS);
}

static void records_lossy(void)
{
    records_every_fourth(SLOTRING_LOSSY);
}

static void records_with_a_tag(void)
{
    wanted_begin();
    slotring_writer_t *writer;
    slotring_reader_options_t options = wanted_wants(SLOTRING_LOSSLESS);
    options.tag_mask = UINT64_C(1) << 40 | 1;
    options.tag_match = UINT64_C(1) << 40;
    slotring_reader_t *reader = subscribe_with(wanted_other, &options);
    CHECK_OK(slotring_writer_open(wanted_ring, NULL, &writer));
    for (uint64_t n = 0; n < 20; n++)
        wanted_append(writer, n | (n % 5 == 0 ? UINT64_C(1) << 40 : 0), 8);
    wanted_expect(reader, 0 | UINT64_C(1) << 40);
    wanted_expect(reader, 10 | UINT64_C(1) << 40);
    wanted_expect_nothing(reader);
    slotring_reader_info_t info = reader_info(reader);
    CHECK_EQUAL(info.records_passed_over, 18);
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_writer_close(writer));
    wanted_end();
}

/* Of each writer the newest one. */
static void the_latest_of_each_writer(void)
{
    wanted_begin();
    slotring_writer_t *writers[2];
    slotring_reader_options_t options = wanted_wants(SLOTRING_LOSSY);
    options.wanted = SLOTRING_WANTS_LATEST;
    slotring_reader_t *reader = subscribe_with(wanted_other, &options);
    uint64_t seen = 0;
    for (int w = 0; w < 2; w++)
        CHECK_OK(slotring_writer_open(wanted_ring, NULL, &writers[w]));
    for (uint64_t n = 0; n < 9; n++)
        for (uint64_t w = 0; w < 2; w++)
            wanted_append(writers[w], 100 * w + n, 8);
    for (int i = 0; i < 2; i++) {
        slotring_slot_t slot;
        CHECK_OK(slotring_next(reader, 0, &slot));
        seen += slot.tag;
        CHECK_OK(slotring_reader_release(reader));
    }
    CHECK_EQUAL(seen, 8 + 108);
    wanted_expect_nothing(reader);
    wanted_append(writers[0], 9, 8);
    wanted_expect(reader, 9);
    wanted_expect_nothing(reader);
    slotring_reader_info_t info = reader_info(reader);
    CHECK_EQUAL(info.records, 3);
    CHECK_EQUAL(info.records_passed_over, 16);
    CHECK_EQUAL(info.records_missed, 0);
    for (int w = 0; w < 2; w++)
        CHECK_OK(slotring_writer_close(writers[w]));
    wanted_expect_nothing(reader);
    CHECK_OK(slotring_unsubscribe(reader));
    wanted_end();
}

static const test_case_t cases[] = {
    {"every_third_lossless", every_third_lossless, 0},
    {"every_third_lossy", every_third_lossy, 0},
    {"missed_of_every_third", missed_of_every_third, 0},
    {"with_a_tag_lossless", with_a_tag_lossless, 0},
    {"with_a_tag_lossy", with_a_tag_lossy, 0},
    {"with_a_tag_every_third", with_a_tag_every_third, 0},
    {"unlooked_tags_are_missed", unlooked_tags_are_missed, 0},
    {"unwanted_messages_make_room", unwanted_messages_make_room, 0},
    {"batches", batches, 0},
    {"the_latest", the_latest, 0},
    {"the_latest_that_is_there", the_latest_that_is_there, 0},
    {"the_latest_with_a_tag", the_latest_with_a_tag, 0},
    {"records_lossless", records_lossless, 0},
    {"records_lossy", records_lossy, 0},
    {"records_with_a_tag", records_with_a_tag, 0},
    {"the_latest_of_each_writer", the_latest_of_each_writer, 0},
    {NULL, NULL, 0},
};

const test_suite_t wanted_suite = {"wanted", cases, NULL};
