/* SPDX-License-Identifier: Apache-2.0 */
/* The limit, not a peer: plain shared memory with two counters, one sender, one receiver, and no safety of any
 * kind. What a library costs is what it takes beyond this. When blocking: the bare futex. */
#define _GNU_SOURCE
#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "peer.h"

typedef struct counter {
    _Alignas(128) _Atomic uint32_t value;
    _Alignas(128) _Atomic uint32_t sleeps; /* somebody waits for `value` to change */
} counter_t;

typedef struct memory {
    counter_t sent, taken;
    _Alignas(4096) uint8_t data[];
} memory_t;

typedef struct side {
    memory_t *memory;
    size_t size;
    uint32_t buffers, at, limit; /* own position, and how far the other one is known to have come */
    bool blocking;
} side_t;

const peer_facts_t *peer_facts(void)
{
    static const peer_facts_t facts = {.name = "bare shared memory",
                                       .setting = "two counters, the other side's one cached; no safety",
                                       .spins = true,
                                       .blocks = true,
                                       .in_place = true};
    return &facts;
}

const char *peer_version(void)
{
    return "1";
}

static size_t bytes_of(const shape_t *shape)
{
    return sizeof(memory_t) + shape->size * shape->buffers;
}

const char *peer_create(shape_t *shape)
{
    shape->made =
        mmap(NULL, bytes_of(shape), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    return shape->made == MAP_FAILED ? "no memory" : NULL;
}

void peer_destroy(shape_t *shape)
{
    munmap(shape->made, bytes_of(shape));
}

static side_t *open_side(const shape_t *shape, uint32_t limit)
{
    side_t *side = calloc(1, sizeof *side);
    if (!side)
        fail("no memory for a side");
    *side = (side_t){shape->made, shape->size, shape->buffers, 0, limit, shape->blocking};
    /* Page table entries of this process; the values are left as they are. */
    for (size_t at = 0; at < shape->size * shape->buffers; at += 4096)
        atomic_fetch_add((_Atomic uint8_t *)&side->memory->data[at], 0);
    return side;
}

void *peer_open_receiver(const shape_t *shape, unsigned number)
{
    (void)number;
    return open_side(shape, 0);
}

void *peer_open_sender(const shape_t *shape, unsigned number)
{
    (void)number;
    return open_side(shape, shape->buffers);
}

void peer_close_receiver(void *receiver)
{
    free(receiver);
}

void peer_close_sender(void *sender)
{
    free(sender);
}

/* Until the counter is no longer `old`. */
static uint32_t await(const side_t *side, counter_t *counter, uint32_t old)
{
    uint32_t value;
    while ((value = atomic_load_explicit(&counter->value, memory_order_acquire)) == old) {
        if (!side->blocking) {
            peer_pause();
            continue;
        }
        atomic_store(&counter->sleeps, 1);
        syscall(SYS_futex, &counter->value, FUTEX_WAIT, old, NULL, NULL, 0);
        atomic_store(&counter->sleeps, 0);
    }
    return value;
}

static void advance(const side_t *side, counter_t *counter, uint32_t value)
{
    if (!side->blocking) {
        atomic_store_explicit(&counter->value, value, memory_order_release);
        return;
    }
    atomic_store(&counter->value, value);
    if (atomic_load(&counter->sleeps))
        syscall(SYS_futex, &counter->value, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

void *peer_reserve(void *sender)
{
    side_t *side = sender;
    if (side->at == side->limit)
        side->limit = await(side, &side->memory->taken, side->at - side->buffers) + side->buffers;
    return side->memory->data + side->at % side->buffers * side->size;
}

void peer_publish(void *sender)
{
    side_t *side = sender;
    advance(side, &side->memory->sent, ++side->at);
}

void peer_flush(void *sender)
{
    (void)sender;
}

const void *peer_receive(void *receiver)
{
    side_t *side = receiver;
    if (side->at == side->limit)
        side->limit = await(side, &side->memory->sent, side->at);
    return side->memory->data + side->at % side->buffers * side->size;
}

void peer_release(void *receiver)
{
    side_t *side = receiver;
    advance(side, &side->memory->taken, ++side->at);
}
