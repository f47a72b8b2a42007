/* SPDX-License-Identifier: Apache-2.0 */
/* libqb's ring: alloc and commit, peek and reclaim, so that both sides work in place. Without its semaphore where
 * nobody sleeps, as its documentation advises for polling. */
#include <errno.h>
#include <qb/qbconfig.h>
#include <qb/qbrb.h>
#include <stdlib.h>
#include <string.h>

#include "peer.h"

/* A chunk of the ring has a header of 8 bytes, and its size is rounded up. */
#define CHUNK_OVERHEAD 16u

typedef struct side {
    qb_ringbuffer_t *ring;
    size_t size;
    bool blocking;
} side_t;

const peer_facts_t *peer_facts(void)
{
    static const peer_facts_t facts = {.name = "libqb ring",
                                       .setting = "in place; no semaphore when spinning",
                                       .spins = true,
                                       .blocks = true,
                                       .in_place = true};
    return &facts;
}

const char *peer_version(void)
{
    return QB_VER_STR;
}

static qb_ringbuffer_t *open_ring(const shape_t *shape, uint32_t flags)
{
    flags |= QB_RB_FLAG_SHARED_PROCESS | (shape->blocking ? 0 : QB_RB_FLAG_NO_SEMAPHORE);
    qb_ringbuffer_t *ring =
        qb_rb_open(shape->name, (shape->size + CHUNK_OVERHEAD) * shape->buffers, flags, 0);
    if (!ring)
        fail("qb_rb_open: %s", strerror(errno));
    return ring;
}

/* The creator keeps it open until the end: the last one to close removes it. */
const char *peer_create(shape_t *shape)
{
    shape->made = open_ring(shape, QB_RB_FLAG_CREATE);
    return NULL;
}

void peer_destroy(shape_t *shape)
{
    qb_rb_close(shape->made);
}

static side_t *open_side(const shape_t *shape)
{
    side_t *side = calloc(1, sizeof *side);
    if (!side)
        fail("no memory for a side");
    *side = (side_t){open_ring(shape, 0), shape->size, shape->blocking};
    return side;
}

void *peer_open_receiver(const shape_t *shape, unsigned number)
{
    (void)number;
    return open_side(shape);
}

void *peer_open_sender(const shape_t *shape, unsigned number)
{
    (void)number;
    return open_side(shape);
}

static void close_side(side_t *side)
{
    qb_rb_close(side->ring);
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

/* It offers no way to sleep until there is room. */
void *peer_reserve(void *sender)
{
    side_t *side = sender;
    void *data;
    while (!(data = qb_rb_chunk_alloc(side->ring, side->size))) {
        if (errno != EAGAIN)
            fail("qb_rb_chunk_alloc: %s", strerror(errno));
        peer_pause();
    }
    return data;
}

void peer_publish(void *sender)
{
    side_t *side = sender;
    int32_t result = qb_rb_chunk_commit(side->ring, side->size);
    if (result < 0)
        fail("qb_rb_chunk_commit: %s", strerror(-result));
}

void peer_flush(void *sender)
{
    (void)sender;
}

const void *peer_receive(void *receiver)
{
    side_t *side = receiver;
    void *data;
    ssize_t got;
    while ((got = qb_rb_chunk_peek(side->ring, &data, side->blocking ? -1 : 0)) <= 0) {
        if (got != 0 && got != -ETIMEDOUT && got != -EAGAIN && got != -EBADMSG)
            fail("qb_rb_chunk_peek: %s", strerror((int)-got));
        peer_pause();
    }
    if ((size_t)got != side->size)
        fail("qb_rb_chunk_peek gave %zd bytes instead of %zu", got, side->size);
    return data;
}

void peer_release(void *receiver)
{
    side_t *side = receiver;
    qb_rb_chunk_reclaim(side->ring);
}
