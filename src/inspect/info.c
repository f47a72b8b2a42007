/* SPDX-License-Identifier: Apache-2.0 */
/* What a ring is like: everything that does not change while it lives. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/structs.h"
#include "layout/plan.h"
#include "members/enter.h"
#include "members/names.h"
#include "members/unlink.h"
#include "members/unused.h"
#include "protocol/snapshot.h"
#include "protocol/sum.h"

static uint32_t granted(slotring_t *ring)
{
    uint32_t got = ring->member.os->segments.granted(ring->member.segment);
    return ((got & SR__MAP_PREFAULT) ? SLOTRING_PREFAULT : 0u) |
           ((got & SR__MAP_HUGE_PAGES) ? SLOTRING_HUGE_PAGES : 0u) |
           ((got & SR__MAP_LOCK) ? SLOTRING_LOCK_MEMORY : 0u);
}

static int fill_info(slotring_t *ring, slotring_info_t *info)
{
    int failed = sr__enter_any(ring, SR__NEED_STATE);
    if (failed)
        return failed;
    failed = !info ? sr__error(SLOTRING_E_INVALID, "info is NULL")
                   : sr__struct_check("info has", info->struct_size, offsetof(slotring_info_t, reserved),
                                      sizeof *info, NULL);
    if (failed)
        return sr__leave_any(ring, failed);
    const sr__view_t *view = &ring->member.view;
    const sr__header_t *h = &view->header;
    slotring_info_t i = {0};
    memcpy(i.ring_id, h->ring_id, sizeof i.ring_id);
    i.slot_count = h->slot_count;
    i.slot_size = h->slot_size;
    i.slot_stride = view->payload_stride;
    i.total_size = i.slot_count * i.slot_size;
    i.segment_size = h->segment_size;
    i.payload = view->payload;
    i.payload_size = view->payload_stride * h->slot_count;
    i.payload_offset = sr__layout_control_size(h);
    i.bytes_per_slot = (i.payload_offset + h->slot_count - 1) / h->slot_count;
    i.order_length = view->order_mask + 1;
    i.max_participants = h->participants;
    i.max_readers = h->readers;
    i.max_writers = h->writers;
    i.description_size = h->meta_size;
    i.when_full = h->when_full;
    i.time_stamps = h->time_stamps;
    i.access = h->access;
    i.lossless_for = sr__has_lossless_group(h) ? SLOTRING_LOSSLESS_FOR_GROUP : h->lossless_for;
    i.lossless_group = h->lossless_group;
    i.budget_messages = sr__budget_messages(h->largest_budget);
    i.budget_ns = sr__budget_ms(h->largest_budget) * UINT64_C(1000000);
    i.hot_slots = view->hot;
    i.layout_version = h->layout_version;
    i.granted = ring->member.observer ? 0 : granted(ring);
    i.capabilities = ring->member.os->capabilities;
    i.participant = ring->member.me;
    i.max_holds = h->holds;
    i.max_groups = view->group_count;
    i.absence_ns = h->absence_ms == 0 ? SLOTRING_FOR_EVER : h->absence_ms * UINT64_C(1000000);
    i.numa_node = h->numa_node - 1; /* 0 stands for none, which is the highest number here */
    i.memory_node =
        ring->member.observer ? SLOTRING_NO_NUMA_NODE : ring->member.os->segments.node(ring->member.segment);
    i.checksums = sr__has_sums(view);
    memcpy(i.lineage_id, h->lineage_id, sizeof i.lineage_id);
    i.first_sequence = h->first_sequence;
    i.owner = ring->member.os->segments.owner(ring->member.segment);
    i.created_ns = h->created_ns;
    i.removed = sr__ring_is_removed(ring);
    i.remove_when_unused = sr__remove_is_ordered(view);
    i.unused = sr__is_unused(ring);
    snprintf(i.name, sizeof i.name, "%s", h->name);
    snprintf(i.backend, sizeof i.backend, "%s", ring->member.os->name);
    sr__struct_give(info, &i, sizeof i);
    return sr__leave_any(ring, 0);
}

int slotring_info(slotring_t *ring, slotring_info_t *info)
{
    return SR__UNCANCELLED(fill_info(ring, info));
}
