/* SPDX-License-Identifier: Apache-2.0 */
/* slotring_slot_t: programs whose struct is longer than the library's, as a later version will have it, and what stands
 * in its fields. */
#include <stdio.h>
#include <string.h>

#include "support/ring.h"
#include "support/suite.h"

#define SLOTS 8u
#define SLOT_STRUCT_MOST 4096u

/* An array as a program has it whose slot struct is longer: `stride` bytes each. */
static union {
    slotring_slot_t aligned;
    unsigned char bytes[SLOTS * SLOT_STRUCT_MOST];
} array;

static slotring_slot_t *slot_at(size_t stride, uint32_t n)
{
    return (void *)(array.bytes + stride * n);
}

static void prepare_array(void)
{
    memset(array.bytes, 0xcc, sizeof array.bytes);
}

/* The fields of this version are the library's; not what it has to spare, nor what a newer version has behind. */
static void check_array(size_t stride, uint32_t used)
{
    for (size_t i = 0; i < sizeof array.bytes; i++)
        if ((i >= stride * used || i % stride >= offsetof(slotring_slot_t, reserved)) &&
            array.bytes[i] != 0xcc)
            FAIL("byte %zu of slot struct %zu was written; a struct has %zu", i % stride, i / stride, stride);
}

static slotring_t *ring_with_slot_structs(size_t size)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, 100);
    options.slot_struct_size = size;
    return ring_open_with(ring_name(), &options);
}

static slotring_reader_t *reader_with_slot_structs(slotring_t *ring, uint32_t mode, size_t size)
{
    slotring_reader_options_t options = reader_options(mode, SLOTRING_FROM_NOW);
    options.slot_struct_size = size;
    return subscribe_with(ring, &options);
}

static void publish_array(slotring_t *ring, size_t stride, uint32_t wanted)
{
    uint32_t count = 0, published = 0;
    prepare_array();
    CHECK_OK(slotring_allocate_batch(ring, 1, slot_at(stride, 0), wanted, 0, &count));
    CHECK_EQUAL(count, wanted);
    check_array(stride, wanted);
    for (uint32_t n = 0; n < wanted; n++) {
        slotring_slot_t *slot = slot_at(stride, n);
        slot->tag = pattern_tag(1, n);
        slot->length = pattern_length(slot->tag, slot->capacity);
        pattern_fill(slot->data, slot->length, slot->tag);
    }
    CHECK_OK(slotring_mark_ready_batch(ring, slot_at(stride, 0), wanted, &published));
    CHECK_EQUAL(published, wanted);
    check_array(stride, wanted);
}

static void take_array(slotring_reader_t *reader, size_t stride, uint32_t expected)
{
    uint32_t count = 0;
    prepare_array();
    CHECK_OK(slotring_next_batch(reader, 0, slot_at(stride, 0), SLOTS, &count));
    CHECK_EQUAL(count, expected);
    check_array(stride, expected);
    for (uint32_t n = 0; n < expected; n++) {
        CHECK_EQUAL(slot_at(stride, n)->tag, pattern_tag(1, n));
        pattern_check(slot_at(stride, n));
    }
    CHECK_OK(slotring_reader_release(reader));
}

/* Arrays of a program that was built with a later version; a reader of another module has another size than its handle. */
static void batches_of_longer_slots(void)
{
    static const size_t sizes[] = {sizeof(slotring_slot_t), sizeof(slotring_slot_t) + 8, 512,
                                   SLOT_STRUCT_MOST};
    const uint32_t count = sizeof sizes / sizeof sizes[0];
    for (uint32_t i = 0; i < count; i++) {
        size_t of_handle = sizes[i], of_lossless = sizes[(i + 1) % count], of_lossy = sizes[(i + 2) % count];
        check_context("%zu bytes", of_handle);
        slotring_t *ring = ring_with_slot_structs(of_handle);
        slotring_reader_t *lossless = reader_with_slot_structs(ring, SLOTRING_LOSSLESS, of_lossless);
        slotring_reader_t *lossy = reader_with_slot_structs(ring, SLOTRING_LOSSY, of_lossy);
        publish_array(ring, of_handle, 5);
        take_array(lossless, of_lossless, 5);
        take_array(lossy, of_lossy, 5);
        CHECK_OK(slotring_unsubscribe(lossy));
        CHECK_OK(slotring_unsubscribe(lossless));
        lossless = reader_with_slot_structs(ring, SLOTRING_LOSSLESS, of_lossless);
        check_ring_at_rest(ring);
        CHECK_OK(slotring_unsubscribe(lossless));
        ring_remove(ring, ring_name());
    }
    check_context("%s", "");
}

/* Who says no size has that of the first version, which is this one. */
static void batches_without_a_size(void)
{
    slotring_t *ring = ring_with_slot_structs(0);
    slotring_reader_t *zero = reader_with_slot_structs(ring, SLOTRING_LOSSLESS, 0), *none;
    CHECK_OK(slotring_subscribe(ring, NULL, &none));
    publish_array(ring, sizeof(slotring_slot_t), 6);
    take_array(zero, sizeof(slotring_slot_t), 6);
    take_array(none, sizeof(slotring_slot_t), 6);
    CHECK_OK(slotring_unsubscribe(zero));
    CHECK_OK(slotring_unsubscribe(none));
    slotring_t *other;
    slotring_error_t error;
    CHECK_OK(slotring_open(&other, ring_name(), NULL, &error));
    publish_array(other, sizeof(slotring_slot_t), 2);
    CHECK_OK(slotring_close(other));
    ring_remove(ring, ring_name());
}

static void check_size_refused(const char *text, size_t size)
{
    char number[32];
    (void)snprintf(number, sizeof number, "slot_struct_size %zu:", size);
    CHECK_CONTAINS(text, number);
    (void)snprintf(number, sizeof number, "from %zu to 4096", sizeof(slotring_slot_t));
    CHECK_CONTAINS(text, number);
    (void)snprintf(number, sizeof number, "multiple of %zu", _Alignof(slotring_slot_t));
    CHECK_CONTAINS(text, number);
}

static void sizes_of_slots_that_are_none(void)
{
    static const size_t wrong[] = {1,
                                   sizeof(slotring_slot_t) - _Alignof(slotring_slot_t),
                                   sizeof(slotring_slot_t) + 1,
                                   SLOT_STRUCT_MOST - 1,
                                   SLOT_STRUCT_MOST + _Alignof(slotring_slot_t),
                                   SIZE_MAX};
    slotring_t *ring = ring_create(ring_name(), 4, 100), *other;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
        slotring_reader_options_t reading;
        slotring_reader_t *reader;
        slotring_error_t error;
        check_context("%zu bytes", wrong[i]);
        options.slot_struct_size = wrong[i];
        CHECK_CODE(slotring_open(&other, ring_name(), &options, &error), SLOTRING_E_INVALID);
        CHECK(other == NULL);
        check_size_refused(error.text, wrong[i]);
        slotring_reader_options_init(&reading);
        reading.slot_struct_size = wrong[i];
        CHECK_CODE(slotring_subscribe(ring, &reading, &reader), SLOTRING_E_INVALID);
        CHECK(reader == NULL);
        slotring_last_error(&error);
        check_size_refused(error.text, wrong[i]);
    }
    check_context("%s", "");
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void check_message(const slotring_slot_t *slot, const slotring_participant_t *producer)
{
    CHECK_EQUAL(slot->kind, SLOTRING_KIND_SLOT);
    CHECK_EQUAL(slot->number, SLOTRING_NO_NUMBER);
    CHECK_EQUAL(slot->writer, SLOTRING_NO_WRITER);
    CHECK_EQUAL(slot->pieces, 1);
    CHECK_EQUAL(slot->deliveries, 0);
    CHECK_EQUAL(slot->producer, producer->index);
    CHECK_EQUAL(slot->producer_incarnation, producer->incarnation);
}

/* Each message says who published it, to every kind of reader, also after the producer has left. */
static void who_produced_it(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    for (uint64_t n = 0; n < 3; n++) { /* the same entry, another incarnation each time */
        slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
        slotring_t *other = ring_open_with(ring_name(), &options), *observer;
        slotring_participant_t list[2];
        slotring_slot_t slot;
        uint32_t count;
        CHECK_OK(slotring_participants(ring, list, 2, &count));
        CHECK_EQUAL(count, 2);
        CHECK_EQUAL(list[1].index, 1);
        memset(&slot, 0xcc, sizeof slot);
        CHECK_OK(slotring_allocate(other, 1, &slot));
        check_message(&slot, &list[1]);
        CHECK_OK(slotring_mark_ready(other, &slot, 0));
        check_message(&slot, &list[1]);
        slotring_ticket_t ticket = slot.ticket;
        CHECK_OK(slotring_close(other));
        memset(&slot, 0xcc, sizeof slot);
        CHECK_OK(slotring_next(reader, 0, &slot));
        check_message(&slot, &list[1]);
        memset(&slot, 0xcc, sizeof slot);
        CHECK_OK(slotring_acquire_for_read(ring, &ticket, &slot));
        check_message(&slot, &list[1]);
        CHECK_OK(slotring_release(ring, &slot));
        memset(&slot, 0xcc, sizeof slot);
        CHECK_OK(slotring_copy(ring, &ticket, NULL, 0, &slot));
        check_message(&slot, &list[1]);
        options = ring_options(SLOTRING_OBSERVE, 0, 0);
        observer = ring_open_with(ring_name(), &options);
        memset(&slot, 0xcc, sizeof slot);
        CHECK_OK(slotring_copy_sequence(observer, n, NULL, 0, &slot));
        check_message(&slot, &list[1]);
        CHECK_OK(slotring_close(observer));
        CHECK_OK(slotring_reader_release(reader));
    }
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"batches_of_longer_slots", batches_of_longer_slots, 0},
    {"batches_without_a_size", batches_without_a_size, 0},
    {"sizes_of_slots_that_are_none", sizes_of_slots_that_are_none, 0},
    {"who_produced_it", who_produced_it, 0},
    {NULL, NULL, 0},
};

const test_suite_t slot_struct_suite = {"slot_struct", cases, NULL};
