/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

#include "support/internals.h"
#include "traffic/writers/writer.h"

#define RECORD_MOST 4096u

slotring_writer_t *writer_open(slotring_t *ring)
{
    slotring_writer_t *writer = NULL;
    CHECK_OK(slotring_writer_open(ring, NULL, &writer));
    CHECK(writer != NULL);
    return writer;
}

uint64_t record_length(uint64_t tag, uint64_t most)
{
    uint64_t kind = pattern_number(tag) % 16;
    if (kind == 3)
        return 0;
    if (kind == 5)
        return most;
    return pattern_length(tag, (kind % 8 == 7 || most < 40 ? most : 40) + 1) - 1;
}

int record_append(slotring_writer_t *writer, uint32_t producer, uint64_t number, uint64_t most,
                  int64_t timeout_ns)
{
    uint8_t bytes[RECORD_MOST];
    uint64_t tag = pattern_tag(producer, number), length = record_length(tag, most);
    CHECK_AT_LEAST(RECORD_MOST, length);
    pattern_fill(bytes, length, tag);
    return slotring_writer_append(writer, bytes, length, tag, timeout_ns);
}

void record_check_pieces(slotring_t *ring, const slotring_slot_t *slot, uint64_t most)
{
    uint8_t bytes[RECORD_MOST];
    uint64_t length = record_length(slot->tag, most);
    if (slot->length != length)
        FAIL("number %llu, tag %llx: length %llu, written were %llu", (unsigned long long)slot->number,
             (unsigned long long)slot->tag, (unsigned long long)slot->length, (unsigned long long)length);
    bool is_span = slot->kind == SLOTRING_KIND_SPAN;
    if (is_span)
        CHECK_OK(slotring_gather(ring, slot, 0, bytes, sizeof bytes, NULL));
    uint64_t bad = pattern_verify(is_span ? bytes : slot->data, length, slot->tag);
    if (bad != length)
        FAIL("number %llu, tag %llx: byte %llu of %llu is not what was written",
             (unsigned long long)slot->number, (unsigned long long)slot->tag, (unsigned long long)bad,
             (unsigned long long)length);
    CHECK_EQUAL((uintptr_t)slot->data % 8, 0);
    CHECK(is_span || slot->kind == SLOTRING_KIND_RECORD || slot->kind == SLOTRING_KIND_SLOT);
    CHECK((slot->pieces == 1) == !is_span);
}

void record_check(const slotring_slot_t *slot, uint64_t most)
{
    CHECK(slot->kind != SLOTRING_KIND_SPAN);
    record_check_pieces(NULL, slot, most);
}

void record_take_now(slotring_reader_t *reader, uint64_t tag, uint64_t number, uint64_t most)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_next(reader, 0, &slot));
    CHECK_EQUAL(slot.tag, tag);
    CHECK_EQUAL(slot.number, number);
    record_check(&slot, most);
    CHECK_OK(slotring_reader_release(reader));
}

uint64_t records_missed(const slotring_reader_t *reader)
{
    return sr__peek(&reader->subscription->records_missed);
}

uint64_t records_total(slotring_t *ring, uint32_t writer)
{
    return sr__load(&ring->member.view.writers[writer].total);
}

uint32_t writer_row(const slotring_writer_t *writer)
{
    return writer->block.row_number;
}

slotring_t *writer_ring(const slotring_writer_t *writer)
{
    return writer->ring;
}

bool records_open(slotring_t *ring, uint32_t writer)
{
    return sr__load(&ring->member.view.writers[writer].claimed) != 0;
}
