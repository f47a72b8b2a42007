/* SPDX-License-Identifier: Apache-2.0 */
/* How a message gets into what a writer has open: room for it, its commit, and telling who waits. slotring_writer_append and
 * slotring_writer_commit share this. What each message of a block needs is inlined into both.
 */
#ifndef SR_APPEND_H
#define SR_APPEND_H

#include "protocol/gather.h"
#include "protocol/record.h"
#include "traffic/slots.h"
#include "traffic/writers/writer.h"

/* ---- Room ------------------------------------------------------------------------------------------- */

/* What goes into the block behind its last record: a header, the message, its time, a tag of its own, and a checksum if the
 * ring has them. */
#define SR__AROUND_RECORD ((int64_t)SR__RECORD_HEADER + 16)

/* The block has this much room left. */
SR__INLINE void sr__append_reckon(slotring_writer_t *writer, int64_t around)
{
    int64_t rest = (int64_t)(writer->block.size - writer->block.place) - around;
    writer->room = rest < writer->largest ? rest & ~INT64_C(7) : writer->largest;
}

/* What stands around a message of this writer in its block. */
int64_t sr__append_around(const slotring_writer_t *writer);

/* Opens what a message of this size goes into: a block, a slot, or several. */
int sr__append_open(slotring_writer_t *writer, uint64_t size, int64_t timeout_ns);
/* Opens a block behind `count` numbers that no message will have. */
int sr__append_skip(slotring_writer_t *writer, uint64_t count, int64_t timeout_ns);

/* There is room for a message of this size, if that succeeds. */
SR__INLINE int sr__append_room(slotring_writer_t *writer, uint64_t size, int64_t timeout_ns)
{
    return size <= SLOTRING_SLOT_SIZE_MAX && (int64_t)size <= writer->room
               ? 0
               : sr__append_open(writer, size, timeout_ns);
}

/* ---- Telling ---------------------------------------------------------------------------------------- */

/* Somebody may be asleep, or cannot make fences for writers. */
void sr__append_announce_apart(slotring_writer_t *writer, uint32_t records, uint64_t armed);

/* [append.fence] Puts the header before the look at the waiters on every processor. Pairs with a waiter that arms, and then
 * looks at the header: one of the two sees the other. Where the system can, the waiter makes this fence in the writer's
 * place, between its two steps (event.fence). All that is left here is that the compiler keeps the order. */
SR__INLINE void sr__append_announce(slotring_writer_t *writer, uint32_t records)
{
    uint64_t looks_for = writer->looks_for;
    if ((looks_for & SR__FENCED) != 0)
        atomic_signal_fence(memory_order_seq_cst);
    else
        atomic_thread_fence(memory_order_seq_cst);
    uint64_t armed = sr__peek(&writer->ring->member.view.state->waiters[SR__PUBLISHED_EVENT].armed);
    if ((armed & looks_for) != 0)
        sr__append_announce_apart(writer, records, armed);
}

/* ---- Commits ---------------------------------------------------------------------------------------- */

/* 0 in a ring without time stamps. */
SR__INLINE uint64_t sr__append_time(const slotring_writer_t *writer)
{
    return writer->rest != 0 ? sr__time_now(writer->ring) : 0;
}

/* The message lies in the block at its place, and so does what stands behind it. */
SR__INLINE void sr__append_at_place(slotring_writer_t *writer, uint64_t length, uint64_t next,
                                    uint64_t header, int64_t around_it)
{
    sr__block_t *block = &writer->block;
    sr__record_commit(block->bytes, block->size, block->place, next, header);
    block->place = next;
    block->number++;
    block->written += length;
    sr__append_reckon(writer, around_it);
}

/* With a checksum, which is made while nobody else sees the record. */
void sr__append_summed(slotring_writer_t *writer, uint64_t length, uint64_t tag, uint64_t time);
/* The message lies in its slot, or in several. */
int sr__append_message(slotring_writer_t *writer, uint64_t length, uint64_t tag, uint64_t time);

/* The message lies in the block at its place. Most have nothing behind them. */
SR__INLINE void sr__append_record(slotring_writer_t *writer, uint64_t length, uint64_t tag, uint64_t time)
{
    const sr__block_t *block = &writer->block;
    uint64_t header = sr__record_header(length, tag, false);
    uint64_t next = block->place + SR__RECORD_HEADER + ((length + 7) & ~UINT64_C(7));
    if (writer->rest != 0 || tag >= SR__RECORD_TAG_LEAST) {
        if (writer->rest & SR__RECORD_HAS_SUM) {
            sr__append_summed(writer, length, tag, time);
            return;
        }
        header = sr__record_header(length, tag, (writer->rest & SR__RECORD_HAS_TIME) != 0);
        sr__record_rest(block->bytes, block->place, header, time, tag);
        next = block->place + sr__record_size(header);
    }
    sr__append_at_place(writer, length, next, header, SR__AROUND_RECORD);
}

#endif
