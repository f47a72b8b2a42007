/* SPDX-License-Identifier: Apache-2.0 */
/* Windows: a lossless reader that has the messages of several calls out, and releases each by itself. window_held_test.c is about
 * the readers that hold what is out. */
#include <stdlib.h>
#include <string.h>

#include "support/process.h"
#include "support/records.h"
#include "support/ring.h"
#include "support/suite.h"

#define NO_WAIT 0
#define SLOTS 8u
#define NAME "recorder"

static slotring_reader_options_t with_window(uint32_t window)
{
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    options.window = window;
    return options;
}

static slotring_reader_t *subscribe_window(slotring_t *ring, uint32_t window)
{
    slotring_reader_options_t options = with_window(window);
    return subscribe_with(ring, &options);
}

static void released_in_any_order(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 100);
    slotring_reader_t *reader = subscribe_window(ring, 4);
    slotring_slot_t slots[4], one;
    publish_from(ring, 0, SLOTS);
    for (uint64_t n = 0; n < 4; n++)
        take_out(reader, &slots[n], n);
    CHECK_CODE(slotring_next(reader, NO_WAIT, &one), SLOTRING_E_STATE);
    CHECK_CODE(slotring_next(reader, FOR_EVER, &one), SLOTRING_E_STATE); /* nobody would ever end it */
    CHECK_CODE(slotring_reader_wait_readable(reader, FOR_EVER), SLOTRING_E_STATE);

    CHECK_OK(slotring_reader_release_one(reader, &slots[2]));
    CHECK_OK(slotring_reader_release_one(reader, &slots[1]));
    CHECK(ring_is_full(ring)); /* the oldest is out */
    CHECK_EQUAL(reader_info(reader).delivered, 0);
    CHECK_CODE(slotring_next(reader, NO_WAIT, &one), SLOTRING_E_STATE);
    pattern_check(&slots[0]);
    pattern_check(&slots[3]);

    CHECK_OK(slotring_reader_release_one(reader, &slots[0]));
    CHECK_EQUAL(reader_info(reader).delivered, 3);
    publish_from(ring, SLOTS, SLOTS + 3);
    CHECK(ring_is_full(ring));
    pattern_check(&slots[3]);
    for (uint64_t n = 4; n < 7; n++)
        take_out(reader, &slots[n - 4], n);
    CHECK_CODE(slotring_next(reader, NO_WAIT, &one), SLOTRING_E_STATE);
    CHECK_OK(slotring_reader_release(reader)); /* all that are out */
    CHECK_EQUAL(reader_info(reader).delivered, 7);
    CHECK_CODE(slotring_reader_release(reader), SLOTRING_E_NOT_HELD);
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void released_up_to_one(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 100);
    slotring_reader_t *reader = subscribe_window(ring, SLOTS);
    slotring_slot_t slots[SLOTS];
    uint32_t count = 0;
    publish_from(ring, 0, SLOTS);
    CHECK_OK(slotring_next_batch(reader, NO_WAIT, slots, 3, &count));
    CHECK_EQUAL(count, 3);
    CHECK_OK(slotring_next_batch(reader, NO_WAIT, &slots[3], SLOTS, &count)); /* what there is */
    CHECK_EQUAL(count, SLOTS - 3);
    CHECK_OK(slotring_reader_release_one(reader, &slots[1]));
    CHECK_OK(slotring_reader_release_up_to(reader, &slots[4]));
    CHECK_EQUAL(reader_info(reader).delivered, 5);
    for (uint32_t i = 0; i < 5; i++) {
        CHECK_CODE(slotring_reader_release_one(reader, &slots[i]), SLOTRING_E_NOT_HELD);
        CHECK_CODE(slotring_reader_release_up_to(reader, &slots[i]), SLOTRING_E_NOT_HELD);
    }
    for (uint32_t i = 5; i < SLOTS; i++)
        pattern_check(&slots[i]);
    CHECK_OK(slotring_reader_release_up_to(reader, &slots[SLOTS - 1]));
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slots[0]), SLOTRING_E_EMPTY);
    CHECK_CODE(slotring_reader_release(reader), SLOTRING_E_NOT_HELD);
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* A batch takes no more than the window has room for, and a call with a time-out waits while messages are out. */
static void a_batch_ends_with_the_window(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 100);
    slotring_reader_t *reader = subscribe_window(ring, 3);
    slotring_slot_t slots[SLOTS];
    uint32_t count = 0;
    publish_from(ring, 0, 2);
    take_out(reader, &slots[0], 0);
    take_out(reader, &slots[1], 1);
    CHECK_CODE(slotring_next(reader, MILLISECOND, &slots[2]), SLOTRING_E_TIMEOUT);
    CHECK_CODE(slotring_reader_wait_readable(reader, MILLISECOND), SLOTRING_E_TIMEOUT);
    publish_from(ring, 2, 5);
    CHECK_OK(slotring_reader_wait_readable(reader, PATIENCE)); /* takes none */
    CHECK_OK(slotring_next_batch(reader, PATIENCE, &slots[2], SLOTS, &count));
    CHECK_EQUAL(count, 1);
    CHECK_OK(slotring_reader_release_up_to(reader, &slots[0]));
    CHECK_OK(slotring_next_batch(reader, PATIENCE, &slots[3], SLOTS, &count));
    CHECK_EQUAL(count, 1);
    for (uint32_t i = 1; i < 4; i++)
        pattern_check(&slots[i]);
    CHECK_CODE(slotring_close_if_idle(ring), SLOTRING_E_BUSY);
    CHECK_OK(slotring_reader_release(reader));
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* Some thousand messages, released in an order that nobody foresees: each comes once, and stays whole until then. */
static void any_order_at_random(void)
{
    enum {
        WINDOW = 5
    };
    slotring_t *ring = ring_create(ring_name(), SLOTS, 100);
    slotring_reader_t *reader = subscribe_window(ring, WINDOW);
    slotring_slot_t out[WINDOW];
    unsigned count = 0, seed = 1;
    uint64_t published = 0, taken = 0;
    for (unsigned long turn = 0; turn < scaled(5000); turn++) {
        seed = seed * 1103515245u + 12345u;
        unsigned dice = seed >> 16;
        if (!ring_is_full(ring))
            publish(ring, 1, published++);
        if (dice % 2 == 0 || count == 0) {
            int code = slotring_next(reader, NO_WAIT, &out[count]);
            CHECK(code == 0 || code == SLOTRING_E_EMPTY || code == SLOTRING_E_STATE);
            if (code == 0)
                CHECK_EQUAL(out[count++].tag, pattern_tag(1, taken++));
        } else {
            unsigned which = dice / 2 % count;
            pattern_check(&out[which]);
            if (dice % 7 == 1) {
                CHECK_OK(slotring_reader_release_up_to(reader, &out[which]));
                uint64_t last = out[which].sequence;
                unsigned left = 0;
                for (unsigned i = 0; i < count; i++)
                    if (out[i].sequence > last)
                        out[left++] = out[i];
                count = left;
            } else {
                CHECK_OK(slotring_reader_release_one(reader, &out[which]));
                out[which] = out[--count];
            }
        }
        uint64_t oldest = taken;
        for (unsigned i = 0; i < count; i++)
            oldest = out[i].sequence < oldest ? out[i].sequence : oldest;
        CHECK_EQUAL(reader_info(reader).cursor, oldest);
    }
    CHECK_OK(slotring_unsubscribe(reader)); /* with messages out */
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* ---- Records ----------------------------------------------------------------------------------------------- */

#define RECORD 24u /* bytes, at most */

static void append(slotring_writer_t *writer, uint64_t number)
{
    CHECK_OK(record_append(writer, 1, number, RECORD, PATIENCE));
}

/* Of slots that are open, and of slots that are in the order: each record stays until it is released. */
static void records_in_any_order(void)
{
    enum {
        WINDOW = 7
    };
    slotring_t *ring = ring_create(ring_name(), 4, 256); /* some records to a slot */
    slotring_reader_t *reader = subscribe_window(ring, WINDOW);
    slotring_writer_t *writer;
    slotring_slot_t out[WINDOW];
    unsigned count = 0, seed = 7;
    uint64_t written = 0, taken = 0;
    CHECK_OK(slotring_writer_open(ring, NULL, &writer));
    for (unsigned long turn = 0; turn < scaled(20000); turn++) {
        seed = seed * 1103515245u + 12345u;
        unsigned dice = seed >> 16;
        if (written - taken < 3)
            append(writer, written++);
        if (dice % 2 == 0 || count == 0) {
            int code = slotring_next(reader, NO_WAIT, &out[count]);
            CHECK(code == 0 || (code == SLOTRING_E_STATE && count > 0));
            if (code == 0)
                CHECK_EQUAL(out[count++].number, taken++);
        } else {
            unsigned which = dice / 2 % count;
            record_check(&out[which], RECORD);
            CHECK_OK(slotring_reader_release_one(reader, &out[which]));
            CHECK_CODE(slotring_reader_release_one(reader, &out[which]), SLOTRING_E_NOT_HELD);
            out[which] = out[--count];
        }
    }
    CHECK_OK(slotring_writer_close(writer));
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* A record that is out holds its slot, and all behind that, back: but its writer fills what is free. */
static void a_record_holds_producers_back(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 256);
    slotring_reader_t *reader = subscribe_window(ring, 1000);
    slotring_writer_t *writer;
    slotring_slot_t first, slot;
    uint64_t written = 1, more = 0;
    CHECK_OK(slotring_writer_open(ring, NULL, &writer));
    append(writer, 0);
    CHECK_OK(slotring_next(reader, NO_WAIT, &first)); /* its slot is open */
    while (record_append(writer, 1, written, RECORD, NO_WAIT) == 0)
        written++;
    CHECK_AT_LEAST(written, 4);
    for (uint64_t n = 1; n < written; n++) {
        CHECK_OK(slotring_next(reader, NO_WAIT, &slot));
        CHECK_OK(slotring_reader_release_one(reader, &slot));
    }
    CHECK_CODE(record_append(writer, 1, written + more, RECORD, NO_WAIT), SLOTRING_E_FULL);
    record_check(&first, RECORD);
    CHECK_OK(slotring_reader_release_one(reader, &first));
    while (more < written && record_append(writer, 1, written + more, RECORD, NO_WAIT) == 0)
        more++;
    CHECK_AT_LEAST(more, written / 2); /* they are of different sizes */
    CHECK_OK(slotring_writer_close(writer));
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* ---- A start in the past, marks, revocation ------------------------------------------------------------ */

static void the_past_is_released_before_the_present(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 100);
    publish_from(ring, 0, 3);
    slotring_reader_options_t options = with_window(SLOTS);
    options.start = SLOTRING_FROM_OLDEST;
    slotring_reader_t *reader = subscribe_with(ring, &options);
    slotring_slot_t slots[4];
    publish_from(ring, 3, 5);
    for (uint64_t n = 0; n < 3; n++)
        take_out(reader, &slots[n], n);
    CHECK_CODE(slotring_next(reader, PATIENCE, &slots[3]), SLOTRING_E_STATE);
    CHECK_OK(slotring_reader_release_one(reader, &slots[1]));
    CHECK_OK(slotring_reader_release_one(reader, &slots[0]));
    CHECK_CODE(slotring_next(reader, PATIENCE, &slots[3]), SLOTRING_E_STATE);
    CHECK_EQUAL(reader_info(reader).pending, 1);
    CHECK_OK(slotring_reader_release_one(reader, &slots[2]));
    for (uint64_t n = 3; n < 5; n++)
        take_out(reader, &slots[n - 3], n);
    CHECK_OK(slotring_reader_release(reader));
    CHECK_EQUAL(reader_info(reader).delivered, 5);
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void a_mark_is_told_while_messages_are_out(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 100);
    slotring_reader_options_t options = with_window(SLOTS);
    options.flags = SLOTRING_TELL_MARKS;
    slotring_reader_t *reader = subscribe_with(ring, &options);
    slotring_slot_t slots[3];
    slotring_mark_t mark;
    publish_from(ring, 0, 2);
    CHECK_OK(slotring_mark(ring, SLOTRING_MARK_USER, 0, 7, NULL, 0, NULL));
    publish_from(ring, 2, 3);
    take_out(reader, &slots[0], 0);
    take_out(reader, &slots[1], 1);
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slots[2]), SLOTRING_E_MARK);
    CHECK_OK(slotring_reader_mark(reader, &mark));
    CHECK_EQUAL(mark.value, 7);
    CHECK_EQUAL(mark.place, 2);
    take_out(reader, &slots[2], 2);
    pattern_check(&slots[0]);
    CHECK_OK(slotring_reader_release_up_to(reader, &slots[2]));
    CHECK_EQUAL(reader_info(reader).delivered, 3);
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* It reads in place, so what is out stays until it is released; then the reader is told, and ends. */
static void a_revocation_waits_for_what_is_out(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 100);
    slotring_reader_t *reader = subscribe_window(ring, 4);
    slotring_slot_t slots[2], one;
    publish_from(ring, 0, 4);
    for (uint64_t n = 0; n < 2; n++)
        take_out(reader, &slots[n], n);
    CHECK_OK(slotring_revoke(ring, reader_info(reader).row));
    CHECK_CODE(slotring_next(reader, NO_WAIT, &one), SLOTRING_E_STATE);
    CHECK_OK(slotring_reader_release_one(reader, &slots[0]));
    CHECK_CODE(slotring_next(reader, NO_WAIT, &one), SLOTRING_E_STATE);
    pattern_check(&slots[1]);
    CHECK_OK(slotring_reader_release_one(reader, &slots[1]));
    CHECK_CODE(slotring_next(reader, NO_WAIT, &one), SLOTRING_E_REVOKED);
    publish_from(ring, 4, 3 * SLOTS); /* nobody is in the way */
    CHECK_CODE(slotring_next(reader, NO_WAIT, &one), SLOTRING_E_REVOKED);
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* ---- A durable reader acknowledges in order ------------------------------------------------------------- */

static slotring_reader_t *subscribe_durable(slotring_t *ring)
{
    slotring_reader_options_t options = with_window(SLOTS);
    options.flags = SLOTRING_DURABLE;
    options.name = NAME;
    return subscribe_with(ring, &options);
}

static void take_five_acknowledge_two(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe_durable(ring);
    slotring_slot_t slots[5];
    for (uint64_t n = 0; n < 5; n++)
        take_out(reader, &slots[n], n);
    CHECK_OK(slotring_reader_release_up_to(reader, &slots[1]));
    peer_tell(test, 1);
    peer_hear(test);
}

/* The next owner goes on, for each writer, at the first record that was not acknowledged. */
static void records_that_were_out_come_again(void)
{
    enum {
        ROUNDS = 60,
        WRITERS = 2
    };
    slotring_t *ring = ring_create(ring_name(), SLOTS, 256);
    slotring_reader_t *reader = subscribe_durable(ring);
    slotring_writer_t *writers[WRITERS];
    slotring_slot_t out[SLOTS];
    uint64_t next[WRITERS] = {0, 0};
    unsigned count = 0;
    for (int i = 0; i < WRITERS; i++)
        CHECK_OK(slotring_writer_open(ring, NULL, &writers[i]));
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < WRITERS; i++)
            append(writers[i], round);
        for (; count < SLOTS && slotring_next(reader, NO_WAIT, &out[count]) == 0; count++)
            CHECK_EQUAL(out[count].number, next[out[count].writer]++);
        unsigned released = 1 + round % count;
        CHECK_OK(slotring_reader_release_up_to(reader, &out[released - 1]));
        memmove(out, &out[released], (count -= released) * sizeof out[0]);
        if (round % 3 != 0)
            continue;
        CHECK_OK(slotring_unsubscribe(reader));
        while (count > 0) {
            count--;
            next[out[count].writer] = out[count].number;
        }
        reader = subscribe_durable(ring);
    }
    CHECK(count == 0 || slotring_reader_release(reader) == 0);
    while (slotring_next(reader, NO_WAIT, &out[0]) == 0) {
        CHECK_EQUAL(out[0].number, next[out[0].writer]++);
        CHECK_OK(slotring_reader_release(reader));
    }
    for (int i = 0; i < WRITERS; i++) {
        CHECK_EQUAL(next[i], ROUNDS);
        CHECK_OK(slotring_writer_close(writers[i]));
    }
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_forget(ring, NAME));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void what_was_out_comes_again(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 100);
    slotring_slot_t slots[3];
    CHECK_OK(slotring_unsubscribe(subscribe_durable(ring)));
    publish_from(ring, 0, SLOTS);
    peer_t peer = peer_start(BY_EXEC, "take_five_acknowledge_two", ring_name());
    peer_expect(&peer, 1);
    peer_kill(&peer);
    CHECK_OK(slotring_recover(ring, NULL));
    slotring_reader_t *reader = subscribe_durable(ring);
    for (uint64_t n = 2; n < 5; n++)
        take_out(reader, &slots[n - 2], n);
    CHECK_OK(slotring_reader_release_one(reader, &slots[0]));
    CHECK_OK(slotring_reader_release_one(reader, &slots[1]));
    CHECK_EQUAL(reader_info(reader).delivered, 4);
    CHECK_OK(slotring_unsubscribe(reader));
    reader = subscribe_durable(ring);
    take_out(reader, &slots[0], 4);
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_forget(ring, NAME));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* ---- What is refused -------------------------------------------------------------------------------------- */

static void is_refused(slotring_t *ring, const slotring_reader_options_t *options, int code)
{
    slotring_reader_t *reader = NULL;
    CHECK_CODE(slotring_subscribe(ring, options, &reader), code);
    CHECK(reader == NULL);
}

static void combinations_are_refused(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 100);
    slotring_reader_options_t options = with_window(2);
    options.mode = SLOTRING_LOSSY;
    options.wanted = SLOTRING_WANTS_LATEST;
    is_refused(ring, &options, SLOTRING_E_INVALID);
    options = with_window(2);
    options.every = 2;
    is_refused(ring, &options, SLOTRING_E_INVALID);
    options = with_window(2);
    options.tag_mask = 1;
    is_refused(ring, &options, SLOTRING_E_INVALID);
    options = with_window(SLOTRING_WINDOW_MAX + 1);
    is_refused(ring, &options, SLOTRING_E_INVALID);
    ring_remove(ring, ring_name());
}

static void a_message_that_is_not_out(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 100);
    slotring_reader_t *reader = subscribe_window(ring, SLOTRING_WINDOW_MAX),
                      *without = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t slots[2], copy;
    publish_from(ring, 0, 2);
    take_out(without, &slots[0], 0);
    CHECK_CODE(slotring_reader_release_one(without, &slots[0]), SLOTRING_E_STATE); /* it has no window */
    CHECK_CODE(slotring_reader_release_up_to(without, &slots[0]), SLOTRING_E_STATE);
    CHECK_CODE(slotring_reader_release_one(reader, &slots[0]), SLOTRING_E_NOT_HELD); /* another reader's */
    CHECK_CODE(slotring_reader_release_one(reader, NULL), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_reader_release_up_to(reader, NULL), SLOTRING_E_INVALID);
    take_out(reader, &slots[0], 0);
    copy = slots[0];
    CHECK_OK(slotring_reader_release_one(reader, &copy));
    CHECK_CODE(slotring_reader_release_one(reader, &slots[0]), SLOTRING_E_NOT_HELD);
    CHECK_OK(slotring_unsubscribe(without));
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"released_in_any_order", released_in_any_order, 0},
    {"released_up_to_one", released_up_to_one, 0},
    {"a_batch_ends_with_the_window", a_batch_ends_with_the_window, 0},
    {"any_order_at_random", any_order_at_random, 0},
    {"the_past_is_released_before_the_present", the_past_is_released_before_the_present, 0},
    {"a_mark_is_told_while_messages_are_out", a_mark_is_told_while_messages_are_out, 0},
    {"a_revocation_waits_for_what_is_out", a_revocation_waits_for_what_is_out, 0},
    {"what_was_out_comes_again", what_was_out_comes_again, 0},
    {"records_in_any_order", records_in_any_order, 0},
    {"a_record_holds_producers_back", a_record_holds_producers_back, 0},
    {"records_that_were_out_come_again", records_that_were_out_come_again, 0},
    {"combinations_are_refused", combinations_are_refused, 0},
    {"a_message_that_is_not_out", a_message_that_is_not_out, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {
    {"take_five_acknowledge_two", take_five_acknowledge_two},
    {NULL, NULL},
};

const test_suite_t window_suite = {"window", cases, roles};
