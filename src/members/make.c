/* SPDX-License-Identifier: Apache-2.0 */
/* A handle's memory and what the platform keeps for it. And the tombstone of closed ones, where a late call still
 * finds them closed. */
#include <stdlib.h>

#include "members/make.h"
#include "members/options.h"
#include "protocol/kept.h"
#include "protocol/taken.h"

#define TOMBSTONES 256u

static void *_Atomic tombstone[TOMBSTONES];
static _Atomic uint32_t next_tombstone;

/* Frees `object` when its turn comes again, after TOMBSTONES - 1 others. Its memory is not used for anything else until
 * then, so its magic still says that it is closed. */
void sr__bury(void *object)
{
    uint32_t at = atomic_fetch_add_explicit(&next_tombstone, 1, memory_order_relaxed) % TOMBSTONES;
    /* acq_rel: whoever frees it comes after whoever made it a tombstone */
    free(atomic_exchange_explicit(&tombstone[at], object, memory_order_acq_rel));
}

/* Frees all that hangs on one segment: for another try, or for good. */
void sr__ring_drop_segment(slotring_t *ring)
{
    if (ring->member.waits)
        ring->member.os->waits.close(ring->member.waits);
    if (ring->death_lock)
        ring->member.os->locks.death_lock_release(ring->death_lock);
    if (ring->member.locks)
        ring->member.os->locks.close(ring->member.locks);
    if (ring->member.segment)
        ring->member.os->segments.close(ring->member.segment);
    free(ring->member.hold_counts);
    free(ring->member.pins);
    sr__kept_drop(&ring->member);
    sr__taken_drop(&ring->member.taken);
    free((void *)ring->readers);
    free((void *)ring->writers);
    ring->member.waits = NULL;
    ring->death_lock = NULL;
    ring->member.locks = NULL;
    ring->member.segment = NULL;
    ring->member.hold_counts = NULL;
    ring->member.pins = NULL;
    ring->readers = NULL;
    ring->writers = NULL;
}

/* In a forked child: locks and mappings are the parent's, and the segment stays mapped, since the child may still read
 * from it. */
static void leave_to_parent(slotring_t *ring)
{
    if (ring->death_lock)
        ring->member.os->locks.death_lock_abandon(ring->death_lock);
    if (ring->member.locks)
        ring->member.os->locks.abandon(ring->member.locks);
    ring->death_lock = NULL;
    ring->member.locks = NULL;
    ring->member.segment = NULL;
    ring->member.waits = NULL;
}

/* Frees what a handle has, but for the struct and what it did in the ring. */
static void drop(slotring_t *ring)
{
    sr__ring_drop_segment(ring);
    if (ring->place)
        ring->member.os->names.place_close(ring->place);
    free(ring->member.snapshot);
    ring->place = NULL;
    ring->member.snapshot = NULL;
}

void sr__ring_free(slotring_t *ring)
{
    drop(ring);
    free(ring);
}

void sr__ring_bury(slotring_t *ring, bool forked)
{
    if (forked)
        leave_to_parent(ring);
    drop(ring);
    sr__bury(ring);
}

slotring_t *sr__ring_make(const slotring_options_t *options, const char *name, slotring_error_t *error,
                          int *failed)
{
    const sr__backend_t *os = sr__backend_find(options->backend, error);
    slotring_t *ring = os ? calloc(1, sizeof *ring) : NULL;
    if (!ring) {
        *failed =
            os ? sr__fail(error, SLOTRING_E_NO_MEMORY, 0, "no memory for a handle") : SLOTRING_E_BACKEND;
        return NULL;
    }
    ring->member.os = os;
    ring->member.one_thread = (options->flags & SLOTRING_ONE_THREAD) != 0;
    ring->is_proxy = (options->flags & SLOTRING_PROXY) != 0;
    ring->slot_struct_size = options->slot_struct_size;
    ring->lock_timeout_ns = options->lock_timeout_ns;
    ring->wait_slice_ns = options->wait_slice_ns;
    ring->wait_check = options->wait_check;
    ring->wait_check_user = options->wait_check_user;
    ring->spin_ns = options->spin_ns ? options->spin_ns : os->system.processors() > 1 ? 20000 : 0;
    ring->mark = os->system.process_mark();
    ring->mark_value = atomic_load_explicit(ring->mark, memory_order_relaxed);
    ring->member.me = UINT32_MAX;
    sr__place_config_t place = {.directory = options->directory, .trusted_owner = options->trusted_owner};
    *failed = os->names.place_open(&place, name, &ring->place, error);
    if (*failed) {
        free(ring);
        return NULL;
    }
    return ring;
}
