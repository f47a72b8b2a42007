/* SPDX-License-Identifier: Apache-2.0 */
/* One thread of this process at a time, at what no thread waits for on the data path. Nobody waits for ever: the other
 * thread may be stopped. Another process's mark was copied by a fork, which waits for nobody: that thread is not here.
 */
#include "members/alone.h"

#define TURNS 200u              /* looks before it sleeps: whoever is at it may be about to end */
#define NAP_NS UINT64_C(200000) /* sleep, and not a yield: the other thread may have a lower priority */

bool sr__alone_begin(sr__alone_t *who, uint64_t own, const sr__backend_t *os, uint64_t deadline)
{
    uint64_t seen = 0;
    uint32_t turn = 0;
    sr__cancel_forbid();
    /* Acquire, and release in sr__alone_end: what is done in between. */
    while (!atomic_compare_exchange_strong_explicit(who, &seen, own, memory_order_acquire,
                                                    memory_order_relaxed)) {
        if (seen != own)
            continue; /* a parent's: `seen` is what is expected next */
        seen = 0;
        if (turn++ < TURNS) {
            os->system.pause();
            continue;
        }
        if (os->system.clock_ns() >= deadline) {
            sr__cancel_allow();
            return false;
        }
        os->system.sleep_ns(NAP_NS);
    }
    return true;
}

void sr__alone_end(sr__alone_t *who)
{
    atomic_store_explicit(who, 0, memory_order_release);
    sr__cancel_allow();
}
