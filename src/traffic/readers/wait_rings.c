/* SPDX-License-Identifier: Apache-2.0 */
#include "traffic/readers/wait_rings.h"

#include <stdlib.h>

#include "base/error.h"
#include "members/reap.h"
#include "protocol/event.h"
#include "traffic/interrupt.h"
#include "traffic/watcher.h"

/* One kind of event of one ring. */
typedef struct event {
    bool wanted, there; /* the thread counts among those who wait for it */
    uint32_t seen;
    uint64_t alone; /* for sr__sleepers_unarm; 0: there is nothing to take back */
    sr__watch_t watch;
} event_t;

struct sr__ring_wait {
    slotring_t *ring;
    sr__interruption_t interruption;
    uint32_t interrupts_told; /* of the first reader that was not told the last interruption; else of all */
    bool entered, told;
    event_t events[SR__EVENTS];
};

/* ---- The set of rings ---------------------------------------------------------------------------------- */

int sr__rings_make(sr__rings_t *rings, uint32_t capacity)
{
    uint32_t size = 2;
    while (size < 2 * (uint64_t)capacity && size < UINT32_C(1) << 31)
        size *= 2;
    *rings = (sr__rings_t){.capacity = capacity, .table_mask = size - 1};
    rings->all = calloc(capacity, sizeof *rings->all);
    rings->table = calloc(size, sizeof *rings->table);
    rings->sleeps = calloc(capacity, SR__EVENTS * sizeof *rings->sleeps);
    if (rings->all && rings->table && rings->sleeps)
        return 0;
    free(rings->all);
    free(rings->table);
    free(rings->sleeps);
    return SLOTRING_E_NO_MEMORY;
}

/* A helper says that there is something. */
static void ring_bell(sr__watch_t *watch)
{
    sr__rings_t *rings = watch->context;
    sr__meeting_enter(rings->bell);
    rings->rung = true;
    sr__meeting_wake(rings->bell);
    sr__meeting_leave(rings->bell);
}

/* Is there an interruption that this reader, but none before it, was not told? */
static void look_at_interruptions(struct sr__ring_wait *w, const slotring_reader_t *reader)
{
    if (w->interrupts_told == sr__interrupts_so_far(w->ring))
        w->interrupts_told = reader->interrupts_told;
}

uint32_t sr__rings_add(sr__rings_t *rings, const slotring_reader_t *reader)
{
    slotring_t *ring = reader->ring;
    uint64_t key = (uint64_t)(uintptr_t)ring;
    uint32_t at = (uint32_t)((key >> 6 ^ key >> 20) & rings->table_mask);
    for (; rings->table[at] != 0; at = (at + 1) & rings->table_mask)
        if (rings->all[rings->table[at] - 1].ring == ring) {
            look_at_interruptions(&rings->all[rings->table[at] - 1], reader);
            return rings->table[at] - 1;
        }
    rings->all[rings->count].ring = ring;
    rings->all[rings->count].interrupts_told = reader->interrupts_told;
    for (int kind = 0; kind < SR__EVENTS; kind++)
        rings->all[rings->count].events[kind].watch =
            (sr__watch_t){.notify = ring_bell, .context = rings, .attended = true};
    rings->os = rings->count == 0 || rings->os == ring->member.os ? ring->member.os : NULL;
    rings->table[at] = ++rings->count;
    return rings->count - 1;
}

/* ---- What ends a wait ---------------------------------------------------------------------------------- */

bool sr__rings_enter(sr__rings_t *rings)
{
    bool all = true;
    for (uint32_t i = 0; all && i < rings->count; i++) {
        struct sr__ring_wait *w = &rings->all[i];
        w->interruption.told = &w->interrupts_told;
        all = sr__interrupt_enter(w->ring, &w->interruption);
        w->entered = true;
    }
    return all;
}

/* seq_cst: the stop, then its wake; here armed, then this look. */
int sr__rings_end(const sr__rings_t *rings, uint32_t at)
{
    const struct sr__ring_wait *w = &rings->all[at];
    const sr__member_t *member = &w->ring->member;
    if (w->entered && sr__interrupt_is_raised(w->ring, &w->interruption))
        return SLOTRING_E_INTERRUPTED;
    if (atomic_load_explicit(&w->ring->stopped, memory_order_seq_cst) != 0)
        return SLOTRING_E_STOPPED;
    return sr__load(&member->self->incarnation) != member->incarnation ? SLOTRING_E_EVICTED : 0;
}

bool sr__rings_check(const sr__rings_t *rings)
{
    for (uint32_t i = 0; i < rings->count; i++) {
        const slotring_t *ring = rings->all[i].ring;
        if (ring->wait_check && ring->wait_check(ring->wait_check_user) != 0)
            return true;
    }
    return false;
}

bool sr__rings_reap(const sr__rings_t *rings, uint64_t now)
{
    bool any = false;
    for (uint32_t i = 0; i < rings->count; i++)
        any |= sr__reap_if_due_at(rings->all[i].ring, now);
    return any;
}

uint64_t sr__rings_due_in(const sr__rings_t *rings, uint64_t now)
{
    uint64_t least = UINT64_MAX;
    for (uint32_t i = 0; i < rings->count; i++) {
        uint64_t due = sr__reap_due_in(rings->all[i].ring, now);
        least = due < least ? due : least;
    }
    return least;
}

/* ---- Sleeping ------------------------------------------------------------------------------------------ */

void sr__rings_want_nothing(sr__rings_t *rings)
{
    for (uint32_t i = 0; i < rings->count; i++)
        for (int kind = 0; kind < SR__EVENTS; kind++)
            rings->all[i].events[kind].wanted = false;
}

void sr__rings_want(sr__rings_t *rings, uint32_t at, enum sr__event_kind kind)
{
    rings->all[at].events[kind].wanted = true;
}

bool sr__rings_wants(const sr__rings_t *rings, uint32_t at, enum sr__event_kind kind)
{
    return rings->all[at].events[kind].wanted;
}

/* One fence for all rings. */
static void make_fences(const sr__rings_t *rings)
{
    bool made = false;
    for (uint32_t i = 0; i < rings->count; i++) {
        sr__member_t *member = &rings->all[i].ring->member;
        if (!rings->all[i].events[SR__PUBLISHED_EVENT].wanted || !sr__is_fence_left(member))
            continue;
        made = made || member->os->waits.fence_all();
        if (!made)
            sr__refuse_fences(member);
    }
}

void sr__rings_arm(sr__rings_t *rings)
{
    for (uint32_t i = 0; i < rings->count; i++)
        for (int kind = 0; kind < SR__EVENTS; kind++) {
            sr__member_t *member = &rings->all[i].ring->member;
            event_t *event = &rings->all[i].events[kind];
            if (!event->wanted)
                continue;
            if (!event->there)
                sr__sleepers_come(member, (enum sr__event_kind)kind);
            event->there = true;
            /* Else it would be found armed by this call itself. */
            sr__sleepers_unarm(member, (enum sr__event_kind)kind, event->alone);
            event->seen = sr__sleepers_arm_alone(member, (enum sr__event_kind)kind, &event->alone);
        }
    make_fences(rings);
}

static int ask_helper(slotring_t *ring, enum sr__event_kind kind, event_t *event)
{
    sr__watcher_t *watcher;
    slotring_error_t error;
    int failed = sr__watcher_find(ring, kind, &watcher, &error);
    if (failed)
        return sr__set_last(failed, error.os_code, error.text);
    sr__watch_ask(watcher, &event->watch, event->seen);
    return 0;
}

static int ask_helpers(sr__rings_t *rings)
{
    for (uint32_t i = 0; i < rings->count; i++)
        for (int kind = 0; kind < SR__EVENTS; kind++) {
            event_t *event = &rings->all[i].events[kind];
            int failed = event->wanted ? ask_helper(rings->all[i].ring, (enum sr__event_kind)kind, event) : 0;
            if (failed)
                return failed;
        }
    return 0;
}

/* Each ring is slept on by a helper; this thread waits for the first of them. */
static int sleep_by_helpers(sr__rings_t *rings, uint64_t timeout_ns)
{
    if (!rings->bell)
        rings->bell = sr__meeting_make();
    if (!rings->bell)
        return sr__error(SLOTRING_E_NO_MEMORY, "no memory to wait for %u rings", rings->count);
    sr__meeting_enter(rings->bell);
    rings->rung = false;
    sr__meeting_leave(rings->bell);
    int failed = ask_helpers(rings);
    if (failed)
        return failed;
    sr__meeting_enter(rings->bell);
    if (!rings->rung)
        sr__meeting_wait(rings->bell, timeout_ns);
    sr__meeting_leave(rings->bell);
    return 0;
}

/* As wait.c sleeps, on several event words. */
int sr__rings_sleep(sr__rings_t *rings, uint64_t timeout_ns)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < rings->count; i++)
        for (int kind = 0; kind < SR__EVENTS; kind++) {
            sr__member_t *member = &rings->all[i].ring->member;
            if (rings->all[i].events[kind].wanted)
                rings->sleeps[count++] = (sr__sleep_t){.waits = member->waits,
                                                       .word = &member->view.state->events[kind].event,
                                                       .expected = rings->all[i].events[kind].seen};
        }
    if (count == 1) {
        const sr__sleep_t *sleep = &rings->sleeps[0];
        rings->os->waits.wait(sleep->waits, sleep->word, sleep->expected, timeout_ns);
        return 0;
    }
    if (rings->os && rings->os->waits.wait_any(rings->sleeps, count, timeout_ns))
        return 0;
    return sleep_by_helpers(rings, timeout_ns);
}

void sr__rings_stay(const sr__rings_t *rings)
{
    for (uint32_t i = 0; i < rings->count; i++)
        for (int kind = 0; kind < SR__EVENTS; kind++)
            if (rings->all[i].events[kind].there)
                sr__sleepers_stay(&rings->all[i].ring->member, (enum sr__event_kind)kind);
}

/* ---- The end ------------------------------------------------------------------------------------------- */

static void leave(struct sr__ring_wait *w)
{
    sr__member_t *member = &w->ring->member;
    for (int kind = 0; kind < SR__EVENTS; kind++) {
        event_t *event = &w->events[kind];
        sr__watch_end(&event->watch);
        sr__sleepers_unarm(member, (enum sr__event_kind)kind, event->alone);
        if (event->there)
            sr__sleepers_go(member, (enum sr__event_kind)kind);
    }
    if (w->entered)
        sr__interrupt_leave(w->ring, &w->interruption, w->told);
}

void sr__rings_tell(const sr__rings_t *rings, uint32_t at)
{
    rings->all[at].told = true;
}

void sr__rings_leave(sr__rings_t *rings)
{
    for (uint32_t i = 0; i < rings->count; i++)
        leave(&rings->all[i]);
    if (rings->bell)
        sr__meeting_free(rings->bell);
    free(rings->all);
    free(rings->table);
    free(rings->sleeps);
}
