/* SPDX-License-Identifier: Apache-2.0 */
/* The header of a ring, field by field: what is out of its range is refused though the checksum is right, and what a
 * later version may put there is obeyed or left alone. */
#include <string.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/suite.h"

static sr__part_t *part(sr__header_t *header, uint32_t kind)
{
    for (uint32_t i = 0; i < SR__PARTS; i++)
        if (header->parts[i].kind == kind)
            return &header->parts[i];
    FAIL("the header has no part %u", kind);
}

#define CHANGE(name, ...)                  \
    static void name(sr__header_t *header) \
    {                                      \
        __VA_ARGS__;                       \
    }
CHANGE(no_slots, header->slot_count = 0)
CHANGE(too_many_slots, header->slot_count = SLOTRING_SLOTS_MAX + 1)
CHANGE(other_slot_bits, header->slot_bits++)
CHANGE(slots_of_nothing, header->slot_size = 0)
CHANGE(slots_too_large, header->slot_size = SLOTRING_SLOT_SIZE_MAX + 1)
CHANGE(no_participants, header->participants = 0)
CHANGE(too_many_participants, header->participants = SLOTRING_PARTICIPANTS_MAX + 1)
CHANGE(no_readers, header->readers = 0)
CHANGE(too_many_readers, header->readers = SLOTRING_READERS_MAX + 1)
CHANGE(segment_without_end, header->segment_size = UINT64_MAX)
CHANGE(unknown_when_full, header->when_full = 3)
CHANGE(no_time_stamps, header->time_stamps = 0)
CHANGE(unknown_time_stamps, header->time_stamps = 4)
CHANGE(name_without_end, memset(header->name, 'x', sizeof header->name))
CHANGE(order_too_short, part(header, SR__PART_ORDER)->count = header->slot_count)
CHANGE(order_of_an_odd_length, part(header, SR__PART_ORDER)->count++)
CHANGE(order_too_long, part(header, SR__PART_ORDER)->count = UINT64_C(1) << 27)
CHANGE(no_order, part(header, SR__PART_ORDER)->kind = 99)
CHANGE(narrow_slots, part(header, SR__PART_SLOTS)->stride = 64)
CHANGE(wide_slots, part(header, SR__PART_SLOTS)->stride = 8192)
CHANGE(odd_slots, part(header, SR__PART_SLOTS)->stride++)
CHANGE(narrow_payload, part(header, SR__PART_PAYLOAD)->stride = 64)
CHANGE(odd_payload, part(header, SR__PART_PAYLOAD)->stride++)
CHANGE(wide_payload, part(header, SR__PART_PAYLOAD)->stride = UINT64_C(1) << 42)
CHANGE(payload_in_another_object, part(header, SR__PART_PAYLOAD)->object = 1)
CHANGE(flags_of_a_part, part(header, SR__PART_SUBSCRIPTIONS)->flags = 1)
CHANGE(rows_in_the_header, part(header, SR__PART_SUBSCRIPTIONS)->offset = 64)
CHANGE(rows_at_an_odd_place, part(header, SR__PART_SUBSCRIPTIONS)->offset++)
CHANGE(rows_past_the_end, part(header, SR__PART_SUBSCRIPTIONS)->offset = header->segment_size + 64)
CHANGE(fewer_rows_than_readers, part(header, SR__PART_SUBSCRIPTIONS)->count--)
CHANGE(participants_over_rows,
       part(header, SR__PART_SUBSCRIPTIONS)->offset = part(header, SR__PART_PARTICIPANTS)->offset)
CHANGE(too_many_groups, part(header, SR__PART_GROUPS)->count = 4096)
CHANGE(two_orders, header->parts[SR__PARTS - 1] = *part(header, SR__PART_ORDER))

static void out_of_range(void)
{
    static const struct {
        const char *what;
        void (*change)(sr__header_t *header);
    } rows[] = {
#define ROW(name) {#name, name}
        ROW(no_slots),
        ROW(too_many_slots),
        ROW(other_slot_bits),
        ROW(slots_of_nothing),
        ROW(slots_too_large),
        ROW(no_participants),
        ROW(too_many_participants),
        ROW(no_readers),
        ROW(too_many_readers),
        ROW(segment_without_end),
        ROW(unknown_when_full),
        ROW(no_time_stamps),
        ROW(unknown_time_stamps),
        ROW(name_without_end),
        ROW(order_too_short),
        ROW(order_of_an_odd_length),
        ROW(order_too_long),
        ROW(no_order),
        ROW(narrow_slots),
        ROW(wide_slots),
        ROW(odd_slots),
        ROW(narrow_payload),
        ROW(odd_payload),
        ROW(wide_payload),
        ROW(payload_in_another_object),
        ROW(flags_of_a_part),
        ROW(rows_in_the_header),
        ROW(rows_at_an_odd_place),
        ROW(rows_past_the_end),
        ROW(fewer_rows_than_readers),
        ROW(participants_over_rows),
        ROW(too_many_groups),
        ROW(two_orders),
#undef ROW
    };
    size_t size;
    slotring_t *ring = ring_create(ring_name(), 5, 100), *another = NULL;
    sr__header_t *header = ring_map(ring_name(), &size), good = *header;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_context("%s", rows[i].what);
        rows[i].change(header);
        header->checksum = sr__layout_checksum(header);
        for (uint32_t mode = SLOTRING_ATTACH; mode <= SLOTRING_OBSERVE; mode++) {
            slotring_options_t options = ring_options(mode, 0, 0);
            CHECK_CODE(slotring_open(&another, ring_name(), &options, NULL), SLOTRING_E_CORRUPT);
        }
        memcpy(header, &good, sizeof good);
    }
    check_context("%s", "");
    ring_unmap(header);
    another = ring_attach(ring_name());
    CHECK_OK(slotring_close(another));
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

/* A part of a kind that this version does not know may lie there, if it takes nobody's place. */
static void an_unknown_part_is_left_alone(void)
{
    size_t size;
    slotring_t *ring = ring_create(ring_name(), 5, 100);
    sr__header_t *header = ring_map(ring_name(), &size);
    sr__part_t *unused = &header->parts[SR__PARTS - 1];
    CHECK_EQUAL(unused->kind, SR__PART_NONE);
    *unused = (sr__part_t){.kind = 77, .offset = SR__PAGE, .stride = 0, .count = 0};
    header->checksum = sr__layout_checksum(header);
    slotring_t *another = ring_attach(ring_name());
    check_recovered(another, 2);
    CHECK_OK(slotring_close(another));
    ring_unmap(header);
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"out_of_range", out_of_range, 0},
    {"an_unknown_part_is_left_alone", an_unknown_part_is_left_alone, 0},
    {NULL, NULL, 0},
};

const test_suite_t header_suite = {"header", cases, NULL};
