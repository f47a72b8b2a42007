/* SPDX-License-Identifier: Apache-2.0 */
/* Reading records. A block is read in place as soon as it is opened: its writer's row names it, and it is not in the
 * order yet. It is met a second time when it is listed; what was read by then is passed over there. The number of the
 * next message is kept for each writer, so that no record is given twice or left out, wherever it is met.
 */
#include "traffic/readers/records.h"

#include "base/error.h"
#include "protocol/hold.h"
#include "protocol/record.h"
#include "protocol/record_find.h"
#include "traffic/readers/batch.h"
#include "traffic/readers/wanted.h"
#include "traffic/slots.h"
#include "traffic/ticket.h"

/* Is the record at the place where this reader is in the block wanted? */
SR__APART bool is_wanted(const slotring_reader_t *reader, const struct sr__followed *f, uint64_t size,
                         uint64_t header)
{
    uint64_t time, tag, next;
    sr__record_read_rest(f->bytes, f->place, header, &time, &tag);
    if (!sr__wants(&reader->wanted, f->number, tag))
        return false;
    return !reader->wanted.latest ||
           sr__record_look(f->bytes, size, f->place + sr__record_size(header), &next) != SR__RECORD_THERE;
}

/* -- one record -- */

void sr__records_end_block(struct sr__followed *f)
{
    f->done = f->block;
    f->block = 0;
    f->open = false;
}

void sr__records_give_up(struct sr__followed *f)
{
    sr__records_end_block(f);
    f->may_lack = true;
}

static int is_damaged(slotring_reader_t *reader, struct sr__followed *f)
{
    reader->damaged = f;
    sr__block_damaged(f->slot, f->place);
    return SR__DAMAGED;
}

/* What all records of a block have in common, for the structs that the caller gets. */
static void prepare_model(slotring_reader_t *reader, const struct sr__followed *f, uint64_t sequence)
{
    slotring_slot_t *model = &reader->record_model;
    uint32_t writer = (uint32_t)(f - reader->followed);
    model->sequence = sequence;
    model->index = f->slot;
    model->kind = SLOTRING_KIND_RECORD;
    model->writer = writer;
    model->pieces = 1;
    model->producer = sr__producer_number(f->producer);
    model->producer_incarnation = sr__producer_incarnation(f->producer);
    sr__record_ticket(&reader->ring->member.view, writer, f->slot, f->block, 0, &model->ticket);
    model->internal[0] = SR__SLOT_GIVEN;
    model->internal[1] = reader->ring->slot_mark;
}

/* The struct that the caller gets for the record at f->place. Not beyond what this version writes. */
SR__INLINE void fill(slotring_reader_t *reader, struct sr__followed *f, uint64_t header, slotring_slot_t *out)
{
    uint64_t begin = f->place + SR__RECORD_HEADER, number = f->number;
    memcpy(out, &reader->record_model, offsetof(slotring_slot_t, reserved));
    out->data = f->bytes + begin;
    out->capacity = out->length = sr__record_length(header);
    out->offset = f->offset + begin;
    out->tag = header >> SR__RECORD_TAG_SHIFT & (SR__RECORD_TAG_LEAST - 1);
    out->ticket.sequence = out->number = number;
    if (header & (SR__RECORD_HAS_TIME | SR__RECORD_HAS_TAG))
        sr__record_read_rest(f->bytes, f->place, header, &out->time_ns, &out->tag);
    f->place += sr__record_size(header);
    f->next = f->number = number + 1;
    reader->records_given++;
}

/* A listed block that has nothing more is behind the reader when this batch is. */
SR__INLINE void pass_if_over(slotring_reader_t *reader, struct sr__followed *f)
{
    uint64_t header;
    if (f->open || sr__record_look(f->bytes, sr__block_size(&reader->ring->member.view), f->place, &header) !=
                       SR__RECORD_LAST)
        return;
    sr__records_end_block(f);
    reader->passed++;
    reader->run = 0;
}

/* More slots than all readers and writers that there ever were at a time can have? */
static bool has_slots_to_keep(const sr__view_t *view)
{
    uint32_t readers = atomic_load_explicit(&view->state->readers_high, memory_order_relaxed);
    return view->slot_count > (uint64_t)readers + sr__writers_high(view);
}

/* [records.read] Gives the record at the place where this reader is in the block. What it does not want lies before.
 * 0; E_EMPTY: it is not committed yet; SR__PASSED: the block is at its end. */
int sr__records_read(slotring_reader_t *reader, struct sr__followed *f, uint64_t sequence,
                     slotring_slot_t *out)
{
    uint64_t size = sr__block_size(&reader->ring->member.view), header = 0, skipped = 0;
    for (;;) {
        enum sr__record_sight sight = sr__record_look(f->bytes, size, f->place, &header);
        if (sight != SR__RECORD_THERE) {
            sr__records_pass_over(reader, skipped);
            return sight == SR__RECORD_NONE   ? SLOTRING_E_EMPTY
                   : sight == SR__RECORD_LAST ? SR__PASSED
                                              : is_damaged(reader, f);
        }
        bool new = f->number >= f->next, gone = (header & SR__RECORD_FREED) && reader->pressure.may_miss;
        bool unwanted = new && reader->wanted.filters && !gone && !is_wanted(reader, f, size, header);
        if (new && !gone && !unwanted)
            break;
        f->place += sr__record_size(header);
        f->number++;
        if (new)
            f->next = f->number;
        if (unwanted)
            skipped++;
        else if (new)
            sr__records_miss(reader, f->number - 1, f->number);
    }
    sr__records_pass_over(reader, skipped);
    prepare_model(reader, f, sequence);
    fill(reader, f, header, out);
    reader->current = f;
    reader->may_keep = reader->pressure.holds_messages && has_slots_to_keep(&reader->ring->member.view);
    reader->run = reader->looks_first ? 0 : SR__RUN; /* each record is judged for itself */
    pass_if_over(reader, f);
    return 0;
}

bool sr__records_run(slotring_reader_t *reader, slotring_slot_t *out)
{
    struct sr__followed *f = reader->current;
    uint64_t header = 0;
    reader->run--;
    if (reader->pressure.holds_messages && !sr__batch_holds(reader, f->slot)) {
        reader->run = 0; /* its slot may be held again, as another's */
        return false;
    }
    if (sr__record_look(f->bytes, f->size, f->place, &header) != SR__RECORD_THERE ||
        (reader->pressure.may_miss && (header & SR__RECORD_FREED))) {
        reader->run = 0;
        return false;
    }
    fill(reader, f, header, out);
    pass_if_over(reader, f);
    return true;
}

/* A block that came to its end with this record is begun again: no older one of its writer comes any more. */
void sr__records_put_back(slotring_reader_t *reader, const slotring_slot_t *slot)
{
    struct sr__followed *f = &reader->followed[slot->writer];
    if (f->block == 0) {
        f->block = f->done;
        f->done--;
        reader->passed--;
    }
    f->place = slot->offset - f->offset - SR__RECORD_HEADER;
    f->next = f->number = slot->number;
    reader->records_given--;
}

/* [records.keep] Between two calls a reader keeps the hold of the block that it is reading: the next record of it costs no
 * atomic instruction then. A call that finds nothing more in the block lets go of it, before it looks elsewhere, waits or
 * says that there is nothing. Nothing is kept where the ring has not one slot more than its readers may keep and its
 * writers have open: so those alone never stop a producer. A kill leaves the bit, as of any hold. */
bool sr__records_keep(const slotring_reader_t *reader)
{
    return reader->run > 0 && reader->may_keep && reader->held == 1 &&
           sr__batch_holds(reader, reader->current->slot);
}

void sr__records_begin_block(const sr__view_t *view, struct sr__followed *f, uint32_t slot, uint64_t block,
                             uint64_t number)
{
    f->slot = slot;
    f->bytes = sr__block_bytes(view, slot);
    f->size = sr__block_size(view);
    f->offset = (uint64_t)slot * view->payload_stride;
    f->producer = sr__peek(&sr__slot(view, slot)->producer);
    f->block = block;
    f->place = 0;
    f->number = number;
}

/* [records.order] Reads a block that is listed. */
int sr__records_ordered(slotring_reader_t *reader, uint32_t slot, uint64_t sequence, slotring_slot_t *out)
{
    sr__view_t *view = &reader->ring->member.view;
    const sr__slot_t *s = sr__slot(view, slot);
    uint64_t content = sr__peek(&s->content), block = sr__content_block(content);
    uint32_t writer = sr__content_writer(content);
    if (writer >= view->writer_count || block == 0) {
        sr__error(SLOTRING_E_CORRUPT,
                  "slot %u has block %llu of writer %u; the first block is 1, and the ring has %u writers",
                  slot, (unsigned long long)block, writer, view->writer_count);
        return SR__DAMAGED;
    }
    struct sr__followed *f = &reader->followed[writer];
    if (f->block != block) {
        if (block <= f->done)
            return SR__PASSED; /* read while it was open */
        int failed = sr__records_meet(reader, f, sr__peek(&s->number), sr__peek(&s->skipped));
        if (failed)
            return failed;
        sr__records_begin_block(view, f, slot, block, sr__peek(&s->number));
    }
    f->open = false;
    reader->at_cursor = f;
    int code = sr__records_read(reader, f, sequence, out);
    if (code == SLOTRING_E_EMPTY)
        return is_damaged(reader, f);
    if (code == SR__PASSED)
        sr__records_end_block(f);
    return code;
}

bool sr__records_unread(const slotring_reader_t *reader, uint32_t writer, uint64_t block)
{
    const struct sr__followed *f = &reader->followed[writer];
    uint64_t header;
    if (f->block != block)
        return block > f->done;
    return sr__record_glance(f->bytes, f->size, f->place, &header) == SR__RECORD_THERE;
}

void sr__records_jump(slotring_reader_t *reader)
{
    reader->run = 0;
    if (reader->at_cursor && !reader->at_cursor->open)
        reader->at_cursor->block = 0;
}
