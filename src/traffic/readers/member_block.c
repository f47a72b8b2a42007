/* SPDX-License-Identifier: Apache-2.0 */
/* A block is one message of a group: one member gets all its records, in their order, and the block is acknowledged with the last
 * one. A kill before that offers all of them again. A block is met when it is listed, so records come when their writer has
 * filled its block, or closed it.
 */
#include "traffic/readers/member_block.h"

#include "protocol/record.h"
#include "protocol/record_find.h"
#include "traffic/readers/member.h"
#include "traffic/readers/records.h"
#include "traffic/readers/wanted.h"
#include "traffic/slots.h"
#include "traffic/ticket.h"

/* On to the next record that the group wants, or to what tells that there is none. */
static enum sr__record_sight next_wanted(slotring_reader_t *reader, uint64_t *header)
{
    sr__share_t *share = reader->share;
    uint8_t *bytes = sr__block_bytes(&reader->ring->member.view, share->slot);
    uint64_t size = sr__block_size(&reader->ring->member.view), unwanted = 0, time, tag;
    enum sr__record_sight sight;
    while ((sight = sr__record_look(bytes, size, share->place, header)) == SR__RECORD_THERE &&
           reader->wanted.filters) {
        sr__record_read_rest(bytes, share->place, *header, &time, &tag);
        if (sr__wants(&reader->wanted, share->number, tag))
            break;
        share->place += sr__record_size(*header);
        share->number++;
        unwanted++;
    }
    sr__records_pass_over(reader, unwanted);
    return sight;
}

void sr__member_block_begin(slotring_reader_t *reader, uint32_t slot)
{
    sr__share_t *share = reader->share;
    share->in_block = true;
    share->slot = slot;
    share->place = 0;
    share->number = sr__peek(&sr__slot(&reader->ring->member.view, slot)->number);
}

static void fill(slotring_reader_t *reader, const sr__slot_t *s, uint8_t *bytes, uint64_t header,
                 slotring_slot_t *out)
{
    const sr__share_t *share = reader->share;
    const sr__take_t *take = &share->taken[share->count - 1];
    uint64_t content = sr__peek(&s->content), begin = share->place + SR__RECORD_HEADER;
    sr__slot_place(reader->ring, share->slot, out);
    sr__slot_producer(s, out);
    out->data = bytes + begin;
    out->capacity = out->length = sr__record_length(header);
    out->offset += begin;
    out->sequence = take->sequence;
    out->kind = SLOTRING_KIND_RECORD;
    out->writer = sr__content_writer(content);
    out->number = share->number;
    out->deliveries = sr__take_tries(take->word);
    sr__record_read_rest(bytes, share->place, header, &out->time_ns, &out->tag);
    sr__record_ticket(&reader->ring->member.view, out->writer, share->slot, sr__content_block(content),
                      share->number, &out->ticket);
    out->internal[0] = SR__SLOT_GIVEN;
    out->internal[2] = 0;
}

int sr__member_block_give(slotring_reader_t *reader, slotring_slot_t *out)
{
    const sr__view_t *view = &reader->ring->member.view;
    sr__share_t *share = reader->share;
    uint8_t *bytes = sr__block_bytes(view, share->slot);
    uint64_t header = 0;
    enum sr__record_sight sight = next_wanted(reader, &header);
    if (sight == SR__RECORD_DAMAGED && reader->given > 0)
        return sr__block_damaged(share->slot, share->place); /* the next call tells it, once */
    if (sight != SR__RECORD_THERE) {
        share->in_block = false;
        return sight == SR__RECORD_DAMAGED ? sr__block_damaged(share->slot, share->place) : SR__SKIPPED;
    }
    fill(reader, sr__slot(view, share->slot), bytes, header, out);
    share->place += sr__record_size(header);
    share->number++;
    reader->records_given++;
    sight = next_wanted(reader, &header);
    share->in_block = sight == SR__RECORD_THERE || sight == SR__RECORD_DAMAGED;
    return 0;
}
