/* SPDX-License-Identifier: Apache-2.0 */
/* Batches: several slots with one call, in order, all usable, errors in the middle included. */
#include <string.h>

#include "support/ring.h"
#include "support/suite.h"

static void fill(slotring_slot_t *slots, uint32_t count, uint64_t first)
{
    for (uint32_t i = 0; i < count; i++) {
        slots[i].tag = pattern_tag(1, first + i);
        slots[i].length = pattern_length(slots[i].tag, slots[i].capacity);
        pattern_fill(slots[i].data, slots[i].length, slots[i].tag);
    }
}

static void allocate_and_publish(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 8, 100);
    options.flags = SLOTRING_ONE_THREAD; /* so it is sure that nobody else reads */
    slotring_t *ring = ring_open_with(ring_name(), &options);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t slots[16], extra;
    uint32_t count = 0, published = 0;
    CHECK_OK(slotring_allocate_batch(ring, 1, slots, 5, 0, &count));
    CHECK_EQUAL(count, 5);
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t j = 0; j < i; j++)
            CHECK(slots[i].index != slots[j].index);
    fill(slots, 5, 0);
    CHECK_OK(slotring_mark_ready_batch(ring, slots, 5, &published));
    CHECK_EQUAL(published, 5);
    for (uint32_t i = 0; i < 5; i++) {
        CHECK_EQUAL(slots[i].sequence, i);
        CHECK(slots[i].data == NULL);
        CHECK_EQUAL(slots[i].ticket.sequence, i);
    }
    CHECK_OK(
        slotring_allocate_batch(ring, 1, slots, 16, PATIENCE, &count)); /* what there is, without waiting */
    CHECK_EQUAL(count, 3);
    CHECK_CODE(slotring_allocate_batch(ring, 1, &extra, 1, 0, &published), SLOTRING_E_FULL);
    CHECK_CODE(slotring_allocate_batch(ring, 1, &extra, 1, FOR_EVER, &published),
               SLOTRING_E_STATE); /* itself */
    fill(slots, 3, 5);
    CHECK_OK(slotring_mark_ready_batch(ring, slots, 3, NULL));
    for (uint64_t n = 0; n < 8; n++)
        take_now(reader, pattern_tag(1, n));
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void next_in_batches(void)
{
    slotring_t *ring = ring_create(ring_name(), 8, 100);
    for (uint32_t mode = SLOTRING_LOSSLESS; mode <= SLOTRING_LOSSY; mode++) {
        slotring_reader_t *reader = subscribe(ring, mode, SLOTRING_FROM_NOW);
        slotring_slot_t slots[8], one;
        uint32_t count = 0;
        CHECK_CODE(slotring_next_batch(reader, 0, slots, 8, &count), SLOTRING_E_EMPTY);
        for (uint64_t n = 0; n < 7; n++)
            publish(ring, 1, n);
        CHECK_OK(slotring_next_batch(reader, 0, slots, 3, &count));
        CHECK_EQUAL(count, 3);
        CHECK_CODE(slotring_next(reader, 0, &one), SLOTRING_E_STATE);
        CHECK_CODE(slotring_next_batch(reader, 0, &one, 1, &count), SLOTRING_E_STATE);
        for (uint32_t i = 0; i < 3; i++) {
            pattern_check(&slots[i]);
            CHECK_EQUAL(slots[i].tag, pattern_tag(1, i));
        }
        CHECK_OK(slotring_reader_release(reader)); /* all three at once */
        CHECK_CODE(slotring_reader_release(reader), SLOTRING_E_NOT_HELD);
        CHECK_OK(
            slotring_next_batch(reader, PATIENCE, slots, 8, &count)); /* what there is, without waiting */
        CHECK_EQUAL(count, 4);
        for (uint32_t i = 0; i < 4; i++) {
            pattern_check(&slots[i]);
            CHECK_EQUAL(slots[i].tag, pattern_tag(1, 3 + i));
        }
        CHECK_OK(slotring_reader_release(reader));
        CHECK_OK(slotring_unsubscribe(reader));
        check_ring_at_rest(ring);
    }
    ring_remove(ring, ring_name());
}

static void unreleased_batch_holds_all(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    for (uint32_t mode = SLOTRING_LOSSLESS; mode <= SLOTRING_LOSSY; mode++) {
        slotring_reader_t *reader = subscribe(ring, mode, SLOTRING_FROM_NOW);
        slotring_slot_t slots[4], slot;
        uint32_t count = 0;
        for (uint64_t n = 0; n < 4; n++)
            publish(ring, 1, n);
        CHECK_OK(slotring_next_batch(reader, 0, slots, 4, &count));
        CHECK_EQUAL(count, 4);
        CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_FULL);
        for (uint32_t i = 0; i < 4; i++)
            pattern_check(&slots[i]);
        CHECK_OK(slotring_unsubscribe(reader)); /* with all of them in hand */
        CHECK_OK(slotring_allocate(ring, 1, &slot));
        CHECK_OK(slotring_abort(ring, &slot));
        check_ring_at_rest(ring);
    }
    ring_remove(ring, ring_name());
}

static void a_wrong_one_in_the_middle(void)
{
    slotring_t *ring = ring_create(ring_name(), 8, 100);
    slotring_slot_t slots[4];
    uint32_t count = 0, published = 99;
    CHECK_OK(slotring_allocate_batch(ring, 1, slots, 4, 0, &count));
    fill(slots, 4, 0);
    slots[2].length = 101;
    CHECK_CODE(slotring_mark_ready_batch(ring, slots, 4, &published), SLOTRING_E_TOO_LARGE);
    CHECK_EQUAL(ring_stats(ring).published, published);
    CHECK(published <= 2);
    for (uint32_t i = published; i < 4; i++) { /* the rest is still the caller's */
        slots[i].length = 1;
        CHECK_OK(slotring_mark_ready(ring, &slots[i], 1));
    }
    CHECK_EQUAL(ring_stats(ring).published, 4);
    CHECK_OK(slotring_allocate_batch(ring, 1, slots, 3, 0, &count));
    fill(slots, 3, 4);
    CHECK_OK(slotring_abort(ring, &slots[1]));
    CHECK_CODE(slotring_mark_ready_batch(ring, slots, 3, &published), SLOTRING_E_STATE);
    CHECK_EQUAL(ring_stats(ring).published, 4 + published);
    for (uint32_t i = published; i < 3; i++)
        if (i != 1)
            CHECK_OK(slotring_abort(ring, &slots[i]));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void nothing_wanted(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t slots[2];
    uint32_t count = 7;
    CHECK_CODE(slotring_allocate_batch(ring, 1, slots, 0, 0, &count), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_allocate_batch(ring, 1, NULL, 1, 0, &count), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_allocate_batch(ring, 1, slots, 1, 0, NULL), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_allocate_batch(ring, 101, slots, 2, 0, &count), SLOTRING_E_TOO_LARGE);
    CHECK_CODE(slotring_next_batch(reader, 0, slots, 0, &count), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_next_batch(reader, 0, NULL, 1, &count), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_next_batch(reader, 0, slots, 1, NULL), SLOTRING_E_INVALID);
    CHECK_EQUAL(ring_stats(ring).slots_free, 4);
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

static void duplicates_are_noticed(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_slot_t slots[2];
    uint32_t published = 9;
    CHECK_OK(slotring_allocate(ring, 1, &slots[0]));
    slots[0].length = 1;
    slots[1] = slots[0];
    CHECK_CODE(slotring_mark_ready_batch(ring, slots, 2, &published), SLOTRING_E_STATE);
    CHECK_EQUAL(ring_stats(ring).published, published);
    CHECK(published <= 1);
    if (published == 0)
        CHECK_OK(slotring_abort(ring, &slots[0]));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* It asks for more than there can be. */
static void a_lossy_reader_gets_all_slots_at_most(void)
{
    slotring_t *ring = ring_create(ring_name(), 3, 100);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    slotring_slot_t slots[8];
    uint32_t count;
    for (uint64_t n = 0; n < 5; n++)
        publish(ring, 1, n);
    CHECK_OK(slotring_next_batch(reader, 0, slots, 8, &count));
    CHECK_EQUAL(count, 3);
    for (uint32_t i = 0; i < count; i++) {
        CHECK_EQUAL(slots[i].sequence, 2 + i);
        pattern_check(&slots[i]);
    }
    CHECK_OK(slotring_reader_release(reader));
    CHECK_CODE(slotring_next_batch(reader, 0, slots, 8, &count), SLOTRING_E_EMPTY);
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void errors_of_the_single_calls(void)
{
    slotring_t *ring = ring_create(ring_name(), 2, 100), *other = ring_attach(ring_name());
    slotring_reader_t *reader = subscribe(other, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t slots[2], more[2];
    uint32_t count = 0, published = 9;
    CHECK_CODE(slotring_next_batch(reader, MILLISECOND, more, 2, &count), SLOTRING_E_TIMEOUT);
    CHECK_OK(slotring_interrupt(other)); /* ends the next call that would block */
    CHECK_CODE(slotring_next_batch(reader, FOR_EVER, more, 2, &count), SLOTRING_E_INTERRUPTED);
    CHECK_OK(slotring_allocate_batch(ring, 1, slots, 2, 0, &count));
    CHECK_EQUAL(count, 2);
    CHECK_CODE(slotring_allocate_batch(ring, 1, more, 2, MILLISECOND, &count), SLOTRING_E_TIMEOUT);
    CHECK_OK(slotring_interrupt(ring));
    CHECK_CODE(slotring_allocate_batch(ring, 1, more, 2, FOR_EVER, &count), SLOTRING_E_INTERRUPTED);
    fill(slots, 2, 0);
    CHECK_CODE(slotring_mark_ready_batch(other, slots, 2, &published), SLOTRING_E_NOT_OWNER);
    CHECK_EQUAL(published, 0);
    CHECK_CODE(slotring_mark_ready_batch(ring, NULL, 2, &published), SLOTRING_E_INVALID);
    CHECK_OK(slotring_mark_ready_batch(ring, slots, 2, &published));
    CHECK_OK(slotring_end_stream(ring));
    CHECK_OK(slotring_next_batch(reader, FOR_EVER, more, 2, &count));
    CHECK_EQUAL(count, 2);
    CHECK_OK(slotring_reader_release(reader));
    CHECK_CODE(slotring_next_batch(reader, FOR_EVER, more, 2, &count), SLOTRING_E_END);
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_close(other));
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"allocate_and_publish", allocate_and_publish, 0},
    {"next_in_batches", next_in_batches, 0},
    {"unreleased_batch_holds_all", unreleased_batch_holds_all, 0},
    {"a_wrong_one_in_the_middle", a_wrong_one_in_the_middle, 0},
    {"nothing_wanted", nothing_wanted, 0},
    {"duplicates_are_noticed", duplicates_are_noticed, 0},
    {"a_lossy_reader_gets_all_slots_at_most", a_lossy_reader_gets_all_slots_at_most, 0},
    {"errors_of_the_single_calls", errors_of_the_single_calls, 0},
    {NULL, NULL, 0},
};

const test_suite_t batch_suite = {"batch", cases, NULL};
