/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for several readers, of any rings, without taking anything. What stands in wait.c for one ring is done here for each
 * of them: arm in all of them, look at all readers, sleep until any of the event words changes, a slice of the shortest at
 * most. Who wakes up takes back what it armed in the other rings, so that nobody there calls the system for it. */
#include <stdlib.h>

#include "base/error.h"
#include "members/reap.h"
#include "protocol/event.h"
#include "traffic/interrupt.h"
#include "traffic/readers/many.h"

static const sr__backend_t *clock_of(const sr__many_t *m)
{
    return m->given[0]->ring->member.os;
}

/* The thread was cancelled: what a call does that ends otherwise, and no earlier. */
static void give_up(void *context)
{
    sr__many_t *m = context;
    sr__rings_leave(&m->rings);
    free(m->readers);
    sr__cancel_allow();
}

/* Does a check of the caller's end the wait? */
static bool is_checked_out(sr__many_t *m, uint64_t now)
{
    m->checked = now;
    if (!sr__rings_check(&m->rings))
        return false;
    m->failed = sr__plain(SLOTRING_E_INTERRUPTED);
    slotring_last_error(&m->error);
    return true;
}

static bool any_gathers(const sr__many_t *m)
{
    for (uint32_t i = 0; i < m->count; i++)
        if (m->readers[i].gathers)
            return true;
    return false;
}

/* True: the wait is over. */
static bool spin(sr__many_t *m)
{
    const sr__backend_t *os = clock_of(m);
    for (uint64_t now = m->started; now - m->started < m->spin_ns && now < m->deadline;
         now = os->system.clock_ns()) {
        if (sr__many_look(m, now, false))
            return true;
        if (any_gathers(m)) /* what gathers has been noticed already */
            return false;
        for (int i = 0; i < 16; i++)
            os->system.pause();
        sr__rings_reap(&m->rings, now);
        sr__cancel_point_inside(give_up, m);
        if (now - m->checked >= m->slice_ns && is_checked_out(m, now))
            return true;
    }
    return false;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* How long to sleep at most. */
static uint64_t rest(const sr__many_t *m, uint64_t now)
{
    uint64_t most = sr__rings_due_in(&m->rings, now);
    if (m->deadline - now < most)
        most = m->deadline - now;
    for (uint32_t i = 0; i < m->count; i++)
        if (m->readers[i].gathers && m->readers[i].due < UINT64_MAX)
            most = least(most,
                         m->readers[i].due > now ? m->readers[i].due - now : 1); /* it came since the look */
    return most;
}

static void arm(sr__many_t *m)
{
    sr__rings_want_nothing(&m->rings);
    for (uint32_t i = 0; i < m->count; i++)
        sr__rings_want(&m->rings, m->readers[i].at, sr__readable_event(&m->readers[i]));
    sr__rings_arm(&m->rings);
}

/* Or does a reader, since the last look, wait for something else? */
static bool is_armed_for_all(const sr__many_t *m)
{
    for (uint32_t i = 0; i < m->count; i++)
        if (!sr__rings_wants(&m->rings, m->readers[i].at, sr__readable_event(&m->readers[i])))
            return false;
    return true;
}

/* As sleep_in_slices of wait.c. */
static void sleep_in_slices(sr__many_t *m)
{
    const sr__backend_t *os = clock_of(m);
    for (;;) {
        arm(m);
        bool over = sr__many_look(m, os->system.clock_ns(), true);
        uint64_t now = os->system.clock_ns();
        if (over)
            return;
        if (now >= m->deadline) {
            (void)sr__many_look(m, now, true); /* what has gathered so far */
            return;
        }
        sr__cancel_point_inside(give_up, m);
        if (sr__rings_reap(&m->rings, now) || !is_armed_for_all(m))
            continue;
        if ((!m->busy || now - m->checked >= m->slice_ns) && is_checked_out(m, now))
            return;
        if (m->busy)
            continue;
        int failed = sr__rings_sleep(&m->rings, rest(m, now));
        if (failed) {
            m->failed = failed;
            slotring_last_error(&m->error);
            return;
        }
        sr__rings_stay(&m->rings);
        if (sr__many_look(m, os->system.clock_ns(), false)) /* not armed, as in wait.c */
            return;
    }
}

static void sleep_if_there_is_time(sr__many_t *m)
{
    uint64_t now = clock_of(m)->system.clock_ns();
    if (now < m->deadline)
        sleep_in_slices(m);
    else
        (void)sr__many_look(m, now, true); /* what has gathered so far */
}

/* One for each handle that a reader is of. */
static void find_rings(sr__many_t *m)
{
    m->spin_ns = m->slice_ns = UINT64_MAX;
    for (uint32_t i = 0; i < m->count; i++) {
        slotring_t *ring = m->given[i]->ring;
        m->readers[i].reader = m->given[i];
        m->readers[i].at = sr__rings_add(&m->rings, m->given[i]);
        m->spin_ns = ring->spin_ns < m->spin_ns ? ring->spin_ns : m->spin_ns;
        m->slice_ns = ring->wait_slice_ns < m->slice_ns ? ring->wait_slice_ns : m->slice_ns;
    }
}

static void tell_interruption(sr__many_t *m, uint32_t i)
{
    slotring_reader_t *reader = m->given[i];
    reader->interrupts_told = sr__interrupts_so_far(reader->ring);
    sr__rings_tell(&m->rings, m->readers[i].at);
}

/* An interruption that the call does not tell is the readers' next call's: if there is something for a reader; and in each ring
 * that was interrupted after the last look at its readers. */
static void leave_interruptions(sr__many_t *m)
{
    for (uint32_t i = 0; i < m->count; i++) {
        if (m->results[i] != SLOTRING_E_INTERRUPTED)
            continue;
        if (m->ready > 0)
            m->results[i] = SLOTRING_E_EMPTY;
        else
            tell_interruption(m, i);
    }
}

static void wait_blocked(sr__many_t *m)
{
    if (sr__rings_enter(&m->rings)) {
        if (!sr__many_look(m, m->started, false) && !spin(m) &&
            !sr__many_look(m, clock_of(m)->system.clock_ns(), true))
            sleep_if_there_is_time(m);
    } else {
        (void)sr__many_look(m, m->started, false); /* says whose handle was interrupted before */
    }
    leave_interruptions(m);
    sr__rings_leave(&m->rings);
}

static int block(sr__many_t *m, int64_t timeout_ns)
{
    m->started = m->checked = clock_of(m)->system.clock_ns();
    m->deadline = UINT64_MAX;
    if (timeout_ns >= 0 && (uint64_t)timeout_ns < UINT64_MAX - m->started)
        m->deadline = m->started + (uint64_t)timeout_ns;
    sr__cancel_forbid();
    m->readers = calloc(m->count, sizeof *m->readers);
    int failed = m->readers ? sr__rings_make(&m->rings, m->count) : SLOTRING_E_NO_MEMORY;
    if (!failed) {
        find_rings(m);
        wait_blocked(m);
    }
    free(m->readers);
    sr__cancel_allow();
    return failed ? sr__error(failed, "no memory to wait for %u readers", m->count) : 0;
}

static int result_of(sr__many_t *m, int64_t timeout_ns)
{
    if (m->ready > 0)
        return 0;
    if (m->failed)
        return sr__set_last(m->error.code, m->error.os_code, m->error.text);
    return sr__plain(timeout_ns == 0 ? SLOTRING_E_EMPTY : SLOTRING_E_TIMEOUT);
}

static bool reap(const sr__many_t *m)
{
    bool any = false;
    for (uint32_t i = 0; i < m->count; i++)
        any |= sr__reap_if_due(m->given[i]->ring);
    return any;
}

static int wait_for(sr__many_t *m, int64_t timeout_ns)
{
    sr__many_look_at_once(m);
    bool nothing = m->ready == 0 && !m->failed;
    if (nothing && timeout_ns == 0 && reap(m))
        sr__many_look_at_once(m);
    if (nothing && timeout_ns != 0) {
        int failed = block(m, timeout_ns);
        if (failed)
            return failed;
    }
    return result_of(m, timeout_ns);
}

int slotring_reader_wait_readable(slotring_reader_t *reader, int64_t timeout_ns)
{
    int result;
    sr__many_t m = {.given = &reader, .count = 1, .results = &result};
    return wait_for(&m, timeout_ns);
}

int slotring_wait_many(slotring_reader_t *const *readers, uint32_t count, int64_t timeout_ns, int *results,
                       uint32_t *ready)
{
    if (!readers || !results || !ready || count == 0)
        return sr__error(SLOTRING_E_INVALID,
                         "readers, results and ready must not be NULL, count must be at least 1");
    sr__many_t m = {.given = readers, .count = count, .results = results};
    *ready = 0;
    int code = wait_for(&m, timeout_ns);
    *ready = m.ready;
    return code;
}
