/* SPDX-License-Identifier: Apache-2.0 */
#include "bridge_here.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "exit_codes.h"
#include "list.h"

static uint64_t next_number(slotring_t *ring)
{
    slotring_stats_t stats = {.struct_size = sizeof stats};
    uint64_t number;
    if (slotring_get_stats(ring, &stats) != 0)
        return 0;
    return slotring_number_of(ring, stats.published, &number) == 0 ? number : stats.published;
}

static void begin(bridge_end_t *end, const char *name, slotring_t *ring)
{
    *end = (bridge_end_t){.is_there = true, .number = next_number(ring)};
    snprintf(end->ring, sizeof end->ring, "%s", name);
}

/* A sender that is not lossless has no durable subscription. */
static void look_for_source(const char *log, const char *name, slotring_t *ring, bridge_end_t *source)
{
    char wanted[SLOTRING_CLIENT_NAME_MAX + 1];
    slotring_reader_info_t *readers;
    uint32_t count;
    snprintf(wanted, sizeof wanted, "bridge %s", log); /* as the sender calls its subscription */
    if (!ring_readers(ring, &readers, &count))
        return;
    for (uint32_t i = 0; i < count; i++) {
        const slotring_reader_info_t *r = &readers[i];
        if ((!r->durable && r->mode == SLOTRING_LOSSLESS) || r->group != 0 || strcmp(r->name, wanted) != 0)
            continue;
        begin(source, name, ring);
        source->is_manned = r->left_ns == 0 && r->life != SLOTRING_LIFE_DEAD;
        source->pid = r->pid;
        source->life = r->life;
        source->to_send = r->lag;
    }
    free(readers);
}

/* Of the readers that producers wait for, the one that is furthest behind. */
static void look_for_slowest(slotring_t *ring, bridge_end_t *target)
{
    slotring_reader_info_t *readers;
    uint32_t count;
    if (!ring_readers(ring, &readers, &count))
        return;
    for (uint32_t i = 0; i < count; i++)
        if (readers[i].mode != SLOTRING_LOSSY && readers[i].lag > target->reader_lag) {
            target->reader_lag = readers[i].lag;
            snprintf(target->reader, sizeof target->reader, "%s", readers[i].name);
        }
    free(readers);
}

static void look_for_target(const char *log, const char *name, slotring_t *ring, bridge_end_t *target)
{
    char wanted[SLOTRING_CLIENT_NAME_MAX + 1];
    slotring_participant_t *all;
    uint32_t count;
    snprintf(wanted, sizeof wanted, "bridge receive %s", log);
    if (!ring_participants(ring, &all, &count))
        return;
    for (uint32_t i = 0; i < count; i++) {
        if (all[i].proxy || strcmp(all[i].name, wanted) != 0)
            continue;
        begin(target, name, ring);
        target->is_manned = all[i].life != SLOTRING_LIFE_DEAD;
        target->pid = all[i].pid;
        target->life = all[i].life;
    }
    for (uint32_t i = 0; target->is_there && i < count; i++) /* its proxies wait for slots */
        if (all[i].pid == target->pid && all[i].blocked_ns > target->blocked_ns)
            target->blocked_ns = all[i].blocked_ns;
    if (target->is_there && strcmp(target->ring, name) == 0)
        look_for_slowest(ring, target);
    free(all);
}

int bridge_look_here(const char *log, const slotring_options_t *place, bridge_here_t *here)
{
    slotring_list_entry_t *list;
    slotring_options_t options = *place;
    uint32_t count;
    *here = (bridge_here_t){0};
    int code = list_fetch(place, &list, &count);
    if (code != EXIT_DONE)
        return code;
    options.mode = SLOTRING_OBSERVE;
    for (uint32_t i = 0; i < count; i++) {
        slotring_t *ring;
        if (list[i].status != SLOTRING_OK || slotring_open(&ring, list[i].name, &options, NULL) != 0)
            continue; /* it is not this user's, or has gone */
        if (!here->source.is_there)
            look_for_source(log, list[i].name, ring, &here->source);
        if (!here->target.is_there)
            look_for_target(log, list[i].name, ring, &here->target);
        slotring_close(ring);
    }
    free(list);
    return EXIT_DONE;
}
