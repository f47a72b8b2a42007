/* SPDX-License-Identifier: Apache-2.0 */
/* The pieces of a message: all bytes of a span, of a slot, and of a record, with the same calls. The caller has the slot, as
 * a writer or as a reader, so its pieces stay. Each link is looked at before it is followed, since the ring may be damaged.
 */
#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "members/enter.h"
#include "protocol/span.h"
#include "traffic/slots.h"

/* Is the slot written by the caller? Then it has all bytes that fit. */
static bool is_written(const slotring_slot_t *slot)
{
    return slot->internal[0] == SR__SLOT_WRITING || slot->internal[0] == SR__SLOT_SPAN ||
           slot->internal[0] == SR__SLOT_RESERVED;
}

static int check(slotring_t *ring, const slotring_slot_t *slot)
{
    int failed = sr__enter(ring);
    if (failed)
        return failed;
    if (!slot)
        return sr__error(SLOTRING_E_INVALID, "slot is NULL");
    if (slot->index >= ring->member.view.slot_count || slot->internal[0] == SR__SLOT_NONE ||
        slot->internal[0] > SR__SLOT_SPAN)
        return sr__error(SLOTRING_E_STATE, "the slot was given back, or never given");
    if (slot->internal[1] != ring->slot_mark)
        return sr__plain(SLOTRING_E_NOT_OWNER);
    /* A copy of a struct whose message was published or given up since. */
    bool writing = slot->internal[0] == SR__SLOT_WRITING || slot->internal[0] == SR__SLOT_SPAN;
    if (writing && sr__load(&sr__slot(&ring->member.view, slot->index)->word) != slot->internal[2])
        return sr__error(SLOTRING_E_STATE, "the slot was published or given back");
    return 0;
}

static uint64_t bytes_of(const slotring_slot_t *slot)
{
    return is_written(slot) ? slot->capacity : slot->length;
}

static void whole(const slotring_slot_t *slot, slotring_piece_t *piece)
{
    *piece =
        (slotring_piece_t){.data = slot->data, .length = bytes_of(slot), .index = slot->index, .number = 1};
}

static int lost(const slotring_slot_t *slot, uint32_t number)
{
    return sr__error(SLOTRING_E_CORRUPT,
                     "piece %" PRIu32 " of the message that begins in slot %" PRIu32 " is not there", number,
                     slot->index);
}

/* The slot behind the last one that was given. */
static int follow(slotring_t *ring, const slotring_slot_t *slot, uint32_t number, uint32_t *index)
{
    sr__view_t *view = &ring->member.view;
    uint64_t word;
    bool written = is_written(slot);
    return sr__span_follow(view, slot->index, written ? SR__CLAIMED : SR__PIECE,
                           written ? ring->member.me : SR__NOBODY, index, &word)
               ? 0
               : lost(slot, number);
}

/* `number`: how many were given before. */
static int next_of_span(slotring_t *ring, const slotring_slot_t *slot, slotring_piece_t *piece)
{
    const sr__view_t *view = &ring->member.view;
    uint32_t number = piece->number, index = number == 0 ? slot->index : piece->index;
    if (index >= view->slot_count)
        return sr__error(SLOTRING_E_INVALID, "the piece is not what the call before gave");
    int failed = number == 0 ? 0 : follow(ring, slot, number, &index);
    if (failed)
        return failed;
    uint64_t position = number * view->slot_size, rest = bytes_of(slot) - position;
    if (rest <= view->slot_size && !sr__span_is_over(view, index))
        return sr__error(SLOTRING_E_CORRUPT,
                         "more pieces follow than the %" PRIu64
                         " bytes take of the message that begins in slot %" PRIu32,
                         bytes_of(slot), slot->index);
    *piece = (slotring_piece_t){.data = view->payload + (uint64_t)index * view->payload_stride,
                                .length = rest < view->slot_size ? rest : view->slot_size,
                                .position = position,
                                .index = index,
                                .number = number + 1};
    return 0;
}

static int next_piece(slotring_t *ring, const slotring_slot_t *slot, slotring_piece_t *piece)
{
    if (slot->kind != SLOTRING_KIND_SPAN) {
        if (piece->number > 0)
            return SLOTRING_E_EMPTY;
        whole(slot, piece);
        return 0;
    }
    return piece->number * ring->member.view.slot_size >= bytes_of(slot) ? SLOTRING_E_EMPTY
                                                                         : next_of_span(ring, slot, piece);
}

int slotring_next_piece(slotring_t *ring, const slotring_slot_t *slot, slotring_piece_t *piece)
{
    int failed = check(ring, slot);
    if (!failed && !piece)
        failed = sr__error(SLOTRING_E_INVALID, "piece is NULL");
    if (failed)
        return failed;
    failed = next_piece(ring, slot, piece);
    return failed == SLOTRING_E_EMPTY ? sr__plain(failed) : failed;
}

/* Goes over the bytes of a message from `offset` on, piece by piece. In: nothing was written or read yet. */
typedef struct passage {
    uint64_t offset, bytes, done;
    uint8_t *to;         /* NULL: from the caller's bytes into the message */
    const uint8_t *from; /* where the caller's bytes are */
} passage_t;

static void pass(const slotring_piece_t *piece, passage_t *p)
{
    uint64_t at = p->offset + p->done, end = piece->position + piece->length;
    if (at >= end)
        return;
    uint64_t within = at - piece->position, length = end - at;
    if (length > p->bytes - p->done)
        length = p->bytes - p->done;
    if (p->to)
        memcpy(p->to + p->done, (uint8_t *)piece->data + within, (size_t)length);
    else
        memcpy((uint8_t *)piece->data + within, p->from + p->done, (size_t)length);
    p->done += length;
}

static int go_over(slotring_t *ring, const slotring_slot_t *slot, passage_t *p)
{
    slotring_piece_t piece = {0};
    int failed = 0;
    while (p->done < p->bytes && (failed = next_piece(ring, slot, &piece)) == 0)
        pass(&piece, p);
    return failed == SLOTRING_E_EMPTY ? 0 : failed;
}

static int check_range(const slotring_slot_t *slot, uint64_t offset, const void *buffer, uint64_t bytes)
{
    if (!buffer && bytes > 0)
        return sr__error(SLOTRING_E_INVALID, "the buffer is NULL");
    if (offset > bytes_of(slot))
        return sr__error(SLOTRING_E_SIZE, "offset %" PRIu64 " lies behind the message's %" PRIu64 " bytes",
                         offset, bytes_of(slot));
    return 0;
}

int slotring_gather(slotring_t *ring, const slotring_slot_t *slot, uint64_t offset, void *buffer,
                    uint64_t bytes, uint64_t *got)
{
    int failed = check(ring, slot);
    if (!failed)
        failed = check_range(slot, offset, buffer, bytes);
    if (failed)
        return failed;
    uint64_t there = bytes_of(slot) - offset;
    passage_t p = {.offset = offset, .bytes = bytes < there ? bytes : there, .to = buffer};
    failed = p.bytes > 0 ? go_over(ring, slot, &p) : 0;
    if (got)
        *got = p.done;
    return failed;
}

int slotring_scatter(slotring_t *ring, const slotring_slot_t *slot, uint64_t offset, const void *data,
                     uint64_t bytes)
{
    int failed = check(ring, slot);
    if (!failed && !is_written(slot))
        failed = sr__error(SLOTRING_E_STATE, "the slot is not being written");
    if (!failed)
        failed = check_range(slot, offset, data, bytes);
    if (failed)
        return failed;
    if (bytes > slot->capacity - offset)
        return sr__error(SLOTRING_E_TOO_LARGE,
                         "%" PRIu64 " bytes from %" PRIu64 " on do not fit into the %" PRIu64
                         " bytes of the slot",
                         bytes, offset, slot->capacity);
    passage_t p = {.offset = offset, .bytes = bytes, .from = data};
    return bytes > 0 ? go_over(ring, slot, &p) : 0;
}
