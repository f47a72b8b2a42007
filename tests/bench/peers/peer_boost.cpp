/* SPDX-License-Identifier: Apache-2.0 */
/* boost.interprocess message_queue: copies into and out of the queue; a mutex and two conditions inside. */
#include <boost/interprocess/ipc/message_queue.hpp>
#include <boost/version.hpp>
#include <cstdio>
#include <exception>
#include <memory>
#include <vector>

#include "peer.h"

using boost::interprocess::message_queue;

namespace
{

struct side {
    message_queue queue;
    std::vector<uint64_t> buffer;
    bool blocking;

    explicit side(const shape_t *shape)
        : queue(boost::interprocess::open_only, shape->name), buffer(shape->size / 8),
          blocking(shape->blocking)
    {
    }

    size_t bytes() const
    {
        return buffer.size() * 8;
    }
};

void *open_side(const shape_t *shape)
{
    try {
        return new side(shape);
    } catch (const std::exception &error) {
        fail("message_queue: %s", error.what());
    }
}

} // namespace

const peer_facts_t *peer_facts(void)
{
    static peer_facts_t facts;
    facts.name = "boost message_queue";
    facts.setting = "try_send and try_receive when spinning, send and receive when blocking";
    facts.spins = facts.blocks = facts.many_senders = true;
    return &facts;
}

const char *peer_version(void)
{
    return BOOST_LIB_VERSION;
}

const char *peer_create(shape_t *shape)
{
    try {
        message_queue queue(boost::interprocess::create_only, shape->name, shape->buffers, shape->size);
    } catch (const std::exception &error) {
        static char text[200];
        snprintf(text, sizeof text, "message_queue: %s", error.what());
        return text;
    }
    return nullptr;
}

void peer_destroy(shape_t *shape)
{
    message_queue::remove(shape->name);
}

void *peer_open_receiver(const shape_t *shape, unsigned)
{
    return open_side(shape);
}

void *peer_open_sender(const shape_t *shape, unsigned)
{
    return open_side(shape);
}

void peer_close_receiver(void *receiver)
{
    delete static_cast<side *>(receiver);
}

void peer_close_sender(void *sender)
{
    delete static_cast<side *>(sender);
}

void *peer_reserve(void *sender)
{
    return static_cast<side *>(sender)->buffer.data();
}

void peer_publish(void *sender)
{
    side *s = static_cast<side *>(sender);
    if (s->blocking)
        s->queue.send(s->buffer.data(), s->bytes(), 0);
    else
        while (!s->queue.try_send(s->buffer.data(), s->bytes(), 0))
            peer_pause();
}

void peer_flush(void *) {}

const void *peer_receive(void *receiver)
{
    side *s = static_cast<side *>(receiver);
    message_queue::size_type got = 0;
    unsigned priority;
    if (s->blocking)
        s->queue.receive(s->buffer.data(), s->bytes(), got, priority);
    else
        while (!s->queue.try_receive(s->buffer.data(), s->bytes(), got, priority))
            peer_pause();
    if (got != s->bytes())
        fail("message_queue gave %zu bytes instead of %zu", static_cast<size_t>(got), s->bytes());
    return s->buffer.data();
}

void peer_release(void *) {}
