/* SPDX-License-Identifier: Apache-2.0 */
#include "support/marked.h"

#include <string.h>

#include "support/suite.h"

slotring_t *marked_ring, *marked_other;

void marked_begin(void)
{
    marked_ring = ring_create(ring_name(), SLOTS, 64);
    marked_other = ring_attach(ring_name());
}

void marked_end(void)
{
    CHECK_OK(slotring_close(marked_other));
    check_ring_at_rest(marked_ring);
    ring_remove(marked_ring, ring_name());
}

slotring_reader_options_t marked_asks(uint32_t mode)
{
    slotring_reader_options_t options = reader_options(mode, SLOTRING_FROM_NOW);
    options.flags = SLOTRING_TELL_MARKS;
    return options;
}

slotring_reader_t *marked_subscribe_asking(uint32_t mode)
{
    slotring_reader_options_t options = marked_asks(mode);
    return subscribe_with(marked_other, &options);
}

void marked_publish_up_to(uint64_t sequence)
{
    while (ring_stats(marked_ring).published < sequence)
        publish(marked_ring, 1, ring_stats(marked_ring).published);
}

void marked_mark_user(uint64_t value)
{
    slotring_mark_t made;
    uint64_t published = ring_stats(marked_ring).published;
    CHECK_OK(slotring_mark(marked_ring, SLOTRING_MARK_USER, 0, value, NULL, 0, &made));
    CHECK_EQUAL(made.place, published);
}

void marked_mark_run(uint32_t kind, uint64_t run)
{
    CHECK_OK(slotring_mark(marked_ring, kind, run, 0, NULL, 0, NULL));
}

slotring_mark_t marked_expect_told(slotring_reader_t *reader)
{
    slotring_slot_t slot;
    slotring_mark_t mark;
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_MARK);
    CHECK_OK(slotring_reader_mark(reader, &mark));
    return mark;
}

void marked_expect_mark(slotring_reader_t *reader, uint64_t value)
{
    CHECK_EQUAL(marked_expect_told(reader).value, value);
}

void marked_expect_message(slotring_reader_t *reader, uint64_t number)
{
    take_now(reader, pattern_tag(1, number));
}

void marked_expect_nothing(slotring_reader_t *reader)
{
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_EMPTY);
}
