/* SPDX-License-Identifier: Apache-2.0 */
/* May this handle, or this reader, be used? Each call asks that first. */
#include "members/enter.h"
#include "base/error.h"
#include "members/alone.h"
#include "protocol/snapshot.h"

static int closed_or_forked(slotring_t *ring)
{
    if (!ring || atomic_load_explicit(&ring->magic, memory_order_relaxed) != SR__RING_ALIVE)
        return sr__plain(SLOTRING_E_CLOSED);
    (void)ring->member.os->system
        .process_mark(); /* a fork handler of the host's may be here before the library's */
    if (atomic_load_explicit(ring->mark, memory_order_relaxed) != ring->mark_value)
        return sr__plain(SLOTRING_E_FORKED);
    return 0;
}

int sr__ring_enter_slow(slotring_t *ring)
{
    int failed = closed_or_forked(ring);
    if (failed)
        return failed;
    if (ring->member.observer)
        return sr__plain(SLOTRING_E_READ_ONLY);
    return sr__plain(SLOTRING_E_EVICTED);
}

/* An observer's threads take turns: they share its snapshot. */
int sr__enter_any(slotring_t *ring, uint32_t needs)
{
    int failed = closed_or_forked(ring);
    if (failed)
        return failed;
    if (!ring->member.observer)
        return sr__enter(ring);
    uint64_t deadline = ring->member.os->system.clock_ns() + ring->lock_timeout_ns;
    if (!sr__alone_begin(&ring->administering, ring->mark_value, ring->member.os, deadline))
        return sr__error(
            SLOTRING_E_BUSY,
            "another thread has been looking at ring \"%s\" with this observer for more than %llu ms: it "
            "is stopped, or gets no processor; open an observer for each thread",
            ring->member.view.header.name, (unsigned long long)(ring->lock_timeout_ns / 1000000));
    failed = sr__snapshot_renew(&ring->member, needs);
    return failed ? sr__leave_any(ring, failed) : 0;
}

int sr__leave_any(slotring_t *ring, int result)
{
    if (ring->member.observer)
        sr__alone_end(&ring->administering);
    return result;
}

int sr__enter_list(slotring_t *ring, uint32_t needs, const void *list, uint32_t capacity, uint32_t *count)
{
    int failed = sr__enter_any(ring, needs);
    if (!failed && (!count || (!list && capacity > 0)))
        failed = sr__leave_any(
            ring, sr__error(SLOTRING_E_INVALID, "count is NULL, or list is NULL with a capacity"));
    if (!failed)
        *count = 0;
    return failed;
}

static uint32_t magic_of(const slotring_reader_t *reader)
{
    return reader ? atomic_load_explicit(&reader->magic, memory_order_relaxed) : SR__TOMBSTONE;
}

bool sr__reader_is_alive(const slotring_reader_t *reader)
{
    uint32_t magic = magic_of(reader);
    return magic == SR__READER_ALIVE || magic == SR__READER_BY_TICKET;
}

int sr__reader_enter_any(slotring_reader_t *reader)
{
    if (!sr__reader_is_alive(reader))
        return sr__error(SLOTRING_E_CLOSED, "the reader is closed");
    return sr__enter(reader->ring);
}

SR__APART int refuse_order(slotring_reader_t *reader)
{
    int failed = sr__reader_enter_any(reader);
    if (failed)
        return failed;
    return sr__error(SLOTRING_E_STATE,
                     "this reader is read by ticket (slotring_reader_acquire_ticket), and not in order");
}

int sr__reader_enter(slotring_reader_t *reader)
{
    if (!reader || atomic_load_explicit(&reader->magic, memory_order_relaxed) != SR__READER_ALIVE)
        return refuse_order(reader);
    return sr__enter(reader->ring);
}

int sr__enter_any_thread(const slotring_t *ring)
{
    if (!ring || atomic_load_explicit(&ring->magic, memory_order_relaxed) != SR__RING_ALIVE)
        return SLOTRING_E_CLOSED;
    if (!ring->member.observer && atomic_load_explicit(ring->mark, memory_order_relaxed) != ring->mark_value)
        return SLOTRING_E_FORKED;
    return 0;
}

int sr__reader_enter_any_thread(const slotring_reader_t *reader)
{
    if (!sr__reader_is_alive(reader))
        return SLOTRING_E_CLOSED;
    return sr__enter_any_thread(reader->ring);
}
