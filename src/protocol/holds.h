/* SPDX-License-Identifier: Apache-2.0 */
/* How many slots this handle holds, and how many it may: by ticket, in the hands of its readers, and of the past. The ring's owner
 * sets the limit when the ring is made. A span counts with all its slots. A message that is larger than the limit may be held by a
 * handle that holds nothing else, or nobody but a lossless reader could read it.
 *
 * The count is private to the handle, so a kill leaves nothing of it. Tickets count a slot once, however many of them hold it, since
 * thousands of records may lie in one (hold_count.c). Each reader counts what it holds itself (batch.h, past.c): so a message that two
 * readers of the handle hold counts twice, and no two of them need agree about a slot.
 * This is against mistakes: whoever maps the ring for writing can ignore it.
 */
#ifndef SR_HOLDS_H
#define SR_HOLDS_H

#include "handle.h"

/* One of several threads. The order of the hold itself is hold.c's. */
static inline bool sr__holds_add_shared(sr__member_t *member, uint64_t slots)
{
    uint64_t held = atomic_load_explicit(&member->holds, memory_order_relaxed);
    do {
        if (held != 0 && held + slots > member->holds_limit)
            return false;
    } while (!atomic_compare_exchange_weak_explicit(&member->holds, &held, held + slots, memory_order_relaxed,
                                                    memory_order_relaxed));
    return true;
}

/* Counts `slots` more. False: that would be too many. */
static inline bool sr__holds_add(sr__member_t *member, uint64_t slots)
{
    if (!member->one_thread)
        return sr__holds_add_shared(member, slots);
    uint64_t held = atomic_load_explicit(&member->holds, memory_order_relaxed);
    if (held != 0 && held + slots > member->holds_limit)
        return false;
    atomic_store_explicit(&member->holds, held + slots, memory_order_relaxed);
    return true;
}

/* The same by any number, up or down, whatever the limit is. */
static inline void sr__holds_change(sr__member_t *member, uint64_t by)
{
    if (!member->one_thread)
        atomic_fetch_add_explicit(&member->holds, by, memory_order_relaxed);
    else
        atomic_store_explicit(&member->holds, atomic_load_explicit(&member->holds, memory_order_relaxed) + by,
                              memory_order_relaxed);
}

static inline void sr__holds_remove(sr__member_t *member, uint64_t slots)
{
    sr__holds_change(member, UINT64_C(0) - slots);
}

/* The thread's last error: `slots` more are too many. */
int sr__holds_refused(const sr__member_t *member, uint64_t slots);

#endif
