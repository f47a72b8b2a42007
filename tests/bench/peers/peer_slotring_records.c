/* SPDX-License-Identifier: Apache-2.0 */
/* slotring's records: a writer per sender, many messages in a slot; a lossless reader per receiver. */
#include <stdlib.h>
#include <string.h>

#include "../bench.h"
#include "peer.h"

#define BLOCK_SIZE ((size_t)64 << 10) /* bytes of a slot */
#define LARGEST (BLOCK_SIZE / 4)      /* bytes of a message */
#define BLOCKS 16u                    /* slots, beside one for each writer */

typedef struct side {
    const shape_t *shape;
    slotring_t *ring;
    slotring_reader_t *reader;
    slotring_writer_t *writer;
    _Alignas(64) uint8_t message[LARGEST]; /* the sender's own, copied when it is passed on */
    slotring_slot_t slot;
} side_t;

const peer_facts_t *peer_facts(void)
{
    static const peer_facts_t facts = {
        .name = "slotring_records",
        .setting = "records in slots of 64 KiB, appended by copy; lossless readers; one thread; prefault",
        .spins = true,
        .blocks = true,
        .many_senders = true,
        .many_receivers = true,
        .in_place = true,
        .largest = LARGEST};
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
    options.flags = SLOTRING_ONE_THREAD | SLOTRING_PREFAULT;
    options.slot_size = BLOCK_SIZE;
    options.total_size = BLOCK_SIZE * (BLOCKS + shape->senders);
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
    side_t *side = aligned_alloc(64, (sizeof *side + 63) / 64 * 64);
    if (!side)
        fail("no memory for a side");
    memset(side, 0, sizeof *side);
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
    side_t *side = open_side(shape);
    (void)number;
    must(slotring_writer_open(side->ring, NULL, &side->writer), "writer_open");
    return side;
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
    return ((side_t *)sender)->message;
}

void peer_publish(void *sender)
{
    side_t *side = sender;
    must(slotring_writer_append(side->writer, side->message, side->shape->size, 0, -1), "writer_append");
}

void peer_flush(void *sender)
{
    (void)sender; /* a record is visible when it is committed */
}

const void *peer_receive(void *receiver)
{
    side_t *side = receiver;
    must(slotring_next(side->reader, -1, &side->slot), "next");
    return side->slot.data;
}

void peer_release(void *receiver)
{
    side_t *side = receiver;
    must(slotring_reader_release(side->reader), "reader_release");
}
