/* SPDX-License-Identifier: Apache-2.0 */
/* Windows of durable readers: what is acknowledged before older messages is not given to the next reader of the name, whether it
 * has a window or not, and what is not acknowledged is. */
#include <string.h>

#include "support/process.h"
#include "support/records.h"
#include "support/ring.h"
#include "support/suite.h"

#define NO_WAIT 0
#define NAME "recorder"
#define SLOTS 8u
#define LARGE 128u
#define REACH 48u /* messages above the oldest that is out: these may be acknowledged before it */

static slotring_reader_t *subscribe_durable(slotring_t *ring, uint32_t window)
{
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    options.flags = SLOTRING_DURABLE;
    options.name = NAME;
    options.window = window;
    return subscribe_with(ring, &options);
}

static void ends(slotring_t *ring, slotring_reader_t *reader)
{
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_forget(ring, NAME));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void acknowledges_three_ahead(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe_durable(ring, 6);
    slotring_slot_t slots[6];
    for (uint64_t n = 0; n < 6; n++)
        take_out(reader, &slots[n], n);
    CHECK_OK(slotring_reader_release_one(reader, &slots[4]));
    CHECK_OK(slotring_reader_release_one(reader, &slots[1]));
    CHECK_OK(slotring_reader_release_one(reader, &slots[3]));
    CHECK_CODE(slotring_reader_release_one(reader, &slots[3]), SLOTRING_E_NOT_HELD);
    CHECK_EQUAL(reader_info(reader).cursor, 0);
    peer_tell(test, 1);
    peer_hear(test);
}

/* After a process with messages out was killed. window: of the next reader. */
static void the_others_come_again(uint32_t window)
{
    static const uint64_t others[] = {0, 2, 5, 6, 7};
    slotring_t *ring = ring_create(ring_name(), SLOTS, 100);
    slotring_slot_t slot;
    CHECK_OK(slotring_unsubscribe(subscribe_durable(ring, 6)));
    publish_from(ring, 0, SLOTS);
    peer_t peer = peer_start(BY_EXEC, "window-durable-three-ahead", ring_name());
    peer_expect(&peer, 1);
    peer_kill(&peer);
    CHECK_OK(slotring_recover(ring, NULL));
    slotring_reader_t *reader = subscribe_durable(ring, window);
    for (unsigned i = 0; i < 5; i++) {
        take_out(reader, &slot, others[i]);
        CHECK_OK(slotring_reader_release(reader));
        CHECK_EQUAL(reader_info(reader).missed, 0);
        if (i % 2 == 0) { /* and once more */
            CHECK_OK(slotring_unsubscribe(reader));
            reader = subscribe_durable(ring, window);
        }
    }
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_EMPTY);
    CHECK_EQUAL(reader_info(reader).delivered, SLOTS);
    CHECK_EQUAL(reader_info(reader).cursor, SLOTS);
    ends(ring, reader);
}

static void to_a_reader_with_a_window(void)
{
    the_others_come_again(6);
}

static void to_a_reader_without_a_window(void)
{
    the_others_come_again(0);
}

static void to_a_reader_with_a_long_window(void)
{
    the_others_come_again(REACH + 1);
}

/* Some thousand messages, over many laps of the bits, released in an order that nobody foresees, by readers that come and go, with
 * windows and without: each is acknowledged once, and is given until then. */
static void any_order_at_random(void)
{
    static const uint32_t windows[] = {REACH, 0, 5, 100, REACH, 3};
    slotring_t *ring = ring_create(ring_name(), LARGE, 100);
    slotring_reader_t *reader = subscribe_durable(ring, windows[0]);
    slotring_slot_t out[REACH];
    unsigned count = 0, seed = 5, owners = 0, window = windows[0];
    uint64_t published = 0, acknowledged = 0, lowest = 0;
    static unsigned char done[65536];
    memset(done, 0, sizeof done);
    uint64_t most = scaled(2000) < sizeof done ? scaled(2000) : sizeof done;
    while (acknowledged < most) {
        seed = seed * 1103515245u + 12345u;
        unsigned dice = seed >> 16;
        while (published < most && published < lowest + LARGE / 2)
            publish(ring, 1, published++);
        if (dice % 97 == 0) {
            CHECK_OK(slotring_unsubscribe(reader)); /* with messages out */
            window = windows[++owners % 6];
            reader = subscribe_durable(ring, window);
            count = 0;
        }
        if (count == 0 || (dice % 2 == 0 && count < window && count < REACH)) {
            int code = slotring_next(reader, NO_WAIT, &out[count]);
            CHECK(code == 0 || (count > 0 && (code == SLOTRING_E_STATE || code == SLOTRING_E_EMPTY)));
            if (code == 0) {
                CHECK_EQUAL(out[count].tag, pattern_tag(1, out[count].sequence));
                CHECK(!done[out[count++].sequence]);
            }
            continue;
        }
        unsigned which = dice / 2 % count;
        pattern_check(&out[which]);
        int code =
            window == 0 ? slotring_reader_release(reader) : slotring_reader_release_one(reader, &out[which]);
        if (window > REACH && code == SLOTRING_E_STATE)
            continue; /* not in its reach, or its row has no bits */
        CHECK_OK(code);
        done[out[which].sequence] = 1;
        acknowledged++;
        out[which] = out[--count];
        while (lowest < most && done[lowest])
            lowest++;
        CHECK(reader_info(reader).cursor <= lowest);
        CHECK_EQUAL(reader_info(reader).missed, 0);
    }
    CHECK_AT_LEAST(owners, most / 300);
    CHECK_CODE(slotring_next(reader, NO_WAIT, &out[0]), SLOTRING_E_EMPTY);
    CHECK_EQUAL(reader_info(reader).delivered, most);
    ends(ring, reader);
}

/* A batch that is longer than what the bits reach. */
static void a_batch_beyond_the_bits(void)
{
    slotring_t *ring = ring_create(ring_name(), LARGE, 64);
    slotring_reader_t *reader = subscribe_durable(ring, 8);
    slotring_slot_t slots[100];
    uint32_t count;
    publish_from(ring, 0, 110);
    take_out(reader, &slots[0], 0);
    take_out(reader, &slots[1], 1);
    CHECK_OK(slotring_reader_release_one(reader, &slots[1]));
    CHECK_OK(slotring_unsubscribe(reader));
    reader = subscribe_durable(ring, 0);
    CHECK_OK(slotring_next_batch(reader, NO_WAIT, slots, 100, &count));
    CHECK_EQUAL(count, 100);
    CHECK_EQUAL(slots[1].sequence, 2);
    CHECK_OK(slotring_reader_release(reader));
    CHECK_EQUAL(reader_info(reader).delivered, 101);
    CHECK_OK(slotring_unsubscribe(reader));
    reader = subscribe_durable(ring, 8);
    for (uint64_t n = 101; n < 110; n++) {
        take_out(reader, &slots[0], n);
        CHECK_OK(slotring_reader_release_one(reader, &slots[0]));
    }
    CHECK_EQUAL(reader_info(reader).delivered, 110);
    ends(ring, reader);
}

/* ---- What is acknowledged in order -------------------------------------------------------------------- */

static void a_long_window_is_acknowledged_in_order(void)
{
    slotring_t *ring = ring_create(ring_name(), LARGE, 64);
    slotring_reader_t *reader = subscribe_durable(ring, REACH + 1);
    slotring_slot_t slots[3];
    publish_from(ring, 0, 3);
    for (uint64_t n = 0; n < 3; n++)
        take_out(reader, &slots[n], n);
    CHECK_CODE(slotring_reader_release_one(reader, &slots[1]), SLOTRING_E_STATE);
    CHECK_OK(slotring_reader_release_up_to(reader, &slots[1]));
    CHECK_OK(slotring_reader_release_one(reader, &slots[2]));
    ends(ring, reader);
}

/* Records of one writer; those of another one may be older. */
static void records_are_acknowledged_by_writer(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 256);
    slotring_reader_t *reader = subscribe_durable(ring, 16);
    slotring_writer_t *writers[2] = {writer_open(ring), writer_open(ring)};
    slotring_slot_t out[6], *of[2][3];
    unsigned counts[2] = {0, 0};
    for (uint64_t n = 0; n < 3; n++)
        for (uint32_t i = 0; i < 2; i++)
            CHECK_OK(record_append(writers[i], i, n, 24, PATIENCE));
    for (unsigned i = 0; i < 6; i++) {
        CHECK_OK(slotring_next(reader, NO_WAIT, &out[i]));
        unsigned w = out[i].writer == writer_row(writers[0]) ? 0 : 1;
        of[w][counts[w]++] = &out[i];
    }
    unsigned later = of[0][0] == &out[0] ? 1 : 0; /* whose first record is not the oldest that is out */
    CHECK_CODE(slotring_reader_release_one(reader, of[later][1]), SLOTRING_E_STATE);
    CHECK_OK(slotring_reader_release_one(reader, of[later][0]));
    CHECK_OK(slotring_reader_release_one(reader, of[later][1]));
    CHECK_OK(slotring_unsubscribe(reader));
    reader = subscribe_durable(ring, 16);
    unsigned again[2] = {0, 0};
    while (slotring_next(reader, NO_WAIT, &out[0]) == 0) {
        unsigned w = out[0].writer == writer_row(writers[0]) ? 0 : 1;
        CHECK_EQUAL(out[0].number, (w == later ? 2 : 0) + again[w]++);
        CHECK_OK(slotring_reader_release_one(reader, &out[0]));
    }
    CHECK_EQUAL(again[later], 1);
    CHECK_EQUAL(again[1 - later], 3);
    for (int i = 0; i < 2; i++)
        CHECK_OK(slotring_writer_close(writers[i]));
    ends(ring, reader);
}

/* ---- A revocation while nobody has it ------------------------------------------------------------------ */

static void after_a_revocation(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 100);
    slotring_reader_t *reader = subscribe_durable(ring, 6);
    slotring_slot_t slots[6];
    publish_from(ring, 0, 6);
    for (uint64_t n = 0; n < 6; n++)
        take_out(reader, &slots[n], n);
    CHECK_OK(slotring_reader_release_one(reader, &slots[1]));
    CHECK_OK(slotring_reader_release_one(reader, &slots[4]));
    uint32_t row = reader_info(reader).row;
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_revoke(ring, row));
    publish_from(ring, 6, 11); /* 0, 1 and 2 are overwritten */
    reader = subscribe_durable(ring, 6);
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slots[0]), SLOTRING_E_REVOKED);
    CHECK_EQUAL(reader_info(reader).lost, 2); /* 0 and 2: nobody misses what was acknowledged */
    CHECK_EQUAL(reader_info(reader).missed, 2);
    CHECK_EQUAL(reader_info(reader).pending, 7);
    CHECK_EQUAL(reader_info(reader).delivered, 2);
    static const uint64_t rest[] = {3, 5, 6, 7, 8, 9, 10};
    for (unsigned i = 0; i < 7; i++) {
        take_out(reader, &slots[0], rest[i]);
        CHECK_OK(slotring_reader_release(reader));
    }
    publish_from(ring, 11, 13);
    take_out(reader, &slots[0], 11);
    take_out(reader, &slots[1], 12);
    CHECK_OK(slotring_reader_release_one(reader, &slots[1]));
    CHECK_OK(slotring_unsubscribe(reader));
    reader = subscribe_durable(ring, 6);
    take_out(reader, &slots[0], 11);
    CHECK_OK(slotring_reader_release(reader));
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slots[0]), SLOTRING_E_EMPTY);
    CHECK_EQUAL(reader_info(reader).delivered, 11);
    CHECK_EQUAL(reader_info(reader).missed, 2);
    ends(ring, reader);
}

static void others_see_the_window_of_the_last_reader(void)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 64);
    for (uint32_t window = 6; window <= 7; window++) {
        slotring_reader_t *reader = subscribe_durable(ring, window);
        slotring_reader_info_t info[1];
        uint32_t count;
        CHECK_EQUAL(reader_info(reader).window, window);
        CHECK_OK(slotring_unsubscribe(reader));
        CHECK_OK(slotring_readers(ring, info, 1, &count));
        CHECK_EQUAL(info[0].window, window);
        CHECK_EQUAL(info[0].flags, SLOTRING_DURABLE);
    }
    CHECK_OK(slotring_forget(ring, NAME));
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"to_a_reader_with_a_window", to_a_reader_with_a_window, 0},
    {"to_a_reader_without_a_window", to_a_reader_without_a_window, 0},
    {"to_a_reader_with_a_long_window", to_a_reader_with_a_long_window, 0},
    {"any_order_at_random", any_order_at_random, 0},
    {"a_batch_beyond_the_bits", a_batch_beyond_the_bits, 0},
    {"a_long_window_is_acknowledged_in_order", a_long_window_is_acknowledged_in_order, 0},
    {"records_are_acknowledged_by_writer", records_are_acknowledged_by_writer, 0},
    {"after_a_revocation", after_a_revocation, 0},
    {"others_see_the_window_of_the_last_reader", others_see_the_window_of_the_last_reader, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {
    {"window-durable-three-ahead", acknowledges_three_ahead},
    {NULL, NULL},
};

const test_suite_t window_durable_suite = {"window_durable", cases, roles};
