/* SPDX-License-Identifier: Apache-2.0 */
/* Blocked calls: look, spin for a moment, then sleep in slices. Whatever the time-out is, a call that finds nothing
 * does its share of looking after the dead (sr__reap_if_due), and looks once more when that found something. */
#include "traffic/wait.h"
#include "base/error.h"
#include "base/probe.h"
#include "members/names.h"
#include "members/reap.h"
#include "protocol/budget.h"
#include "protocol/event.h"
#include "traffic/interrupt.h"

typedef struct waiting {
    sr__wait_t call;
    uint64_t started, deadline; /* UINT64_MAX: none */
    uint64_t checked;           /* when the caller was asked last whether to go on */
    sr__interruption_t interruption;
    bool sleeps; /* it is counted among the sleepers */
} waiting_t;

/* Has somebody said that this call is not to wait? seq_cst: the stop, then its wake; here armed, then this look. */
static bool is_stopped(const waiting_t *w)
{
    const slotring_reader_t *reader = w->call.reader;
    return atomic_load_explicit(&w->call.ring->stopped, memory_order_seq_cst) != 0 ||
           (reader && atomic_load_explicit(&reader->stopped, memory_order_seq_cst) != 0);
}

static bool is_busy(const waiting_t *w)
{
    return w->call.busy && atomic_load_explicit(w->call.busy, memory_order_relaxed) != 0;
}

/* Does the caller's own check end the wait? */
static bool is_checked_out(waiting_t *w, uint64_t now)
{
    const slotring_t *ring = w->call.ring;
    w->checked = now;
    return ring->wait_check && ring->wait_check(ring->wait_check_user) != 0;
}

/* One more try: `again`, or what ends the wait. The stop and the interruption first: what an attempt gives cannot be given back. */
static int look(waiting_t *w)
{
    if (is_stopped(w))
        return sr__plain(SLOTRING_E_STOPPED);
    if (sr__interrupt_is_raised(w->call.ring, &w->interruption))
        return sr__plain(SLOTRING_E_INTERRUPTED);
    int code = w->call.attempt(w->call.context);
    if (code == w->call.again &&
        sr__load(&w->call.ring->member.self->incarnation) != w->call.ring->member.incarnation)
        return sr__plain(SLOTRING_E_EVICTED);
    return code;
}

#define WATCH_LOOKS 1024 /* about half a microsecond */

/* Looks at one word only, which costs the others nothing until it changes. */
static void watch(const waiting_t *w, uint64_t seen)
{
    for (int i = 0; w->call.watch && i < WATCH_LOOKS && sr__glance(w->call.watch) == seen; i++)
        ;
}

/* The thread was cancelled: what a call does that ends otherwise, and no earlier. A call that left and came back to
 * look whether it is cancelled would miss the interruptions of that moment. */
static void give_up(void *context)
{
    waiting_t *w = context;
    if (w->sleeps)
        sr__sleepers_go(&w->call.ring->member, w->call.kind);
    if (w->call.cancelled)
        w->call.cancelled(w->call.context);
    sr__interrupt_leave(w->call.ring, &w->interruption, false);
    sr__cancel_allow();
}

static int spin(waiting_t *w)
{
    const sr__backend_t *os = w->call.ring->member.os;
    for (;;) {
        for (int i = 0; i < 64; i++) {
            uint64_t seen = w->call.watch ? sr__glance(w->call.watch) : 0;
            int code = look(w);
            if (code != w->call.again)
                return code;
            watch(w, seen);
            if (!w->call.watch) /* each look takes lines away from those that are waited for */
                for (uint32_t p = 0; p < w->call.ring->backoff_pauses / 4; p++)
                    os->system.pause();
            else if (sr__glance(w->call.watch) == seen)
                os->system.pause();
        }
        uint64_t now = os->system.clock_ns();
        if (now - w->started >= w->call.ring->spin_ns || now >= w->deadline)
            return w->call.again;
        sr__reap_if_due_at(w->call.ring, now);
        sr__cancel_point_inside(give_up, w);
        if (now - w->checked >= w->call.ring->wait_slice_ns && is_checked_out(w, now))
            return sr__plain(SLOTRING_E_INTERRUPTED);
    }
}

/* Nothing came, and nothing may ever come: nobody can join any more. */
static int or_news(const waiting_t *w, int code)
{
    return code == w->call.again && sr__names_are_news(w->call.ring, w->call.told)
               ? sr__plain(SLOTRING_E_REMOVED)
               : code;
}

/* [wait.sleep] Sleeps until the event word changes, a slice at most. The event word is loaded, and the ring armed,
 * before the look. Nobody sleeps beyond the moment at which the ring is due to be looked after: by whoever wakes up
 * first; nor, if it waits for space, beyond the end of the budget of who is in the way. */
static int sleep_in_slices(waiting_t *w)
{
    slotring_t *ring = w->call.ring;
    const sr__backend_t *os = ring->member.os;
    _Atomic uint32_t *event = &ring->member.view.state->events[w->call.kind].event;
    for (;;) {
        uint32_t seen = sr__sleepers_arm(&ring->member, w->call.kind);
        if (w->call.kind == SR__PUBLISHED_EVENT)
            sr__sleepers_fence(&ring->member);
        int code = or_news(w, look(w));
        uint64_t now = os->system.clock_ns();
        if (code != w->call.again || now >= w->deadline)
            return code;
        sr__cancel_point_inside(give_up, w);
        if (sr__reap_if_due_at(ring, now))
            continue;
        bool busy = is_busy(w);
        if ((!busy || now - w->checked >= ring->wait_slice_ns) && is_checked_out(w, now))
            return sr__plain(SLOTRING_E_INTERRUPTED);
        if (busy)
            continue;
        uint64_t rest = w->deadline - now, due = sr__reap_due_in(ring, now);
        uint64_t budget = w->call.kind == SR__SPACE_EVENT ? sr__budget_due_in(&ring->member, now) : due;
        due = budget < due ? budget : due;
        os->waits.wait(ring->member.waits, event, seen, rest < due ? rest : due);
        sr__sleepers_stay(&ring->member, w->call.kind);
        /* Not armed: else whoever finds what it waits for would leave the ring armed, and the next message would call
         * the system for nobody. */
        code = look(w);
        if (code != w->call.again)
            return code;
    }
}

static int wait_blocked(waiting_t *w)
{
    int code = look(w);
    if (code == w->call.again && sr__reap_if_due_at(w->call.ring, w->started))
        code = look(w);
    if (code == w->call.again &&
        w->call.kind != SR__GATHERED_EVENT) /* what gathers has been noticed already */
        code = spin(w);
    code = or_news(w, code);
    if (code != w->call.again || w->call.ring->member.os->system.clock_ns() >= w->deadline)
        return code;
    sr__sleepers_come(&w->call.ring->member, w->call.kind);
    w->sleeps = true;
    SR__PROBE(wait, w->call.ring->member.view.header.name, w->call.kind, w->deadline);
    code = sleep_in_slices(w);
    SR__PROBE(wait_end, w->call.ring->member.view.header.name, w->call.kind, code);
    sr__sleepers_go(&w->call.ring->member, w->call.kind);
    return code;
}

int sr__wait_for(const sr__wait_t *wanted, int64_t timeout_ns)
{
    slotring_t *ring = wanted->ring;
    waiting_t w = {.call = *wanted};
    w.interruption.told = wanted->reader ? &wanted->reader->interrupts_told : NULL;
    w.started = w.checked = ring->member.os->system.clock_ns();
    w.deadline = UINT64_MAX;
    if (timeout_ns >= 0 && (uint64_t)timeout_ns < UINT64_MAX - w.started)
        w.deadline = w.started + (uint64_t)timeout_ns;
    sr__cancel_forbid();
    bool blocks = sr__interrupt_enter(ring, &w.interruption);
    int code = blocks ? wait_blocked(&w) : sr__plain(SLOTRING_E_INTERRUPTED);
    sr__interrupt_leave(ring, &w.interruption, code == SLOTRING_E_INTERRUPTED);
    sr__cancel_allow();
    return code;
}
