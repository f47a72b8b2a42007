/* SPDX-License-Identifier: Apache-2.0 */
/* What attaching, observing and removing do with a segment: judge its header from a private copy, map it, and open
 * the lock file that it was made with. */
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "layout/plan.h"
#include "layout/validate.h"
#include "members/segment.h"

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

/* Reads and validates the header of ring->member.segment. */
int sr__segment_check(slotring_t *ring, const char *name, sr__header_t *header, slotring_error_t *error)
{
    _Alignas(sr__header_t) uint8_t page[SR__PAGE];
    uint64_t size = ring->member.os->segments.size(ring->member.segment);
    int failed = size < sizeof page
                     ? SLOTRING_E_TRUNCATED
                     : ring->member.os->segments.read(ring->member.segment, 0, page, sizeof page);
    if (failed && failed != SLOTRING_E_TRUNCATED)
        return sr__fail(error, failed, 0, "the header of ring \"%s\" cannot be read: %s", name,
                        slotring_strerror(failed));
    if (failed)
        return sr__fail(error, SLOTRING_E_NOT_A_RING, 0,
                        "\"%s\" is not a slotring segment: it has %" PRIu64
                        " bytes, a ring's header alone has %u",
                        name, size, SR__PAGE);
    failed = sr__header_validate(page, size, name, ring->member.observer, error);
    if (failed)
        return failed;
    memcpy(header, page, sizeof *header);
    if (header->backend != ring->member.os->kind)
        return sr__fail(error, SLOTRING_E_BACKEND, 0,
                        "ring \"%s\" was made by backend %" PRIu32 "; this one is %" PRIu32
                        " (\"%s\"): use the same one, built with the same mechanisms",
                        name, header->backend, ring->member.os->kind, ring->member.os->name);
    return 0;
}

bool sr__locks_are_its(const slotring_t *ring, sr__locks_t *locks, const sr__header_t *header)
{
    sr__identity_t identity = ring->member.os->locks.identity(locks);
    return identity.device == header->lock_device && identity.object == header->lock_object;
}

/* Maps the segment for writing, with its lock file. */
int sr__segment_bind(slotring_t *ring, const sr__header_t *header, uint32_t option_flags,
                     slotring_error_t *error)
{
    const sr__backend_t *os = ring->member.os;
    int failed = sr__address_space_check(header->name, header->segment_size, error);
    if (!failed)
        failed =
            os->segments.map(ring->member.segment, header->segment_size, sr__map_flags(option_flags), error);
    if (failed)
        return failed;
    sr__view_bind(&ring->member.view, header, os->segments.memory(ring->member.segment), true);
    os->segments.leave_out(ring->member.segment, sr__layout_constant_size(header));
    failed = os->locks.open(ring->place, false, NULL, &ring->member.locks, error);
    if (failed == SLOTRING_E_NOT_FOUND)
        return sr__fail(error, SLOTRING_E_CORRUPT, 0,
                        "the lock file of ring \"%s\" is missing: remove the ring by force", header->name);
    if (failed)
        return failed;
    sr__identity_t identity = os->locks.identity(ring->member.locks);
    if (!sr__locks_are_its(ring, ring->member.locks, header))
        return sr__fail(error, SLOTRING_E_CORRUPT, 0,
                        "the lock file of ring \"%s\" is not the one that it was made with (%" PRIu64
                        ":%" PRIu64 " instead of %" PRIu64 ":%" PRIu64 "): remove the ring by force",
                        header->name, identity.device, identity.object, header->lock_device,
                        header->lock_object);
    return 0;
}

/* Is it to go with its last user? It need not be mapped. */
bool sr__segment_is_to_go(slotring_t *ring, const sr__header_t *header)
{
    sr__half_t ordered = 0;
    for (uint32_t i = 0; i < SR__PARTS; i++)
        if (header->parts[i].kind == SR__PART_STATE &&
            ring->member.os->segments.read(
                ring->member.segment, header->parts[i].offset + offsetof(sr__state_t, remove_when_unused),
                &ordered, sizeof ordered) != 0)
            return false;
    return atomic_load_explicit(&ordered, memory_order_relaxed) == 1;
}
