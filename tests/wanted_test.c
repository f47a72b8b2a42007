/* SPDX-License-Identifier: Apache-2.0 */
/* Which messages a reader wants: every one, the latest, every Nth, those with a tag; where it starts; and its account, in
 * which each publication is delivered, missed, passed over or pending, one of them. */
#include <string.h>

#include "support/internals.h"
#include "support/process.h"
#include "support/ring.h"
#include "support/suite.h"

#define SLOTS 16u

static slotring_t *ring, *other;

static void begin_slots(uint64_t slots)
{
    ring = ring_create(ring_name(), slots, 256);
    other = ring_attach(ring_name());
}

static void begin(void)
{
    begin_slots(SLOTS);
}

static void end(void)
{
    CHECK_OK(slotring_close(other));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void publish_tag(uint64_t tag)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_allocate(ring, 8, &slot));
    memcpy(slot.data, &tag, sizeof tag);
    slot.tag = tag;
    CHECK_OK(slotring_mark_ready(ring, &slot, sizeof tag));
}

/* Messages whose tags are their sequences, plus `more`. */
static void publish_up_to(uint64_t sequence, uint64_t more)
{
    while (ring_stats(ring).published < sequence)
        publish_tag(ring_stats(ring).published + more);
}

static slotring_reader_options_t wants(uint32_t mode)
{
    return reader_options(mode, SLOTRING_FROM_NOW);
}

static void expect(slotring_reader_t *reader, uint64_t tag)
{
    slotring_slot_t slot;
    uint64_t inside;
    CHECK_OK(slotring_next(reader, 0, &slot));
    CHECK_EQUAL(slot.tag, tag);
    memcpy(&inside, slot.data, sizeof inside);
    CHECK_EQUAL(inside, tag);
    CHECK_OK(slotring_reader_release(reader));
}

static void expect_nothing(slotring_reader_t *reader)
{
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_EMPTY);
}

static void expect_account(slotring_reader_t *reader, uint64_t delivered, uint64_t missed,
                           uint64_t passed_over, uint64_t pending)
{
    slotring_reader_info_t info = reader_info(reader);
    CHECK_EQUAL(info.delivered, delivered);
    CHECK_EQUAL(info.missed, missed);
    CHECK_EQUAL(info.passed_over, passed_over);
    CHECK_EQUAL(info.pending, pending);
}

/* ---- Every Nth ------------------------------------------------------------------------------------------ */

static void every_third(uint32_t mode)
{
    begin();
    publish_up_to(1, 0);
    slotring_reader_options_t options = wants(mode);
    options.every = 3;
    slotring_reader_t *a = subscribe_with(other, &options);
    publish_up_to(4, 0);
    slotring_reader_t *b = subscribe_with(other, &options); /* whenever it comes, it wants the same */
    publish_up_to(11, 0);
    expect(a, 3);
    for (uint64_t n = 6; n < 11; n += 3) {
        expect(a, n);
        expect(b, n);
    }
    expect_nothing(a);
    expect_nothing(b);
    expect_account(a, 3, 0, 7, 0);
    expect_account(b, 2, 0, 5, 0);
    CHECK_OK(slotring_unsubscribe(a));
    CHECK_OK(slotring_unsubscribe(b));
    end();
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
    begin();
    slotring_reader_options_t options = wants(SLOTRING_LOSSY);
    options.every = 3;
    slotring_reader_t *reader = subscribe_with(other, &options);
    publish_up_to(3 * SLOTS, 0); /* the last 16 of 48 are there: 33, 36, 39, 42 and 45 of those it wants */
    for (uint64_t n = 33; n < 48; n += 3)
        expect(reader, n);
    expect_nothing(reader);
    expect_account(reader, 5, 11, 32, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    end();
}

/* ---- By tag ----------------------------------------------------------------------------------------------- */

static void by_tag(uint32_t mode, uint32_t every, uint64_t first, uint64_t step)
{
    begin();
    slotring_reader_options_t options = wants(mode);
    options.tag_mask = 3;
    options.tag_match = 1;
    options.every = every;
    slotring_reader_t *reader = subscribe_with(other, &options);
    publish_up_to(SLOTS, 0);
    uint64_t delivered = 0;
    for (uint64_t n = first; n < SLOTS; n += step, delivered++)
        expect(reader, n);
    expect_nothing(reader);
    expect_account(reader, delivered, 0, SLOTS - delivered, 0);
    slotring_reader_info_t info = reader_info(reader);
    CHECK_EQUAL(info.tag_mask, 3);
    CHECK_EQUAL(info.tag_match, 1);
    CHECK_EQUAL(info.every, every);
    CHECK_EQUAL(info.wanted, SLOTRING_WANTS_ALL);
    CHECK_OK(slotring_unsubscribe(reader));
    end();
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
    begin();
    slotring_reader_options_t options = wants(SLOTRING_LOSSY);
    options.tag_mask = UINT64_MAX;
    options.tag_match = 40;
    slotring_reader_t *reader = subscribe_with(other, &options);
    publish_up_to(3 * SLOTS, 0);
    expect(reader, 40);
    expect_nothing(reader);
    expect_account(reader, 1, 2 * SLOTS, SLOTS - 1, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    end();
}

/* What nobody wants makes no producer wait beyond the reader's next call. */
static void unwanted_messages_make_room(void)
{
    begin();
    slotring_reader_options_t options = wants(SLOTRING_LOSSLESS);
    options.tag_mask = options.tag_match = UINT64_C(1) << 63;
    slotring_reader_t *reader = subscribe_with(other, &options);
    slotring_slot_t slot;
    for (int lap = 1; lap < 5; lap++) {
        publish_up_to(SLOTS * (uint64_t)lap, 0);
        CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_FULL);
        expect_nothing(reader);
    }
    publish_tag(UINT64_C(1) << 63);
    expect(reader, UINT64_C(1) << 63);
    expect_account(reader, 1, 0, 4 * SLOTS, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    end();
}

static void batches(void)
{
    begin();
    for (uint32_t mode = SLOTRING_LOSSLESS; mode <= SLOTRING_LOSSY; mode++) {
        slotring_reader_options_t options = wants(mode);
        options.every = 2;
        uint64_t from = ring_stats(ring).published, passed = 0;
        slotring_reader_t *reader = subscribe_with(other, &options);
        slotring_slot_t slots[5];
        uint32_t count;
        publish_up_to(from + SLOTS, 0);
        for (uint64_t next = from; next < from + SLOTS; next += 2 * count) {
            CHECK_OK(slotring_next_batch(reader, 0, slots, 5, &count));
            for (uint32_t i = 0; i < count; i++)
                CHECK_EQUAL(slots[i].tag, next + 2 * i);
            passed += count;
            CHECK_OK(slotring_reader_release(reader));
        }
        expect_nothing(reader);
        expect_account(reader, SLOTS / 2, 0, SLOTS / 2, 0);
        CHECK_EQUAL(passed, SLOTS / 2);
        CHECK_OK(slotring_unsubscribe(reader));
    }
    end();
}

/* ---- The latest -------------------------------------------------------------------------------------------- */

static void the_latest(void)
{
    begin();
    slotring_reader_options_t options = wants(SLOTRING_LOSSY);
    options.wanted = SLOTRING_WANTS_LATEST;
    slotring_reader_t *reader = subscribe_with(other, &options);
    expect_nothing(reader);
    publish_up_to(1, 0);
    expect(reader, 0);
    expect_nothing(reader);
    publish_up_to(5, 0);
    expect(reader, 4);
    expect_nothing(reader);
    publish_up_to(5 * SLOTS, 0); /* most of it is gone, and none of it was missed */
    expect(reader, 5 * SLOTS - 1);
    expect_account(reader, 3, 0, 5 * SLOTS - 3, 0);
    slotring_reader_info_t info = reader_info(reader);
    CHECK_EQUAL(info.wanted, SLOTRING_WANTS_LATEST);
    CHECK_OK(slotring_unsubscribe(reader));
    end();
}

/* The newest that is there: not one that was freed, nor a block of records that were read while it was open. */
static void the_latest_that_is_there(void)
{
    begin();
    slotring_writer_t *writer;
    slotring_slot_t slot;
    slotring_reader_options_t options = wants(SLOTRING_LOSSY);
    options.wanted = SLOTRING_WANTS_LATEST;
    slotring_reader_t *reader = subscribe_with(other, &options);
    CHECK_OK(slotring_writer_open(ring, NULL, &writer));
    CHECK_OK(slotring_writer_append(writer, "12345678", 8, 77, 0));
    CHECK_OK(slotring_next(reader, 0, &slot));
    CHECK_EQUAL(slot.tag, 77);
    CHECK_OK(slotring_reader_release(reader));
    publish_tag(5);
    CHECK_OK(slotring_writer_close(writer)); /* its block is listed behind the message */
    expect(reader, 5);
    expect_nothing(reader);
    publish_tag(6);
    slotring_ticket_t freed = publish(ring, 1, 0);
    CHECK_OK(slotring_free(ring, &freed));
    expect(reader, 6);
    expect_nothing(reader);
    CHECK_OK(slotring_unsubscribe(reader));
    end();
}

static void the_latest_with_a_tag(void)
{
    begin();
    slotring_reader_options_t options = wants(SLOTRING_LOSSY);
    options.wanted = SLOTRING_WANTS_LATEST;
    options.tag_mask = options.tag_match = 1;
    slotring_reader_t *reader = subscribe_with(other, &options);
    publish_up_to(5, 0);
    expect_nothing(reader); /* the newest one is even */
    publish_up_to(8, 0);
    expect(reader, 7);
    expect_account(reader, 1, 0, 7, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    end();
}

/* ---- Messages of writers ------------------------------------------------------------------------------------ */

static void append(slotring_writer_t *writer, uint64_t tag, uint64_t size)
{
    uint8_t bytes[200] = {0};
    memcpy(bytes, &tag, sizeof tag);
    CHECK_OK(slotring_writer_append(writer, bytes, size, tag, 0));
}

static void records_every_fourth(uint32_t mode)
{
    begin();
    slotring_writer_t *writer;
    slotring_reader_options_t options = wants(mode);
    options.every = 4;
    slotring_reader_t *reader = subscribe_with(other, &options);
    CHECK_OK(slotring_writer_open(ring, NULL, &writer));
    for (uint64_t n = 0; n < 40; n++)
        append(writer, n, n % 8 == 4 || n % 8 == 5 ? 200 : 8); /* some have a slot to themselves */
    for (uint64_t n = 0; n < 40; n += 4)
        expect(reader, n);
    expect_nothing(reader);
    slotring_reader_info_t info = reader_info(reader);
    CHECK_EQUAL(info.records, 5); /* the other five had slots of their own */
    CHECK_EQUAL(info.records_passed_over, 30);
    CHECK_EQUAL(info.records_missed, 0);
    CHECK_OK(slotring_writer_close(writer));
    expect_nothing(reader);
    CHECK_OK(slotring_unsubscribe(reader));
    end();
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
    begin();
    slotring_writer_t *writer;
    slotring_reader_options_t options = wants(SLOTRING_LOSSLESS);
    options.tag_mask = UINT64_C(1) << 40 | 1;
    options.tag_match = UINT64_C(1) << 40;
    slotring_reader_t *reader = subscribe_with(other, &options);
    CHECK_OK(slotring_writer_open(ring, NULL, &writer));
    for (uint64_t n = 0; n < 20; n++)
        append(writer, n | (n % 5 == 0 ? UINT64_C(1) << 40 : 0), 8);
    expect(reader, 0 | UINT64_C(1) << 40);
    expect(reader, 10 | UINT64_C(1) << 40);
    expect_nothing(reader);
    slotring_reader_info_t info = reader_info(reader);
    CHECK_EQUAL(info.records_passed_over, 18);
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_writer_close(writer));
    end();
}

/* Of each writer the newest one. */
static void the_latest_of_each_writer(void)
{
    begin();
    slotring_writer_t *writers[2];
    slotring_reader_options_t options = wants(SLOTRING_LOSSY);
    options.wanted = SLOTRING_WANTS_LATEST;
    slotring_reader_t *reader = subscribe_with(other, &options);
    uint64_t seen = 0;
    for (int w = 0; w < 2; w++)
        CHECK_OK(slotring_writer_open(ring, NULL, &writers[w]));
    for (uint64_t n = 0; n < 9; n++)
        for (uint64_t w = 0; w < 2; w++)
            append(writers[w], 100 * w + n, 8);
    for (int i = 0; i < 2; i++) {
        slotring_slot_t slot;
        CHECK_OK(slotring_next(reader, 0, &slot));
        seen += slot.tag;
        CHECK_OK(slotring_reader_release(reader));
    }
    CHECK_EQUAL(seen, 8 + 108);
    expect_nothing(reader);
    append(writers[0], 9, 8);
    expect(reader, 9);
    expect_nothing(reader);
    slotring_reader_info_t info = reader_info(reader);
    CHECK_EQUAL(info.records, 3);
    CHECK_EQUAL(info.records_passed_over, 16);
    CHECK_EQUAL(info.records_missed, 0);
    for (int w = 0; w < 2; w++)
        CHECK_OK(slotring_writer_close(writers[w]));
    expect_nothing(reader);
    CHECK_OK(slotring_unsubscribe(reader));
    end();
}

/* ---- Where it starts ------------------------------------------------------------------------------------------ */

static void from_the_last(void)
{
    begin();
    publish_up_to(10, 0);
    slotring_reader_options_t options = wants(SLOTRING_LOSSLESS);
    options.start = SLOTRING_FROM_LAST;
    options.first = 4;
    slotring_reader_t *lossless = subscribe_with(other, &options);
    options.mode = SLOTRING_LOSSY;
    slotring_reader_t *lossy = subscribe_with(other, &options);
    options.first = 1000;
    slotring_reader_t *more = subscribe_with(other, &options);
    expect_account(lossless, 0, 0, 0, 4);
    slotring_reader_info_t info = reader_info(lossless);
    CHECK_EQUAL(info.start, 6);
    info = reader_info(more);
    CHECK_EQUAL(info.start, 0);
    publish_up_to(22, 0); /* 6 free slots, and 6 that nobody holds: 0 to 5 */
    slotring_slot_t slot;
    CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_FULL);
    for (uint64_t n = 6; n < 22; n++) {
        expect(lossy, n); /* as long as the other one holds it */
        expect(lossless, n);
    }
    expect_account(lossless, 16, 0, 0, 0);
    expect_account(lossy, 16, 0, 0, 0);
    CHECK_OK(slotring_unsubscribe(lossless));
    CHECK_OK(slotring_unsubscribe(lossy));
    CHECK_OK(slotring_unsubscribe(more));
    end();
}

/* The reader holds of the past what it wants, and no more. */
static void from_the_last_that_it_wants(void)
{
    begin();
    publish_up_to(SLOTS, 0);
    slotring_reader_options_t options = wants(SLOTRING_LOSSLESS);
    options.start = SLOTRING_FROM_LAST;
    options.first = 8;
    options.every = 4;
    slotring_reader_t *reader = subscribe_with(other, &options); /* holds 8 and 12 */
    expect_account(reader, 0, 0, 6, 2);
    for (int i = 0; i < 14; i++)
        publish_tag(SLOTS + (uint64_t)i);
    slotring_slot_t slot;
    CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_FULL);
    for (uint64_t n = 8; n < 30; n += 4)
        expect(reader, n);
    expect_nothing(reader);
    expect_account(reader, 6, 0, 16, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    end();
}

static void from_a_sequence(uint32_t mode)
{
    begin();
    publish_up_to(40, 0); /* 24 to 39 are there */
    slotring_reader_options_t options = wants(mode);
    options.start = SLOTRING_FROM_SEQUENCE;
    options.first = 30;
    slotring_reader_t *there = subscribe_with(other, &options);
    options.first = 10;
    slotring_reader_t *gone = subscribe_with(other, &options);
    options.every = 7; /* 14 and 21 are gone */
    slotring_reader_t *some = subscribe_with(other, &options);
    options.every = 0;
    options.first = 40;
    slotring_reader_t *now = subscribe_with(other, &options);
    slotring_reader_info_t info = reader_info(gone);
    CHECK_EQUAL(info.start, 10);
    CHECK_EQUAL(info.missed, 14);
    for (uint64_t n = 24; n < 40; n++) {
        expect(gone, n);
        if (n >= 30)
            expect(there, n);
        if (n % 7 == 0)
            expect(some, n);
    }
    expect_nothing(now);
    expect_nothing(some);
    expect_account(there, 10, 0, 0, 0);
    expect_account(gone, 16, 14, 0, 0);
    expect_account(some, 2, 2, 26, 0);
    slotring_reader_t *readers[] = {there, gone, some, now};
    for (int i = 0; i < 4; i++)
        CHECK_OK(slotring_unsubscribe(readers[i]));
    end();
}

static void from_a_sequence_lossless(void)
{
    from_a_sequence(SLOTRING_LOSSLESS);
}

static void from_a_sequence_lossy(void)
{
    from_a_sequence(SLOTRING_LOSSY);
}

/* Records that are not wanted stay in the past of who starts there, and count for nothing. */
static void past_with_writers(void)
{
    begin();
    slotring_writer_t *writer;
    CHECK_OK(slotring_writer_open(ring, NULL, &writer));
    for (uint64_t n = 0; n < 30; n++)
        append(writer, n, n % 3 == 1 ? 200 : 16);
    CHECK_OK(slotring_writer_close(writer));
    for (uint32_t mode = SLOTRING_LOSSLESS; mode <= SLOTRING_LOSSY; mode++) {
        slotring_reader_options_t options = wants(mode);
        options.start = SLOTRING_FROM_OLDEST;
        options.every = 5;
        slotring_reader_t *reader = subscribe_with(other, &options);
        slotring_slot_t slot;
        uint64_t next = UINT64_MAX;
        while (slotring_next(reader, 0, &slot) == 0) {
            CHECK(next == UINT64_MAX || slot.tag == next);
            CHECK_EQUAL(slot.tag % 5, 0);
            next = slot.tag + 5;
            CHECK_OK(slotring_reader_release(reader));
        }
        CHECK_EQUAL(next, 30);
        slotring_reader_info_t info = reader_info(reader);
        CHECK_EQUAL(info.missed, 0);
        CHECK_EQUAL(info.records_missed, 0);
        CHECK_EQUAL(info.pending, 0);
        CHECK_OK(slotring_unsubscribe(reader));
    }
    end();
}

/* ---- The end of the streams, and deaths ------------------------------------------------------------------------ */

static void waits_for_the_next_producer(void)
{
    begin();
    slotring_slot_t slot;
    slotring_reader_options_t options = wants(SLOTRING_LOSSLESS);
    slotring_reader_t *tells = subscribe_with(other, &options);
    options.at_end = SLOTRING_AT_END_WAIT;
    slotring_reader_t *waits = subscribe_with(other, &options);
    publish_up_to(1, 0);
    CHECK_OK(slotring_end_stream(ring));
    expect(tells, 0);
    expect(waits, 0);
    CHECK_CODE(slotring_next(tells, 0, &slot), SLOTRING_E_END);
    CHECK_CODE(slotring_next(waits, 0, &slot), SLOTRING_E_EMPTY);
    CHECK_CODE(slotring_next(waits, 1, &slot), SLOTRING_E_TIMEOUT);
    publish_up_to(2, 0);
    expect(waits, 1);
    CHECK_OK(slotring_unsubscribe(tells));
    CHECK_OK(slotring_unsubscribe(waits));
    end();
}

static void publishes_six(peer_t *test, const char *name)
{
    slotring_t *own = ring_attach(name);
    for (uint64_t n = 0; n < 6; n++)
        publish(own, 1, n);
    peer_tell(test, 1);
    (void)peer_hear(test);
}

/* A death is told after the last message of who died, also where that is not wanted. */
static void deaths_at_their_place(void)
{
    begin();
    peer_t peer = peer_start(BY_FORK, "wanted-publishes", ring_name());
    peer_expect(&peer, 1);
    slotring_reader_options_t options = wants(SLOTRING_LOSSLESS);
    options.start = SLOTRING_FROM_OLDEST;
    options.every = 4;
    slotring_reader_t *past = subscribe_with(other, &options);
    peer_kill(&peer);
    CHECK_OK(slotring_recover(ring, NULL));
    publish_up_to(9, 0);
    slotring_slot_t slot;
    for (uint64_t sequence = 0; sequence < 8; sequence += 4) {
        CHECK_OK(slotring_next(past, 0, &slot));
        CHECK_EQUAL(slot.sequence, sequence);
        CHECK_OK(slotring_reader_release(past));
    }
    CHECK_CODE(slotring_next(past, 0, &slot), SLOTRING_E_PRODUCER_DIED);
    CHECK_OK(slotring_next(past, 0, &slot));
    CHECK_EQUAL(slot.sequence, 8);
    CHECK_OK(slotring_reader_release(past));
    CHECK_OK(slotring_unsubscribe(past));
    end();
}

/* Also where the reader has passed over that last message, and more, in the same call. */
static void a_death_before_what_comes_after_it(void)
{
    slotring_slot_t slot;
    begin();
    for (int latest = 0; latest < 2; latest++) {
        slotring_reader_options_t options = wants(SLOTRING_LOSSY);
        uint64_t before = ring_stats(ring).published;
        if (latest) {
            options.wanted = SLOTRING_WANTS_LATEST;
        } else {
            options.tag_mask = UINT64_MAX;
            options.tag_match = 77;
        }
        slotring_reader_t *reader = subscribe_with(other, &options);
        peer_t peer = peer_start(BY_FORK, "wanted-publishes", ring_name());
        peer_expect(&peer, 1);
        peer_kill(&peer);
        CHECK_OK(slotring_recover(ring, NULL));
        publish_tag(1);
        publish_tag(77);
        CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_PRODUCER_DIED);
        CHECK_OK(slotring_next(reader, 0, &slot));
        CHECK_EQUAL(slot.sequence, before + 7);
        CHECK_OK(slotring_reader_release(reader));
        CHECK_OK(slotring_unsubscribe(reader));
    }
    end();
}

/* ---- Refused ------------------------------------------------------------------------------------------------- */

static void refused(void)
{
    static const struct {
        uint32_t mode, start, wanted, at_end;
        uint64_t first, mask, match;
        const char *named;
    } rows[] = {
        {SLOTRING_LOSSLESS, 0, SLOTRING_WANTS_LATEST, 0, 0, 0, 0, "producers would wait"},
        {SLOTRING_LOSSY, SLOTRING_FROM_OLDEST, SLOTRING_WANTS_LATEST, 0, 0, 0, 0, "only the newest"},
        {SLOTRING_LOSSY, 0, 2, 0, 0, 0, 0, "wanted is 2; this version knows 0 to 1"},
        {SLOTRING_LOSSY, 0, 0, 2, 0, 0, 0, "at_end is 2; this version knows 0 to 1"},
        {SLOTRING_LOSSY, 0, 0, 0, 5, 0, 0, "first is 5"},
        {SLOTRING_LOSSY, SLOTRING_FROM_LAST, 0, 0, 0, 0, 0, "first is 0"},
        {SLOTRING_LOSSY, SLOTRING_FROM_SEQUENCE, 0, 0, 1, 0, 0,
         "sequence 1 is not published yet; the next one is 0"},
        {SLOTRING_LOSSY, 0, 0, 0, 0, 6, 3, "tag_match is 0x3"},
    };
    begin();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_context("%s", rows[i].named);
        slotring_reader_options_t options = wants(rows[i].mode);
        options.start = rows[i].start;
        options.wanted = rows[i].wanted;
        options.at_end = rows[i].at_end;
        options.first = rows[i].first;
        options.tag_mask = rows[i].mask;
        options.tag_match = rows[i].match;
        slotring_reader_t *reader;
        slotring_error_t error;
        CHECK_CODE(slotring_subscribe(ring, &options, &reader), SLOTRING_E_INVALID);
        slotring_last_error(&error);
        CHECK_CONTAINS(error.text, rows[i].named);
    }
    check_context("%s", "");
    slotring_reader_options_t options = wants(SLOTRING_LOSSY);
    options.wake_messages = 2;
    options.wake_ns = 1000;
    options.every = 2;
    slotring_reader_t *reader;
    CHECK_CODE(slotring_subscribe(ring, &options, &reader), SLOTRING_E_INVALID);
    end();
}

/* ---- The account beside a reader at work ---------------------------------------------------------------------- */

static void samples(peer_t *test, const char *name)
{
    slotring_t *own = ring_attach(name);
    slotring_reader_options_t options = wants((uint32_t)peer_hear(test));
    options.every = 3;
    options.tag_mask = 1;
    slotring_reader_t *reader;
    CHECK_OK(slotring_subscribe(own, &options, &reader));
    peer_tell(test, 1);
    uint64_t given = 0;
    slotring_slot_t slot;
    int code;
    while ((code = slotring_next(reader, PATIENCE, &slot)) == 0) {
        CHECK_EQUAL(slot.sequence % 3, 0);
        CHECK_EQUAL(slot.tag % 2, 0);
        CHECK_OK(slotring_reader_release(reader));
        given++;
    }
    CHECK_EQUAL(code, SLOTRING_E_END);
    slotring_reader_info_t info = reader_info(reader);
    CHECK_EQUAL(info.delivered, given);
    CHECK_EQUAL(info.missed + info.delivered + info.passed_over, info.cursor - info.start);
    CHECK_OK(slotring_close(own));
}

/* Each total that another process reads only grows. */
static void the_account_never_goes_back(uint32_t mode)
{
    begin_slots(64);
    peer_t peer = peer_start(BY_FORK, "wanted-samples", ring_name());
    peer_tell(&peer, mode);
    peer_expect(&peer, 1);
    slotring_reader_info_t last = {0}, info;
    uint32_t count;
    uint64_t total = scaled(30000);
    for (uint64_t n = 0; n < total; n++) {
        slotring_slot_t slot;
        CHECK_OK(slotring_allocate_wait(ring, 8, PATIENCE, &slot));
        slot.tag = n * n / 3;
        CHECK_OK(slotring_mark_ready(ring, &slot, 8));
        if (n % 8 != 0)
            continue;
        CHECK_OK(slotring_readers(other, &info, 1, &count));
        CHECK_EQUAL(count, 1);
        CHECK(info.delivered >= last.delivered && info.missed >= last.missed &&
              info.passed_over >= last.passed_over && info.cursor >= last.cursor);
        CHECK_EQUAL(info.delivered + info.missed + info.passed_over + info.pending, info.cursor - info.start);
        last = info;
    }
    CHECK_OK(slotring_end_stream(ring));
    peer_join(&peer);
    end();
}

static void account_lossless(void)
{
    the_account_never_goes_back(SLOTRING_LOSSLESS);
}

static void account_lossy(void)
{
    the_account_never_goes_back(SLOTRING_LOSSY);
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
    {"from_the_last", from_the_last, 0},
    {"from_the_last_that_it_wants", from_the_last_that_it_wants, 0},
    {"from_a_sequence_lossless", from_a_sequence_lossless, 0},
    {"from_a_sequence_lossy", from_a_sequence_lossy, 0},
    {"past_with_writers", past_with_writers, 0},
    {"waits_for_the_next_producer", waits_for_the_next_producer, 0},
    {"deaths_at_their_place", deaths_at_their_place, 0},
    {"a_death_before_what_comes_after_it", a_death_before_what_comes_after_it, 0},
    {"refused", refused, 0},
    {"account_lossless", account_lossless, 0},
    {"account_lossy", account_lossy, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {
    {"wanted-publishes", publishes_six}, {"wanted-samples", samples}, {NULL, NULL}};

const test_suite_t wanted_suite = {"wanted", cases, roles};
