/* SPDX-License-Identifier: Apache-2.0 */
/* Creating a ring: the segment is made nameless and complete, its creator is a participant already, and then it gets
 * its name in one step under the process mutex. A kill before that leaves at most an empty lock file, which the next
 * create, list or unlink of the name adopts or removes.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "layout/plan.h"
#include "layout/stamps.h"
#include "members/opening.h"
#include "members/options.h"
#include "members/participant.h"
#include "members/process_mutex.h"
#include "members/segment.h"
#include "protocol/free_map.h"

static void geometry_from(const slotring_options_t *o, sr__geometry_t *g)
{
    g->slot_size = o->slot_size ? o->slot_size : SLOTRING_DEFAULT_SLOT_SIZE;
    g->total_size = o->total_size ? o->total_size : SLOTRING_DEFAULT_TOTAL_SIZE;
    g->participants = o->max_participants ? o->max_participants : 64;
    g->readers = o->max_readers ? o->max_readers : 64;
    g->writers = o->max_writers ? o->max_writers : 64;
    g->groups = o->max_groups;
    g->holds = o->max_holds;
    g->when_full = o->when_full ? o->when_full : SLOTRING_OVERWRITE;
    g->time_stamps = o->time_stamps ? o->time_stamps : SLOTRING_TIME_NONE;
    g->access = o->access;
    g->lossless_for = o->lossless_for;
    g->lossless_group = (uint32_t)o->lossless_group; /* not above the limit: sr__options_check */
    g->budget_messages = o->budget_messages;
    g->budget_ns = o->budget_ns;
    g->meta_size = (uint32_t)o->description_size; /* not above the limit: sr__options_check */
    g->first_sequence = o->first_sequence;
    g->checksums = (o->flags & SLOTRING_CHECKSUMS) != 0;
    g->page_aligned = (o->flags & SLOTRING_PAGE_ALIGNED) != 0;
    g->hot = (o->flags & SLOTRING_HOT_SLOTS) != 0;
}

/* In milliseconds; 0: for ever. */
static uint32_t absence_of(const slotring_options_t *options)
{
    if (options->absence_ns == SLOTRING_FOR_EVER)
        return 0;
    uint64_t ns = options->absence_ns ? options->absence_ns : SLOTRING_DEFAULT_ABSENCE_NS;
    return (uint32_t)((ns + 999999) / 1000000); /* not above the limit: sr__options_check */
}

static uint32_t numa_node_of(const slotring_options_t *options)
{
    return options->flags & SLOTRING_ON_NUMA_NODE ? options->numa_node : SLOTRING_NO_NUMA_NODE;
}

static int check_numa_node(const sr__backend_t *os, const slotring_options_t *options,
                           slotring_error_t *error)
{
    if (!(options->flags & SLOTRING_ON_NUMA_NODE) || (os->capabilities & SLOTRING_CAN_BIND_MEMORY))
        return 0;
    return sr__fail(error, SLOTRING_E_UNSUPPORTED, 0,
                    "numa_node is %" PRIu32
                    ": backend \"%s\" of this build cannot bind memory to a NUMA node; it takes "
                    "memory where the system gives it",
                    options->numa_node, os->name);
}

/* Only where a process can say whether it is in a group. */
static int check_lossless_group(const sr__backend_t *os, const char *name, const slotring_options_t *options,
                                slotring_error_t *error)
{
    if (options->lossless_for != SLOTRING_LOSSLESS_FOR_GROUP)
        return 0;
    int code = os->system.in_group((uint32_t)options->lossless_group);
    if (code == SLOTRING_E_UNSUPPORTED)
        return sr__fail(error, code, 0,
                        "lossless_group of ring \"%s\" is %" PRIu64
                        ": groups have no numbers on this system, so no ring can be lossless for one; use "
                        "SLOTRING_LOSSLESS_FOR_OWNER",
                        name, options->lossless_group);
    if (code >= 0)
        return 0;
    return sr__fail(error, code, 0,
                    "ring \"%s\": the system does not say whether this process is in group %" PRIu64 ": %s",
                    name, options->lossless_group, slotring_strerror(code));
}

static int make_segment(slotring_t *ring, const char *name, const slotring_options_t *options,
                        sr__header_t *header, slotring_error_t *error)
{
    const sr__backend_t *os = ring->member.os;
    sr__geometry_t geometry;
    geometry_from(options, &geometry);
    int failed = check_numa_node(os, options, error);
    if (!failed)
        failed = check_lossless_group(os, name, options, error);
    if (!failed)
        failed = sr__layout_plan(&geometry, os->system.page_size(), header, error);
    if (!failed)
        failed = sr__address_space_check(name, header->segment_size, error);
    if (failed)
        return failed;
    failed = os->system.random(header->ring_id, sizeof header->ring_id);
    if (failed)
        return sr__fail(error, failed, 0, "no random bytes for the id of ring \"%s\": %s", name,
                        slotring_strerror(failed));
    memcpy(header->lineage_id, sr__has_lineage(options) ? options->lineage_id : header->ring_id,
           sizeof header->lineage_id);
    os->system.boot_id(header->boot_id);
    header->backend = os->kind;
    snprintf(header->name, sizeof header->name, "%s", name);
    sr__self_t self;
    os->system.self(&self);
    header->owner = self.uid;
    header->meta_hash = sr__hash(SR__HASH_START, options->description, header->meta_size);
    header->numa_node = numa_node_of(options) + 1; /* none is the highest number */
    header->absence_ms = absence_of(options);
    header->created_ns = os->system.clock_ns();
    sr__segment_config_t config = {.size = header->segment_size,
                                   .access = options->access,
                                   .group = options->group,
                                   .numa_node = numa_node_of(options)};
    memcpy(config.ring_id, header->ring_id, sizeof config.ring_id);
    return os->segments.create(ring->place, &config, sr__map_flags(options->flags), &ring->member.segment,
                               error);
}

static void initialise(slotring_t *ring, sr__header_t *header, const slotring_options_t *options)
{
    uint8_t *memory = ring->member.os->segments.memory(ring->member.segment);
    sr__view_bind(&ring->member.view, header, memory, true);
    if (header->meta_size > 0)
        memcpy(ring->member.view.meta, options->description, header->meta_size);
    ring->member.os->segments.leave_out(ring->member.segment, sr__layout_constant_size(header));
    sr__bitmap_fill(sr__free_map_of(&ring->member.view)); /* zero is FREE: only the free map has to say so */
    atomic_store_explicit(&ring->member.view.state->state, SR__LIVE, memory_order_relaxed);
}

/* Page 0 is written when the lock file is known, and never again. */
static void stamp(slotring_t *ring, sr__header_t *header)
{
    static const uint8_t zero[SR__PAGE];
    uint8_t page[SR__PAGE];
    sr__identity_t identity = ring->member.os->locks.identity(ring->member.locks);
    header->lock_device = identity.device;
    header->lock_object = identity.object;
    memcpy(page, zero, sizeof page);
    memcpy(page, header, sizeof *header);
    header->checksum = sr__layout_checksum(page);
    memcpy(page, header, sizeof *header);
    memcpy(ring->member.os->segments.memory(ring->member.segment), page, sizeof page);
    ring->member.view.header = *header;
}

/* The process mutex is held and the lock file has its name. */
static int take_name(slotring_t *ring, const char *name, sr__header_t *header,
                     const slotring_options_t *options, slotring_error_t *error)
{
    const sr__backend_t *os = ring->member.os;
    if (os->segments.exists(ring->place))
        return sr__fail(error, SLOTRING_E_EXISTS, 0, "ring \"%s\" exists already", name);
    stamp(ring, header);
    int failed = sr__participant_take(ring, options, error);
    if (!failed)
        failed = os->segments.link(ring->place, ring->member.segment, error);
    if (failed && !os->segments.exists(ring->place))
        os->locks.unlink(ring->place, NULL);
    /* While this process was stopped, somebody may have removed the name by force, and so without the process mutex. */
    if (!failed && !os->locks.are_named(ring->place, ring->member.locks)) {
        os->segments.unlink(ring->place, NULL);
        failed =
            sr__fail(error, SLOTRING_E_BUSY, 0, "ring \"%s\" was removed by force while it was made", name);
    }
    return failed;
}

int sr__ring_create(slotring_t *ring, const char *name, const slotring_options_t *options, uint32_t *attempts,
                    slotring_error_t *error)
{
    const sr__backend_t *os = ring->member.os;
    if (os->segments.exists(ring->place)) /* a quick answer, before memory is committed for nothing */
        return sr__fail(error, SLOTRING_E_EXISTS, 0, "ring \"%s\" exists already", name);
    sr__header_t header;
    int failed = make_segment(ring, name, options, &header, error);
    if (failed)
        return failed;
    initialise(ring, &header, options);
    sr__segment_config_t rights = {.access = options->access, .group = options->group};
    while ((*attempts)++ < SR__ATTEMPTS) {
        failed = os->locks.open(ring->place, true, &rights, &ring->member.locks, error);
        if (failed)
            return failed;
        failed = sr__mutex_lock(ring, ring->lock_timeout_ns, error);
        if (failed)
            return failed;
        if (os->locks.are_named(ring->place, ring->member.locks)) {
            failed = take_name(ring, name, &header, options, error);
            sr__mutex_unlock(ring);
            return failed;
        }
        sr__mutex_unlock(
            ring); /* somebody removed a ring of this name meanwhile: its lock file is a new one */
        os->locks.close(ring->member.locks);
        ring->member.locks = NULL;
    }
    return sr__fail(error, SLOTRING_E_BUSY, 0, "ring \"%s\" is removed and made again all the time", name);
}
