/* SPDX-License-Identifier: Apache-2.0 */
/* May this handle, or this reader, be used? Each call asks that first. */
#ifndef SR_ENTER_H
#define SR_ENTER_H

#include "handle.h"

int sr__ring_enter_slow(slotring_t *ring); /* why a handle cannot be used */

/* Can the handle be used? 0, or E_CLOSED, E_FORKED, E_EVICTED, E_READ_ONLY. */
static inline int sr__enter(slotring_t *ring)
{
    if (ring && atomic_load_explicit(&ring->magic, memory_order_relaxed) == SR__RING_ALIVE &&
        !ring->member.observer &&
        atomic_load_explicit(ring->mark, memory_order_relaxed) == ring->mark_value &&
        sr__load(&ring->member.self->incarnation) == ring->member.incarnation)
        return 0;
    return sr__ring_enter_slow(ring);
}
/* The same, observers welcome: renews what is needed of an observer's snapshot, which is then the caller's until
 * sr__leave_any. */
int sr__enter_any(slotring_t *ring, uint32_t needs);
int sr__leave_any(slotring_t *ring, int result); /* gives `result` */
/* The same for a call that fills a list and counts its entries: *count is 0 then. E_INVALID also for a list or a count that
 * is missing. */
int sr__enter_list(slotring_t *ring, uint32_t needs, const void *list, uint32_t capacity, uint32_t *count);
/* Can the reader be used, and is it read in order? Else E_CLOSED, or E_STATE: it is read by ticket. */
int sr__reader_enter(slotring_reader_t *reader);
int sr__reader_enter_any(slotring_reader_t *reader); /* the same for a reader of either kind */
bool sr__reader_is_alive(const slotring_reader_t *reader);
/* The same for calls that any thread may make, also a signal handler: no word of the last error is written. Observers are
 * welcome. 0, E_CLOSED or E_FORKED. */
int sr__enter_any_thread(const slotring_t *ring);
int sr__reader_enter_any_thread(const slotring_reader_t *reader);

#endif
