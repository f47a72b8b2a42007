/* SPDX-License-Identifier: Apache-2.0 */
#include "cost.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "output.h"

static void note_durable(cost_t *cost, const slotring_reader_info_t *readers, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!readers[i].durable || readers[i].lag <= cost->unread)
            continue;
        cost->unread = readers[i].lag;
        out_safe_name(readers[i].name, sizeof cost->durable, cost->durable);
    }
}

static bool look(slotring_t *ring, cost_t *cost)
{
    slotring_info_t info = {.struct_size = sizeof info};
    slotring_stats_t stats = {.struct_size = sizeof stats};
    slotring_reader_info_t *readers;
    uint32_t count;
    if (slotring_info(ring, &info) < 0 || slotring_get_stats(ring, &stats) < 0 ||
        !ring_readers(ring, &readers, &count))
        return false;
    cost->messages = stats.slots_ready + stats.slots_held;
    cost->at_least = stats.records > 0;
    cost->keeps = info.when_full == SLOTRING_KEEP;
    note_durable(cost, readers, count);
    free(readers);
    return true;
}

bool cost_of(const slotring_options_t *place, const char *name, cost_t *cost)
{
    slotring_options_t options = *place;
    slotring_t *ring;
    *cost = (cost_t){0};
    options.mode = SLOTRING_OBSERVE;
    if (slotring_open(&ring, name, &options, NULL) < 0)
        return false;
    bool known = look(ring, cost);
    slotring_close(ring);
    return known;
}

void cost_text(const cost_t *cost, char *text, size_t size)
{
    size_t length;
    text[0] = '\0';
    if (cost->messages == 0)
        return;
    snprintf(text, size, "%s%" PRIu64 " message%s in it %s lost%s", cost->at_least ? "at least " : "",
             cost->messages, cost->messages == 1 ? "" : "s", cost->messages == 1 ? "is" : "are",
             cost->keeps ? ", which nobody has freed" : "");
    length = strlen(text);
    if (cost->durable[0])
        snprintf(text + length, size - length, "; \"%s\" has not read %" PRIu64 " of them", cost->durable,
                 cost->unread);
}

uint64_t cost_of_subscription(slotring_t *ring, const char *subscription)
{
    slotring_reader_info_t *readers;
    uint64_t lag = UINT64_MAX;
    uint32_t count;
    if (!ring_readers(ring, &readers, &count))
        return lag;
    for (uint32_t i = 0; i < count; i++)
        if (readers[i].durable && strcmp(readers[i].name, subscription) == 0)
            lag = readers[i].lag;
    free(readers);
    return lag;
}
