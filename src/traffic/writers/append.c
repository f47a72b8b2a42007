/* SPDX-License-Identifier: Apache-2.0 */
/* Writing messages of any size: a small one goes into the block that is open, behind the ones before; a larger one takes
 * a slot, or several. Each is visible to readers when the call returns.
 */
#include <inttypes.h>

#include "base/error.h"
#include "protocol/sum.h"
#include "traffic/span.h"
#include "traffic/writers/append.h"

void sr__append_announce_apart(slotring_writer_t *writer, uint32_t records, uint64_t armed)
{
    if ((armed & SR__FENCED) != 0)
        writer->looks_for &= ~SR__FENCED;
    atomic_thread_fence(memory_order_seq_cst);
    if (sr__is_told(&writer->ring->member))
        sr__tell(&writer->ring->member, records);
}

void sr__append_summed(slotring_writer_t *writer, uint64_t length, uint64_t tag, uint64_t time)
{
    const sr__block_t *block = &writer->block;
    const uint8_t *message = block->bytes + block->place + SR__RECORD_HEADER;
    uint64_t header =
        sr__record_header(length, tag, (writer->rest & SR__RECORD_HAS_TIME) != 0) | SR__RECORD_HAS_SUM;
    uint64_t next = block->place + sr__record_size(header);
    sr__record_rest(block->bytes, block->place, header, time, tag);
    const sr__summed_t summed = {.length = length, .tag = tag, .time = time, .number = block->number};
    sr__poke(sr__record_word(block->bytes, next - 8),
             sr__sum_message(&writer->ring->member.view, &summed, message));
    sr__append_at_place(writer, length, next, header, SR__AROUND_RECORD + 8);
}

int sr__append_message(slotring_writer_t *writer, uint64_t length, uint64_t tag, uint64_t time)
{
    sr__block_t *block = &writer->block;
    sr__member_t *member = &writer->ring->member;
    if (writer->rest & SR__RECORD_HAS_SUM)
        sr__span_note_sum(
            member, block->slot,
            &(const sr__summed_t){.length = length, .tag = tag, .time = time, .number = block->number});
    if (block->kind == SR__SPAN) {
        uint64_t slots = sr__slots_for(&member->view, length);
        if (sr__span_end(member, block->slot, block->word, slots))
            return sr__error(SLOTRING_E_STATE, "the message is not this writer's any more");
        block->kind = slots > 1 ? SR__SPAN : SR__MESSAGE;
    }
    block->written = length;
    sr__block_name(&writer->ring->member, &writer->block, length, tag, time);
    return sr__writer_seal(writer);
}

/* Copies a message into its slot, or into several. */
SR__APART void write_message(slotring_writer_t *writer, const uint8_t *data, uint64_t size)
{
    const sr__view_t *view = &writer->ring->member.view;
    uint32_t slot = writer->block.slot;
    uint64_t part, word;
    for (uint64_t done = 0; done < size; done += part) {
        if (done > 0 &&
            !sr__span_follow(view, writer->block.slot, SR__CLAIMED, writer->ring->member.me, &slot, &word))
            return; /* not its any more: the commit says so */
        part = size - done < view->slot_size ? size - done : view->slot_size;
        memcpy(sr__block_bytes(view, slot), data + done, (size_t)part);
    }
}

int slotring_writer_append(slotring_writer_t *writer, const void *data, uint64_t size, uint64_t tag,
                           int64_t timeout_ns)
{
    int failed = sr__writer_enter(writer);
    if (failed)
        return failed;
    if (!data && size > 0)
        return sr__error(SLOTRING_E_INVALID, "data is NULL");
    failed = sr__append_room(writer, size, timeout_ns);
    if (failed)
        return failed;
    sr__block_t *block = &writer->block;
    if (block->kind != SR__BLOCK) {
        write_message(writer, data, size);
        return sr__append_message(writer, size, tag, sr__append_time(writer));
    }
    if (size > 0)
        memcpy(block->bytes + block->place + SR__RECORD_HEADER, data, (size_t)size);
    sr__append_record(writer, size, tag, sr__append_time(writer));
    sr__append_announce(writer, 1);
    return 0;
}

int slotring_writer_append_batch(slotring_writer_t *writer, const slotring_message_t *messages,
                                 uint32_t count, int64_t timeout_ns, uint32_t *appended)
{
    uint32_t done = 0;
    uint32_t records = 0;
    int failed = sr__writer_enter(writer);
    if (!failed && !messages && count > 0)
        failed = sr__error(SLOTRING_E_INVALID, "messages is NULL");
    uint64_t time = failed ? 0 : sr__append_time(writer);
    for (; !failed && done < count; done++) {
        const slotring_message_t *m = &messages[done];
        sr__block_t *block = &writer->block;
        if (!m->data && m->size > 0)
            failed = sr__error(SLOTRING_E_INVALID, "data of message %" PRIu32 " is NULL", done);
        else
            failed = sr__append_room(writer, m->size, done == 0 ? timeout_ns : 0);
        if (failed)
            break;
        if (block->kind != SR__BLOCK) {
            write_message(writer, m->data, m->size);
            failed = sr__append_message(writer, m->size, m->tag, time);
            if (failed)
                break;
            continue;
        }
        if (m->size > 0)
            memcpy(block->bytes + block->place + SR__RECORD_HEADER, m->data, (size_t)m->size);
        sr__append_record(writer, m->size, m->tag, time);
        records++;
    }
    if (records > 0)
        sr__append_announce(writer, records);
    if (appended)
        *appended = done;
    return done > 0 && (failed == SLOTRING_E_FULL || failed == SLOTRING_E_TIMEOUT) ? 0 : failed;
}
