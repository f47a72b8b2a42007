/* SPDX-License-Identifier: Apache-2.0 */
/* Attaching: the segment is judged from private copies, mapped, and joined under the process mutex, after it was
 * made sure that both names still lead to what was judged.
 */
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "core.h"

uint32_t sr__map_flags(uint32_t flags)
{
    return ((flags & SLOTRING_PREFAULT) ? SR__MAP_PREFAULT : 0u) |
           ((flags & SLOTRING_HUGE_PAGES) ? SR__MAP_HUGE_PAGES : 0u) |
           ((flags & SLOTRING_LOCK_MEMORY) ? SR__MAP_LOCK : 0u);
}

int sr__address_space_check(const char *name, uint64_t size, slotring_error_t *error)
{
    if (size <= SIZE_MAX / 2)
        return 0;
    return sr__fail(error, SLOTRING_E_ADDRESS_SPACE, 0,
                    "ring \"%s\" takes %" PRIu64 " bytes of memory; a process whose addresses have %u bits "
                    "can map %" PRIu64 " at most: make it smaller, or use a 64-bit program",
                    name, size, (unsigned)(sizeof(void *) * CHAR_BIT), (uint64_t)(SIZE_MAX / 2));
}

/* Reads and validates the header of ring->segment. */
int sr__segment_check(slotring_t *ring, const char *name, sr__header_t *header, slotring_error_t *error)
{
    _Alignas(sr__header_t) uint8_t page[SR__PAGE];
    uint64_t size = ring->os->segment_size(ring->segment);
    int failed = size < sizeof page ? SLOTRING_E_TRUNCATED
                                    : ring->os->segment_read(ring->segment, 0, page, sizeof page);
    if (failed && failed != SLOTRING_E_TRUNCATED)
        return sr__fail(error, failed, 0, "the header of ring \"%s\" cannot be read: %s", name,
                        slotring_strerror(failed));
    if (failed)
        return sr__fail(error, SLOTRING_E_NOT_A_RING, 0,
                        "\"%s\" is not a slotring segment: it has %" PRIu64
                        " bytes, a ring's header alone has %u",
                        name, size, SR__PAGE);
    failed = sr__header_validate(page, size, name, ring->observer, error);
    if (failed)
        return failed;
    memcpy(header, page, sizeof *header);
    if (header->backend != ring->os->kind)
        return sr__fail(error, SLOTRING_E_BACKEND, 0,
                        "ring \"%s\" was made by backend %" PRIu32 "; this one is %" PRIu32
                        " (\"%s\"): use the same one, built with the same mechanisms",
                        name, header->backend, ring->os->kind, ring->os->name);
    return 0;
}

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
    if (o->time_stamps && o->time_stamps != h->time_stamps)
        return sr__fail(error, SLOTRING_E_GEOMETRY, 0,
                        "ring \"%s\" has time stamps of kind %" PRIu32
                        ", asked for is kind %" PRIu32 GEOMETRY_REMEDY,
                        h->name, h->time_stamps, o->time_stamps);
    return 0;
}

/* Maps the segment for writing, with its lock file. */
int sr__segment_bind(slotring_t *ring, const sr__header_t *header, uint32_t option_flags,
                     slotring_error_t *error)
{
    const sr__backend_t *os = ring->os;
    int failed = sr__address_space_check(header->name, header->segment_size, error);
    if (!failed)
        failed = os->segment_map(ring->segment, header->segment_size, sr__map_flags(option_flags), error);
    if (failed)
        return failed;
    sr__view_bind(&ring->view, header, os->segment_memory(ring->segment), true);
    failed = os->locks_open(ring->place, false, NULL, &ring->locks, error);
    if (failed == SLOTRING_E_NOT_FOUND)
        return sr__fail(error, SLOTRING_E_CORRUPT, 0,
                        "the lock file of ring \"%s\" is missing: remove the ring by force", header->name);
    if (failed)
        return failed;
    sr__identity_t identity = os->locks_identity(ring->locks);
    if (identity.device != header->lock_device || identity.object != header->lock_object)
        return sr__fail(error, SLOTRING_E_CORRUPT, 0,
                        "the lock file of ring \"%s\" is not the one that it was made with (%" PRIu64
                        ":%" PRIu64 " instead of %" PRIu64 ":%" PRIu64 "): remove the ring by force",
                        header->name, identity.device, identity.object, header->lock_device,
                        header->lock_object);
    return 0;
}

static bool still_there(slotring_t *ring)
{
    return ring->os->segment_is_named(ring->place, ring->segment) &&
           ring->os->locks_are_named(ring->place, ring->locks);
}

/* Is it a ring that can be joined? The caller holds the process mutex. *gone: not any more. */
static int judge(slotring_t *ring, bool *gone, slotring_error_t *error)
{
    *gone = !still_there(ring);
    if (*gone)
        return 0;
    sr__remove_if_due(ring);
    uint32_t state = atomic_load_explicit(&ring->view.state->state, memory_order_seq_cst);
    if (state != SR__LIVE && state != SR__REMOVED)
        return sr__fail(error, SLOTRING_E_CORRUPT, 0,
                        "ring \"%s\" is damaged: its state is %" PRIu32 "; remove it by force",
                        ring->view.header.name, state);
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
    ring->me = UINT32_MAX;
    failed = judge(ring, gone, error);
    if (!failed && !*gone)
        sr__sweep_quietly(ring, SR__ASKED_AT_ATTACH);
    if (!failed && !*gone)
        failed = sr__participant_take(ring, options, error);
    if (failed == SLOTRING_E_PARTICIPANTS) { /* are all these alive? */
        sr__sweep_quietly(ring, UINT32_MAX);
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
    int failed = ring->os->segment_open(ring->place, true, &ring->segment, error);
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
        *gone = ring->segment && !ring->os->segment_is_named(ring->place, ring->segment);
        return failed;
    }
    return join(ring, options, gone, error);
}

int sr__ring_attach(slotring_t *ring, const char *name, const slotring_options_t *options,
                    slotring_error_t *error)
{
    const sr__backend_t *os = ring->os;
    for (int turn = 0; turn < 1000; turn++) {
        bool gone;
        int failed = attach_once(ring, name, options, &gone, error);
        if (!gone)
            return failed;
        if (ring->locks)
            os->locks_close(ring->locks);
        if (ring->segment)
            os->segment_close(ring->segment);
        ring->locks = NULL;
        ring->segment = NULL;
    }
    return sr__fail(error, SLOTRING_E_BUSY, 0, "ring \"%s\" is removed and made again all the time", name);
}
