/* SPDX-License-Identifier: Apache-2.0 */
/* Counts the messages that are there for a reader: in the order, and in the blocks that writers have open. Nothing is held
 * meanwhile, so a lossy reader may count what is being overwritten. The number only says when a gathering is over.
 */
#include "traffic/readers/unread.h"

#include "protocol/gate.h"
#include "protocol/record.h"
#include "traffic/readers/records.h"

/* The records of a block that this reader has not read. It may be in the middle of it. */
static uint64_t in_block(const slotring_reader_t *reader, uint32_t writer, uint32_t slot, uint64_t block,
                         uint64_t most)
{
    sr__view_t *view = &reader->ring->member.view;
    const struct sr__followed *f = &reader->followed[writer];
    uint64_t place = 0, count = 0, header;
    if (block <= f->done)
        return 0;
    if (f->block == block) {
        place = f->place;
        slot = f->slot;
    }
    for (; count < most && sr__record_glance(sr__block_bytes(view, slot), sr__block_size(view), place,
                                             &header) == SR__RECORD_THERE;
         count++)
        place += sr__record_size(header);
    return count;
}

static uint64_t in_open_blocks(const slotring_reader_t *reader, uint64_t most)
{
    const sr__view_t *view = &reader->ring->member.view;
    uint32_t high = sr__writers_high(view);
    uint64_t count = 0;
    for (uint32_t writer = 0; writer < high && count < most; writer++) {
        const sr__writer_t *row = &view->writers[writer];
        if (sr__load(&row->claimed) == 0)
            continue;
        uint64_t slot = sr__load(&row->slot), block = sr__load(&row->block);
        if (slot < view->slot_count &&
            sr__content_kind(sr__peek(&sr__slot(view, (uint32_t)slot)->content)) == SR__BLOCK)
            count += in_block(reader, writer, (uint32_t)slot, block, most - count);
    }
    return count;
}

/* A message of its own, or records. */
static uint64_t in_slot(const slotring_reader_t *reader, uint32_t slot, uint64_t most)
{
    const sr__view_t *view = &reader->ring->member.view;
    uint64_t content = sr__peek(&sr__slot(view, slot)->content);
    uint32_t writer = sr__content_writer(content);
    if (sr__content_kind(content) != SR__BLOCK || writer >= view->writer_count)
        return 1;
    return in_block(reader, writer, slot, sr__content_block(content), most);
}

/* Along the order. An entry of a later lap: so much is there that a lossy reader has already missed some. */
static uint64_t in_order(const slotring_reader_t *reader, uint64_t most)
{
    const sr__view_t *view = &reader->ring->member.view;
    uint64_t count = 0;
    for (uint64_t t = reader->cursor + reader->passed; count < most; t++) {
        uint64_t entry = sr__load(sr__order_at(view, t));
        enum sr__entry_age age = sr__entry_age(view, entry, t);
        uint32_t slot = sr__entry_slot(view, entry);
        if (age == SR__OLDER)
            return count;
        if (age == SR__NEWER || slot >= view->slot_count)
            return most;
        count += in_slot(reader, slot, most - count);
    }
    return count;
}

/* What is open first: what is listed meanwhile is then met in the order. */
uint64_t sr__unread(const slotring_reader_t *reader, uint64_t most)
{
    uint64_t open = reader->followed ? in_open_blocks(reader, most) : 0;
    return open < most ? open + in_order(reader, most - open) : most;
}
