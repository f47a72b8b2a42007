/* SPDX-License-Identifier: Apache-2.0 */
/* The rings of this host, each looked at from outside: a damaged or foreign one is listed with the reason. */
#include <stdio.h>
#include <string.h>

#include "inspect/blocks.h"
#include "members/make.h"
#include "members/names.h"
#include "members/opening.h"
#include "members/options.h"
#include "members/unlink.h"
#include "members/unused.h"
#include "protocol/gate.h"
#include "protocol/snapshot.h"
#include "protocol/there.h"

typedef struct listing {
    const slotring_options_t *options;
    slotring_list_entry_t *list;
    uint32_t capacity, count;
} listing_t;

static void count_durable(const sr__view_t *view, slotring_list_entry_t *entry)
{
    for (uint32_t r = 0; r < sr__subscriptions_high(view); r++) {
        uint64_t word = sr__load(&view->subscriptions[r].state);
        if (sr__subscription_state(word) != SR__SUBSCRIPTION_ACTIVE ||
            !(sr__subscription_flags(word) & SR__SUBSCRIPTION_DURABLE))
            continue;
        entry->durable++;
        entry->durable_left += !sr__somebody_has(view, r, word);
    }
}

static void look_inside(slotring_t *ring, const char *name, slotring_list_entry_t *entry)
{
    const sr__backend_t *os = ring->member.os;
    entry->status = os->segments.open(ring->place, false, &ring->member.segment, NULL);
    if (entry->status)
        return;
    entry->owner = os->segments.owner(ring->member.segment);
    entry->segment_size = os->segments.size(ring->member.segment);
    os->segments.close(ring->member.segment);
    ring->member.segment = NULL;
    entry->status = sr__ring_observe(ring, name, NULL);
    if (!entry->status)
        entry->status = sr__snapshot_renew(&ring->member, SR__NEED_PARTICIPANTS | SR__NEED_SUBSCRIPTIONS |
                                                              SR__NEED_WRITERS | SR__NEED_END);
    sr__written_t written = {0};
    if (!entry->status)
        entry->status = sr__count_written(&ring->member, &written);
    if (entry->status)
        return;
    entry->records = written.records;
    entry->created_ns = ring->member.view.header.created_ns;
    entry->slot_count = ring->member.view.slot_count;
    entry->slot_size = ring->member.view.slot_size;
    entry->published = sr__published_end(&ring->member.view);
    entry->remove_when_unused = sr__remove_is_ordered(&ring->member.view);
    entry->unused = sr__is_unused(ring);
    entry->participants = 0;
    for (uint32_t p = 0; p < sr__participants_high(&ring->member.view); p++)
        entry->participants += sr__is_attached(&ring->member.view, p);
    count_durable(&ring->member.view, entry);
}

/* Nobody can join a ring whose lock file is gone or another one. */
static void look_at_lock(slotring_t *ring, slotring_list_entry_t *entry)
{
    uint32_t names = sr__names_look(ring);
    if (names & SR__SEGMENT_GONE) /* just removed */
        return;
    entry->lock_file = (names & SR__LOCK_GONE)    ? SLOTRING_LOCK_FILE_MISSING
                       : (names & SR__LOCK_OTHER) ? SLOTRING_LOCK_FILE_OTHER
                                                  : SLOTRING_LOCK_FILE_THERE;
    if (entry->lock_file != SLOTRING_LOCK_FILE_THERE)
        entry->status = SLOTRING_E_CORRUPT;
}

static int found(void *user, const char *name)
{
    listing_t *listing = user;
    if (sr__name_check(name, NULL) != 0)
        return 0; /* no ring can have this name */
    if (listing->count < listing->capacity) {
        slotring_list_entry_t *entry = &listing->list[listing->count];
        memset(entry, 0, sizeof *entry);
        snprintf(entry->name, sizeof entry->name, "%s", name);
        entry->participants = UINT32_MAX;
        slotring_t *ring = sr__ring_make(listing->options, name, NULL, &entry->status);
        if (ring) {
            ring->member.observer = true;
            snprintf(entry->backend, sizeof entry->backend, "%s", ring->member.os->name);
            look_inside(ring, name, entry);
            if (!entry->status)
                look_at_lock(ring, entry);
            sr__ring_free(ring);
        }
    }
    listing->count++;
    return 0;
}

static int list_rings(const slotring_options_t *given, slotring_list_entry_t *list, uint32_t capacity,
                      uint32_t *count, slotring_error_t *error)
{
    if (error)
        memset(error, 0, sizeof *error);
    if (!count || (!list && capacity > 0))
        return sr__fail(error, SLOTRING_E_INVALID, 0, "count is NULL, or list is NULL with a capacity");
    *count = 0;
    slotring_options_t options;
    int failed = sr__options_check(given, &options, error);
    slotring_t *ring = failed ? NULL : sr__ring_make(&options, NULL, error, &failed);
    if (!ring)
        return failed;
    listing_t listing = {&options, list, capacity, 0};
    failed = ring->member.os->names.list(ring->place, found, &listing, error);
    *count = listing.count;
    sr__ring_free(ring);
    if (!failed && error)
        memset(error, 0, sizeof *error);
    return failed;
}

int slotring_list(const slotring_options_t *given, slotring_list_entry_t *list, uint32_t capacity,
                  uint32_t *count, slotring_error_t *error)
{
    sr__cancel_point();
    return SR__UNCANCELLED(list_rings(given, list, capacity, count, error));
}
