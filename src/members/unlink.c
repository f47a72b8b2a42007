/* SPDX-License-Identifier: Apache-2.0 */
/* Removing a ring, under the process mutex: the segment's name, state REMOVED, the lock file's name last. A kill
 * between the two names leaves an empty lock file, which the next create, list or unlink of the name adopts or removes.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "members/boot.h"
#include "members/enter.h"
#include "members/make.h"
#include "members/opening.h"
#include "members/options.h"
#include "members/process_mutex.h"
#include "members/segment.h"
#include "members/unlink.h"
#include "protocol/life.h"

/* [unlink.names] Takes the names of the ring away. The name first: while it stands, the ring can be joined,
 * and a removal that is refused has changed nothing. */
int sr__remove_names(slotring_t *ring, slotring_error_t *error)
{
    const sr__backend_t *os = ring->member.os;
    int failed = 0;
    if (os->segments.is_named(ring->place, ring->member.segment))
        failed = os->segments.unlink(ring->place, error);
    if (failed)
        return failed;
    atomic_store_explicit(&ring->member.view.state->state, SR__REMOVED, memory_order_seq_cst);
    if (os->locks.are_named(ring->place, ring->member.locks) && !os->segments.exists(ring->place))
        failed = os->locks.unlink(ring->place, error);
    return failed;
}

/* [unlink.look] Looks whether anybody else uses the ring. Is anybody but this handle attached and alive? A
 * lock that cannot be asked for counts as alive. */
bool sr__others_live(slotring_t *ring, char *who, size_t size)
{
    sr__view_t *view = &ring->member.view;
    size_t used = 0;
    bool any = false;
    for (uint32_t p = 0; p < view->participant_count; p++) {
        sr__participant_copy_t other;
        if (p == ring->member.me || !sr__is_attached(view, p) ||
            sr__participant_is_dead(&ring->member, p, NULL) ||
            (who && sr__participant_read(&ring->member, p, false, &other) != 0))
            continue;
        any = true;
        if (who && used < size) {
            int n = snprintf(who + used, size - used, "%sprocess %" PRIu64 " (%s)", used ? ", " : "",
                             other.pid, other.name);
            used += n > 0 ? (size_t)n : 0;
        }
    }
    return any;
}

bool sr__remove_is_ordered(const sr__view_t *view)
{
    return atomic_load_explicit(&view->state->remove_when_unused, memory_order_seq_cst) == 1;
}

/* Was removal asked for when unused, and is it unused now? */
bool sr__remove_if_due(slotring_t *ring)
{
    return sr__remove_is_ordered(&ring->member.view) && !sr__others_live(ring, NULL, 0) &&
           sr__remove_names(ring, NULL) == 0;
}

static int remove_judged(slotring_t *ring, const char *name, int how, slotring_error_t *error)
{
    int failed = how == SLOTRING_UNLINK_WHEN_UNUSED /* nobody has others do what he may not do himself */
                     ? ring->member.os->segments.may_unlink(ring->place, error)
                     : 0;
    if (failed)
        return failed;
    failed = sr__mutex_lock(ring, ring->lock_timeout_ns, error);
    if (failed && how != SLOTRING_UNLINK_FORCE)
        return failed;
    bool locked = failed == 0;
    failed = 0;
    char who[200];
    sr__half_t *when_unused = &ring->member.view.state->remove_when_unused;
    bool due = sr__remove_is_ordered(&ring->member.view);
    /* [unlink.flag] Says that the ring is to go. Before the look at who lives: one who leaves looks at it
     * afterwards */
    if (how == SLOTRING_UNLINK_WHEN_UNUSED)
        atomic_store_explicit(when_unused, 1, memory_order_seq_cst);
    if (how != SLOTRING_UNLINK_FORCE && sr__others_live(ring, who, sizeof who)) {
        if (how != SLOTRING_UNLINK_WHEN_UNUSED)
            failed = sr__fail(error, SLOTRING_E_BUSY, 0, "ring \"%s\" is in use by %s", name, who);
        if (how == SR__UNLINK_IF_DUE)
            failed = SR__IN_USE;
    } else {
        failed = sr__remove_names(ring, error);
        if (failed && how == SLOTRING_UNLINK_WHEN_UNUSED && !due) /* refused: nobody else is to do it later */
            atomic_store_explicit(when_unused, 0, memory_order_seq_cst);
    }
    if (locked)
        sr__mutex_unlock(ring);
    return failed;
}

int sr__remove_when_unused(slotring_t *ring)
{
    int failed = sr__enter(ring);
    return failed ? failed
                  : remove_judged(ring, ring->member.view.header.name, SLOTRING_UNLINK_WHEN_UNUSED, NULL);
}

/* Whatever stands under the ring's name goes, and its lock file. */
static int remove_unjudged(slotring_t *ring, slotring_error_t *error)
{
    int failed = ring->member.os->segments.unlink(ring->place, error);
    return failed ? failed : ring->member.os->locks.unlink(ring->place, error);
}

/* No segment: is there a lock file that a killed creator left? What fails here is no news: the caller's error stays
 * the last one. */
static void remove_lone_lock(slotring_t *ring)
{
    const sr__backend_t *os = ring->member.os;
    slotring_error_t last;
    slotring_last_error(&last);
    if (os->locks.open(ring->place, false, NULL, &ring->member.locks, NULL) == 0 &&
        os->locks.mutex_lock(ring->member.locks, 0, NULL) == 0) {
        if (os->locks.are_named(ring->place, ring->member.locks) && !os->segments.exists(ring->place))
            os->locks.unlink(ring->place, NULL);
        os->locks.mutex_unlock(ring->member.locks);
    }
    sr__set_last(last.code, last.os_code, last.text);
}

/* `replaced`: the name leads elsewhere by now, so nothing was judged. */
static int unlink_once(slotring_t *ring, const char *name, int how, bool *replaced, slotring_error_t *error)
{
    const sr__backend_t *os = ring->member.os;
    sr__header_t header;
    *replaced = false;
    int failed = os->segments.open(ring->place, true, &ring->member.segment, error);
    if (failed == SLOTRING_E_NOT_FOUND)
        remove_lone_lock(ring);
    if (failed && failed != SLOTRING_E_NOT_A_RING)
        return failed; /* nothing there, or another's: not ours to judge or to remove */
    if (!failed)
        failed = sr__segment_check(ring, name, &header, error);
    if (!failed && sr__is_of_another_boot(ring, &header))
        return sr__boot_remove(ring, &header, how, replaced, error);
    if (!failed)
        failed = sr__segment_bind(ring, &header, 0, error);
    if (!failed && how == SR__UNLINK_IF_DUE && !sr__remove_is_ordered(&ring->member.view))
        return SLOTRING_E_EXISTS;
    if (!failed)
        return remove_judged(ring, name, how, error);
    *replaced = ring->member.segment && !os->segments.is_named(ring->place, ring->member.segment);
    if (!*replaced && how == SLOTRING_UNLINK_FORCE)
        failed = remove_unjudged(ring, error);
    return failed;
}

int sr__unlink(const char *name, int how, const slotring_options_t *given, slotring_error_t *error)
{
    if (error)
        memset(error, 0, sizeof *error);
    slotring_options_t options;
    int failed = sr__name_check(name, error);
    if (!failed)
        failed = sr__options_check(given, &options, error);
    bool replaced = !failed;
    /* another process may remove the ring and make another one of this name meanwhile */
    for (uint32_t attempt = 0; replaced && attempt < SR__ATTEMPTS; attempt++) {
        slotring_t *ring = sr__ring_make(&options, name, error, &failed);
        if (!ring)
            return failed;
        failed = unlink_once(ring, name, how, &replaced, error);
        sr__ring_free(ring);
    }
    if (!failed && error)
        memset(error, 0, sizeof *error);
    return failed;
}
