/* SPDX-License-Identifier: Apache-2.0 */
/* Writing messages of any size: a small one goes into the block that is open, behind the ones before; a larger one takes
 * a slot, or several. Each is visible to readers when the call returns.
 */
#include <inttypes.h>

#include "base/error.h"
#include "members/reap.h"
#include "protocol/claim.h"
#include "protocol/counters.h"
#include "protocol/gather.h"
#include "protocol/record.h"
#include "protocol/sum.h"
#include "traffic/room.h"
#include "traffic/slots.h"
#include "traffic/span.h"
#include "traffic/span_take.h"
#include "traffic/writers/writer.h"

typedef struct wanted {
    slotring_writer_t *writer;
    uint32_t slot;
    uint64_t word;
    sr__own_wait_t own;
} wanted_t;

static int claim_attempt(void *context)
{
    wanted_t *wanted = context;
    slotring_t *ring = wanted->writer->ring;
    return sr__judge_full(ring, sr__claim(&ring->member, &wanted->slot, &wanted->word), &wanted->own);
}

/* A slot for what is to be opened. Nothing is open meanwhile: what is open and waits would be one slot less for others. */
SR__APART int open_anew(slotring_writer_t *writer, enum sr__content_kind kind, int64_t timeout_ns)
{
    slotring_t *ring = writer->ring;
    wanted_t wanted = {.writer = writer};
    int failed = sr__writer_seal(writer);
    if (failed)
        return failed;
    failed = sr__claim(&ring->member, &wanted.slot, &wanted.word);
    if (failed == SLOTRING_E_FULL && timeout_ns == 0 && sr__reap_if_due(ring))
        failed = sr__claim(&ring->member, &wanted.slot, &wanted.word);
    if (failed == SLOTRING_E_FULL && timeout_ns != 0)
        failed = sr__wait_for_slots(ring, claim_attempt, NULL, &wanted, timeout_ns);
    if (failed == SLOTRING_E_FULL) {
        sr__count(&ring->member, SR__FULL, 1);
        failed = sr__plain(timeout_ns == 0 ? SLOTRING_E_FULL : SLOTRING_E_TIMEOUT);
    }
    if (!failed)
        sr__block_claimed(&ring->member, &writer->block, kind, wanted.slot, wanted.word);
    if (!failed && kind == SR__BLOCK)
        sr__block_name(&ring->member, &writer->block, 0, 0, 0);
    return failed;
}

/* A block was opened: what each reservation in it says. */
static void prepare_model(slotring_writer_t *writer)
{
    const sr__block_t *block = &writer->block;
    sr__slot_for_writing(writer->ring, block->slot, block->word, &writer->model);
    writer->model.kind = SLOTRING_KIND_RECORD;
    writer->model.writer = block->row_number;
    writer->model.internal[0] = SR__SLOT_RESERVED;
    sr__record_ticket(&writer->ring->member.view, block->row_number, block->slot,
                      sr__peek(&block->row->block), 0, &writer->ticket);
}

/* What goes into the block behind its last record: a header, the message, its time, a tag of its own, and a checksum if the
 * ring has them. */
#define AROUND ((int64_t)SR__RECORD_HEADER + 16)
SR__INLINE void reckon_room(slotring_writer_t *writer, int64_t around)
{
    int64_t rest = (int64_t)(writer->block.size - writer->block.place) - around;
    writer->room = rest < writer->largest ? rest & ~INT64_C(7) : writer->largest;
}

static int64_t around(const slotring_writer_t *writer)
{
    return writer->rest & SR__RECORD_HAS_SUM ? AROUND + 8 : AROUND;
}

static int refuse(void)
{
    return sr__error(SLOTRING_E_STATE,
                     "this writer has a reservation: commit or cancel it before the next message");
}

/* As many slots as a message larger than a slot takes. */
static int open_span(slotring_writer_t *writer, uint64_t size, int64_t timeout_ns)
{
    uint64_t slots;
    sr__span_t span;
    int failed = sr__span_size_check(writer->ring, size, &slots);
    if (!failed)
        failed = sr__writer_seal(writer);
    if (!failed)
        failed = sr__span_take(writer->ring, slots, timeout_ns, &span);
    if (failed)
        return failed;
    sr__block_claimed(&writer->ring->member, &writer->block, SR__SPAN, span.head, span.word);
    writer->block.size = span.count * writer->ring->member.view.slot_size;
    return 0;
}

/* One of them is there afterwards: a place in a block, or a slot, or several. */
SR__APART int make_room(slotring_writer_t *writer, uint64_t size, int64_t timeout_ns)
{
    if (writer->reserved)
        return refuse();
    if (size > SLOTRING_SLOT_SIZE_MAX || (int64_t)size > writer->largest)
        return size <= writer->ring->member.view.slot_size ? open_anew(writer, SR__MESSAGE, timeout_ns)
                                                           : open_span(writer, size, timeout_ns);
    int failed = open_anew(writer, SR__BLOCK, timeout_ns);
    if (failed)
        return failed;
    prepare_model(writer);
    reckon_room(writer, around(writer));
    return 0;
}

SR__INLINE int have_room(slotring_writer_t *writer, uint64_t size, int64_t timeout_ns)
{
    return size <= SLOTRING_SLOT_SIZE_MAX && (int64_t)size <= writer->room
               ? 0
               : make_room(writer, size, timeout_ns);
}

/* 0 in a ring without time stamps. */
static uint64_t time_of(const slotring_writer_t *writer)
{
    return writer->rest != 0 ? sr__time_now(writer->ring) : 0;
}

/* Somebody may be asleep, or cannot make fences for writers. */
SR__APART void announce_apart(slotring_writer_t *writer, uint32_t records, uint64_t armed)
{
    if ((armed & SR__FENCED) != 0)
        writer->looks_for &= ~SR__FENCED;
    atomic_thread_fence(memory_order_seq_cst);
    if (sr__is_told(&writer->ring->member))
        sr__tell(&writer->ring->member, records);
}

/* [append.fence] Puts the header before the look at the waiters on every processor. Pairs with a waiter that arms, and then
 * looks at the header: one of the two sees the other. Where the system can, the waiter makes this fence in the writer's
 * place, between its two steps (event.fence). All that is left here is that the compiler keeps the order. */
SR__INLINE void announce(slotring_writer_t *writer, uint32_t records)
{
    uint64_t looks_for = writer->looks_for;
    if ((looks_for & SR__FENCED) != 0)
        atomic_signal_fence(memory_order_seq_cst);
    else
        atomic_thread_fence(memory_order_seq_cst);
    uint64_t armed = sr__peek(&writer->ring->member.view.state->waiters[SR__PUBLISHED_EVENT].armed);
    if ((armed & looks_for) != 0)
        announce_apart(writer, records, armed);
}

/* The message lies in the block at its place, and so does what stands behind it. */
SR__INLINE void commit_at_place(slotring_writer_t *writer, uint64_t length, uint64_t next, uint64_t header,
                                int64_t around_it)
{
    sr__block_t *block = &writer->block;
    sr__record_commit(block->bytes, block->size, block->place, next, header);
    block->place = next;
    block->number++;
    block->written += length;
    reckon_room(writer, around_it);
}

/* With a checksum, which is made while nobody else sees the record. */
SR__APART void commit_summed(slotring_writer_t *writer, uint64_t length, uint64_t tag, uint64_t time)
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
    commit_at_place(writer, length, next, header, AROUND + 8);
}

/* The message lies in the block at its place. Most have nothing behind them. */
SR__INLINE void commit_record(slotring_writer_t *writer, uint64_t length, uint64_t tag, uint64_t time)
{
    const sr__block_t *block = &writer->block;
    uint64_t header = sr__record_header(length, tag, false);
    uint64_t next = block->place + SR__RECORD_HEADER + ((length + 7) & ~UINT64_C(7));
    if (writer->rest != 0 || tag >= SR__RECORD_TAG_LEAST) {
        if (writer->rest & SR__RECORD_HAS_SUM) {
            commit_summed(writer, length, tag, time);
            return;
        }
        header = sr__record_header(length, tag, (writer->rest & SR__RECORD_HAS_TIME) != 0);
        sr__record_rest(block->bytes, block->place, header, time, tag);
        next = block->place + sr__record_size(header);
    }
    commit_at_place(writer, length, next, header, AROUND);
}

/* The message lies in its slot, or in several. */
SR__APART int commit_message(slotring_writer_t *writer, uint64_t length, uint64_t tag, uint64_t time)
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
    failed = have_room(writer, size, timeout_ns);
    if (failed)
        return failed;
    sr__block_t *block = &writer->block;
    if (block->kind != SR__BLOCK) {
        write_message(writer, data, size);
        return commit_message(writer, size, tag, time_of(writer));
    }
    if (size > 0)
        memcpy(block->bytes + block->place + SR__RECORD_HEADER, data, (size_t)size);
    commit_record(writer, size, tag, time_of(writer));
    announce(writer, 1);
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
    uint64_t time = failed ? 0 : time_of(writer);
    for (; !failed && done < count; done++) {
        const slotring_message_t *m = &messages[done];
        sr__block_t *block = &writer->block;
        if (!m->data && m->size > 0)
            failed = sr__error(SLOTRING_E_INVALID, "data of message %" PRIu32 " is NULL", done);
        else
            failed = have_room(writer, m->size, done == 0 ? timeout_ns : 0);
        if (failed)
            break;
        if (block->kind != SR__BLOCK) {
            write_message(writer, m->data, m->size);
            failed = commit_message(writer, m->size, m->tag, time);
            if (failed)
                break;
            continue;
        }
        if (m->size > 0)
            memcpy(block->bytes + block->place + SR__RECORD_HEADER, m->data, (size_t)m->size);
        commit_record(writer, m->size, m->tag, time);
        records++;
    }
    if (records > 0)
        announce(writer, records);
    if (appended)
        *appended = done;
    return done > 0 && (failed == SLOTRING_E_FULL || failed == SLOTRING_E_TIMEOUT) ? 0 : failed;
}

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
        failed = have_room(writer, size, timeout_ns);
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
    uint64_t time = time_of(writer), number = block->number;
    writer->reserved = false;
    if (block->kind != SR__BLOCK) {
        failed = commit_message(writer, bytes_written, slot->tag, time);
        if (failed)
            return failed;
        slot->sequence = writer->sequence;
        sr__ticket_make(&ring->member.view, slot->sequence, slot->index, &slot->ticket);
    } else {
        slot->ticket = writer->ticket;
        slot->ticket.sequence = number;
        slot->sequence = SR__NO_SEQUENCE;
        commit_record(writer, bytes_written, slot->tag, time);
        announce(writer, 1);
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
        reckon_room(writer, around(writer));
    } else {
        failed = sr__writer_abort(writer);
        if (failed)
            return sr__error(failed, "the reservation is not this writer's any more");
    }
    sr__slot_give_back(slot);
    return 0;
}
