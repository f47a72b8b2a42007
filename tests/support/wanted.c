/* SPDX-License-Identifier: Apache-2.0 */
#include "support/wanted.h"

#include <string.h>

#include "support/suite.h"

slotring_t *wanted_ring, *wanted_other;

void wanted_begin_slots(uint64_t slots)
{
    wanted_ring = ring_create(ring_name(), slots, 256);
    wanted_other = ring_attach(ring_name());
}

void wanted_begin(void)
{
    wanted_begin_slots(SLOTS);
}

void wanted_end(void)
{
    CHECK_OK(slotring_close(wanted_other));
    check_ring_at_rest(wanted_ring);
    ring_remove(wanted_ring, ring_name());
}

void wanted_publish_tag(uint64_t tag)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_allocate(wanted_ring, 8, &slot));
    memcpy(slot.data, &tag, sizeof tag);
    slot.tag = tag;
    CHECK_OK(slotring_mark_ready(wanted_ring, &slot, sizeof tag));
}

void wanted_publish_up_to(uint64_t sequence, uint64_t more)
{
    while (ring_stats(wanted_ring).published < sequence)
        wanted_publish_tag(ring_stats(wanted_ring).published + more);
}

slotring_reader_options_t wanted_wants(uint32_t mode)
{
    return reader_options(mode, SLOTRING_FROM_NOW);
}

void wanted_expect(slotring_reader_t *reader, uint64_t tag)
{
    slotring_slot_t slot;
    uint64_t inside;
    CHECK_OK(slotring_next(reader, 0, &slot));
    CHECK_EQUAL(slot.tag, tag);
    memcpy(&inside, slot.data, sizeof inside);
    CHECK_EQUAL(inside, tag);
    CHECK_OK(slotring_reader_release(reader));
}

void wanted_expect_nothing(slotring_reader_t *reader)
{
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_EMPTY);
}

void wanted_expect_account(slotring_reader_t *reader, uint64_t delivered, uint64_t missed,
                           uint64_t passed_over, uint64_t pending)
{
    slotring_reader_info_t info = reader_info(reader);
    CHECK_EQUAL(info.delivered, delivered);
    CHECK_EQUAL(info.missed, missed);
    CHECK_EQUAL(info.passed_over, passed_over);
    CHECK_EQUAL(info.pending, pending);
}

void wanted_append(slotring_writer_t *writer, uint64_t tag, uint64_t size)
{
    uint8_t bytes[200] = {0};
    memcpy(bytes, &tag, sizeof tag);
    CHECK_OK(slotring_writer_append(writer, bytes, size, tag, 0));
}
