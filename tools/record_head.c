/* SPDX-License-Identifier: Apache-2.0 */
/* The head of a file of a recording: places, schemas and channels. */
#include "record_files.h"
#include "slotring/slotring.h"

static const char order_schema[] = "Little-endian entries of 64 bytes: u64 sequence, tag, time_ns, number, "
                                   "length, producer_incarnation; u32 slot, "
                                   "ticket_flags; u16 producer, writer, entry_kind, message_kind. "
                                   "entry_kind: 1 message, 2 gap, 3 gap of a writer, 4 "
                                   "mark.";
static const char event_schema[] = "{\"type\":\"object\"}";

static int write_schema(recording_t *recording, uint16_t id, const char *name, const char *encoding,
                        const char *text)
{
    bytes_t work = {0};
    size_t record = mcap_begin(&work, MCAP_OP_SCHEMA);
    int error;
    bytes_u16(&work, id);
    bytes_text(&work, name);
    bytes_text(&work, encoding);
    bytes_text(&work, text);
    mcap_end_record(&work, record);
    while ((error = mcap_write_schema(&recording->out, &work)) != 0 && recording_made_room(recording, error))
        continue;
    bytes_free(&work);
    return error;
}

int recording_write_schemas(recording_t *recording)
{
    uint32_t there = recording->out.notes.schema_count;
    int error = 0;
    if (there < 1)
        error = write_schema(recording, 1, "slotring.order", "text", order_schema);
    if (there < 2 && error == 0)
        error = write_schema(recording, 2, "slotring.event", "jsonschema", event_schema);
    return error;
}

/* That of the messages comes last: where it is, the others are. */
int recording_write_channels(recording_t *recording, const source_t *source)
{
    bytes_t records[MCAP_CHUNK_CHANNELS] = {0};
    int error = source_channels(source, records) ? 0 : MCAP_NO_MEMORY;
    for (int i = MCAP_CHUNK_CHANNELS - 1; i >= 0; i--) {
        while (error == 0 && (error = mcap_write_channel(&recording->out, &records[i])) != 0 &&
               recording_made_room(recording, error))
            error = 0;
        bytes_free(&records[i]);
    }
    return error;
}

/* Magic, header, and how far the files before are in each ring: one write, so a kill leaves all of it or a file that is begun anew. */
int recording_write_head(recording_t *recording)
{
    bytes_t places = {0};
    int error = 0;
    for (uint32_t i = 0; i < recording->source_count; i++)
        if (recording->sources[i].written.begun)
            place_put(&places, &recording->sources[i].written);
    if (places.failed)
        error = MCAP_NO_MEMORY;
    while (error == 0 &&
           (error = mcap_write_head(&recording->out, RECORD_LIBRARY SLOTRING_VERSION_STRING, RECORD_PLACES,
                                    &places)) != 0 &&
           recording_made_room(recording, error))
        error = 0;
    bytes_free(&places);
    if (error == 0)
        error = recording_write_schemas(recording);
    for (uint32_t i = 0; i < recording->source_count && error == 0; i++)
        error = recording_write_channels(recording, &recording->sources[i]);
    return error;
}
