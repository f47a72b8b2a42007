/* SPDX-License-Identifier: Apache-2.0 */
/* Looking for the dead. Death is proved by one thing only: the death lock that the kernel dropped. No daemon: every
 * call that finds nothing (no message, no slot, no subscription), whatever its time-out, attaching and slotring_recover
 * reap. The ring's own clock, `reap_at`, says when: once a slice for all of a ring, a slice being what the asking
 * handle has for one (options.wait_slice_ns).
 */
#include <inttypes.h>

#include "base/error.h"
#include "base/structs.h"
#include "members/enter.h"
#include "members/names.h"
#include "members/process_mutex.h"
#include "members/reap.h"
#include "protocol/free_map.h"
#include "protocol/gate.h"
#include "protocol/holders.h"
#include "protocol/life.h"
#include "protocol/repair.h"
#include "protocol/since.h"

#define REFILL_NS UINT64_C(100000000) /* in this time … */
#define REFILL_SLOTS 131072u /* … so many slots are looked at for the free map: a millisecond's work */
/* Participants that are asked for in a reaping: so many, and by the time since the last one so many more in
 * REFILL_NS. Each is a system call, which takes the longer the more locks there are. A ring with no more has all of
 * them looked at in each reap, another one a share, all in turn. */
#define ASKED_AT_LEAST SR__ASKED_AT_ATTACH
#define ASKED_MORE 192u

/* One round: `most` participants, going on where the last one ended, each of them once. */
typedef struct round {
    uint32_t at, left, most; /* entries: where it is, not looked at yet, still to be asked for */
} round_t;

static round_t round_begin(slotring_t *ring, uint32_t most)
{
    sr__view_t *view = &ring->member.view;
    uint32_t high = sr__participants_high(view);
    uint64_t at = sr__peek(&view->state->reap_position);
    round_t round = {.at = at < high ? (uint32_t)at : 0, .left = high, .most = most};
    if (high <= most)
        return round;
    /* Whoever keeps the producers from going on is not to wait until its turn comes. */
    uint32_t owner;
    sr__gate_row(view, &owner);
    if (owner < high && sr__is_attached(view, owner) && sr__participant_is_dead(&ring->member, owner, NULL))
        round.at = owner;
    return round;
}

static bool round_next(const sr__view_t *view, round_t *round, uint32_t *p)
{
    while (round->left > 0 && round->most > 0) {
        *p = round->at;
        round->at = round->at + 1 < sr__participants_high(view) ? round->at + 1 : 0;
        round->left--;
        if (!sr__is_attached(view, *p))
            continue;
        round->most--;
        return true;
    }
    return false;
}

static void round_end(slotring_t *ring, const round_t *round)
{
    sr__poke(&ring->member.view.state->reap_position, round->at);
}

static void log_repair(slotring_t *ring, uint32_t p)
{
    sr__participant_copy_t dead;
    if (sr__participant_read(&ring->member, p, false, &dead) == 0)
        sr__log("ring \"%s\": process %" PRIu64 " (%s) died; repaired after it",
                ring->member.view.header.name, dead.pid, dead.name);
}

/* Repairs after the dead among `most` participants. The caller holds the process mutex. The dead one's lock need not
 * be taken: who attaches holds the mutex too, and finds the entry in use until the repair is done. So nothing is
 * opened here, and a process that may not open files any more repairs like any other. */
int sr__reap(slotring_t *ring, uint32_t most, slotring_recovery_t *recovery, slotring_error_t *error)
{
    sr__view_t *view = &ring->member.view;
    slotring_error_t first = {0};
    round_t round = round_begin(ring, most);
    for (uint32_t p; round_next(view, &round, &p);) {
        bool dead = sr__participant_is_dead(&ring->member, p, first.code ? NULL : &first);
        /* Looked at again: one that closes is out before it gives its lock away. */
        if (!dead || !sr__is_attached(view, p))
            continue;
        log_repair(ring, p);
        sr__repair(&ring->member, p, SR__DIED, recovery);
        /* Counted at the dead one's entry, where nobody else writes: the process mutex is held. */
        atomic_fetch_add_explicit(&view->participants[p].counters[SR__REPAIRED], 1, memory_order_relaxed);
        if (recovery)
            recovery->participants++;
    }
    round_end(ring, &round);
    sr__holders_trim(view);
    if (first.code && error)
        *error = first;
    return first.code;
}

/* Once for each handle: later ones would say the same, ten times a second. */
static void say_why(slotring_t *ring, const slotring_error_t *why)
{
    if (!atomic_exchange_explicit(&ring->told_unrepaired, 1, memory_order_relaxed))
        sr__log("ring \"%s\": this process cannot repair after the dead: %s", ring->member.view.header.name,
                why->text);
}

void sr__reap_quietly(slotring_t *ring, uint32_t most)
{
    slotring_error_t why;
    if (sr__reap(ring, most, NULL, &why))
        say_why(ring, &why);
}

/* Is one of them dead? If none is, the next look goes on behind them. */
static bool any_dead(slotring_t *ring, uint32_t most)
{
    slotring_error_t why = {0};
    bool dead = false;
    round_t round = round_begin(ring, most);
    for (uint32_t p; !dead && round_next(&ring->member.view, &round, &p);)
        dead = sr__participant_is_dead(&ring->member, p, why.code ? NULL : &why);
    if (!dead)
        round_end(ring, &round);
    if (why.code)
        say_why(ring, &why);
    return dead;
}

static void look_after(slotring_t *ring, uint32_t most, uint64_t now)
{
    slotring_error_t last, why;
    slotring_last_error(&last); /* what fails here is no news to the caller */
    if (any_dead(ring, most)) {
        int failed = sr__mutex_lock(ring, 0, &why);
        if (!failed) {
            sr__reap_quietly(ring, most);
            sr__mutex_unlock(ring);
        } else if (failed != SLOTRING_E_BUSY) {
            say_why(ring, &why);
        }
    }
    sr__names_watch(ring, now);
    sr__set_last(last.code, last.os_code, last.text);
}

/* How long until the ring is due to be looked after, by this handle's slice; 0: it is due. A last time that lies in
 * the future by less than a slice was made by who reads a finer clock; by more: somebody wrote there, or the clock
 * leapt. */
static uint64_t due_in(const slotring_t *ring, uint64_t last, uint64_t now)
{
    uint64_t slice = ring->wait_slice_ns, apart = now >= last ? now - last : last - now;
    if (apart >= slice)
        return 0;
    return now >= last ? slice - apart : slice;
}

/* The winner of the CAS reaps in this slice, alone. True when something may be there now that was not before. The
 * process mutex is only tried: who holds it repairs or is stopped, and the data path waits for neither. */
bool sr__reap_if_due_at(slotring_t *ring, uint64_t now)
{
    sr__word_t *reap_at = &ring->member.view.state->reap_at;
    uint64_t last = sr__load(reap_at);
    if (due_in(ring, last, now) != 0 || !sr__cas(reap_at, last, now))
        return false;
    sr__cancel_forbid();
    uint64_t apart = now > last && now - last < REFILL_NS ? now - last : REFILL_NS;
    /* [reap.map] Sets the bits of free slots that a claimer, stopped or killed, may be hiding. */
    sr__free_map_refill(&ring->member, REFILL_SLOTS * apart / REFILL_NS + 1);
    sr__end_note(&ring->member);
    uint32_t most = ASKED_AT_LEAST + (uint32_t)(ASKED_MORE * apart / REFILL_NS);
    look_after(ring, most, now);
    sr__cancel_allow();
    return true;
}

/* For calls that do not wait: they read the cheaper clock. */
bool sr__reap_if_due(slotring_t *ring)
{
    return sr__reap_if_due_at(ring, ring->member.os->system.coarse_clock_ns());
}

uint64_t sr__reap_due_in(slotring_t *ring, uint64_t now)
{
    uint64_t rest = due_in(ring, sr__load(&ring->member.view.state->reap_at), now);
    return rest > SR__SLICE_LEAST_NS ? rest : SR__SLICE_LEAST_NS;
}

static int recover(slotring_t *ring, slotring_recovery_t *recovery)
{
    slotring_recovery_t result = {0};
    int failed = sr__enter(ring);
    if (!failed && recovery)
        failed = sr__struct_check("recovery has", recovery->struct_size,
                                  offsetof(slotring_recovery_t, reserved), sizeof result, NULL);
    if (failed)
        return failed;
    slotring_error_t error;
    failed = sr__mutex_lock(ring, ring->lock_timeout_ns, &error);
    if (failed)
        return failed;
    failed = sr__reap(ring, UINT32_MAX, &result, &error);
    sr__repair_orphans(&ring->member, &result);
    sr__free_map_refill(&ring->member, ring->member.view.slot_count);
    sr__mutex_unlock(ring);
    if (recovery)
        sr__struct_give(recovery, &result, sizeof result);
    return failed;
}

int slotring_recover(slotring_t *ring, slotring_recovery_t *recovery)
{
    sr__cancel_point();
    return SR__UNCANCELLED(recover(ring, recovery));
}
