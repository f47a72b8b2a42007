/* SPDX-License-Identifier: Apache-2.0 */
/* Since when: how long producers have been blocked, and how long nothing was published, also in a ring without time stamps.
 * Nobody who moves data writes for this: a producer notes it when it waits, and the end of the order is looked at once a slice, by
 * the call that looks after the dead. While a run stands still somebody waits, so somebody looks.
 *
 * A kill leaves a time. That of a dead participant counts in statistics until the repair; the next one at its entry begins with 0.
 * The time of an end is stored before the end: without it the next reaper finds another end, and stores both anew. A reaper that is
 * stopped for longer than a slice stores no time over that of a later one.
 */
#include "protocol/since.h"

#include "protocol/gate.h"

void sr__end_note(sr__member_t *member)
{
    sr__state_t *state = member->view.state;
    uint64_t at = sr__load(&state->seen_at), end = sr__published_end(&member->view);
    if (sr__peek(&state->seen_end) == end)
        return;
    /* The time is taken after the end: it is no longer ago. */
    if (!sr__cas(&state->seen_at, at, member->os->system.clock_ns()))
        return;
    /* Release: after the time. Pairs with the load in sr__end_age. */
    atomic_store_explicit(&state->seen_end, end, memory_order_release);
}

uint64_t sr__end_age(const sr__view_t *view, uint64_t end, uint64_t now)
{
    const sr__state_t *state = view->state;
    /* Acquire: before the time. Pairs with the store in sr__end_note. */
    if (atomic_load_explicit(&state->seen_end, memory_order_acquire) != end)
        return 0;
    uint64_t at = sr__peek(&state->seen_at);
    return at != 0 && now > at ? now - at : 0;
}
