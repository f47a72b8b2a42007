/* SPDX-License-Identifier: Apache-2.0 */
/* Who is in the way of a producer that waits for a slot: can it be the handle itself? */
#include "traffic/room.h"
#include "protocol/gate.h"

/* How many slots this handle is writing. */
uint64_t sr__count_claimed(slotring_t *ring)
{
    uint64_t claimed = 0;
    for (uint32_t i = 0; i < ring->member.view.slot_count; i++) {
        uint64_t w = sr__load(&sr__slot(&ring->member.view, i)->word);
        claimed += sr__slot_state(w) == SR__CLAIMED && sr__owner(w) == ring->member.me;
    }
    return claimed;
}

/* What the handle's own lossless readers have still to read, the history that they hold among it: of the one that is
 * farthest behind. As all see it, from the subscriptions: the readers may be other threads'. */
static uint64_t own_unread(slotring_t *ring)
{
    sr__view_t *view = &ring->member.view;
    uint64_t most = 0, end = sr__published_end(view);
    uint32_t high = atomic_load_explicit(&ring->readers_high, memory_order_relaxed);
    for (uint32_t r = 0; r < high; r++) {
        uint64_t w = sr__load(&view->subscriptions[r].state);
        if (!sr__subscription_gates(w) || sr__subscription_owner(w) != ring->member.me)
            continue;
        uint64_t cursor = sr__load(&view->subscriptions[r].cursor);
        uint64_t unread = (cursor < end ? end - cursor : 0) + sr__peek(&view->subscriptions[r].pending);
        most = unread > most ? unread : most;
    }
    return most;
}

#define ASK_AGAIN_NS UINT64_C(100000000) /* threads come and go; to count them takes system calls */

/* Is it sure that nobody but the calling thread uses this handle and its readers now? Who called last says nothing: a
 * reader may be handed to another thread at any time. */
static bool is_alone(slotring_t *ring)
{
    if (ring->member.one_thread)
        return true;
    uint64_t now = ring->member.os->system.coarse_clock_ns();
    uint64_t asked = atomic_load_explicit(&ring->many_threads_at, memory_order_relaxed);
    if (asked != 0 && now - asked < ASK_AGAIN_NS)
        return false;
    sr__cancel_forbid();
    uint32_t threads = ring->member.os->system.threads();
    sr__cancel_allow();
    if (threads == 1)
        return true;
    atomic_store_explicit(&ring->many_threads_at, now, memory_order_relaxed);
    return false;
}

/* Would this thread wait for itself, whatever others do? What it has still to read and what it is writing takes every
 * slot. Anything less may become free: somebody else frees, releases or aborts. */
bool sr__waits_for_itself(slotring_t *ring, sr__own_wait_t *judged)
{
    uint64_t unread = own_unread(ring);
    if (unread == judged->unread) /* nothing to read, or nothing new */
        return unread > 0 && judged->itself;
    judged->unread = unread;
    judged->itself =
        unread > 0 && unread + sr__count_claimed(ring) >= ring->member.view.slot_count && is_alone(ring);
    return judged->itself;
}
