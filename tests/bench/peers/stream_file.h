/* SPDX-License-Identifier: Apache-2.0 */
/* For peers that are a file descriptor at each end: messages of one size, copied by read and write. The file that
 * includes this defines how the two descriptors are made. */
#ifndef SLOTRING_BENCH_STREAM_FILE_H
#define SLOTRING_BENCH_STREAM_FILE_H

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "peer.h"

typedef struct ends {
    int in, out;
} ends_t;

typedef struct side {
    int file;
    size_t size;
    uint8_t *buffer;
} side_t;

static inline side_t *open_side(const shape_t *shape, int mine, int other)
{
    side_t *side = calloc(1, sizeof *side);
    if (!side || !(side->buffer = calloc(1, shape->size)))
        fail("no memory for a side");
    close(other);
    if (fcntl(mine, F_SETFL, shape->blocking ? 0 : O_NONBLOCK) != 0)
        fail("fcntl: %s", strerror(errno));
    side->file = mine;
    side->size = shape->size;
    return side;
}

static inline void close_side(side_t *side)
{
    close(side->file);
    free(side->buffer);
    free(side);
}

static inline ends_t *ends_new(void)
{
    ends_t *ends = calloc(1, sizeof *ends);
    if (!ends)
        fail("no memory for two descriptors");
    return ends;
}

void *peer_open_receiver(const shape_t *shape, unsigned number)
{
    const ends_t *ends = shape->made;
    (void)number;
    return open_side(shape, ends->in, ends->out);
}

void *peer_open_sender(const shape_t *shape, unsigned number)
{
    const ends_t *ends = shape->made;
    (void)number;
    return open_side(shape, ends->out, ends->in);
}

void peer_close_receiver(void *receiver)
{
    close_side(receiver);
}

void peer_close_sender(void *sender)
{
    close_side(sender);
}

void peer_destroy(shape_t *shape)
{
    ends_t *ends = shape->made;
    close(ends->in);
    close(ends->out);
    free(ends);
}

void *peer_reserve(void *sender)
{
    return ((side_t *)sender)->buffer;
}

void peer_publish(void *sender)
{
    side_t *side = sender;
    for (size_t at = 0; at < side->size;) {
        ssize_t done = write(side->file, side->buffer + at, side->size - at);
        if (done > 0)
            at += (size_t)done;
        else if (errno != EAGAIN && errno != EINTR)
            fail("write: %s", strerror(errno));
    }
}

void peer_flush(void *sender)
{
    (void)sender;
}

const void *peer_receive(void *receiver)
{
    side_t *side = receiver;
    for (size_t at = 0; at < side->size;) {
        ssize_t done = read(side->file, side->buffer + at, side->size - at);
        if (done > 0)
            at += (size_t)done;
        else if (done == 0)
            fail("the other end was closed");
        else if (errno != EAGAIN && errno != EINTR)
            fail("read: %s", strerror(errno));
    }
    return side->buffer;
}

void peer_release(void *receiver)
{
    (void)receiver;
}

#endif
