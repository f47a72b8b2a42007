/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of several slots: allocated, published and given up. */
#include "traffic/span.h"

#include <inttypes.h>

#include "base/error.h"
#include "members/enter.h"
#include "protocol/stream.h"
#include "protocol/sum.h"
#include "traffic/end_stream.h"
#include "traffic/slots.h"
#include "traffic/span_take.h"

void sr__span_for_writing(slotring_t *ring, const sr__span_t *span, slotring_slot_t *out)
{
    sr__slot_for_writing(ring, span->head, span->word, out);
    out->data = NULL; /* its bytes lie in several places */
    out->capacity = span->count * ring->member.view.slot_size;
    out->kind = SLOTRING_KIND_SPAN;
    out->pieces = (uint32_t)span->count;
    out->internal[0] = SR__SLOT_SPAN;
}

bool sr__length_fits(const sr__view_t *view, const sr__slot_t *s, uint64_t length)
{
    if (!sr__has_pieces(s))
        return length <= view->slot_size;
    return length > view->slot_size && sr__slots_for(view, length) <= view->slot_count;
}

static int span_for_reading(slotring_t *ring, uint32_t index, uint64_t sequence, uint64_t kind,
                            slotring_slot_t *out)
{
    sr__view_t *view = &ring->member.view;
    sr__slot_t *s = sr__slot(view, index);
    uint64_t length = sr__peek(&s->length);
    if (!sr__length_fits(view, s, length))
        return sr__error(SLOTRING_E_CORRUPT,
                         "slot %" PRIu32 " begins a message of %" PRIu64 " bytes in several of %" PRIu32
                         " slots of %" PRIu64 " bytes",
                         index, length, view->slot_count, view->slot_size);
    sr__slot_place(ring, index, out);
    sr__slot_facts(ring, s, index, length, sequence, kind, out);
    out->data = NULL;
    out->kind = SLOTRING_KIND_SPAN;
    out->pieces = (uint32_t)sr__slots_for(view, length);
    out->capacity = out->pieces * view->slot_size;
    return 0;
}

int sr__content_for_reading(slotring_t *ring, uint32_t index, uint64_t sequence, uint64_t content,
                            uint64_t kind, slotring_slot_t *out)
{
    int failed = content & SR__SPAN ? span_for_reading(ring, index, sequence, kind, out)
                                    : sr__slot_for_reading(ring, index, sequence, kind, out);
    if (!failed && sr__content_has_writer(content))
        sr__slot_writer(sr__slot(&ring->member.view, index), content, out);
    return failed;
}

static int enter_producer(slotring_t *ring, const slotring_slot_t *slot)
{
    int failed = sr__enter(ring);
    if (!failed && !slot)
        failed = sr__error(SLOTRING_E_INVALID, "slot is NULL");
    return failed ? failed : sr__producer_begin(ring);
}

int slotring_allocate_span(slotring_t *ring, uint64_t size, int64_t timeout_ns, slotring_slot_t *slot)
{
    uint64_t slots;
    int failed = sr__enter(ring);
    if (!failed)
        failed = sr__span_size_check(ring, size, &slots);
    if (failed)
        return failed;
    if (slots == 1)
        return slotring_allocate_wait(ring, size, timeout_ns, slot);
    failed = enter_producer(ring, slot);
    sr__span_t span;
    if (!failed)
        failed = sr__span_take(ring, slots, timeout_ns, &span);
    if (!failed)
        sr__span_for_writing(ring, &span, slot);
    return failed;
}

bool sr__is_written_span(const slotring_t *ring, const slotring_slot_t *slot)
{
    return slot && slot->internal[0] == SR__SLOT_SPAN && slot->internal[1] == ring->slot_mark &&
           slot->index < ring->member.view.slot_count;
}

bool sr__span_sum(const sr__view_t *view, uint32_t head, const sr__summed_t *summed,
                  enum sr__slot_state state, uint32_t owner, uint32_t *sum)
{
    uint32_t slot = head;
    uint64_t part, word, length = summed->length;
    *sum = sr__sum_begin(summed);
    for (uint64_t done = 0; done < length; done += part) {
        if (done > 0 && !sr__span_follow(view, head, state, owner, &slot, &word))
            return false;
        part = length - done < view->slot_size ? length - done : view->slot_size;
        *sum = sr__sum(view, *sum, view->payload + (uint64_t)slot * view->payload_stride, part);
    }
    return true;
}

void sr__span_note_sum(sr__member_t *member, uint32_t head, const sr__summed_t *summed)
{
    uint32_t sum;
    if (sr__span_sum(&member->view, head, summed, SR__CLAIMED, member->me, &sum))
        sr__poke(&sr__slot(&member->view, head)->sum,
                 sum); /* else it is not its any more, and is not published */
}

static int not_written(const slotring_slot_t *slot)
{
    return sr__error(SLOTRING_E_STATE,
                     "the span that begins in slot %" PRIu32 " is not being written by this handle any more",
                     slot->index);
}

int sr__span_ready(slotring_t *ring, const slotring_slot_t *slot, uint64_t length, uint64_t time,
                   uint64_t *content)
{
    sr__member_t *member = &ring->member;
    uint64_t slots = sr__span_written(member, slot->index, slot->internal[2]);
    uint64_t needed = sr__slots_for(&member->view, length);
    if (slots == 0)
        return not_written(slot);
    if (needed > slots)
        return sr__error(SLOTRING_E_TOO_LARGE,
                         "%" PRIu64 " bytes do not fit into a span of %" PRIu64 " slots of %" PRIu64 " bytes",
                         length, slots, member->view.slot_size);
    if (sr__has_sums(&member->view))
        sr__span_note_sum(
            member, slot->index,
            &(const sr__summed_t){
                .length = length, .tag = slot->tag, .time = time, .number = SLOTRING_NO_NUMBER});
    if (sr__span_end(member, slot->index, slot->internal[2], needed))
        return not_written(slot);
    *content = needed > 1 ? sr__content(SR__SPAN, SR__NO_WRITER, 0) : SR__PLAIN_MESSAGE;
    return 0;
}

int sr__span_drop(slotring_t *ring, const slotring_slot_t *slot)
{
    return sr__span_abort(&ring->member, slot->index, slot->internal[2]) ? not_written(slot) : 0;
}
