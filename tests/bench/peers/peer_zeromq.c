/* SPDX-License-Identifier: Apache-2.0 */
/* ZeroMQ over ipc: PUSH to PULL; to several receivers XPUB, told not to drop, to SUB. Messages are written in
 * place (zmq_msg_init_size) and read in place; the socket in between copies them. Its I/O thread runs on the
 * processor of its process. It waits by sleeping: it has no polling mode beyond calling it again and again. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "peer.h"

typedef struct side {
    void *context, *socket;
    zmq_msg_t message;
    size_t size;
    int flags;
} side_t;

const peer_facts_t *peer_facts(void)
{
    static const peer_facts_t facts = {.name = "ZeroMQ ipc",
                                       .setting = "PUSH/PULL, XPUB/SUB without dropping; one I/O thread",
                                       .spins = true,
                                       .blocks = true,
                                       .many_senders = true,
                                       .many_receivers = true};
    return &facts;
}

const char *peer_version(void)
{
    static char text[32];
    int major, minor, patch;
    zmq_version(&major, &minor, &patch);
    snprintf(text, sizeof text, "%d.%d.%d", major, minor, patch);
    return text;
}

static void check(int result, const char *what)
{
    if (result < 0)
        fail("%s: %s", what, zmq_strerror(errno));
}

static void path_of(const shape_t *shape, char *path, size_t size)
{
    snprintf(path, size, "/tmp/%s.zmq", shape->name);
}

const char *peer_create(shape_t *shape)
{
    (void)shape;
    return NULL;
}

void peer_destroy(shape_t *shape)
{
    char path[120];
    path_of(shape, path, sizeof path);
    unlink(path);
}

static void set(void *socket, int option, int value)
{
    check(zmq_setsockopt(socket, option, &value, sizeof value), "zmq_setsockopt");
}

static side_t *open_side(const shape_t *shape, int type, bool binds)
{
    side_t *side = calloc(1, sizeof *side);
    char path[120], address[140];
    path_of(shape, path, sizeof path);
    snprintf(address, sizeof address, "ipc://%s", path);
    if (!side || !(side->context = zmq_ctx_new()) || !(side->socket = zmq_socket(side->context, type)))
        fail("no ZeroMQ socket: %s", zmq_strerror(errno));
    side->size = shape->size;
    side->flags = shape->blocking ? 0 : ZMQ_DONTWAIT;
    set(side->socket, ZMQ_SNDHWM, (int)shape->buffers);
    set(side->socket, ZMQ_RCVHWM, (int)shape->buffers);
    set(side->socket, ZMQ_RECONNECT_IVL, 1);
    if (type == ZMQ_XPUB) {
        set(side->socket, ZMQ_XPUB_NODROP, 1);
        set(side->socket, ZMQ_XPUB_VERBOSE, 1); /* tell of each subscriber, rather than of the first */
    }
    if (type == ZMQ_SUB)
        check(zmq_setsockopt(side->socket, ZMQ_SUBSCRIBE, "", 0), "subscribe");
    check(binds ? zmq_bind(side->socket, address) : zmq_connect(side->socket, address), address);
    return side;
}

void *peer_open_receiver(const shape_t *shape, unsigned number)
{
    (void)number;
    if (shape->receivers > 1)
        return open_side(shape, ZMQ_SUB, false);
    return open_side(shape, ZMQ_PULL, true);
}

void *peer_open_sender(const shape_t *shape, unsigned number)
{
    (void)number;
    if (shape->receivers == 1)
        return open_side(shape, ZMQ_PUSH, false);
    side_t *side = open_side(shape, ZMQ_XPUB, true);
    for (uint32_t i = 0; i < shape->receivers; i++) { /* each says that it is there */
        char subscription[16];
        check(zmq_recv(side->socket, subscription, sizeof subscription, 0), "subscription");
    }
    return side;
}

static void close_side(side_t *side)
{
    check(zmq_close(side->socket), "zmq_close");
    check(zmq_ctx_term(side->context), "zmq_ctx_term");
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
    check(zmq_msg_init_size(&side->message, side->size), "zmq_msg_init_size");
    return zmq_msg_data(&side->message);
}

void peer_publish(void *sender)
{
    side_t *side = sender;
    while (zmq_msg_send(&side->message, side->socket, side->flags) < 0)
        if (errno != EAGAIN && errno != EINTR)
            fail("zmq_msg_send: %s", zmq_strerror(errno));
}

void peer_flush(void *sender)
{
    (void)sender;
}

const void *peer_receive(void *receiver)
{
    side_t *side = receiver;
    check(zmq_msg_init(&side->message), "zmq_msg_init");
    while (zmq_msg_recv(&side->message, side->socket, side->flags) < 0)
        if (errno != EAGAIN && errno != EINTR)
            fail("zmq_msg_recv: %s", zmq_strerror(errno));
    if (zmq_msg_size(&side->message) != side->size)
        fail("zmq_msg_recv gave %zu bytes instead of %zu", zmq_msg_size(&side->message), side->size);
    return zmq_msg_data(&side->message);
}

void peer_release(void *receiver)
{
    side_t *side = receiver;
    check(zmq_msg_close(&side->message), "zmq_msg_close");
}
