/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of one ring that become one chunk of a recording. */
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "record.h"

void batch_free(batch_t *batch)
{
    bytes_free(&batch->entries);
    bytes_free(&batch->records);
    bytes_free(&batch->messages);
    bytes_free(&batch->order);
    bytes_free(&batch->events);
}

bool batch_is_empty(const batch_t *batch)
{
    return batch->first_time == 0;
}

static void note_time(batch_t *batch, uint64_t log_time)
{
    if (batch->first_time == 0) {
        batch->first_time = log_time;
        batch->begun_ns = host_clock_ns();
    }
    batch->last_time = log_time;
}

static void note_place(bytes_t *index, uint64_t log_time, uint64_t place)
{
    bytes_u64(index, log_time);
    bytes_u64(index, place);
}

void batch_entry(batch_t *batch, const order_entry_t *entry, uint64_t log_time)
{
    note_time(batch, log_time);
    order_put(&batch->entries, entry);
}

void batch_message(batch_t *batch, uint16_t channel, const order_entry_t *entry, uint64_t log_time,
                   uint64_t publish_time, uint64_t size)
{
    bool is_record = entry->message_kind == SLOTRING_KIND_RECORD;
    batch_entry(batch, entry, log_time);
    note_place(&batch->messages, log_time, batch->records.size);
    mcap_message(&batch->records, channel, (uint32_t)(is_record ? entry->number : entry->sequence), log_time,
                 publish_time, size);
}

void batch_event(batch_t *batch, uint16_t channel, json_t *event, uint64_t log_time)
{
    char *text = event ? json_dumps(event, JSON_COMPACT) : NULL;
    json_decref(event);
    if (!text) {
        batch->records.failed = true;
        return;
    }
    note_time(batch, log_time);
    note_place(&batch->events, log_time, batch->records.size);
    mcap_message(&batch->records, channel, 0, log_time, log_time, strlen(text));
    bytes_put(&batch->records, text, strlen(text));
    free(text);
}
