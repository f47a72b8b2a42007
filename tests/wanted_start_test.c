/* SPDX-License-Identifier: Apache-2.0 */
/* Where a reader starts that does not want all messages, what it is told besides, and its account, in which each publication is
 * delivered, missed, passed over or pending, one of them. */
#include <string.h>

#include "support/internals.h"
#include "support/process.h"
#include "support/ring.h"
#include "support/suite.h"
#include "support/wanted.h"

/* ---- Where it starts ------------------------------------------------------------------------------------------ */

static void from_the_last(void)
{
    wanted_begin();
    wanted_publish_up_to(10, 0);
    slotring_reader_options_t options = wanted_wants(SLOTRING_LOSSLESS);
    options.start = SLOTRING_FROM_LAST;
    options.first = 4;
    slotring_reader_t *lossless = subscribe_with(wanted_other, &options);
    options.mode = SLOTRING_LOSSY;
    slotring_reader_t *lossy = subscribe_with(wanted_other, &options);
    options.first = 1000;
    slotring_reader_t *more = subscribe_with(wanted_other, &options);
    wanted_expect_account(lossless, 0, 0, 0, 4);
    slotring_reader_info_t info = reader_info(lossless);
    CHECK_EQUAL(info.start, 6);
    info = reader_info(more);
    CHECK_EQUAL(info.start, 0);
    wanted_publish_up_to(22, 0); /* 6 free slots, and 6 that nobody holds: 0 to 5 */
    slotring_slot_t slot;
    CHECK_CODE(slotring_allocate(wanted_ring, 1, &slot), SLOTRING_E_FULL);
    for (uint64_t n = 6; n < 22; n++) {
        wanted_expect(lossy, n); /* as long as the other one holds it */
        wanted_expect(lossless, n);
    }
    wanted_expect_account(lossless, 16, 0, 0, 0);
    wanted_expect_account(lossy, 16, 0, 0, 0);
    CHECK_OK(slotring_unsubscribe(lossless));
    CHECK_OK(slotring_unsubscribe(lossy));
    CHECK_OK(slotring_unsubscribe(more));
    wanted_end();
}

/* The reader holds of the past what it wants, and no more. */
static void from_the_last_that_it_wants(void)
{
    wanted_begin();
    wanted_publish_up_to(SLOTS, 0);
    slotring_reader_options_t options = wanted_wants(SLOTRING_LOSSLESS);
    options.start = SLOTRING_FROM_LAST;
    options.first = 8;
    options.every = 4;
    slotring_reader_t *reader = subscribe_with(wanted_other, &options); /* holds 8 and 12 */
    wanted_expect_account(reader, 0, 0, 6, 2);
    for (int i = 0; i < 14; i++)
        wanted_publish_tag(SLOTS + (uint64_t)i);
    slotring_slot_t slot;
    CHECK_CODE(slotring_allocate(wanted_ring, 1, &slot), SLOTRING_E_FULL);
    for (uint64_t n = 8; n < 30; n += 4)
        wanted_expect(reader, n);
    wanted_expect_nothing(reader);
    wanted_expect_account(reader, 6, 0, 16, 0);
    CHECK_OK(slotring_unsubscribe(reader));
    wanted_end();
}

static void from_a_sequence(uint32_t mode)
{
    wanted_begin();
    wanted_publish_up_to(40, 0); /* 24 to 39 are there */
    slotring_reader_options_t options = wanted_wants(mode);
    options.start = SLOTRING_FROM_SEQUENCE;
    options.first = 30;
    slotring_reader_t *there = subscribe_with(wanted_other, &options);
    options.first = 10;
    slotring_reader_t *gone = subscribe_with(wanted_other, &options);
    options.every = 7; /* 14 and 21 are gone */
    slotring_reader_t *some = subscribe_with(wanted_other, &options);
    options.every = 0;
    options.first = 40;
    slotring_reader_t *now = subscribe_with(wanted_other, &options);
    slotring_reader_info_t info = reader_info(gone);
    CHECK_EQUAL(info.start, 10);
    CHECK_EQUAL(info.missed, 14);
    for (uint64_t n = 24; n < 40; n++) {
        wanted_expect(gone, n);
        if (n >= 30)
            wanted_expect(there, n);
        if (n % 7 == 0)
            wanted_expect(some, n);
    }
    wanted_expect_nothing(now);
    wanted_expect_nothing(some);
    wanted_expect_account(there, 10, 0, 0, 0);
    wanted_expect_account(gone, 16, 14, 0, 0);
    wanted_expect_account(some, 2, 2, 26, 0);
    slotring_reader_t *readers[] = {there, gone, some, now};
    for (int i = 0; i < 4; i++)
        CHECK_OK(slotring_unsubscribe(readers[i]));
    wanted_end();
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
    wanted_begin();
    slotring_writer_t *writer;
    CHECK_OK(slotring_writer_open(wanted_ring, NULL, &writer));
    for (uint64_t n = 0; n < 30; n++)
        wanted_append(writer, n, n % 3 == 1 ? 200 : 16);
    CHECK_OK(slotring_writer_close(writer));
    for (uint32_t mode = SLOTRING_LOSSLESS; mode <= SLOTRING_LOSSY; mode++) {
        slotring_reader_options_t options = wanted_wants(mode);
        options.start = SLOTRING_FROM_OLDEST;
        options.every = 5;
        slotring_reader_t *reader = subscribe_with(wanted_other, &options);
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
    wanted_end();
}

/* ---- The end of the streams, and deaths ------------------------------------------------------------------------ */

static void waits_for_the_next_producer(void)
{
    wanted_begin();
    slotring_slot_t slot;
    slotring_reader_options_t options = wanted_wants(SLOTRING_LOSSLESS);
    slotring_reader_t *tells = subscribe_with(wanted_other, &options);
    options.at_end = SLOTRING_AT_END_WAIT;
    slotring_reader_t *waits = subscribe_with(wanted_other, &options);
    wanted_publish_up_to(1, 0);
    CHECK_OK(slotring_end_stream(wanted_ring));
    wanted_expect(tells, 0);
    wanted_expect(waits, 0);
    CHECK_CODE(slotring_next(tells, 0, &slot), SLOTRING_E_END);
    CHECK_CODE(slotring_next(waits, 0, &slot), SLOTRING_E_EMPTY);
    CHECK_CODE(slotring_next(waits, 1, &slot), SLOTRING_E_TIMEOUT);
    wanted_publish_up_to(2, 0);
    wanted_expect(waits, 1);
    CHECK_OK(slotring_unsubscribe(tells));
    CHECK_OK(slotring_unsubscribe(waits));
    wanted_end();
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
    wanted_begin();
    peer_t peer = peer_start(BY_FORK, "wanted-publishes", ring_name());
    peer_expect(&peer, 1);
    slotring_reader_options_t options = wanted_wants(SLOTRING_LOSSLESS);
    options.start = SLOTRING_FROM_OLDEST;
    options.every = 4;
    slotring_reader_t *past = subscribe_with(wanted_other, &options);
    peer_kill(&peer);
    CHECK_OK(slotring_recover(wanted_ring, NULL));
    wanted_publish_up_to(9, 0);
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
    wanted_end();
}

/* Also where the reader has passed over that last message, and more, in the same call. */
static void a_death_before_what_comes_after_it(void)
{
    slotring_slot_t slot;
    wanted_begin();
    for (int latest = 0; latest < 2; latest++) {
        slotring_reader_options_t options = wanted_wants(SLOTRING_LOSSY);
        uint64_t before = ring_stats(wanted_ring).published;
        if (latest) {
            options.wanted = SLOTRING_WANTS_LATEST;
        } else {
            options.tag_mask = UINT64_MAX;
            options.tag_match = 77;
        }
        slotring_reader_t *reader = subscribe_with(wanted_other, &options);
        peer_t peer = peer_start(BY_FORK, "wanted-publishes", ring_name());
        peer_expect(&peer, 1);
        peer_kill(&peer);
        CHECK_OK(slotring_recover(wanted_ring, NULL));
        wanted_publish_tag(1);
        wanted_publish_tag(77);
        CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_PRODUCER_DIED);
        CHECK_OK(slotring_next(reader, 0, &slot));
        CHECK_EQUAL(slot.sequence, before + 7);
        CHECK_OK(slotring_reader_release(reader));
        CHECK_OK(slotring_unsubscribe(reader));
    }
    wanted_end();
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
    wanted_begin();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_context("%s", rows[i].named);
        slotring_reader_options_t options = wanted_wants(rows[i].mode);
        options.start = rows[i].start;
        options.wanted = rows[i].wanted;
        options.at_end = rows[i].at_end;
        options.first = rows[i].first;
        options.tag_mask = rows[i].mask;
        options.tag_match = rows[i].match;
        slotring_reader_t *reader;
        slotring_error_t error;
        CHECK_CODE(slotring_subscribe(wanted_ring, &options, &reader), SLOTRING_E_INVALID);
        slotring_last_error(&error);
        CHECK_CONTAINS(error.text, rows[i].named);
    }
    check_context("%s", "");
    slotring_reader_options_t options = wanted_wants(SLOTRING_LOSSY);
    options.wake_messages = 2;
    options.wake_ns = 1000;
    options.every = 2;
    slotring_reader_t *reader;
    CHECK_CODE(slotring_subscribe(wanted_ring, &options, &reader), SLOTRING_E_INVALID);
    wanted_end();
}

/* ---- The account beside a reader at work ---------------------------------------------------------------------- */

static void samples(peer_t *test, const char *name)
{
    slotring_t *own = ring_attach(name);
    slotring_reader_options_t options = wanted_wants((uint32_t)peer_hear(test));
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
    wanted_begin_slots(64);
    peer_t peer = peer_start(BY_FORK, "wanted-samples", ring_name());
    peer_tell(&peer, mode);
    peer_expect(&peer, 1);
    slotring_reader_info_t last = {0}, info;
    uint32_t count;
    uint64_t total = scaled(30000);
    for (uint64_t n = 0; n < total; n++) {
        slotring_slot_t slot;
        CHECK_OK(slotring_allocate_wait(wanted_ring, 8, PATIENCE, &slot));
        slot.tag = n * n / 3;
        CHECK_OK(slotring_mark_ready(wanted_ring, &slot, 8));
        if (n % 8 != 0)
            continue;
        CHECK_OK(slotring_readers(wanted_other, &info, 1, &count));
        CHECK_EQUAL(count, 1);
        CHECK(info.delivered >= last.delivered && info.missed >= last.missed &&
              info.passed_over >= last.passed_over && info.cursor >= last.cursor);
        CHECK_EQUAL(info.delivered + info.missed + info.passed_over + info.pending, info.cursor - info.start);
        last = info;
    }
    CHECK_OK(slotring_end_stream(wanted_ring));
    peer_join(&peer);
    wanted_end();
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

const test_suite_t wanted_start_suite = {"wanted_start", cases, roles};
