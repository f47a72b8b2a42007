/* SPDX-License-Identifier: Apache-2.0 */
/* Looking for the dead. Death is proved by one thing only: the death lock that the kernel dropped. No daemon: every
 * call that finds nothing (no message, no slot, no reader's place), whatever its time-out, attaching and slotring_recover
 * sweep. The ring's own clock, `sweep_at`, says when: once a slice for all of a ring, a slice being what the asking handle
 * has for one (options.wait_slice_ns).
 */
#include <inttypes.h>

#include "core.h"

#define HINTS_NS UINT64_C(100000000) /* in this time … */
#define HINTS 131072u                /* … so many slots are hinted again: a millisecond's work */
#define SHORTEST_SLEEP_NS UINT64_C(100000)

/* Does nobody hold its lock any more? A query that fails proves nothing. */
bool sr__participant_is_dead(slotring_t *ring, uint32_t p)
{
    if (p == ring->me)
        return false;
    return ring->os->death_lock_query(ring->locks, p) == 0;
}

static bool in_use(sr__view_t *view, uint32_t p)
{
    return sr__load(&view->participants[p].incarnation) % 2 == 1;
}

static void log_repair(slotring_t *ring, uint32_t p)
{
    sr__participant_t *dead = &ring->view.participants[p];
    char name[48];
    sr__name_load(name, dead->name);
    sr__log("ring \"%s\": process %" PRIu64 " (%s) died; repaired after it", ring->view.header.name,
            dead->pid, name);
}

/* Repairs after every dead participant. The caller holds the process mutex. The dead one's lock is taken during the
 * repair, so that nobody attaches at its place. */
int sr__sweep(slotring_t *ring, slotring_recovery_t *recovery, slotring_error_t *error)
{
    sr__view_t *view = &ring->view;
    const sr__backend_t *os = ring->os;
    for (uint32_t p = 0; p < sr__participants_high(view); p++) {
        if (!in_use(view, p) || !sr__participant_is_dead(ring, p))
            continue;
        sr__death_lock_t *lock;
        int failed = os->death_lock_take(ring->locks, p, &lock);
        if (failed == SLOTRING_E_BUSY)
            continue;
        if (!failed && !in_use(view, p)) { /* it closed meanwhile */
            os->death_lock_release(lock);
            continue;
        }
        if (failed)
            return sr__fail(error, failed, 0,
                            "the lock of dead participant %" PRIu32 " of ring \"%s\" cannot be taken: %s", p,
                            view->header.name, slotring_strerror(failed));
        log_repair(ring, p);
        sr__repair(ring, p, SR__DIED, recovery);
        /* Counted at the dead one's place: while its lock is held nobody else writes there. */
        atomic_fetch_add_explicit(&view->participants[p].counters[SR__REPAIRED], 1, memory_order_relaxed);
        os->death_lock_release(lock);
        if (recovery)
            recovery->participants++;
    }
    return 0;
}

static bool any_dead(slotring_t *ring)
{
    for (uint32_t p = 0; p < sr__participants_high(&ring->view); p++)
        if (in_use(&ring->view, p) && sr__participant_is_dead(ring, p))
            return true;
    return false;
}

/* Is the last sweep a slice of this handle ago? One that lies in the future by less was made by who reads a finer clock;
 * by more: somebody wrote there, or the clock leapt. */
static bool is_due(slotring_t *ring, uint64_t last, uint64_t now)
{
    uint64_t apart = now >= last ? now - last : last - now;
    return apart >= ring->wait_slice_ns;
}

/* The winner of the CAS sweeps in this slice, alone. True when something may be there now that was not before. The
 * process mutex is only tried: who holds it repairs or is stopped, and the data path waits for neither. */
bool sr__sweep_if_due_at(slotring_t *ring, uint64_t now)
{
    sr__word_t *sweep_at = &ring->view.state->sweep_at;
    uint64_t last = sr__load(sweep_at);
    if (!is_due(ring, last, now) || !sr__cas(sweep_at, last, now))
        return false;
    uint64_t apart = now > last && now - last < HINTS_NS ? now - last : HINTS_NS;
    sr__hint_all_free(ring, HINTS * apart / HINTS_NS + 1); /* [sweep.hints] */
    if (any_dead(ring) && sr__mutex_lock(ring, 0, NULL) == 0) {
        sr__sweep(ring, NULL, NULL);
        sr__mutex_unlock(ring);
    }
    return true;
}

/* For calls that do not wait: they read the cheaper clock. */
bool sr__sweep_if_due(slotring_t *ring)
{
    return sr__sweep_if_due_at(ring, ring->os->coarse_clock_ns());
}

uint64_t sr__sweep_due_in(slotring_t *ring, uint64_t now)
{
    uint64_t last = sr__load(&ring->view.state->sweep_at), slice = ring->wait_slice_ns;
    if (now < last)
        return slice;
    uint64_t rest = now - last < slice ? slice - (now - last) : 0;
    return rest > SHORTEST_SLEEP_NS ? rest : SHORTEST_SLEEP_NS;
}

int slotring_recover(slotring_t *ring, slotring_recovery_t *recovery)
{
    slotring_recovery_t result = {0};
    int failed = sr__enter(ring);
    if (!failed && recovery && recovery->struct_size < sizeof *recovery)
        failed = sr__error(SLOTRING_E_INVALID, "recovery has struct_size %zu, this library needs %zu",
                           recovery->struct_size, sizeof *recovery);
    if (failed)
        return failed;
    slotring_error_t error;
    failed = sr__mutex_lock(ring, ring->lock_timeout_ns, &error);
    if (failed)
        return failed;
    failed = sr__sweep(ring, &result, &error);
    sr__hint_all_free(ring, ring->view.slot_count);
    sr__mutex_unlock(ring);
    if (recovery) {
        result.struct_size = recovery->struct_size;
        *recovery = result;
    }
    return failed;
}
