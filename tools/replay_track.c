/* SPDX-License-Identifier: Apache-2.0 */
/* One ring in a file of a recording, item by item. */
#include "replay.h"

#include <stdlib.h>

#include "host_disk.h"

static void damage(track_t *track)
{
    track->damaged = true;
    track->at = track->end; /* the rest of this chunk */
    track->entries.size = track->entry = 0;
}

/* Goes to the next chunk of this ring. False: there is none. */
static bool next_chunk(track_t *track)
{
    const mcap_notes_t *notes = &track->skim->notes;
    while (track->next_chunk < notes->chunk_count) {
        const mcap_chunk_note_t *note = &notes->chunks[track->next_chunk++];
        uint16_t which;
        if (note->channels == 0 || skim_channel(track->skim, note->channel[0], &which) != track->known)
            continue;
        track->at = note->start + MCAP_RECORD + MCAP_CHUNK;
        track->end = note->start + note->length;
        track->entries.size = track->entry = 0;
        return true;
    }
    return false;
}

/* The order of a chunk. */
static void take_entries(track_t *track, uint64_t length, int *error)
{
    unsigned char *to = bytes_more(&track->entries, (size_t)length);
    uint64_t got = 0;
    if (!to) {
        damage(track);
        return;
    }
    *error = host_read_at(track->window.file, track->at, to, length, &got);
    if (*error == 0 && (got != length || length % ORDER_ENTRY != 0))
        damage(track);
}

/* The next entry of the order; false: there is none. */
static bool peek_entry(const track_t *track, order_entry_t *entry)
{
    if (track->entry + ORDER_ENTRY > track->entries.size)
        return false;
    order_get(track->entries.data + track->entry, entry);
    return true;
}

static void take_message(track_t *track, uint64_t length)
{
    item_t *item = &track->item;
    if (!peek_entry(track, &item->entry) || item->entry.kind != ORDER_MESSAGE ||
        item->entry.length != length) {
        damage(track);
        return;
    }
    track->entry += ORDER_ENTRY;
    item->what = REPLAY_MESSAGE;
    item->offset = track->at;
    item->length = length;
    track->there = true;
}

static void take_event(track_t *track, uint64_t length, int *error)
{
    const unsigned char *at =
        length < SIZE_MAX ? window_at(&track->window, track->at, (size_t)length, error) : NULL;
    track->item.event = at ? json_loadb((const char *)at, (size_t)length, 0, NULL) : NULL;
    if (!track->item.event) {
        damage(track);
        return;
    }
    track->item.what = REPLAY_EVENT;
    track->there = true;
}

/* One record of a chunk. */
static void take_record(track_t *track, int *error)
{
    const unsigned char *at = window_at(&track->window, track->at, MCAP_RECORD + MCAP_MESSAGE, error);
    uint16_t which = 0;
    if (!at || at[0] != MCAP_OP_MESSAGE || get_u64(at + 1) < MCAP_MESSAGE ||
        get_u64(at + 1) > track->end - track->at - MCAP_RECORD ||
        skim_channel(track->skim, get_u16(at + MCAP_RECORD), &which) != track->known) {
        damage(track);
        return;
    }
    uint64_t length = get_u64(at + 1) - MCAP_MESSAGE;
    track->item.log_time = track->log_time = get_u64(at + 15);
    track->item.publish_time = get_u64(at + 23);
    track->at += MCAP_RECORD + MCAP_MESSAGE;
    if (which == 0)
        take_message(track, length);
    else if (which == 1)
        take_entries(track, length, error);
    else
        take_event(track, length, error);
    if (track->at < track->end)
        track->at += length;
}

/* An entry that belongs to no message lies before the next one. */
static bool take_gap(track_t *track)
{
    order_entry_t entry;
    while (peek_entry(track, &entry) && entry.kind != ORDER_MESSAGE) {
        track->entry += ORDER_ENTRY;
        if (entry.kind != ORDER_GAP && entry.kind != ORDER_GAP_OF_WRITER)
            continue; /* a mark: its event says more */
        track->item.what = REPLAY_GAP;
        track->item.entry = entry;
        track->item.log_time = track->item.publish_time = track->log_time;
        return true;
    }
    return false;
}

int track_step(track_t *track)
{
    int error = 0;
    json_decref(track->item.event);
    track->item.event = NULL;
    track->there = false;
    while (!track->there && error == 0) {
        track->there = take_gap(track);
        if (track->there)
            break;
        if (track->at < track->end)
            take_record(track, &error);
        else if (!next_chunk(track))
            break;
    }
    return error;
}

void track_free(track_t *track)
{
    json_decref(track->item.event);
    bytes_free(&track->entries);
    free(track->window.data);
}
