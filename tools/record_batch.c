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
    free(batch->inserts);
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

uint64_t batch_size(const batch_t *batch)
{
    return batch->records.size + batch->inserted + batch->entries.size;
}

void batch_insert(batch_t *batch, const void *data, uint64_t size)
{
    if (batch->insert_count == batch->insert_room) {
        size_t room = batch->insert_room ? 2 * batch->insert_room : 16;
        batch_insert_t *larger = realloc(batch->inserts, room * sizeof *larger);
        if (!larger) {
            batch->records.failed = true;
            return;
        }
        batch->inserts = larger;
        batch->insert_room = room;
    }
    batch->inserts[batch->insert_count++] = (batch_insert_t){batch->records.size, data, size};
    batch->inserted += size;
}

size_t batch_parts(const batch_t *batch, host_part_t *parts)
{
    const bytes_t *records = &batch->records;
    size_t count = 0, from = 0;
    for (size_t i = 0; i < batch->insert_count; i++) {
        const batch_insert_t *insert = &batch->inserts[i];
        if (insert->at > from)
            parts[count++] = (host_part_t){records->data + from, insert->at - from};
        parts[count++] = (host_part_t){insert->data, insert->size};
        from = insert->at;
    }
    if (records->size > from)
        parts[count++] = (host_part_t){records->data + from, records->size - from};
    return count;
}

void batch_empty(batch_t *batch)
{
    batch->entries.size = batch->records.size = batch->messages.size = batch->order.size =
        batch->events.size = 0;
    batch->insert_count = 0;
    batch->inserted = 0;
    batch->first_time = 0;
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
    note_place(&batch->messages, log_time, batch->records.size + batch->inserted);
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
    note_place(&batch->events, log_time, batch->records.size + batch->inserted);
    mcap_message(&batch->records, channel, 0, log_time, log_time, strlen(text));
    bytes_put(&batch->records, text, strlen(text));
    free(text);
}
