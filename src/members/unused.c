/* SPDX-License-Identifier: Apache-2.0 */
/* Is a ring that is to go with its last user unused? Asked from outside, and nothing is changed by it. */
#include "members/unused.h"
#include "base/error.h"
#include "members/segment.h"
#include "members/unlink.h"
#include "protocol/snapshot.h"

enum life {
    DEAD, /* or has left */
    ALIVE,
    UNKNOWN
};

/* Who closes makes its incarnation even before it lets its lock go, and who comes has its lock before its
 * incarnation is odd: so the incarnation is looked at again. */
static enum life life_of(slotring_t *ring, sr__locks_t *locks, uint32_t p, uint64_t seen)
{
    const sr__word_t *incarnation = &ring->member.view.participants[p].incarnation;
    int held = locks ? ring->member.os->locks.death_lock_query(locks, p, NULL) : SLOTRING_E_ACCESS;
    if (held != 0)
        return held > 0 ? ALIVE : UNKNOWN;
    if (sr__look_again(&ring->member, incarnation, sizeof *incarnation) != 0)
        return UNKNOWN;
    uint64_t now = sr__load(incarnation);
    return now == seen || !sr__in_use(now) ? DEAD : ALIVE;
}

static sr__locks_t *open_locks(slotring_t *ring)
{
    sr__locks_t *locks = NULL;
    if (ring->member.os->locks.open(ring->place, false, NULL, &locks, NULL) != 0)
        return NULL;
    if (sr__locks_are_its(ring, locks, &ring->member.view.header))
        return locks;
    ring->member.os->locks.close(locks);
    return NULL;
}

/* Of the snapshot. The lock file is opened when somebody has to be asked for: an observer may not be allowed to. */
uint32_t sr__all_dead(slotring_t *ring)
{
    const sr__view_t *view = &ring->member.view;
    sr__locks_t *locks = NULL;
    bool opened = false;
    uint32_t answer = 1;
    for (uint32_t p = 0; p < sr__participants_high(view) && answer != 0; p++) {
        uint64_t seen = sr__load(&view->participants[p].incarnation);
        if (!sr__in_use(seen))
            continue;
        if (!opened)
            locks = open_locks(ring);
        opened = true;
        enum life life = life_of(ring, locks, p, seen);
        if (life != DEAD)
            answer = life == ALIVE ? 0 : UINT32_MAX;
    }
    if (locks)
        ring->member.os->locks.close(locks);
    return answer;
}

/* Who is attached uses it. */
uint32_t sr__is_unused(slotring_t *ring)
{
    if (!ring->member.observer || !sr__remove_is_ordered(&ring->member.view))
        return 0;
    slotring_error_t last;
    slotring_last_error(&last);
    uint32_t answer = sr__snapshot_renew(&ring->member, SR__NEED_STATE | SR__NEED_PARTICIPANTS) == 0
                          ? sr__all_dead(ring)
                          : UINT32_MAX;
    sr__set_last(last.code, last.os_code, last.text);
    return answer;
}
