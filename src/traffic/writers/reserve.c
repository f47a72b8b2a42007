/* SPDX-License-Identifier: Apache-2.0 */
/* A message that its writer makes in place: reserved, and then committed or cancelled. */
#include <inttypes.h>

#include "base/error.h"
#include "traffic/span.h"
#include "traffic/writers/append.h"

/* A place behind the last record. Not beyond what this version writes. */
SR__INLINE void reserve_record(slotring_writer_t *writer, uint64_t size, slotring_slot_t *slot)
{
    const sr__block_t *block = &writer->block;
    uint64_t place = block->place + SR__RECORD_HEADER;
    memcpy(slot, &writer->model, offsetof(slotring_slot_t, reserved));
    slot->offset = writer->model.offset + place;
    slot->data = block->bytes + place;
    slot->capacity = size;
}

/* A slot, or several. */
SR__APART void reserve_slot(slotring_writer_t *writer, slotring_slot_t *slot)
{
    slotring_t *ring = writer->ring;
    const sr__block_t *block = &writer->block;
    if (block->kind == SR__SPAN) {
        sr__span_t span = {
            .head = block->slot, .word = block->word, .count = block->size / ring->member.view.slot_size};
        sr__span_for_writing(ring, &span, slot);
    } else {
        sr__slot_for_writing(ring, block->slot, block->word, slot);
    }
    slot->writer = block->row_number;
    slot->internal[0] = SR__SLOT_RESERVED;
}

int slotring_writer_reserve(slotring_writer_t *writer, uint64_t size, int64_t timeout_ns,
                            slotring_slot_t *slot)
{
    int failed = sr__writer_enter(writer);
    if (!failed && !slot)
        failed = sr__error(SLOTRING_E_INVALID, "slot is NULL");
    if (!failed)
        failed = sr__append_room(writer, size, timeout_ns);
    if (failed)
        return failed;
    if (writer->block.kind == SR__BLOCK)
        reserve_record(writer, size, slot);
    else
        reserve_slot(writer, slot);
    slot->number = writer->block.number;
    slot->internal[3] = ++writer->mark;
    writer->reserved = true;
    writer->reserved_size = slot->capacity;
    writer->room = -1;
    return 0;
}

static int check_reservation(slotring_writer_t *writer, const slotring_slot_t *slot, uint64_t length)
{
    int failed = sr__writer_enter(writer);
    if (failed)
        return failed;
    if (!slot)
        return sr__error(SLOTRING_E_INVALID, "slot is NULL");
    if (!writer->reserved || slot->internal[0] != SR__SLOT_RESERVED || slot->internal[3] != writer->mark ||
        slot->internal[2] != writer->block.word || slot->internal[1] != writer->ring->slot_mark)
        return sr__error(
            SLOTRING_E_STATE,
            "the slot is not this writer's reservation: committed, cancelled, or never reserved");
    if (length > writer->reserved_size)
        return sr__error(SLOTRING_E_TOO_LARGE,
                         "%" PRIu64 " bytes do not fit into the reservation of %" PRIu64 " bytes", length,
                         writer->reserved_size);
    return 0;
}

int slotring_writer_commit(slotring_writer_t *writer, slotring_slot_t *slot, uint64_t bytes_written)
{
    int failed = check_reservation(writer, slot, bytes_written);
    if (failed)
        return failed;
    slotring_t *ring = writer->ring;
    sr__block_t *block = &writer->block;
    uint64_t time = sr__time_of(ring, slot, sr__append_time(writer)), number = block->number;
    writer->reserved = false;
    if (block->kind != SR__BLOCK) {
        failed = sr__append_message(writer, bytes_written, slot->tag, time);
        if (failed)
            return failed;
        slot->sequence = writer->sequence;
        sr__ticket_make(&ring->member.view, slot->sequence, slot->index, &slot->ticket);
    } else {
        slot->ticket = writer->ticket;
        slot->ticket.sequence = number;
        slot->sequence = SR__NO_SEQUENCE;
        sr__append_record(writer, bytes_written, slot->tag, time);
        sr__append_announce(writer, 1);
    }
    slot->length = bytes_written;
    slot->time_ns = time;
    sr__slot_give_back(slot);
    return 0;
}

int slotring_writer_cancel(slotring_writer_t *writer, slotring_slot_t *slot)
{
    int failed = check_reservation(writer, slot, 0);
    if (failed)
        return failed;
    writer->reserved = false;
    if (writer->block.kind == SR__BLOCK) {
        sr__append_reckon(writer, sr__append_around(writer));
    } else {
        failed = sr__writer_abort(writer);
        if (failed)
            return sr__error(failed, "the reservation is not this writer's any more");
    }
    sr__slot_give_back(slot);
    return 0;
}
