/* SPDX-License-Identifier: Apache-2.0 */
#include "record_skim.h"

#include <stdlib.h>
#include <string.h>

#include "host_disk.h"

#define SMALL_RECORD ((uint64_t)1 << 24) /* a schema, a channel, metadata: larger ones are not ours */

/* ---- Rings ---------------------------------------------------------------------------------------- */

known_ring_t *skim_ring(const skim_t *skim, const uint8_t id[16])
{
    for (uint32_t i = 0; i < skim->ring_count; i++)
        if (!memcmp(skim->rings[i].place.ring_id, id, 16))
            return &skim->rings[i];
    return NULL;
}

known_ring_t *skim_channel(const skim_t *skim, uint16_t channel, uint16_t *which)
{
    for (uint32_t i = 0; i < skim->ring_count; i++)
        if (skim->rings[i].channel > 0 && channel >= skim->rings[i].channel &&
            channel - skim->rings[i].channel < MCAP_CHUNK_CHANNELS) {
            *which = (uint16_t)(channel - skim->rings[i].channel);
            return &skim->rings[i];
        }
    return NULL;
}

uint64_t skim_messages(const skim_t *skim)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < skim->ring_count; i++)
        count += mcap_notes_messages(&skim->notes, skim->rings[i].channel);
    return count;
}

/* The ring with this id, known from now on; NULL: no memory, or not an id. */
static known_ring_t *know_ring(skim_t *skim, const char *id)
{
    uint8_t bytes[16];
    if (!id || !ring_id_read(id, bytes))
        return NULL;
    known_ring_t *ring = skim_ring(skim, bytes);
    if (ring)
        return ring;
    known_ring_t *larger = realloc(skim->rings, (skim->ring_count + 1) * sizeof *larger);
    if (!larger)
        return NULL;
    skim->rings = larger;
    ring = &larger[skim->ring_count++];
    *ring = (known_ring_t){0};
    memcpy(ring->place.ring_id, bytes, 16);
    return ring;
}

/* ---- Records -------------------------------------------------------------------------------------- */

/* They return false where the file is not a recording of this program. */

static bool take_header(const unsigned char *at, size_t left)
{
    char *profile = window_text(&at, &left), *library = profile ? window_text(&at, &left) : NULL;
    bool good = library && !strncmp(library, RECORD_LIBRARY, strlen(RECORD_LIBRARY));
    free(profile);
    free(library);
    return good;
}

static bool note_metadata(skim_t *skim, uint64_t offset, uint64_t length)
{
    bytes_t *index = &skim->notes.metadata;
    size_t record = mcap_begin(index, MCAP_OP_METADATA_INDEX);
    bytes_u64(index, offset);
    bytes_u64(index, length);
    bytes_text(index, RECORD_PLACES);
    mcap_end_record(index, record);
    skim->notes.metadata_count++;
    return !index->failed;
}

static bool take_places(skim_t *skim, const unsigned char *at, size_t left, uint64_t offset)
{
    uint64_t length = MCAP_RECORD + left;
    char *name = window_text(&at, &left);
    json_t *map = name && !strcmp(name, RECORD_PLACES) ? window_map(&at, &left) : NULL;
    bool good = map && note_metadata(skim, offset, length);
    const char *id;
    json_t *text;
    json_object_foreach(map, id, text)
    {
        known_ring_t *ring = good ? know_ring(skim, id) : NULL;
        good = ring && place_get(&ring->place, id, json_string_value(text));
    }
    free(name);
    json_decref(map);
    skim->head = skim->head || good;
    return good;
}

static bool take_channel(skim_t *skim, const unsigned char *at, size_t left)
{
    const unsigned char *record = at - MCAP_RECORD;
    size_t size = left + MCAP_RECORD;
    if (left < 4)
        return false;
    uint16_t channel = get_u16(at);
    at += 4, left -= 4;
    char *topic = window_text(&at, &left), *encoding = topic ? window_text(&at, &left) : NULL;
    json_t *map = encoding ? window_map(&at, &left) : NULL;
    const char *role = json_string_value(json_object_get(map, "role"));
    bool good = role && channel > 0;
    if (good && !strcmp(role, "messages")) {
        known_ring_t *ring = know_ring(skim, json_string_value(json_object_get(map, "ring_id")));
        good = ring && channel <= UINT16_MAX - MCAP_CHUNK_CHANNELS;
        if (good && ring->channel == 0) {
            ring->channel = channel;
            ring->name = topic;
            ring->metadata = json_incref(map);
            topic = NULL;
        }
    }
    if (channel > skim->last_channel)
        skim->last_channel = channel;
    bytes_put(&skim->notes.channels, record, size);
    skim->notes.channel_count++;
    free(topic);
    free(encoding);
    json_decref(map);
    return good && !skim->notes.channels.failed;
}

static bool take_schema(skim_t *skim, const unsigned char *at, size_t left)
{
    bytes_put(&skim->notes.schemas, at - MCAP_RECORD, left + MCAP_RECORD);
    skim->notes.schema_count++;
    return !skim->notes.schemas.failed;
}

/* ---- The file ------------------------------------------------------------------------------------- */

/* Is there a footer, with the magic behind it? */
static bool has_footer(skim_t *skim, int *error)
{
    const size_t size = MCAP_RECORD + MCAP_FOOTER + MCAP_MAGIC_SIZE;
    if (skim->window.file_size < size)
        return false;
    const unsigned char *at = window_at(&skim->window, skim->window.file_size - size, size, error);
    return at && at[0] == MCAP_OP_FOOTER && get_u64(at + 1) == MCAP_FOOTER &&
           !memcmp(at + size - MCAP_MAGIC_SIZE, MCAP_MAGIC, MCAP_MAGIC_SIZE);
}

/* One record. False: not one of ours. */
static bool take_record(skim_t *skim, uint64_t offset, uint8_t what, uint64_t length, int *error)
{
    const unsigned char *at = NULL;
    if (what == MCAP_OP_CHUNK)
        return skim_take_chunk(skim, offset, length, error);
    if (what == MCAP_OP_MESSAGE_INDEX)
        return skim_take_index(skim, offset, length, error);
    if (what >= 0x80)
        return true; /* somebody's extension */
    if (length <= SMALL_RECORD)
        at = window_at(&skim->window, offset, MCAP_RECORD + (size_t)length, error);
    if (!at)
        return false;
    at += MCAP_RECORD;
    switch (what) {
    case MCAP_OP_HEADER:
        return take_header(at, (size_t)length);
    case MCAP_OP_METADATA:
        return take_places(skim, at, (size_t)length, offset);
    case MCAP_OP_SCHEMA:
        return take_schema(skim, at, (size_t)length);
    case MCAP_OP_CHANNEL:
        return take_channel(skim, at, (size_t)length);
    default:
        return false;
    }
}

static void take_records(skim_t *skim, int *error)
{
    uint64_t offset = MCAP_MAGIC_SIZE;
    const unsigned char *at;
    while ((at = window_at(&skim->window, offset, MCAP_RECORD, error)) != NULL) {
        uint8_t what = at[0];
        uint64_t length = get_u64(at + 1);
        if (what == 0 || length > skim->window.file_size - offset - MCAP_RECORD)
            break; /* torn here */
        if (what == MCAP_OP_DATA_END) {
            skim->ended = has_footer(skim, error);
            break;
        }
        if (!take_record(skim, offset, what, length, error)) {
            skim->foreign = true;
            break;
        }
        offset += MCAP_RECORD + length;
        skim->data_end = offset;
    }
}

/* As much of the file as the window has. */
static int look_through(skim_t *skim, bool *dropped)
{
    int error = 0;
    uint64_t size = skim->window.file_size;
    size_t begin = size < MCAP_MAGIC_SIZE ? (size_t)size : MCAP_MAGIC_SIZE;
    const unsigned char *magic = window_at(&skim->window, 0, begin, &error);
    if (error != 0)
        return error;
    skim->foreign = begin > 0 && (!magic || memcmp(magic, MCAP_MAGIC, begin) != 0);
    if (skim->foreign || begin < MCAP_MAGIC_SIZE)
        return 0;
    take_records(skim, &error);
    uint64_t end = skim->data_end;
    if (!skim->foreign && error == 0 && !skim->ended)
        skim_drop_unfinished(skim, &error);
    *dropped = skim->data_end < end;
    return error;
}

int skim_file(skim_t *skim, int file, bool check)
{
    bool dropped = false;
    uint64_t size = 0;
    int error = host_file_size(file, &size);
    *skim = (skim_t){.window = {.file = file, .file_size = size}};
    if (error == 0)
        error = look_through(skim, &dropped);
    if (error == 0 && dropped) { /* what came behind it does not count either */
        uint64_t end = skim->data_end;
        skim_free(skim);
        *skim = (skim_t){.window = {.file = file, .file_size = end}};
        error = look_through(skim, &dropped);
    }
    if (error == 0 && !skim->foreign)
        skim_take_orders(skim, check, &error);
    skim->file_size = size;
    return error;
}

void skim_free(skim_t *skim)
{
    for (uint32_t i = 0; i < skim->ring_count; i++) {
        free(skim->rings[i].name);
        json_decref(skim->rings[i].metadata);
        place_free(&skim->rings[i].place);
    }
    free(skim->rings);
    free(skim->window.data);
    mcap_notes_free(&skim->notes);
    *skim = (skim_t){0};
}
