/* SPDX-License-Identifier: Apache-2.0 */
/* Reading records. A block is read in place as soon as it is opened: its writer's row names it, and it is not in the
 * order yet. It is met a second time when it is listed; what was read by then is passed over there. The number of the
 * next message is kept for each writer, so that no record is given twice or left out, wherever it is met.
 */
#include "traffic/readers/records.h"

#include <stdlib.h>

#include "base/error.h"
#include "protocol/counters.h"
#include "protocol/hold.h"
#include "protocol/record.h"
#include "protocol/record_find.h"
#include "traffic/readers/batch.h"
#include "traffic/readers/missed.h"
#include "traffic/readers/revoked.h"
#include "traffic/readers/wanted.h"
#include "traffic/slots.h"
#include "traffic/ticket.h"

int sr__records_make(slotring_reader_t *reader)
{
    uint32_t writers = reader->ring->member.view.writer_count;
    reader->openings_seen = SR__NO_SEQUENCE;
    if (writers == 0)
        return 0;
    reader->followed = calloc(writers, sizeof *reader->followed);
    reader->open_writers = calloc(writers, sizeof *reader->open_writers);
    return reader->followed && reader->open_writers ? 0 : SLOTRING_E_NO_MEMORY;
}

void sr__records_free(slotring_reader_t *reader)
{
    free(reader->followed);
    free(reader->open_writers);
    reader->followed = NULL;
    reader->open_writers = NULL;
}

void sr__records_pass_over(slotring_reader_t *reader, uint64_t count)
{
    sr__word_t *passed_over = &reader->subscription->records_passed_over;
    if (count > 0)
        sr__poke(passed_over, sr__peek(passed_over) + count);
}

/* What a writer wrote from number `from` up to `to` is gone. What is not wanted of that was not missed. */
static void miss(slotring_reader_t *reader, uint64_t from, uint64_t to)
{
    sr__word_t *missed = &reader->subscription->records_missed;
    uint64_t count = reader->wanted.latest ? 0 : sr__wanted_between(&reader->wanted, from, to);
    if (count > 0)
        sr__missed_note(reader, sr__peek(&reader->account->jump_missed));
    /* Release: after the note. Pairs with sr__subscription_read. */
    atomic_store_explicit(missed, sr__peek(missed) + count, memory_order_release);
    sr__count(&reader->ring->member, SR__RECORDS_MISSED, count);
    sr__records_pass_over(reader, to - from - count);
}

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

void sr__records_past(slotring_reader_t *reader, uint32_t slot)
{
    const sr__slot_t *s = sr__slot(&reader->ring->member.view, slot);
    uint32_t writer = sr__content_writer(sr__peek(&s->content));
    if (writer >= reader->ring->member.view.writer_count)
        return;
    struct sr__followed *f = &reader->followed[writer];
    f->next = sr__peek(&s->number); /* the slots are looked at from the newest to the oldest */
    f->known = true;
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
            miss(reader, f->number - 1, f->number);
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

/* What comes next of this writer is `number`. 0, or the order has lost what lies between. */
int sr__records_come_to(slotring_reader_t *reader, struct sr__followed *f, uint64_t number)
{
    if (f->known && number > f->next) {
        if (!reader->pressure.may_miss && !f->may_lack && !sr__revoked_is_due(reader)) {
            f->may_lack =
                reader->given == 0 && !reader->only_looks; /* it is told once, and the next call goes on */
            return sr__error(SLOTRING_E_CORRUPT,
                             "messages %llu to %llu of a writer are lost that producers wait for",
                             (unsigned long long)f->next, (unsigned long long)number - 1);
        }
        miss(reader, f->next, number);
    }
    if (!f->known || number > f->next)
        f->next = number;
    f->known = true;
    f->may_lack = false;
    return 0;
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
        int failed = sr__records_come_to(reader, f, sr__peek(&s->number));
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

int sr__records_message(slotring_reader_t *reader, uint32_t slot, uint32_t writer)
{
    sr__view_t *view = &reader->ring->member.view;
    if (writer >= view->writer_count) {
        sr__error(SLOTRING_E_CORRUPT, "slot %u has a message of writer %u; the ring has %u", slot, writer,
                  view->writer_count);
        return SR__DAMAGED;
    }
    struct sr__followed *f = &reader->followed[writer];
    uint64_t number = sr__peek(&sr__slot(view, slot)->number);
    if (f->known && number < f->next)
        return SR__PASSED;
    int failed = sr__records_come_to(reader, f, number);
    if (!failed)
        f->next++;
    return failed;
}

/* What it holds of the past has told where that begins: what lies before is gone. */
void sr__records_resume(slotring_reader_t *reader, uint32_t writer, uint64_t number, bool gap)
{
    struct sr__followed *f = &reader->followed[writer];
    if (f->known && f->next > number)
        miss(reader, number, f->next);
    else
        f->next = number;
    f->known = true;
    f->may_lack = gap;
}

/* Has no stream changed since the look that found the end? Who writes changes its stream first, and says so before it writes. */
static bool is_end_still(const slotring_reader_t *reader)
{
    return sr__load(&reader->ring->member.view.state->stream_generation) == reader->stream_seen;
}

int sr__records_end(slotring_reader_t *reader)
{
    sr__view_t *view = &reader->ring->member.view;
    for (uint32_t writer = 0; reader->followed && writer < sr__writers_high(view); writer++) {
        struct sr__followed *f = &reader->followed[writer];
        uint64_t total = sr__load(&view->writers[writer].total);
        if (!f->known || f->next >= total)
            continue;
        if (!reader->pressure.may_miss && !f->may_lack && !sr__revoked_is_due(reader)) {
            if (!is_end_still(reader))
                continue;
            return sr__records_come_to(reader, f, total);
        }
        miss(reader, f->next, total);
        f->next = total;
    }
    return 0;
}
