/* SPDX-License-Identifier: Apache-2.0 */
/* The process mutex of a ring, for create, attach, repair and remove; never on the data path. Only ever tried until a
 * deadline: a stopped process must not stop the others. Every step that is done under it can be done again, so a
 * holder that was killed (dirty is found set) costs nothing but a reaping.
 */
#include <inttypes.h>

#include "base/error.h"
#include "members/alone.h"
#include "members/process_mutex.h"

/* [process_mutex.lock] Takes the process mutex. One thread of this handle at a time; the lock itself keeps
 * handles and processes apart. */
int sr__mutex_lock(slotring_t *ring, uint64_t timeout_ns, slotring_error_t *error)
{
    const sr__backend_t *os = ring->member.os;
    sr__state_t *state = ring->member.view.state;
    uint64_t deadline = os->system.clock_ns() + timeout_ns;
    slotring_error_t why = {0};
    int failed = sr__alone_begin(&ring->administering, ring->mark_value, os, deadline) ? 0 : SLOTRING_E_BUSY;
    if (!failed) {
        uint64_t now = os->system.clock_ns();
        failed = os->locks.mutex_lock(ring->member.locks, now < deadline ? deadline - now : 0, &why);
        if (failed)
            sr__alone_end(&ring->administering);
    }
    uint64_t holder = sr__peek(&state->mutex_pid); /* one look: it changes under us */
    if (failed == SLOTRING_E_BUSY && holder == 0)
        return sr__fail(error, failed, 0,
                        "another process has held the lock of ring \"%s\" for more than %" PRIu64
                        " ms: it is creating or removing it, or stopped",
                        ring->member.view.header.name, timeout_ns / 1000000);
    if (failed == SLOTRING_E_BUSY)
        return sr__fail(error, failed, 0,
                        "process %" PRIu64 " has held the lock of ring \"%s\" for more than %" PRIu64
                        " ms: it is at work, or stopped (continue or kill it)",
                        holder, ring->member.view.header.name, timeout_ns / 1000000);
    if (failed)
        return sr__fail(error, failed, why.os_code, "the lock of ring \"%s\" cannot be taken: %s",
                        ring->member.view.header.name, why.code ? why.text : slotring_strerror(failed));
    sr__self_t self;
    os->system.self(&self);
    sr__poke(&state->mutex_pid, self.pid);
    if (atomic_exchange_explicit(&state->dirty, 1, memory_order_seq_cst))
        sr__log("ring \"%s\": a process was killed while it held the ring's lock",
                ring->member.view.header.name);
    return 0;
}

void sr__mutex_unlock(slotring_t *ring)
{
    sr__state_t *state = ring->member.view.state;
    sr__poke(&state->mutex_pid, 0);
    atomic_store_explicit(&state->dirty, 0, memory_order_seq_cst);
    ring->member.os->locks.mutex_unlock(ring->member.locks);
    sr__alone_end(&ring->administering);
}
