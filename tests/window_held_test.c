/* SPDX-License-Identifier: Apache-2.0 */
/* Windows of readers that hold what they are given, lossy ones and those with a budget: what is out stays, whatever producers do;
 * what is missed meanwhile counts at once. */
#include <string.h>

#include "support/process.h"
#include "support/records.h"
#include "support/ring.h"
#include "support/suite.h"

#define NO_WAIT 0
#define SLOTS 8u
#define SHORT_BUDGET (30 * MILLISECOND)

static slotring_reader_options_t with_window(uint32_t mode, uint32_t window)
{
    slotring_reader_options_t options = reader_options(mode, SLOTRING_FROM_NOW);
    options.window = window;
    if (mode == SLOTRING_BUDGETED) {
        options.budget_messages = 1;
        options.budget_ns = (uint64_t)SHORT_BUDGET;
    }
    return options;
}

static slotring_reader_t *subscribe_window(slotring_t *ring, uint32_t mode, uint32_t window)
{
    slotring_reader_options_t options = with_window(mode, window);
    return subscribe_with(ring, &options);
}

static slotring_t *ring_limited(uint32_t max_holds)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, 256);
    options.max_holds = max_holds;
    return ring_open_with(ring_name(), &options);
}

static void ends(slotring_t *ring, slotring_reader_t *reader)
{
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_EQUAL(ring_stats(ring).slots_held, 0);
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* ---- Lossy readers ---------------------------------------------------------------------------------------- */

/* Producers wait for nothing, and leave what is out alone. */
static void what_is_out_stays(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 256);
    slotring_reader_t *reader = subscribe_window(ring, SLOTRING_LOSSY, 4);
    slotring_slot_t slots[4], one;
    publish_from(ring, 0, 4);
    for (uint64_t n = 0; n < 4; n++)
        take_out(reader, &slots[n], n);
    CHECK_CODE(slotring_next(reader, FOR_EVER, &one), SLOTRING_E_STATE); /* the window is full */
    CHECK_EQUAL(ring_stats(ring).slots_held, 4);
    publish_from(ring, 4, 5 * SLOTS);
    for (int i = 0; i < 4; i++)
        pattern_check(&slots[i]);
    CHECK_OK(slotring_reader_release_one(reader, &slots[2]));
    CHECK_EQUAL(ring_stats(ring).slots_held, 3); /* at once, also in the middle */
    CHECK_CODE(slotring_reader_release_one(reader, &slots[2]), SLOTRING_E_NOT_HELD);
    CHECK_EQUAL(reader_info(reader).delivered, 0);
    CHECK_OK(slotring_reader_release_one(reader, &slots[0]));
    CHECK_EQUAL(reader_info(reader).delivered, 1); /* the next one is out */
    publish_from(ring, 5 * SLOTS, 9 * SLOTS);
    pattern_check(&slots[1]);
    pattern_check(&slots[3]);
    CHECK_OK(slotring_reader_release(reader)); /* both */
    CHECK_EQUAL(reader_info(reader).delivered, 4);
    CHECK_CODE(slotring_reader_release(reader), SLOTRING_E_NOT_HELD);
    ends(ring, reader);
}

/* What it misses while messages are out counts before it is given the next one, and those that are out count as delivered then. */
static void what_is_missed_counts_at_once(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 256);
    slotring_reader_t *reader = subscribe_window(ring, SLOTRING_LOSSY, SLOTS);
    slotring_slot_t slots[3], after;
    publish_from(ring, 0, 3);
    for (uint64_t n = 0; n < 3; n++)
        take_out(reader, &slots[n], n);
    CHECK_OK(slotring_reader_release_one(reader, &slots[1]));
    publish_from(ring, 3, 6 * SLOTS);
    CHECK_OK(slotring_next(reader, NO_WAIT, &after));
    CHECK_EQUAL(after.tag, pattern_tag(1, after.sequence));
    CHECK_AT_LEAST(after.sequence, 4);
    slotring_reader_info_t info = reader_info(reader);
    CHECK_EQUAL(info.missed, after.sequence - 3);
    CHECK_EQUAL(info.cursor, after.sequence);
    CHECK_EQUAL(info.delivered, 3);
    pattern_check(&slots[0]);
    CHECK_OK(slotring_reader_release_up_to(reader, &slots[2]));
    CHECK_EQUAL(reader_info(reader).cursor, after.sequence);
    CHECK_EQUAL(ring_stats(ring).slots_held, 1);
    publish_from(ring, 6 * SLOTS, 9 * SLOTS);
    pattern_check(&after);
    CHECK_OK(slotring_reader_release_one(reader, &after));
    CHECK_EQUAL(reader_info(reader).cursor, after.sequence + 1);
    CHECK_EQUAL(reader_info(reader).delivered, 4);
    CHECK_EQUAL(reader_info(reader).missed, after.sequence - 3);
    ends(ring, reader);
}

/* A window is bounded by what a handle may hold: a call says so, a batch ends there, and a release makes room. */
static void no_more_than_its_handle_may_hold(void)
{
    slotring_t *ring = ring_limited(3);
    slotring_reader_t *reader = subscribe_window(ring, SLOTRING_LOSSY, SLOTS);
    slotring_slot_t slots[SLOTS], one;
    uint32_t count = 0;
    publish_from(ring, 0, SLOTS);
    take_out(reader, &slots[0], 0);
    CHECK_OK(slotring_next_batch(reader, NO_WAIT, &slots[1], SLOTS - 1, &count));
    CHECK_EQUAL(count, 2);
    CHECK_CODE(slotring_next(reader, FOR_EVER, &one), SLOTRING_E_HOLDS);
    CHECK_CODE(slotring_reader_wait_readable(reader, FOR_EVER), SLOTRING_E_HOLDS);
    CHECK_EQUAL(ring_stats(ring).slots_held, 3);
    CHECK_OK(slotring_reader_release_one(reader, &slots[1]));
    CHECK_OK(slotring_reader_wait_readable(reader, FOR_EVER)); /* takes none */
    CHECK_EQUAL(ring_stats(ring).slots_held, 2);
    take_out(reader, &slots[3], 3);
    CHECK_CODE(slotring_next(reader, NO_WAIT, &one), SLOTRING_E_HOLDS);
    CHECK_EQUAL(reader_info(reader).missed, 0);
    ends(ring, reader); /* with messages out */
}

/* Some thousand messages, and as many that are missed, released in an order that nobody foresees. */
static void any_order_at_random(uint32_t mode)
{
    enum {
        WINDOW = 5
    };
    slotring_t *ring = ring_create(ring_name(), SLOTS, 256);
    slotring_reader_options_t options = with_window(mode, WINDOW);
    if (mode == SLOTRING_BUDGETED)
        options.budget_ns = (uint64_t)PATIENCE;
    slotring_reader_t *reader = subscribe_with(ring, &options);
    slotring_slot_t out[WINDOW], slot;
    unsigned count = 0, seed = 3;
    uint64_t published = 0, given = 0, next = 0, missed = 0;
    for (unsigned long turn = 0; turn < scaled(4000); turn++) {
        seed = seed * 1103515245u + 12345u;
        unsigned dice = seed >> 16;
        for (unsigned n = dice % 61 == 0 ? 2 * SLOTS : 1; n > 0 && slotring_allocate(ring, 1, &slot) == 0;
             n--) {
            CHECK_OK(slotring_abort(ring, &slot));
            publish(ring, 1, published++);
        }
        if (dice % 2 == 0 || count == 0) {
            int code = slotring_next(reader, NO_WAIT, &out[count]);
            CHECK(code == 0 || code == SLOTRING_E_EMPTY || code == SLOTRING_E_STATE);
            if (code == 0) {
                CHECK_EQUAL(out[count].tag, pattern_tag(1, out[count].sequence));
                CHECK_AT_LEAST(out[count].sequence, next);
                missed += out[count].sequence - next;
                next = out[count++].sequence + 1;
                given++;
                CHECK_EQUAL(reader_info(reader).missed, missed);
            }
        } else {
            unsigned which = dice / 2 % count;
            pattern_check(&out[which]);
            CHECK_OK(slotring_reader_release_one(reader, &out[which]));
            out[which] = out[--count];
        }
        for (unsigned i = 0; i < count; i++)
            pattern_check(&out[i]);
        CHECK_EQUAL(ring_stats(ring).slots_held, count);
    }
    CHECK(mode == SLOTRING_LOSSY ? missed > 0 : missed == 0);
    CHECK(count == 0 || slotring_reader_release(reader) == 0);
    CHECK_EQUAL(reader_info(reader).delivered, given);
    ends(ring, reader);
}

static void any_order_lossy(void)
{
    any_order_at_random(SLOTRING_LOSSY);
}

static void any_order_budgeted(void)
{
    any_order_at_random(SLOTRING_BUDGETED);
}

/* ---- Records ---------------------------------------------------------------------------------------------- */

#define RECORD 24u /* bytes, at most */

static void append(slotring_writer_t *writer, uint64_t number)
{
    CHECK_OK(record_append(writer, 1, number, RECORD, PATIENCE));
}

/* All records of a slot share a hold, from the time when the slot is open on. */
static void records_of_a_slot_count_once(void)
{
    enum {
        RECORDS = 4
    };
    slotring_t *ring = ring_limited(1);
    slotring_reader_t *reader = subscribe_window(ring, SLOTRING_LOSSY, 100);
    slotring_writer_t *writer = writer_open(ring);
    slotring_slot_t out[RECORDS], one;
    for (uint64_t n = 0; n < RECORDS; n++) {
        append(writer, n);
        CHECK_OK(slotring_next(reader, NO_WAIT, &out[n]));
        CHECK_EQUAL(out[n].number, n);
        CHECK_EQUAL(out[n].index, out[0].index);
    }
    CHECK_CODE(slotring_next(reader, NO_WAIT, &one), SLOTRING_E_EMPTY);
    uint64_t written = RECORDS;
    while (ring_stats(ring).published < 4 * SLOTS) /* the writer goes on, round the ring */
        append(writer, written++);
    for (int i = 0; i < RECORDS; i++)
        record_check(&out[i], RECORD);
    CHECK_OK(slotring_reader_release_one(reader, &out[0]));
    CHECK_OK(slotring_reader_release_one(reader, &out[3]));
    CHECK_OK(slotring_reader_release_one(reader, &out[1]));
    CHECK_EQUAL(ring_stats(ring).slots_held, 1);
    record_check(&out[2], RECORD);
    CHECK_OK(slotring_reader_release_one(reader, &out[2]));
    CHECK_EQUAL(ring_stats(ring).slots_held, 0);
    uint64_t last = RECORDS - 1;
    while (slotring_next(reader, NO_WAIT, &one) == 0) {
        CHECK_AT_LEAST(one.number, last + 1);
        last = one.number;
        CHECK_OK(slotring_reader_release_one(reader, &one));
    }
    CHECK_EQUAL(last, written - 1);
    CHECK_EQUAL(reader_info(reader).records + records_missed(reader), written);
    CHECK_OK(slotring_writer_close(writer));
    ends(ring, reader);
}

/* Two writers by turns, in slots that are open and in slots that are listed, and a reader that falls behind: each record that is out
 * is whole, and each that is not given is counted. */
static void records_in_any_order(void)
{
    enum {
        WRITERS = 2,
        WINDOW = 7
    };
    slotring_t *ring = ring_create(ring_name(), SLOTS, 256);
    slotring_reader_t *reader = subscribe_window(ring, SLOTRING_LOSSY, WINDOW);
    slotring_writer_t *writers[WRITERS];
    slotring_slot_t out[WINDOW];
    uint64_t written[WRITERS] = {0, 0}, next[WRITERS] = {0, 0}, missed = 0, given = 0;
    unsigned count = 0, seed = 11;
    for (int i = 0; i < WRITERS; i++)
        writers[i] = writer_open(ring);
    for (unsigned long turn = 0; turn < scaled(6000); turn++) {
        seed = seed * 1103515245u + 12345u;
        unsigned dice = seed >> 16, who = dice / 3 % WRITERS;
        for (unsigned n = dice % 101 == 0 ? 200 : 1; n > 0; n--)
            append(writers[who], written[who]++);
        if (dice % 2 == 0 || count == 0) {
            int code = slotring_next(reader, NO_WAIT, &out[count]);
            CHECK(code == 0 || code == SLOTRING_E_EMPTY || code == SLOTRING_E_STATE);
            if (code != 0)
                continue;
            uint64_t *expected = &next[out[count].writer];
            CHECK_AT_LEAST(out[count].number, *expected);
            missed += out[count].number - *expected;
            *expected = out[count++].number + 1;
            given++;
        } else {
            unsigned which = dice / 2 % count;
            CHECK_OK(slotring_reader_release_one(reader, &out[which]));
            out[which] = out[--count];
        }
        for (unsigned i = 0; i < count; i++)
            record_check(&out[i], RECORD);
        CHECK(ring_stats(ring).slots_held <= count);
        CHECK_EQUAL(records_missed(reader), missed);
    }
    CHECK_AT_LEAST(missed, 1);
    CHECK_AT_LEAST(given, scaled(6000) / 8);
    CHECK(count == 0 || slotring_reader_release(reader) == 0);
    CHECK_EQUAL(reader_info(reader).records, given);
    for (int i = 0; i < WRITERS; i++)
        CHECK_OK(slotring_writer_close(writers[i]));
    ends(ring, reader);
}

/* ---- Readers with a budget -------------------------------------------------------------------------------- */

static void producers_wait_for_the_oldest(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 256);
    slotring_reader_options_t options = with_window(SLOTRING_BUDGETED, 4);
    options.budget_ns = (uint64_t)PATIENCE;
    slotring_reader_t *reader = subscribe_with(ring, &options);
    slotring_slot_t slots[3];
    publish_from(ring, 0, SLOTS);
    for (uint64_t n = 0; n < 3; n++)
        take_out(reader, &slots[n], n);
    CHECK_OK(slotring_reader_release_one(reader, &slots[1]));
    CHECK_OK(slotring_reader_release_one(reader, &slots[2]));
    CHECK(ring_is_full(ring));
    CHECK_EQUAL(reader_info(reader).cursor, 0);
    CHECK_OK(slotring_reader_release_one(reader, &slots[0]));
    CHECK_EQUAL(reader_info(reader).cursor, 3);
    CHECK(!ring_is_full(ring));
    CHECK_EQUAL(reader_info(reader).revoked, 0);
    ends(ring, reader);
}

/* Has it revoked: two are out, the first of them is in the way, and producers go round the ring. */
static slotring_reader_t *run_over(slotring_t *ring, const slotring_reader_options_t *options,
                                   slotring_slot_t *out, uint64_t *published)
{
    slotring_reader_t *reader = subscribe_with(ring, options);
    publish_from(ring, 0, 3);
    take_out(reader, &out[0], 0);
    take_out(reader, &out[1], 1);
    publish_from(ring, 3, *published = 4 * SLOTS);
    return reader;
}

/* It is told while messages are out, which stay; what was lost counts from there on where the reader is, to the message. */
static void told_while_messages_are_out(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 256);
    slotring_reader_options_t options = with_window(SLOTRING_BUDGETED, 4);
    slotring_slot_t out[2], one;
    uint64_t published;
    slotring_reader_t *reader = run_over(ring, &options, out, &published);
    CHECK_CODE(slotring_next(reader, NO_WAIT, &one), SLOTRING_E_REVOKED);
    slotring_reader_info_t info = reader_info(reader);
    CHECK_EQUAL(info.missed, info.lost);
    CHECK_EQUAL(info.delivered, 2); /* what is out */
    CHECK_CODE(slotring_reader_rearm(reader), SLOTRING_E_STATE);
    CHECK_OK(slotring_next(reader, NO_WAIT, &one));
    CHECK_EQUAL(one.sequence, 2 + info.lost);
    CHECK_EQUAL(one.tag, pattern_tag(1, one.sequence));
    publish_from(ring, published, published + 2 * SLOTS); /* nobody is in the way */
    pattern_check(&out[0]);
    pattern_check(&out[1]);
    pattern_check(&one);
    CHECK_OK(slotring_reader_release_one(reader, &out[0]));
    CHECK_OK(slotring_reader_release_one(reader, &one));
    CHECK_CODE(slotring_reader_rearm(reader), SLOTRING_E_STATE); /* one is out */
    CHECK_OK(slotring_reader_release_one(reader, &out[1]));
    CHECK_EQUAL(ring_stats(ring).slots_held, 0);
    info = reader_info(reader);
    CHECK_EQUAL(info.delivered, 3);
    CHECK_EQUAL(info.cursor, one.sequence + 1);
    while (slotring_next(reader, NO_WAIT, &one) == 0)
        CHECK_OK(slotring_reader_release_one(reader, &one));
    CHECK_OK(slotring_reader_rearm(reader));
    CHECK_EQUAL(reader_info(reader).revoked, 0);
    publish_from(ring, published + 2 * SLOTS, published + 3 * SLOTS);
    for (uint64_t n = published + 2 * SLOTS; n < published + 3 * SLOTS; n++) { /* lossless again */
        take_out(reader, &one, n);
        CHECK_OK(slotring_reader_release_one(reader, &one));
    }
    ends(ring, reader);
}

static void what_is_out_is_released_after_its_end(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 256);
    slotring_reader_options_t options = with_window(SLOTRING_BUDGETED, 4);
    options.when_revoked = SLOTRING_REVOKED_ENDS;
    slotring_slot_t out[2], one;
    uint64_t published;
    slotring_reader_t *reader = run_over(ring, &options, out, &published);
    CHECK_CODE(slotring_next(reader, NO_WAIT, &one), SLOTRING_E_REVOKED);
    CHECK_CODE(slotring_next(reader, NO_WAIT, &one), SLOTRING_E_REVOKED);
    pattern_check(&out[0]);
    CHECK_OK(slotring_reader_release_one(reader, &out[1]));
    pattern_check(&out[0]);
    CHECK_OK(slotring_reader_release_one(reader, &out[0]));
    CHECK_EQUAL(ring_stats(ring).slots_held, 0);
    CHECK_CODE(slotring_next(reader, NO_WAIT, &one), SLOTRING_E_REVOKED);
    ends(ring, reader);
}

/* By the ring's owner: as by its budget, since it holds what is out. */
static void revoked_by_hand(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 256);
    slotring_reader_options_t options = with_window(SLOTRING_BUDGETED, 4);
    options.budget_ns = (uint64_t)PATIENCE;
    slotring_reader_t *reader = subscribe_with(ring, &options);
    slotring_slot_t out[2], one;
    publish_from(ring, 0, SLOTS);
    take_out(reader, &out[0], 0);
    take_out(reader, &out[1], 1);
    CHECK_OK(slotring_revoke(ring, reader_info(reader).row));
    publish_from(ring, SLOTS, 3 * SLOTS);
    CHECK_CODE(slotring_next(reader, NO_WAIT, &one), SLOTRING_E_REVOKED);
    pattern_check(&out[0]);
    pattern_check(&out[1]);
    uint64_t lost = reader_info(reader).lost;
    CHECK_OK(slotring_next(reader, NO_WAIT, &one)); /* it goes on as a lossy one */
    CHECK_EQUAL(one.sequence, 2 + lost);
    CHECK_OK(slotring_reader_release(reader));
    CHECK_EQUAL(reader_info(reader).missed, lost);
    ends(ring, reader);
}

/* ---- A reader that is killed ------------------------------------------------------------------------------ */

static void takes_three_releases_one(peer_t *test, const char *name, uint32_t mode)
{
    slotring_t *ring = ring_attach(name);
    slotring_reader_options_t options = with_window(mode, 4);
    options.budget_ns = mode == SLOTRING_BUDGETED ? (uint64_t)PATIENCE : 0;
    slotring_reader_t *reader = subscribe_with(ring, &options);
    slotring_slot_t slots[3];
    peer_tell(test, 1);
    peer_hear(test);
    for (uint64_t n = 0; n < 3; n++)
        take_out(reader, &slots[n], n);
    CHECK_OK(slotring_reader_release_one(reader, &slots[1]));
    peer_tell(test, 2);
    peer_hear(test);
}

static void lossy_takes_three(peer_t *test, const char *name)
{
    takes_three_releases_one(test, name, SLOTRING_LOSSY);
}

static void budgeted_takes_three(peer_t *test, const char *name)
{
    takes_three_releases_one(test, name, SLOTRING_BUDGETED);
}

/* A kill ends the subscription, and what was out is free for producers. */
static void killed_with_messages_out(void)
{
    const char *roles[] = {"window-held-lossy", "window-held-budgeted"};
    for (int i = 0; i < 2; i++) {
        slotring_t *ring = ring_create(ring_name(), SLOTS, 256);
        peer_t peer = peer_start(BY_EXEC, roles[i], ring_name());
        peer_expect(&peer, 1);
        publish_from(ring, 0, SLOTS);
        peer_tell(&peer, 1);
        peer_expect(&peer, 2);
        CHECK_EQUAL(ring_stats(ring).slots_held, 2);
        peer_kill(&peer);
        CHECK_OK(slotring_recover(ring, NULL));
        CHECK_EQUAL(ring_stats(ring).slots_held, 0);
        publish_from(ring, SLOTS, 3 * SLOTS);
        check_ring_at_rest(ring);
        ring_remove(ring, ring_name());
    }
}

static const test_case_t cases[] = {
    {"what_is_out_stays", what_is_out_stays, 0},
    {"what_is_missed_counts_at_once", what_is_missed_counts_at_once, 0},
    {"no_more_than_its_handle_may_hold", no_more_than_its_handle_may_hold, 0},
    {"any_order_lossy", any_order_lossy, 0},
    {"any_order_budgeted", any_order_budgeted, 0},
    {"records_of_a_slot_count_once", records_of_a_slot_count_once, 0},
    {"records_in_any_order", records_in_any_order, 0},
    {"producers_wait_for_the_oldest", producers_wait_for_the_oldest, 0},
    {"told_while_messages_are_out", told_while_messages_are_out, 0},
    {"what_is_out_is_released_after_its_end", what_is_out_is_released_after_its_end, 0},
    {"revoked_by_hand", revoked_by_hand, 0},
    {"killed_with_messages_out", killed_with_messages_out, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {
    {"window-held-lossy", lossy_takes_three},
    {"window-held-budgeted", budgeted_takes_three},
    {NULL, NULL},
};

const test_suite_t window_held_suite = {"window_held", cases, roles};
