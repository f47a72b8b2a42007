/* SPDX-License-Identifier: Apache-2.0 */
/* Attaching: the segment is judged from private copies, mapped, and joined under the process mutex, after it was
 * made sure that both names still lead to what was judged.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "members/boot.h"
#include "members/make.h"
#include "members/opening.h"
#include "members/options.h"
#include "members/participant.h"
#include "members/process_mutex.h"
#include "members/reap.h"
#include "members/segment.h"
#include "members/unlink.h"

#define GEOMETRY_REMEDY "; pass 0 to take it as it is, or remove it first (slotring rm, SLOTRING_WIPE_UNUSED)"

static int geometry_check(const sr__header_t *h, const slotring_options_t *o, slotring_error_t *error)
{
    uint64_t slot_size = o->slot_size ? o->slot_size : h->slot_size;
    uint64_t slots = o->total_size ? o->total_size / slot_size : h->slot_count;
    if (slot_size != h->slot_size || slots != h->slot_count)
        return sr__fail(error, SLOTRING_E_GEOMETRY, 0,
                        "ring \"%s\" has %" PRIu32 " slots of %" PRIu64 " bytes, asked for are %" PRIu64
                        " slots of %" PRIu64 " bytes" GEOMETRY_REMEDY,
                        h->name, h->slot_count, h->slot_size, slots, slot_size);
    if (o->when_full && o->when_full != h->when_full)
        return sr__fail(error, SLOTRING_E_GEOMETRY, 0,
                        "ring \"%s\" %s when full, asked for is that it %s" GEOMETRY_REMEDY, h->name,
                        h->when_full == SLOTRING_KEEP ? "keeps" : "overwrites",
                        o->when_full == SLOTRING_KEEP ? "keeps" : "overwrites");
    if ((o->flags & SLOTRING_HOT_SLOTS) && !(h->incompat & SR__FEATURE_HOT))
        return sr__fail(
            error, SLOTRING_E_GEOMETRY, 0,
            "ring \"%s\" has no hot slots (SLOTRING_HOT_SLOTS), asked for is one that has" GEOMETRY_REMEDY,
            h->name);
    if (o->time_stamps && o->time_stamps != h->time_stamps)
        return sr__fail(error, SLOTRING_E_GEOMETRY, 0,
                        "ring \"%s\" has time stamps of kind %" PRIu32
                        ", asked for is kind %" PRIu32 GEOMETRY_REMEDY,
                        h->name, h->time_stamps, o->time_stamps);
    if ((o->flags & SLOTRING_CHECKSUMS) && !(h->incompat & SR__FEATURE_SUMS))
        return sr__fail(error, SLOTRING_E_GEOMETRY, 0,
                        "ring \"%s\" has no checksums; attach without SLOTRING_CHECKSUMS to take it as it "
                        "is, or remove it "
                        "first",
                        h->name);
    if (sr__has_lineage(o) && (memcmp(o->lineage_id, h->lineage_id, sizeof h->lineage_id) != 0 ||
                               o->first_sequence != h->first_sequence))
        return sr__fail(
            error, SLOTRING_E_GEOMETRY, 0,
            "ring \"%s\" is of another lineage than was asked for, or begins with another number than "
            "%" PRIu64 " (it begins with %" PRIu64 ")",
            h->name, o->first_sequence, h->first_sequence);
    if ((o->flags & SLOTRING_ON_NUMA_NODE) && h->numa_node != o->numa_node + 1) {
        char made[40] = "no NUMA node";
        if (h->numa_node != 0)
            snprintf(made, sizeof made, "NUMA node %" PRIu32, h->numa_node - 1);
        return sr__fail(error, SLOTRING_E_GEOMETRY, 0,
                        "ring \"%s\" was made for %s, asked for is node %" PRIu32
                        "; attach without SLOTRING_ON_NUMA_NODE to take it as it is, or remove it first",
                        h->name, made, o->numa_node);
    }
    return 0;
}

static bool still_there(slotring_t *ring)
{
    return ring->member.os->segments.is_named(ring->place, ring->member.segment) &&
           ring->member.os->locks.are_named(ring->place, ring->member.locks);
}

/* Is it a ring that can be joined? The caller holds the process mutex. *gone: not any more. */
static int judge(slotring_t *ring, bool *gone, slotring_error_t *error)
{
    *gone = !still_there(ring);
    if (*gone)
        return 0;
    sr__remove_if_due(ring);
    uint32_t state = atomic_load_explicit(&ring->member.view.state->state, memory_order_seq_cst);
    if (state != SR__LIVE && state != SR__REMOVED)
        return sr__fail(error, SLOTRING_E_CORRUPT, 0,
                        "ring \"%s\" is damaged: its state is %" PRIu32 "; remove it by force",
                        ring->member.view.header.name, state);
    *gone = !still_there(ring);
    int failed = 0;
    if (state == SR__REMOVED && !*gone) { /* it has its names still: whoever removed it got no further */
        failed = sr__remove_names(ring, error);
        *gone = failed == 0;
    }
    return failed;
}

static int join(slotring_t *ring, const slotring_options_t *options, bool *gone, slotring_error_t *error)
{
    int failed = sr__mutex_lock(ring, ring->lock_timeout_ns, error);
    if (failed)
        return failed;
    ring->member.me = UINT32_MAX;
    failed = judge(ring, gone, error);
    if (!failed && !*gone)
        sr__reap_quietly(ring, SR__ASKED_AT_ATTACH);
    if (!failed && !*gone)
        failed = sr__participant_take(ring, options, error);
    if (failed == SLOTRING_E_PARTICIPANTS) { /* are all these alive? */
        sr__reap_quietly(ring, UINT32_MAX);
        failed = sr__participant_take(ring, options, error);
    }
    sr__mutex_unlock(ring);
    return failed;
}

/* Is it of this boot, and what was asked for? */
static int suits(slotring_t *ring, const sr__header_t *header, const slotring_options_t *options,
                 slotring_error_t *error)
{
    int failed = sr__boot_check(ring, header, error);
    return failed ? failed : geometry_check(header, options, error);
}

static int attach_once(slotring_t *ring, const char *name, const slotring_options_t *options, bool *gone,
                       slotring_error_t *error)
{
    sr__header_t header;
    *gone = false;
    int failed = ring->member.os->segments.open(ring->place, true, &ring->member.segment, error);
    if (!failed)
        failed = sr__segment_check(ring, name, &header, error);
    if (!failed && suits(ring, &header, options, error) != 0) {
        /* a ring that is to go, and whose last user was killed, is nobody's any more */
        *gone = sr__unlink(name, SR__UNLINK_IF_DUE, options, NULL) == 0;
        return *gone ? 0 : suits(ring, &header, options, error);
    }
    if (!failed)
        failed = sr__segment_bind(ring, &header, options->flags, error);
    if (failed) {
        /* no lock file, or another one: was the ring removed and made again between the two? */
        *gone =
            ring->member.segment && !ring->member.os->segments.is_named(ring->place, ring->member.segment);
        return failed;
    }
    return join(ring, options, gone, error);
}

int sr__ring_attach(slotring_t *ring, const char *name, const slotring_options_t *options, uint32_t *attempts,
                    slotring_error_t *error)
{
    while ((*attempts)++ < SR__ATTEMPTS) {
        bool gone;
        int failed = attach_once(ring, name, options, &gone, error);
        if (!gone)
            return failed;
        sr__ring_drop_segment(ring);
    }
    return sr__fail(error, SLOTRING_E_BUSY, 0, "ring \"%s\" is removed and made again all the time", name);
}
