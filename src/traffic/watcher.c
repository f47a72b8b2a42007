/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that sleep on a ring's event in the place of threads that cannot: one that waits for more rings than the system lets
 * it sleep on, or a host that sleeps in an event loop of its own. A handle has one for each kind of event, from the first time
 * that somebody asks until it is closed.
 *
 *   who waits   arm, look again, ask with the event word that was loaded as it armed
 *
 *   watcher     come into the set of those who wait; compare; sleep while the event word is unchanged, a slice at
 *               most if somebody relies on that; notify each who asked with another value
 *
 * Who waits has armed, so whoever makes a change after its look changes the event word. The watcher need not arm: it compares.
 * As long as nobody asks it sleeps apart from the ring, and no producer wakes it.
 *
 * A waker that is killed before its wake costs a slice, as everywhere.
 */
#include "traffic/watcher.h"

#include <stdlib.h>

#include "members/reap.h"
#include "protocol/event.h"

struct sr__watcher {
    slotring_t *ring;
    enum sr__event_kind kind;
    sr__helper_t *helper;
    sr__meeting_t *meeting; /* of what follows */
    sr__watch_t *first;
    bool ends, on_ring; /* it sleeps on the ring, or is about to */
    bool in_slices;     /* that sleep is a slice at most */
    uint32_t sleeps_on; /* the value of the event word */
};

static uint32_t event_now(const sr__watcher_t *watcher)
{
    return atomic_load_explicit(&watcher->ring->member.view.state->events[watcher->kind].event,
                                memory_order_seq_cst);
}

static bool is_evicted(const sr__watcher_t *watcher)
{
    const sr__member_t *member = &watcher->ring->member;
    return sr__load(&member->self->incarnation) != member->incarnation;
}

/* What those who still ask wait for. */
typedef struct asked {
    bool event;   /* the event, at least one of them */
    bool slices;  /* one of them relies on the watcher for what nobody wakes it for */
    uint64_t due; /* when the next one is to be notified; UINT64_MAX: none */
} asked_t;

static bool is_due(const sr__watcher_t *watcher, const sr__watch_t *watch, uint32_t event)
{
    return watch->due ? watcher->ring->member.os->system.clock_ns() >= watch->due : watch->seen != event;
}

/* Notifies whoever's event, or time, has come. */
static asked_t notify_due(sr__watcher_t *watcher, uint32_t event)
{
    asked_t asked = {.due = UINT64_MAX};
    bool evicted = is_evicted(watcher);
    for (sr__watch_t *watch = watcher->first; watch; watch = watch->next) {
        if (watch->asked && (evicted || is_due(watcher, watch, event))) {
            watch->asked = false;
            watch->notify(watch);
        }
        asked.slices = asked.slices || (watch->asked && !watch->attended);
        if (watch->asked && watch->due == 0)
            asked.event = true;
        else if (watch->asked && watch->due < asked.due)
            asked.due = watch->due;
    }
    return asked;
}

static uint64_t time_until(const sr__watcher_t *watcher, uint64_t due)
{
    uint64_t now = watcher->ring->member.os->system.clock_ns();
    return due == UINT64_MAX ? due : due > now ? due - now : 0;
}

/* Outside of the meeting. A handle that promised to be one thread's has no other one that relies on this (descriptor.c). */
static void sleep_on_ring(const sr__watcher_t *watcher, uint32_t event, const asked_t *asked)
{
    slotring_t *ring = watcher->ring;
    const sr__backend_t *os = ring->member.os;
    uint64_t most = time_until(watcher, asked->due), now = os->system.clock_ns();
    if (asked->slices && sr__reap_if_due_at(ring, now))
        return;
    uint64_t slice = asked->slices ? sr__reap_due_in(ring, now) : UINT64_MAX;
    os->waits.wait(ring->member.waits, &ring->member.view.state->events[watcher->kind].event, event,
                   slice < most ? slice : most);
}

/* It is inside of the meeting, and in the set of those who wait. */
static void watch_ring(sr__watcher_t *watcher, uint32_t event, const asked_t *asked)
{
    watcher->on_ring = true;
    watcher->in_slices = asked->slices;
    watcher->sleeps_on = event;
    sr__meeting_leave(watcher->meeting);
    sleep_on_ring(watcher, event, asked);
    sr__sleepers_stay(&watcher->ring->member, watcher->kind);
    sr__meeting_enter(watcher->meeting);
    watcher->on_ring = false;
}

/* [watcher.come] Comes into the set of those who wait, then compares: a waker that changes the event word after that finds it
 * there. */
static void run(void *context)
{
    sr__watcher_t *watcher = context;
    sr__member_t *member = &watcher->ring->member;
    bool there = false;
    sr__meeting_enter(watcher->meeting);
    while (!watcher->ends) {
        uint32_t event = event_now(watcher);
        asked_t asked = notify_due(watcher, event);
        if (asked.event && !there) {
            sr__sleepers_come(member, watcher->kind);
            there = true;
        } else if (asked.event) {
            watch_ring(watcher, event, &asked);
        } else {
            if (there)
                sr__sleepers_go(member, watcher->kind);
            there = false;
            sr__meeting_wait(watcher->meeting, time_until(watcher, asked.due));
        }
    }
    if (there)
        sr__sleepers_go(member, watcher->kind);
    sr__meeting_leave(watcher->meeting);
}

static sr__watcher_t *make(slotring_t *ring, enum sr__event_kind kind)
{
    sr__watcher_t *watcher = calloc(1, sizeof *watcher);
    if (!watcher)
        return NULL;
    watcher->ring = ring;
    watcher->kind = kind;
    watcher->meeting = sr__meeting_make();
    if (watcher->meeting)
        return watcher;
    free(watcher);
    return NULL;
}

static void discard(sr__watcher_t *watcher)
{
    sr__meeting_free(watcher->meeting);
    free(watcher);
}

/* The thread may be asleep on the ring: a change of the event word ends that. */
static void end(sr__watcher_t *watcher)
{
    sr__meeting_enter(watcher->meeting);
    watcher->ends = true;
    bool on_ring = watcher->on_ring;
    sr__meeting_wake(watcher->meeting);
    sr__meeting_leave(watcher->meeting);
    if (on_ring)
        sr__wake_always(&watcher->ring->member, watcher->kind);
    sr__helper_join(watcher->helper);
    discard(watcher);
}

int sr__watcher_find(slotring_t *ring, enum sr__event_kind kind, sr__watcher_t **watcher,
                     slotring_error_t *error)
{
    sr__watcher_t *there = atomic_load_explicit(&ring->watchers[kind], memory_order_acquire);
    if (!there) {
        sr__watcher_t *made = make(ring, kind);
        if (!made)
            return sr__fail(error, SLOTRING_E_NO_MEMORY, 0, "no memory for a thread that waits");
        int failed = sr__helper_start(run, made, &made->helper, error);
        if (failed) {
            discard(made);
            return failed;
        }
        /* Of several threads that come here at once one is first. acq_rel: who finds it there finds it complete. */
        if (atomic_compare_exchange_strong_explicit(&ring->watchers[kind], &there, made, memory_order_acq_rel,
                                                    memory_order_acquire))
            there = made;
        else
            end(made);
    }
    *watcher = there;
    return 0;
}

void sr__watch_ask(sr__watcher_t *watcher, sr__watch_t *watch, uint32_t seen)
{
    sr__meeting_enter(watcher->meeting);
    if (!watch->watcher) {
        watch->watcher = watcher;
        watch->previous = NULL;
        watch->next = watcher->first;
        if (watch->next)
            watch->next->previous = watch;
        watcher->first = watch;
    }
    watch->asked = true;
    watch->seen = seen;
    watch->due = 0;
    /* Asleep on this very value, or about to compare with it: its sleep ends as soon as there is something. */
    if (!watcher->on_ring || watcher->sleeps_on != seen)
        sr__meeting_wake(watcher->meeting);
    bool too_long = watcher->on_ring && !watcher->in_slices && !watch->attended;
    sr__meeting_leave(watcher->meeting);
    if (too_long) /* it sleeps for those alone who wake up by themselves: that ends here, once */
        sr__wake_always(&watcher->ring->member, watcher->kind);
}

void sr__watch_again(sr__watch_t *watch, uint64_t at)
{
    watch->asked = true;
    watch->due = at;
}

bool sr__watch_is_timed(const sr__watch_t *watch)
{
    return watch->due != 0;
}

void sr__watch_pause(sr__watch_t *watch)
{
    sr__watcher_t *watcher = watch->watcher;
    if (!watcher)
        return;
    sr__meeting_enter(watcher->meeting);
    watch->asked = false;
    sr__meeting_leave(watcher->meeting);
}

void sr__watch_end(sr__watch_t *watch)
{
    sr__watcher_t *watcher = watch->watcher;
    if (!watcher)
        return;
    sr__meeting_enter(watcher->meeting);
    if (watch->previous)
        watch->previous->next = watch->next;
    else
        watcher->first = watch->next;
    if (watch->next)
        watch->next->previous = watch->previous;
    watch->watcher = NULL;
    watch->asked = false;
    sr__meeting_leave(watcher->meeting);
}

void sr__watchers_end(slotring_t *ring, bool forked)
{
    for (int kind = 0; kind < SR__EVENTS; kind++) {
        sr__watcher_t *watcher = atomic_load_explicit(&ring->watchers[kind], memory_order_acquire);
        if (watcher && forked) {
            sr__meeting_abandon(watcher->meeting);
            sr__helper_abandon(watcher->helper);
            free(watcher);
        } else if (watcher) {
            end(watcher);
        }
        atomic_store_explicit(&ring->watchers[kind], NULL, memory_order_relaxed);
    }
}
