/* SPDX-License-Identifier: Apache-2.0 */
/* What a writer opens for its next message: a block for small ones, a slot or several for a larger one. */
#include "base/error.h"
#include "members/reap.h"
#include "protocol/claim.h"
#include "protocol/counters.h"
#include "traffic/room.h"
#include "traffic/span_take.h"
#include "traffic/writers/append.h"

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
static int open_anew(slotring_writer_t *writer, enum sr__content_kind kind, uint64_t skipped,
                     int64_t timeout_ns)
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
    if (failed == SLOTRING_E_FULL)
        failed = sr__no_room(ring, timeout_ns);
    if (!failed)
        sr__block_claimed(&ring->member, &writer->block, kind, wanted.slot, wanted.word);
    if (!failed && skipped > 0)
        sr__block_skip(&writer->block, skipped);
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

int64_t sr__append_around(const slotring_writer_t *writer)
{
    return writer->rest & SR__RECORD_HAS_SUM ? SR__AROUND_RECORD + 8 : SR__AROUND_RECORD;
}

static int open_block(slotring_writer_t *writer, uint64_t skipped, int64_t timeout_ns)
{
    int failed = open_anew(writer, SR__BLOCK, skipped, timeout_ns);
    if (failed)
        return failed;
    prepare_model(writer);
    sr__append_reckon(writer, sr__append_around(writer));
    return 0;
}

int sr__append_open(slotring_writer_t *writer, uint64_t size, int64_t timeout_ns)
{
    if (writer->reserved)
        return refuse();
    if (size > SLOTRING_SLOT_SIZE_MAX || (int64_t)size > writer->largest)
        return size <= writer->ring->member.view.slot_size ? open_anew(writer, SR__MESSAGE, 0, timeout_ns)
                                                           : open_span(writer, size, timeout_ns);
    return open_block(writer, 0, timeout_ns);
}

int sr__append_skip(slotring_writer_t *writer, uint64_t count, int64_t timeout_ns)
{
    return writer->reserved ? refuse() : open_block(writer, count, timeout_ns);
}
