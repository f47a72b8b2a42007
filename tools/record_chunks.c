/* SPDX-License-Identifier: Apache-2.0 */
/* The chunks of a recording: where they are, which of them count, and what they say of the messages in them. */
#include <string.h>

#include "crc32.h"
#include "record_skim.h"

#define PIECE ((size_t)1 << 20) /* of what is read through */

bool skim_take_chunk(skim_t *skim, uint64_t offset, uint64_t length, int *error)
{
    const unsigned char *at = window_at(&skim->window, offset + MCAP_RECORD, MCAP_CHUNK, error);
    if (!at || get_u32(at + 28) != 0 || get_u64(at + 32) != length - MCAP_CHUNK ||
        get_u64(at + 16) != length - MCAP_CHUNK)
        return false;
    mcap_chunk_note_t note = {.start = offset,
                              .length = MCAP_RECORD + length,
                              .first_time = get_u64(at),
                              .last_time = get_u64(at + 8),
                              .crc = get_u32(at + 24)};
    if (note.last_time > skim->last_time)
        skim->last_time = note.last_time;
    return mcap_notes_chunk(&skim->notes, &note);
}

bool skim_take_index(skim_t *skim, uint64_t offset, uint64_t length, int *error)
{
    const unsigned char *at = length >= 6 ? window_at(&skim->window, offset + MCAP_RECORD, 6, error) : NULL;
    mcap_chunk_note_t *note =
        skim->notes.chunk_count > 0 ? &skim->notes.chunks[skim->notes.chunk_count - 1] : NULL;
    if (!at || !note || note->channels == MCAP_CHUNK_CHANNELS || get_u32(at + 2) != length - 6 ||
        offset != note->start + note->length + note->index_length)
        return false;
    note->channel[note->channels] = get_u16(at);
    note->messages[note->channels] = get_u32(at + 2) / MCAP_INDEX_ENTRY;
    note->index[note->channels++] = offset;
    note->index_length += MCAP_RECORD + length;
    return true;
}

/* Are its bytes those that were written? */
static bool sum_is_right(skim_t *skim, const mcap_chunk_note_t *note, int *error)
{
    uint64_t from = note->start + MCAP_RECORD + MCAP_CHUNK, end = note->start + note->length;
    uint32_t crc = 0;
    while (from < end) {
        size_t size = end - from < PIECE ? (size_t)(end - from) : PIECE;
        const unsigned char *at = window_at(&skim->window, from, size, error);
        if (!at)
            return false;
        crc = crc32_add(crc, at, size);
        from += size;
    }
    return note->crc == 0 || crc == note->crc;
}

/* Do the message indexes behind a chunk belong to all channels that have messages in it? */
static bool is_indexed(skim_t *skim, const mcap_chunk_note_t *note, int *error)
{
    uint64_t from = note->start + MCAP_RECORD + MCAP_CHUNK, end = note->start + note->length;
    uint32_t messages[MCAP_CHUNK_CHANNELS] = {0};
    while (from < end) {
        const unsigned char *at = window_at(&skim->window, from, MCAP_RECORD + MCAP_MESSAGE, error);
        uint32_t which = 0;
        if (!at || at[0] != MCAP_OP_MESSAGE || get_u64(at + 1) < MCAP_MESSAGE ||
            get_u64(at + 1) > end - from - MCAP_RECORD)
            return false;
        while (which < note->channels && note->channel[which] != get_u16(at + MCAP_RECORD))
            which++;
        if (which == note->channels)
            return false;
        messages[which]++;
        from += MCAP_RECORD + get_u64(at + 1);
    }
    return memcmp(messages, note->messages, sizeof messages) == 0;
}

void skim_drop_unfinished(skim_t *skim, int *error)
{
    while (skim->notes.chunk_count > 0 && *error == 0) {
        const mcap_chunk_note_t *last = &skim->notes.chunks[skim->notes.chunk_count - 1];
        if (is_indexed(skim, last, error) && sum_is_right(skim, last, error))
            break;
        if (*error == 0) {
            skim->data_end = last->start;
            skim->notes.chunk_count--;
        }
    }
}

/* The messages that a chunk has, from what stands in front of them. */
static bool take_order(skim_t *skim, const mcap_chunk_note_t *note, int *error)
{
    uint64_t from = note->start + MCAP_RECORD + MCAP_CHUNK, end = note->start + note->length;
    const unsigned char *at = window_at(&skim->window, from, MCAP_RECORD + MCAP_MESSAGE, error);
    uint16_t which = 0;
    if (!at)
        return *error == 0 && from == end;
    known_ring_t *ring = skim_channel(skim, get_u16(at + MCAP_RECORD), &which);
    uint64_t size = get_u64(at + 1);
    if (!ring || size < MCAP_MESSAGE || size > end - from - MCAP_RECORD)
        return false;
    if (which != 1)
        return true;
    from += MCAP_RECORD + MCAP_MESSAGE;
    for (uint64_t left = (size - MCAP_MESSAGE) / ORDER_ENTRY; left > 0; left--, from += ORDER_ENTRY) {
        order_entry_t entry;
        at = window_at(&skim->window, from, ORDER_ENTRY, error);
        if (!at)
            return false;
        order_get(at, &entry);
        if (!place_note(&ring->place, &entry)) {
            skim->no_memory = true;
            return false;
        }
    }
    return true;
}

void skim_take_orders(skim_t *skim, bool check, int *error)
{
    for (uint64_t i = 0; i < skim->notes.chunk_count && *error == 0; i++) {
        const mcap_chunk_note_t *note = &skim->notes.chunks[i];
        bool good = (!check || sum_is_right(skim, note, error)) && take_order(skim, note, error);
        skim->damaged += !good && *error == 0;
    }
}
