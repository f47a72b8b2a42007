/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing messages with their checksums, for who has them. */
#include "traffic/verify.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/error.h"
#include "members/enter.h"
#include "protocol/record.h"
#include "traffic/record_ticket.h"
#include "traffic/slots.h"
#include "traffic/span.h"

/* "sequence 7", or "message 3 of writer 1". */
static const char *name_message(const slotring_slot_t *slot, char text[80])
{
    if (slot->writer == SLOTRING_NO_WRITER)
        snprintf(text, 80, "sequence %" PRIu64, slot->sequence);
    else
        snprintf(text, 80, "message %" PRIu64 " of writer %" PRIu32, slot->number, slot->writer);
    return text;
}

/* Where a record begins in its block. False: the struct names no place where one can be. */
static bool place_of(const sr__view_t *view, const slotring_slot_t *slot, uint64_t *place)
{
    uint64_t begin = (uint64_t)slot->index * view->payload_stride + SR__RECORD_HEADER;
    *place = slot->offset - begin;
    return slot->offset >= begin && *place % 8 == 0 && *place < sr__block_size(view);
}

/* What the message's sum covers beside its bytes, and the sum, as they stand in the ring. False: nothing stands there that
 * makes sense. */
static bool find_noted(const sr__view_t *view, const slotring_slot_t *slot, sr__summed_t *summed,
                       uint64_t *noted)
{
    uint64_t place, header;
    const sr__slot_t *s = sr__slot(view, slot->index);
    if (slot->kind != SLOTRING_KIND_RECORD) {
        *summed = sr__summed_of(s);
        *noted = sr__peek(&s->sum);
        return summed->length == slot->length;
    }
    uint8_t *bytes = sr__block_bytes(view, slot->index);
    if (!place_of(view, slot, &place) ||
        sr__record_look(bytes, sr__block_size(view), place, &header) != SR__RECORD_THERE ||
        !(header & SR__RECORD_HAS_SUM) || sr__record_length(header) != slot->length)
        return false;
    *summed = (sr__summed_t){.length = slot->length, .number = slot->number};
    sr__record_read_rest(bytes, place, header, &summed->time, &summed->tag);
    *noted = sr__record_sum(bytes, place, header);
    return true;
}

static int compare(const slotring_slot_t *slot, uint32_t found, uint64_t noted)
{
    char name[80];
    if (found == noted)
        return 0;
    return sr__error(SLOTRING_E_CHECKSUM,
                     "%s, in slot %" PRIu32 ", has %" PRIu64 " bytes with the checksum %08" PRIx32
                     "; its producer noted %08" PRIx64
                     ": a program wrote into the ring where it should not, or the memory is faulty",
                     name_message(slot, name), slot->index, slot->length, found, noted);
}

int sr__compare_sum(const sr__view_t *view, const slotring_slot_t *slot, const void *bytes, uint64_t noted)
{
    const sr__summed_t summed = {
        .length = slot->length, .tag = slot->tag, .time = slot->time_ns, .number = slot->number};
    return compare(slot, sr__sum_message(view, &summed, bytes), noted);
}

int sr__no_sum(const slotring_slot_t *slot)
{
    char name[80];
    return sr__error(SLOTRING_E_CHECKSUM,
                     "%s, in slot %" PRIu32 ", has no checksum: the bytes in front of it are damaged",
                     name_message(slot, name), slot->index);
}

int sr__verify(const sr__view_t *view, const slotring_slot_t *slot)
{
    uint64_t noted;
    uint32_t found;
    sr__summed_t summed;
    if (!find_noted(view, slot, &summed, &noted))
        return sr__no_sum(slot);
    if (slot->kind != SLOTRING_KIND_SPAN)
        return compare(slot, sr__sum_message(view, &summed, slot->data), noted);
    if (!sr__span_sum(view, slot->index, &summed, SR__PIECE, SR__NOBODY, &found))
        return sr__error(SLOTRING_E_CORRUPT,
                         "a piece of the message that begins in slot %" PRIu32 " is not there", slot->index);
    return compare(slot, found, noted);
}

/* Does a writer have the block of this record open? */
static bool is_open(const sr__view_t *view, const slotring_slot_t *slot)
{
    uint32_t writer = sr__content_writer(slot->ticket.flags);
    const sr__writer_t *row = &view->writers[writer];
    return writer < view->writer_count && sr__load(&row->claimed) != 0 &&
           sr__load(&row->slot) == slot->index &&
           (sr__load(&row->block) & 0xffff) == slot->ticket.flags >> 16;
}

/* Has the slot the message of the struct still? What the caller has given back may be another one by now. Whoever claims the
 * slot takes its sequence out first of all (claim.c), and a block without a sequence is one that is open. */
static bool is_there(const sr__view_t *view, const slotring_slot_t *slot)
{
    const sr__slot_t *s = sr__slot(view, slot->index);
    if (slot->kind == SLOTRING_KIND_RECORD)
        return (uint32_t)sr__peek(&s->content) == slot->ticket.flags &&
               (sr__load(&s->sequence) != SR__NO_SEQUENCE || is_open(view, slot));
    return sr__load(&s->sequence) == slot->sequence && !sr__is_block(s);
}

static int gone(void)
{
    return sr__error(SLOTRING_E_STALE, "the slot has another message by now, as this one was released");
}

static int check_slot(const slotring_t *ring, const slotring_slot_t *slot)
{
    if (!slot)
        return sr__error(SLOTRING_E_INVALID, "slot is NULL");
    if (!sr__has_sums(&ring->member.view))
        return sr__error(SLOTRING_E_UNSUPPORTED,
                         "ring \"%s\" was made without SLOTRING_CHECKSUMS, so its messages have no checksums",
                         ring->member.view.header.name);
    if (slot->internal[0] != SR__SLOT_READING && slot->internal[0] != SR__SLOT_GIVEN)
        return sr__error(SLOTRING_E_STATE,
                         "the slot has no message to verify: the caller writes it, or has given it back");
    if (slot->internal[1] != ring->slot_mark)
        return sr__plain(SLOTRING_E_NOT_OWNER);
    if (slot->index >= ring->member.view.slot_count || !is_there(&ring->member.view, slot))
        return gone();
    return 0;
}

int slotring_verify(slotring_t *ring, const slotring_slot_t *slot)
{
    int failed = sr__enter(ring);
    if (!failed)
        failed = check_slot(ring, slot);
    if (!failed)
        failed = sr__verify(&ring->member.view, slot);
    if (failed != SLOTRING_E_CHECKSUM && failed != SLOTRING_E_CORRUPT)
        return failed;
    /* Of a message that was released, and whose slot another producer writes, nothing can be said. Its bytes first, then the
     * second look: pairs with the fence in start_writing (claim.c). */
    atomic_thread_fence(memory_order_acquire);
    return is_there(&ring->member.view, slot) ? failed : gone();
}
