/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics_rings.h"

#include <stdio.h>
#include <stdlib.h>

/* How many there are changes while one looks. A list that has grown meanwhile is cut: the next look has all of it. */
static bool read_lists(slotring_t *ring, metrics_ring_t *one)
{
    uint32_t readers = 0, participants = 0;
    slotring_readers(ring, NULL, 0, &readers);
    slotring_participants(ring, NULL, 0, &participants);
    one->readers = calloc(readers + 1, sizeof *one->readers);
    one->participants = calloc(participants + 1, sizeof *one->participants);
    if (!one->readers || !one->participants)
        return false;
    if (slotring_readers(ring, one->readers, readers, &one->reader_count) < 0)
        one->reader_count = 0;
    if (slotring_participants(ring, one->participants, participants, &one->participant_count) < 0)
        one->participant_count = 0;
    if (one->reader_count > readers)
        one->reader_count = readers;
    if (one->participant_count > participants)
        one->participant_count = participants;
    return true;
}

static bool look_at(const metrics_wanted_t *wanted, const char *name, metrics_ring_t *one)
{
    slotring_options_t options = wanted->options;
    slotring_t *ring;
    bool enough = true;
    *one = (metrics_ring_t){.info = {.struct_size = sizeof one->info},
                            .stats = {.struct_size = sizeof one->stats}};
    snprintf(one->name, sizeof one->name, "%s", name);
    options.mode = SLOTRING_OBSERVE;
    one->status = slotring_open(&ring, name, &options, NULL);
    if (one->status != 0)
        return true;
    one->status = slotring_info(ring, &one->info);
    if (one->status == 0)
        one->status = slotring_get_stats(ring, &one->stats);
    if (one->status == 0)
        enough = read_lists(ring, one);
    slotring_close(ring);
    return enough;
}

static bool look_at_named(const metrics_wanted_t *wanted, metrics_rings_t *rings)
{
    uint32_t count = 0;
    while (wanted->names[count])
        count++;
    rings->list = calloc(count, sizeof *rings->list);
    for (; rings->list && rings->count < count; rings->count++)
        if (!look_at(wanted, wanted->names[rings->count], &rings->list[rings->count]))
            return false;
    return rings->list != NULL;
}

/* One that was removed between the list and the look is none. */
static bool look_at_all(const metrics_wanted_t *wanted, metrics_rings_t *rings)
{
    slotring_list_entry_t *list = NULL;
    uint32_t there = 0, capacity = 0;
    rings->status = slotring_list(&wanted->options, NULL, 0, &capacity, NULL);
    if (rings->status != 0 || capacity == 0)
        return true;
    list = calloc(capacity, sizeof *list);
    rings->list = calloc(capacity, sizeof *rings->list);
    bool enough = list && rings->list;
    if (enough)
        rings->status = slotring_list(&wanted->options, list, capacity, &there, NULL);
    for (uint32_t i = 0; enough && rings->status == 0 && i < there && i < capacity; i++) {
        metrics_ring_t *one = &rings->list[rings->count];
        enough = look_at(wanted, list[i].name, one);
        if (one->status != SLOTRING_E_NOT_FOUND)
            rings->count++;
    }
    free(list);
    return enough;
}

bool metrics_look(const metrics_wanted_t *wanted, metrics_rings_t *rings)
{
    *rings = (metrics_rings_t){0};
    bool enough =
        wanted->names && wanted->names[0] ? look_at_named(wanted, rings) : look_at_all(wanted, rings);
    if (!enough)
        metrics_forget(rings);
    return enough;
}

void metrics_forget(metrics_rings_t *rings)
{
    for (uint32_t i = 0; i < rings->count; i++) {
        free(rings->list[i].readers);
        free(rings->list[i].participants);
    }
    free(rings->list);
    *rings = (metrics_rings_t){0};
}
