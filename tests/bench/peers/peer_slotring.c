/* SPDX-License-Identifier: Apache-2.0 */
/* slotring: a lossless reader per receiver. Built twice: with PEER_HOT in a ring with hot slots. */
#include <stdlib.h>

#include "../bench.h"
#include "peer.h"

#define BATCH_MAX 16u

#ifdef PEER_HOT
#define NAME "slotring_hot"
#define SETTING ", hot slots"
#define RING_FLAGS SLOTRING_HOT_SLOTS
#else
#define NAME "slotring"
#define SETTING ""
#define RING_FLAGS 0u
#endif

typedef struct side {
    const shape_t *shape;
    slotring_t *ring;
    slotring_reader_t *reader;
    slotring_slot_t slots[BATCH_MAX]; /* of the current batch */
    uint32_t count, at;               /* how many there are, and the one in hand */
} side_t;

const peer_facts_t *peer_facts(void)
{
    static const peer_facts_t facts = {.name = NAME,
                                       .setting = "lossless readers; one thread; prefault" SETTING,
                                       .spins = true,
                                       .blocks = true,
                                       .many_senders = true,
                                       .many_receivers = true,
                                       .batches = true,
                                       .in_place = true};
    return &facts;
}

const char *peer_version(void)
{
    return slotring_version();
}

static slotring_t *open_ring(const shape_t *shape, uint32_t mode)
{
    slotring_t *ring;
    slotring_error_t error;
    slotring_options_t options;
    slotring_options_init(&options);
    options.mode = mode;
    options.flags = SLOTRING_ONE_THREAD | SLOTRING_PREFAULT | RING_FLAGS;
    options.slot_size = shape->size;
    options.total_size = shape->size * shape->buffers;
    options.max_holds = UINT32_MAX; /* whole batches, by ticket too */
    options.spin_ns = shape->blocking ? 0 : UINT64_MAX;
    if (slotring_open(&ring, shape->name, &options, &error) != 0)
        fail("%s (%s)", error.text, slotring_error_name(error.code));
    return ring;
}

const char *peer_create(shape_t *shape)
{
    must(slotring_close(open_ring(shape, SLOTRING_CREATE)), "close");
    return NULL;
}

void peer_destroy(shape_t *shape)
{
    ring_forget(shape->name);
}

static side_t *open_side(const shape_t *shape)
{
    side_t *side = calloc(1, sizeof *side);
    if (!side)
        fail("no memory for a side");
    side->shape = shape;
    side->ring = open_ring(shape, SLOTRING_ATTACH);
    return side;
}

void *peer_open_receiver(const shape_t *shape, unsigned number)
{
    side_t *side = open_side(shape);
    (void)number;
    must(slotring_subscribe(side->ring, NULL, &side->reader), "subscribe");
    return side;
}

void *peer_open_sender(const shape_t *shape, unsigned number)
{
    (void)number;
    return open_side(shape);
}

static void close_side(side_t *side)
{
    must(slotring_close(side->ring), "close");
    free(side);
}

void peer_close_receiver(void *receiver)
{
    close_side(receiver);
}

void peer_close_sender(void *sender)
{
    close_side(sender);
}

void *peer_reserve(void *sender)
{
    side_t *side = sender;
    if (side->shape->batch == 1) {
        must(slotring_allocate_wait(side->ring, side->shape->size, -1, &side->slots[0]), "allocate_wait");
        return side->slots[0].data;
    }
    if (side->count == 0)
        must(slotring_allocate_batch(side->ring, side->shape->size, side->slots, side->shape->batch, -1,
                                     &side->count),
             "allocate_batch");
    return side->slots[side->at].data;
}

void peer_publish(void *sender)
{
    side_t *side = sender;
    if (side->shape->batch == 1) {
        must(slotring_mark_ready(side->ring, &side->slots[0], side->shape->size), "mark_ready");
        return;
    }
    side->slots[side->at++].length = side->shape->size;
    if (side->at == side->count)
        peer_flush(sender);
}

void peer_flush(void *sender)
{
    side_t *side = sender;
    if (side->at > 0)
        must(slotring_mark_ready_batch(side->ring, side->slots, side->at, NULL), "mark_ready_batch");
    for (uint32_t i = side->at; i < side->count; i++)
        must(slotring_abort(side->ring, &side->slots[i]), "abort");
    side->count = side->at = 0;
}

const void *peer_receive(void *receiver)
{
    side_t *side = receiver;
    if (side->shape->batch == 1) {
        must(slotring_next(side->reader, -1, &side->slots[0]), "next");
        return side->slots[0].data;
    }
    if (side->count == 0)
        must(slotring_next_batch(side->reader, -1, side->slots, side->shape->batch, &side->count),
             "next_batch");
    return side->slots[side->at].data;
}

void peer_release(void *receiver)
{
    side_t *side = receiver;
    if (side->shape->batch > 1 && ++side->at < side->count)
        return;
    must(slotring_reader_release(side->reader), "reader_release");
    side->count = side->at = 0;
}
