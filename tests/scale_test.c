/* SPDX-License-Identifier: Apache-2.0 */
/* Large rings: a million slots, a thousand participants, more than 4 GiB, slots of a byte and of a GiB. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/files.h"
#include "support/ring.h"
#include "support/suite.h"

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)
#define SLOT (460 * MIB) /* nine of them are more than 4 GiB */

static void a_million_slots(void)
{
    slotring_t *ring = ring_create(ring_name(), 1000000, 64);
    CHECK_EQUAL(ring_info(ring).slot_count, 1000000);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    uint64_t count = 1000000;
    for (uint64_t n = 0; n < count; n++) {
        slotring_slot_t slot;
        CHECK_OK(slotring_allocate(ring, 8, &slot));
        memcpy(slot.data, &n, 8);
        CHECK_OK(slotring_mark_ready(ring, &slot, 8));
    }
    slotring_slot_t slot;
    CHECK_CODE(slotring_allocate(ring, 8, &slot), SLOTRING_E_FULL);
    slotring_stats_t stats = ring_stats(ring);
    CHECK_EQUAL(stats.slots_ready, count);
    CHECK_EQUAL(stats.slots_free, 0);
    for (uint64_t n = 0; n < count; n++) {
        CHECK_OK(slotring_next(reader, 0, &slot));
        CHECK_EQUAL(slot.sequence, n);
        CHECK(memcmp(slot.data, &n, 8) == 0);
        CHECK_OK(slotring_reader_release(reader));
    }
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void a_thousand_participants(void)
{
    if (open_files_allowed() < 4096)
        SKIP("needs 4096 open files, the limit is %llu", (unsigned long long)open_files_allowed());
    enum {
        COUNT = 1000
    };
    static slotring_t *rings[COUNT];
    static slotring_slot_t held[COUNT];
    slotring_options_t options = ring_options(SLOTRING_CREATE_OR_ATTACH, 16, 64);
    options.max_participants = COUNT;
    options.max_readers = COUNT;
    for (int i = 0; i < COUNT; i++)
        rings[i] = ring_open_with(ring_name(), &options);
    slotring_t *one_too_many = NULL;
    slotring_error_t error;
    CHECK_CODE(slotring_open(&one_too_many, ring_name(), &options, &error), SLOTRING_E_PARTICIPANTS);
    CHECK_CONTAINS(error.text, "1000");
    slotring_ticket_t ticket = publish(rings[999], 1, 1); /* held by a thousand at once: no count overflows */
    for (int i = 0; i < COUNT; i++)
        hold(rings[i], &ticket, &held[i]);
    for (uint64_t n = 0; n < 50; n++)
        publish(rings[500], 1, 2 + n);
    for (int i = 0; i < COUNT; i++) {
        pattern_check(&held[i]);
        CHECK_OK(slotring_release(rings[i], &held[i]));
    }
    slotring_slot_t slot;
    CHECK_CODE(slotring_acquire_for_read(rings[0], &ticket, &slot), SLOTRING_E_STALE);
    static slotring_reader_t *readers[COUNT];
    for (int i = 0; i < COUNT; i++)
        readers[i] = subscribe(rings[i], SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    for (uint64_t n = 0; n < scaled(40); n++) {
        publish(rings[n * 7 % COUNT], 2, n);
        for (int i = 0; i < COUNT; i++)
            take_now(readers[i], pattern_tag(2, n));
    }
    CHECK_EQUAL(ring_stats(rings[0]).participants, COUNT);
    CHECK_EQUAL(ring_stats(rings[0]).readers, COUNT);
    check_ring(rings[0]);
    for (int i = 1; i < COUNT; i++)
        CHECK_OK(slotring_close(rings[i]));
    CHECK_EQUAL(ring_stats(rings[0]).participants, 1);
    CHECK_OK(slotring_unsubscribe(readers[0]));
    check_recovered(rings[0], 1);
    ring_remove(rings[0], ring_name());
}

/* Where addresses have 32 bits, such a ring is refused with both sizes, whatever memory there is. */
static bool refused(uint64_t slots, uint64_t slot_size)
{
    if (sizeof(void *) > 4)
        return false;
    slotring_options_t options = ring_options(SLOTRING_CREATE, slots, slot_size);
    slotring_t *ring = NULL;
    slotring_error_t error = {0};
    CHECK_CODE(slotring_open(&ring, ring_name(), &options, &error), SLOTRING_E_ADDRESS_SPACE);
    CHECK(ring == NULL);
    unsigned long long asked = 0, most = 0;
    unsigned bits = 0;
    CHECK_CONTAINS(error.text, "takes ");
    CHECK_EQUAL(sscanf(strstr(error.text, "takes "),
                       "takes %llu bytes of memory; a process whose addresses have %u bits can map %llu",
                       &asked, &bits, &most),
                3);
    CHECK_AT_LEAST(asked, slots * slot_size);
    CHECK_EQUAL(bits, 32);
    CHECK_EQUAL(most, INT32_MAX);
    CHECK_EQUAL(directory_entries(directory_path(), NULL, 0), 0);
    return true;
}

static void more_than_4_gib(void)
{
    if (refused(9, SLOT))
        return;
    if (free_mib() < 6 * 1024)
        SKIP("needs 6144 MiB of free memory, %llu are there", (unsigned long long)free_mib());
    slotring_t *ring = ring_create(ring_name(), 9, SLOT);
    slotring_info_t info = ring_info(ring);
    CHECK_AT_LEAST(info.payload_size, 9 * SLOT);
    slotring_ticket_t tickets[9];
    for (uint64_t n = 0; n < 9; n++) {
        slotring_slot_t slot;
        CHECK_OK(slotring_allocate(ring, SLOT, &slot));
        CHECK_EQUAL(slot.offset, slot.index * info.slot_stride);
        pattern_fill((char *)slot.data + slot.capacity - 4096, 4096,
                     pattern_tag(1, n)); /* where offsets are large */
        pattern_fill(slot.data, 4096, pattern_tag(2, n));
        CHECK_OK(slotring_mark_ready(ring, &slot, SLOT));
        tickets[n] = slot.ticket;
    }
    CHECK_EQUAL(ring_stats(ring).bytes_written, 9 * SLOT);
    for (uint64_t n = 0; n < 9; n++) { /* nobody wrote over anybody */
        slotring_slot_t slot;
        CHECK_OK(slotring_acquire_for_read(ring, &tickets[n], &slot));
        CHECK_EQUAL(slot.length, SLOT);
        CHECK_EQUAL(pattern_verify((char *)slot.data + slot.capacity - 4096, 4096, pattern_tag(1, n)), 4096);
        CHECK_EQUAL(pattern_verify(slot.data, 4096, pattern_tag(2, n)), 4096);
        CHECK_OK(slotring_release(ring, &slot));
    }
    ring_remove(ring, ring_name());
}

static void slots_of_a_gib(void)
{
    if (refused(2, GIB))
        return;
    if (free_mib() < 3 * 1024)
        SKIP("needs 3072 MiB of free memory, %llu are there", (unsigned long long)free_mib());
    slotring_t *ring = ring_create(ring_name(), 2, GIB);
    CHECK_EQUAL(ring_info(ring).slot_count, 2);
    slotring_slot_t slot;
    for (uint64_t n = 0; n < 4; n++) {
        CHECK_OK(slotring_allocate(ring, GIB, &slot));
        CHECK_EQUAL(slot.capacity, GIB);
        ((uint8_t *)slot.data)[GIB - 1] = (uint8_t)(n + 1);
        CHECK_OK(slotring_mark_ready(ring, &slot, GIB));
        slotring_ticket_t ticket = slot.ticket;
        CHECK_OK(slotring_acquire_for_read(ring, &ticket, &slot));
        CHECK_EQUAL(slot.length, GIB);
        CHECK_EQUAL(((uint8_t *)slot.data)[GIB - 1], n + 1);
        CHECK_OK(slotring_release(ring, &slot));
    }
    ring_remove(ring, ring_name());
}

static void slots_of_a_byte(void)
{
    slotring_t *ring = ring_create(ring_name(), 10, 1);
    slotring_slot_t slots[10], slot;
    for (uint32_t n = 0; n < 10; n++) {
        CHECK_OK(slotring_allocate(ring, 1, &slots[n]));
        CHECK_EQUAL(slots[n].capacity, 1);
        *(uint8_t *)slots[n].data = (uint8_t)(0xa0 + n);
    }
    for (uint32_t n = 0; n < 10; n++)
        CHECK_OK(slotring_mark_ready(ring, &slots[n], 1));
    for (uint32_t n = 0; n < 10; n++) {
        CHECK_OK(slotring_acquire_for_read(ring, &slots[n].ticket, &slot));
        CHECK_EQUAL(*(uint8_t *)slot.data, 0xa0 + n);
        CHECK_OK(slotring_release(ring, &slot));
    }
    CHECK_CODE(slotring_allocate(ring, 2, &slot), SLOTRING_E_TOO_LARGE);
    ring_remove(ring, ring_name());
}

static void odd_slot_counts(void)
{
    /* one slot, and around each power of 64, where the levels of the bitmap change */
    static const uint64_t counts[] = {1, 2, 3, 63, 64, 65, 127, 4095, 4096, 4097, 262143, 262144, 262145};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        uint64_t count = counts[i];
        check_context("%llu slots", (unsigned long long)count);
        slotring_t *ring = ring_create(ring_name(), count, 1);
        slotring_slot_t slot;
        uint8_t *seen = calloc((size_t)count, 1);
        CHECK(seen != NULL);
        for (uint64_t n = 0; n < count; n++) { /* each slot once */
            CHECK_OK(slotring_allocate(ring, 1, &slot));
            CHECK(slot.index < count && !seen[slot.index]);
            seen[slot.index] = 1;
            CHECK_OK(slotring_mark_ready(ring, &slot, 1));
        }
        free(seen);
        CHECK_EQUAL(ring_stats(ring).slots_ready, count);
        for (uint64_t n = 0; n < 100; n++) {
            CHECK_OK(slotring_allocate(ring, 1, &slot));
            CHECK_OK(slotring_mark_ready(ring, &slot, 1));
        }
        CHECK_EQUAL(ring_stats(ring).overwritten, 100);
        check_ring_at_rest(ring);
        ring_remove(ring, ring_name());
    }
    check_context("%s", "");
}

static const test_case_t cases[] = {
    {"a_million_slots", a_million_slots, 0},
    {"a_thousand_participants", a_thousand_participants, 0},
    {"more_than_4_gib", more_than_4_gib, 0},
    {"slots_of_a_gib", slots_of_a_gib, 0},
    {"slots_of_a_byte", slots_of_a_byte, 0},
    {"odd_slot_counts", odd_slot_counts, 0},
    {NULL, NULL, 0},
};

const test_suite_t scale_suite = {"scale", cases, NULL};
