/* SPDX-License-Identifier: Apache-2.0 */
/* Creating a ring: the segment is made nameless and complete, its creator is a participant already, and then it gets
 * its name in one step under the process mutex. A kill before that leaves at most an empty lock file, which the next
 * create, list or unlink of the name adopts or removes.
 */
#include <stdio.h>
#include <string.h>

#include "layout/plan.h"
#include "members/opening.h"
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
    g->when_full = o->when_full ? o->when_full : SLOTRING_OVERWRITE;
    g->time_stamps = o->time_stamps ? o->time_stamps : SLOTRING_TIME_NONE;
    g->access = o->access;
    g->page_aligned = (o->flags & SLOTRING_PAGE_ALIGNED) != 0;
}

static int make_segment(slotring_t *ring, const char *name, const slotring_options_t *options,
                        sr__header_t *header, slotring_error_t *error)
{
    const sr__backend_t *os = ring->member.os;
    sr__geometry_t geometry;
    geometry_from(options, &geometry);
    int failed = sr__layout_plan(&geometry, os->system.page_size(), header, error);
    if (!failed)
        failed = sr__address_space_check(name, header->segment_size, error);
    if (failed)
        return failed;
    failed = os->system.random(header->ring_id, sizeof header->ring_id);
    if (failed)
        return sr__fail(error, failed, 0, "no random bytes for the id of ring \"%s\": %s", name,
                        slotring_strerror(failed));
    memcpy(header->lineage_id, header->ring_id, sizeof header->lineage_id);
    os->system.boot_id(header->boot_id);
    header->backend = os->kind;
    snprintf(header->name, sizeof header->name, "%s", name);
    sr__self_t self;
    os->system.self(&self);
    header->owner = self.uid;
    sr__segment_config_t config = {
        .size = header->segment_size, .access = options->access, .group = options->group};
    memcpy(config.ring_id, header->ring_id, sizeof config.ring_id);
    return os->segments.create(ring->place, &config, sr__map_flags(options->flags), &ring->member.segment,
                               error);
}

static void initialise(slotring_t *ring, sr__header_t *header)
{
    uint8_t *memory = ring->member.os->segments.memory(ring->member.segment);
    sr__view_bind(&ring->member.view, header, memory, true);
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
    initialise(ring, &header);
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
