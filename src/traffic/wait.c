/* SPDX-License-Identifier: Apache-2.0 */
/* Blocked calls: look, spin for a moment, then sleep in slices. Whatever the time-out is, a call that finds nothing
 * does its share of looking after the dead (sr__reap_if_due), and looks once more when that found something. */
#include "traffic/wait.h"
#include "base/error.h"
#include "members/names.h"
#include "members/reap.h"
#include "protocol/event.h"
#include "traffic/interrupt.h"

typedef struct waiting {
    slotring_t *ring;
    enum sr__event_kind kind;
    int again;
    int (*attempt)(void *context);
    void *context;
    _Atomic uint32_t *told;     /* 1: whoever waits knows that the ring has lost its files */
    const sr__word_t *watch;    /* NULL, or a word whose change is news: cheaper to look at than an attempt */
    uint64_t started, deadline; /* UINT64_MAX: none */
    uint32_t interrupts;        /* how many were raised when it entered */
    bool sleeps;                /* it is counted among the sleepers */
} waiting_t;

/* One more try: `again`, or what ends the wait. The interruption first: what an attempt gives cannot be given back. */
static int look(waiting_t *w)
{
    if (sr__interrupt_is_raised(w->ring, w->interrupts))
        return sr__plain(SLOTRING_E_INTERRUPTED);
    int code = w->attempt(w->context);
    if (code == w->again && sr__load(&w->ring->member.self->incarnation) != w->ring->member.incarnation)
        return sr__plain(SLOTRING_E_EVICTED);
    return code;
}

#define WATCH_LOOKS 1024 /* about half a microsecond */

/* Looks at one word only, which costs the others nothing until it changes. */
static void watch(const waiting_t *w, uint64_t seen)
{
    for (int i = 0; w->watch && i < WATCH_LOOKS && sr__load(w->watch) == seen; i++)
        ;
}

/* The thread was cancelled: what a call does that ends otherwise, and no earlier. A call that left and came back to
 * look whether it is cancelled would miss the interruptions of that moment. */
static void give_up(void *context)
{
    waiting_t *w = context;
    if (w->sleeps)
        sr__sleepers_go(&w->ring->member, w->kind);
    sr__interrupt_leave(w->ring, w->interrupts, false);
    sr__cancel_allow();
}

static int spin(waiting_t *w)
{
    const sr__backend_t *os = w->ring->member.os;
    for (;;) {
        for (int i = 0; i < 64; i++) {
            uint64_t seen = w->watch ? sr__load(w->watch) : 0;
            int code = look(w);
            if (code != w->again)
                return code;
            watch(w, seen);
            if (!w->watch) /* each look takes lines away from those that are waited for */
                for (uint32_t p = 0; p < w->ring->backoff_pauses / 4; p++)
                    os->system.pause();
            else if (sr__load(w->watch) == seen)
                os->system.pause();
        }
        uint64_t now = os->system.clock_ns();
        if (now - w->started >= w->ring->spin_ns || now >= w->deadline)
            return w->again;
        sr__reap_if_due_at(w->ring, now);
        sr__cancel_point_inside(give_up, w);
    }
}

/* Nothing came, and nothing may ever come: nobody can join any more. */
static int or_news(const waiting_t *w, int code)
{
    return code == w->again && sr__names_are_news(w->ring, w->told) ? sr__plain(SLOTRING_E_REMOVED) : code;
}

/* [wait.sleep] Sleeps until the event word changes, a slice at most. The event word is loaded before the
 * look. Nobody sleeps beyond the moment at which the ring is due to be looked after: by whoever wakes up
 * first. */
static int sleep_in_slices(waiting_t *w)
{
    slotring_t *ring = w->ring;
    const sr__backend_t *os = ring->member.os;
    _Atomic uint32_t *event = &ring->member.view.state->events[w->kind].event;
    for (;;) {
        uint32_t seen = atomic_load_explicit(event, memory_order_seq_cst);
        int code = or_news(w, look(w));
        uint64_t now = os->system.clock_ns();
        if (code != w->again || now >= w->deadline)
            return code;
        sr__cancel_point_inside(give_up, w);
        if (sr__reap_if_due_at(ring, now))
            continue;
        uint64_t rest = w->deadline - now, due = sr__reap_due_in(ring, now);
        os->waits.wait(ring->member.waits, event, seen, rest < due ? rest : due);
        sr__sleepers_stay(&ring->member, w->kind);
    }
}

static int wait_blocked(waiting_t *w)
{
    int code = look(w);
    if (code == w->again && sr__reap_if_due_at(w->ring, w->started))
        code = look(w);
    if (code == w->again)
        code = spin(w);
    code = or_news(w, code);
    if (code != w->again || w->ring->member.os->system.clock_ns() >= w->deadline)
        return code;
    sr__sleepers_come(&w->ring->member, w->kind);
    w->sleeps = true;
    code = sleep_in_slices(w);
    sr__sleepers_go(&w->ring->member, w->kind);
    return code;
}

int sr__wait_for(slotring_t *ring, enum sr__event_kind kind, int again, int64_t timeout_ns,
                 int (*attempt)(void *context), void *context, const sr__word_t *watch,
                 _Atomic uint32_t *told)
{
    waiting_t w = {.ring = ring,
                   .kind = kind,
                   .again = again,
                   .attempt = attempt,
                   .context = context,
                   .watch = watch,
                   .told = told};
    w.started = ring->member.os->system.clock_ns();
    w.deadline = UINT64_MAX;
    if (timeout_ns >= 0 && (uint64_t)timeout_ns < UINT64_MAX - w.started)
        w.deadline = w.started + (uint64_t)timeout_ns;
    sr__cancel_forbid();
    int code = SLOTRING_E_INTERRUPTED;
    if (sr__interrupt_enter(ring, &w.interrupts)) {
        code = wait_blocked(&w);
        sr__interrupt_leave(ring, w.interrupts, code == SLOTRING_E_INTERRUPTED);
    } else {
        sr__plain(code);
    }
    sr__cancel_allow();
    return code;
}
