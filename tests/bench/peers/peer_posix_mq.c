/* SPDX-License-Identifier: Apache-2.0 */
/* POSIX message queue, as deep as the system lets it be. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>

#include "peer.h"

typedef struct side {
    mqd_t queue;
    size_t size;
    uint64_t *buffer;
} side_t;

const peer_facts_t *peer_facts(void)
{
    static const peer_facts_t facts = {.name = "POSIX message queue",
                                       .setting = "as deep as the system allows; O_NONBLOCK when spinning",
                                       .spins = true,
                                       .blocks = true,
                                       .many_senders = true};
    return &facts;
}

const char *peer_version(void)
{
    static struct utsname system;
    uname(&system);
    return system.release;
}

static void path_of(const shape_t *shape, char *path, size_t size)
{
    snprintf(path, size, "/%s", shape->name);
}

/* The deepest queue that is granted, down to two messages. */
const char *peer_create(shape_t *shape)
{
    char path[80];
    struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_MSGQUEUE, &all); /* for root only; otherwise the depth is cut below */
    path_of(shape, path, sizeof path);
    for (long depth = shape->buffers; depth >= 2; depth /= 2) {
        struct mq_attr attributes = {.mq_maxmsg = depth, .mq_msgsize = (long)shape->size};
        mqd_t queue = mq_open(path, O_CREAT | O_EXCL | O_RDWR, 0600, &attributes);
        if (queue != (mqd_t)-1) {
            mq_close(queue);
            return NULL;
        }
        if (errno == ENOSYS || errno == EEXIST || errno == EACCES)
            break;
    }
    static char why[160];
    snprintf(why, sizeof why, "mq_open with messages of %zu bytes: %s", shape->size, strerror(errno));
    return why;
}

void peer_destroy(shape_t *shape)
{
    char path[80];
    path_of(shape, path, sizeof path);
    mq_unlink(path);
}

static side_t *open_side(const shape_t *shape, int direction)
{
    side_t *side = calloc(1, sizeof *side);
    char path[80];
    path_of(shape, path, sizeof path);
    if (!side || !(side->buffer = calloc(1, shape->size)))
        fail("no memory for a side");
    side->size = shape->size;
    side->queue = mq_open(path, direction | (shape->blocking ? 0 : O_NONBLOCK));
    if (side->queue == (mqd_t)-1)
        fail("mq_open %s: %s", path, strerror(errno));
    return side;
}

void *peer_open_receiver(const shape_t *shape, unsigned number)
{
    (void)number;
    return open_side(shape, O_RDONLY);
}

void *peer_open_sender(const shape_t *shape, unsigned number)
{
    (void)number;
    return open_side(shape, O_WRONLY);
}

static void close_side(side_t *side)
{
    mq_close(side->queue);
    free(side->buffer);
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
    return ((side_t *)sender)->buffer;
}

void peer_publish(void *sender)
{
    side_t *side = sender;
    while (mq_send(side->queue, (const char *)side->buffer, side->size, 0) != 0)
        if (errno != EAGAIN && errno != EINTR)
            fail("mq_send: %s", strerror(errno));
}

void peer_flush(void *sender)
{
    (void)sender;
}

const void *peer_receive(void *receiver)
{
    side_t *side = receiver;
    ssize_t got;
    while ((got = mq_receive(side->queue, (char *)side->buffer, side->size, NULL)) < 0)
        if (errno != EAGAIN && errno != EINTR)
            fail("mq_receive: %s", strerror(errno));
    if ((size_t)got != side->size)
        fail("mq_receive gave %zd bytes instead of %zu", got, side->size);
    return side->buffer;
}

void peer_release(void *receiver)
{
    (void)receiver;
}
