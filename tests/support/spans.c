/* SPDX-License-Identifier: Apache-2.0 */
#include "support/spans.h"

#include <string.h>

#include "support/suite.h"

slotring_t *spans_ring;
slotring_reader_t *spans_reader;

void spans_set_up_with(uint32_t when_full)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, SIZE);
    options.when_full = when_full;
    options.max_writers = 3;
    spans_ring = ring_open_with(ring_name(), &options);
}

void spans_set_up(void)
{
    spans_set_up_with(SLOTRING_OVERWRITE);
    spans_reader = subscribe(spans_ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
}

void spans_tear_down(void)
{
    check_ring_at_rest(spans_ring);
    ring_remove(spans_ring, ring_name());
}

uint64_t spans_free_slots(void)
{
    return ring_stats(spans_ring).slots_free;
}

uint8_t *spans_bytes_of(uint64_t tag, uint64_t length)
{
    static uint8_t bytes[SLOTS * SIZE];
    pattern_fill(bytes, length, tag);
    return bytes;
}

void spans_fill(slotring_t *of, slotring_slot_t *slot, uint64_t length, uint64_t tag)
{
    slot->tag = tag;
    CHECK_OK(slotring_scatter(of, slot, 0, spans_bytes_of(tag, length), length));
}

slotring_ticket_t spans_publish_span(uint64_t length, uint64_t tag)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_allocate_span(spans_ring, length, NO_WAIT, &slot));
    spans_fill(spans_ring, &slot, length, tag);
    CHECK_OK(slotring_mark_ready(spans_ring, &slot, length));
    return slot.ticket;
}

void spans_check_span(slotring_t *of, const slotring_slot_t *slot, uint64_t length, uint64_t tag)
{
    uint8_t bytes[SLOTS * SIZE];
    uint64_t got, position = 0;
    slotring_piece_t piece = {0};
    CHECK_EQUAL(slot->length, length);
    CHECK_EQUAL(slot->tag, tag);
    CHECK_EQUAL(slot->pieces, length <= SIZE ? 1 : (length + SIZE - 1) / SIZE);
    CHECK_EQUAL(slot->kind, length <= SIZE ? SLOTRING_KIND_SLOT : SLOTRING_KIND_SPAN);
    CHECK((slot->data == NULL) == (length > SIZE));
    while (slotring_next_piece(of, slot, &piece) == 0) {
        CHECK_EQUAL(piece.position, position);
        CHECK(piece.length <= SIZE && piece.length > 0);
        memcpy(bytes + position, piece.data, (size_t)piece.length);
        position += piece.length;
    }
    CHECK_CODE(slotring_next_piece(of, slot, &piece), SLOTRING_E_EMPTY);
    CHECK_EQUAL(piece.number, slot->pieces);
    CHECK_EQUAL(position, length);
    CHECK_EQUAL(pattern_verify(bytes, length, tag), length);
    CHECK_OK(slotring_gather(of, slot, 7, bytes, sizeof bytes, &got));
    CHECK_EQUAL(got, length - 7);
    CHECK_EQUAL(memcmp(bytes, spans_bytes_of(tag, length) + 7, (size_t)got), 0);
}

void spans_take_span(uint64_t length, uint64_t tag)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_next(spans_reader, NO_WAIT, &slot));
    spans_check_span(spans_ring, &slot, length, tag);
    CHECK_OK(slotring_reader_release(spans_reader));
}
