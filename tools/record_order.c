/* SPDX-License-Identifier: Apache-2.0 */
#include "record_order.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void order_put(bytes_t *bytes, const order_entry_t *entry)
{
    unsigned char *at = bytes_more(bytes, ORDER_ENTRY);
    if (!at)
        return;
    put_u64(at, entry->sequence);
    put_u64(at + 8, entry->tag);
    put_u64(at + 16, entry->time_ns);
    put_u64(at + 24, entry->number);
    put_u64(at + 32, entry->length);
    put_u64(at + 40, entry->incarnation);
    put_u32(at + 48, entry->slot);
    put_u32(at + 52, entry->flags);
    put_u16(at + 56, entry->producer);
    put_u16(at + 58, entry->writer);
    put_u16(at + 60, entry->kind);
    put_u16(at + 62, entry->message_kind);
}

void order_get(const unsigned char *at, order_entry_t *entry)
{
    entry->sequence = get_u64(at);
    entry->tag = get_u64(at + 8);
    entry->time_ns = get_u64(at + 16);
    entry->number = get_u64(at + 24);
    entry->length = get_u64(at + 32);
    entry->incarnation = get_u64(at + 40);
    entry->slot = get_u32(at + 48);
    entry->flags = get_u32(at + 52);
    entry->producer = get_u16(at + 56);
    entry->writer = get_u16(at + 58);
    entry->kind = get_u16(at + 60);
    entry->message_kind = get_u16(at + 62);
}

void order_of_slot(const slotring_slot_t *slot, order_entry_t *entry)
{
    *entry = (order_entry_t){
        .sequence = slot->sequence,
        .tag = slot->tag,
        .time_ns = slot->time_ns,
        .number = slot->number,
        .length = slot->length,
        .incarnation = slot->producer_incarnation,
        .slot = slot->ticket.slot,
        .flags = slot->ticket.flags,
        .producer = (uint16_t)slot->producer,
        .writer = slot->writer == SLOTRING_NO_WRITER ? ORDER_NO_WRITER : (uint16_t)slot->writer,
        .kind = ORDER_MESSAGE,
        .message_kind = (uint16_t)slot->kind,
    };
}

/* ---- Places --------------------------------------------------------------------------------------- */

void place_free(place_t *place)
{
    free(place->next_number);
    *place = (place_t){0};
}

uint64_t place_number(const place_t *place, uint16_t writer)
{
    return writer < place->writers ? place->next_number[writer] : 0;
}

/* Messages of a writer come in the order of their numbers; what has none comes in the order of the ring. */
bool place_has(const place_t *place, const order_entry_t *entry)
{
    if (entry->kind == ORDER_MARK)
        return entry->number < place->next_mark;
    if (entry->writer != ORDER_NO_WRITER)
        return entry->number < place_number(place, entry->writer);
    return entry->sequence < place->next_sequence;
}

static bool note_number(place_t *place, uint16_t writer, uint64_t next)
{
    if (writer >= place->writers) {
        uint32_t count = writer + 1u;
        uint64_t *larger = realloc(place->next_number, count * sizeof *larger);
        if (!larger)
            return false;
        memset(larger + place->writers, 0, (count - place->writers) * sizeof *larger);
        place->next_number = larger;
        place->writers = count;
    }
    if (next > place->next_number[writer])
        place->next_number[writer] = next;
    return true;
}

bool place_note(place_t *place, const order_entry_t *entry)
{
    uint64_t behind = UINT64_MAX;
    place->begun = true;
    switch (entry->kind) {
    case ORDER_MARK:
        place->next_mark = entry->number >= place->next_mark ? entry->number + 1 : place->next_mark;
        return true;
    case ORDER_ACCOUNT:
        place->has_account = true;
        place->account_start = entry->sequence;
        place->account_missed = entry->length;
        return true;
    case ORDER_GAP:
        behind = entry->sequence + entry->length;
        break;
    case ORDER_GAP_OF_WRITER:
        return entry->writer == ORDER_NO_WRITER ||
               note_number(place, entry->writer, entry->number + entry->length);
    case ORDER_MESSAGE:
        /* A record may be read before what lies in front of its slot, so its sequence says nothing here. */
        if (entry->message_kind != SLOTRING_KIND_RECORD)
            behind = entry->sequence + 1;
        if (entry->writer != ORDER_NO_WRITER && !note_number(place, entry->writer, entry->number + 1))
            return false;
        break;
    default:
        return true;
    }
    if (behind != UINT64_MAX && behind > place->next_sequence)
        place->next_sequence = behind;
    return true;
}

/* ---- Places as text ------------------------------------------------------------------------------- */

void ring_id_text(const uint8_t id[16], char text[33])
{
    for (int i = 0; i < 16; i++)
        snprintf(text + 2 * i, 3, "%02x", id[i]);
}

bool ring_id_read(const char *text, uint8_t id[16])
{
    static const char digits[] = "0123456789abcdef";
    if (strlen(text) != 32 || strspn(text, digits) != 32)
        return false;
    for (int i = 0; i < 16; i++)
        id[i] = (uint8_t)((strchr(digits, text[2 * i]) - digits) << 4 |
                          (strchr(digits, text[2 * i + 1]) - digits));
    return true;
}

void place_put(bytes_t *map, const place_t *place)
{
    char text[64];
    char id[33];
    ring_id_text(place->ring_id, id);
    bytes_text(map, id);
    size_t begin = bytes_begin_u32(map);
    int length = snprintf(text, sizeof text, "%" PRIu64 " %" PRIu64, place->next_sequence, place->next_mark);
    bytes_put(map, text, (size_t)length);
    if (place->has_account) {
        length = snprintf(text, sizeof text, " =%" PRIu64 ":%" PRIu64, place->account_start,
                          place->account_missed);
        bytes_put(map, text, (size_t)length);
    }
    for (uint32_t i = 0; i < place->writers; i++)
        if (place->next_number[i] > 0) {
            length = snprintf(text, sizeof text, " %" PRIu32 ":%" PRIu64, i, place->next_number[i]);
            bytes_put(map, text, (size_t)length);
        }
    bytes_end_u32(map, begin);
}

static bool read_number(const char **text, char before, uint64_t *value)
{
    char *end;
    if (before && *(*text)++ != before)
        return false;
    if (**text < '0' || **text > '9')
        return false;
    *value = strtoull(*text, &end, 10);
    *text = end;
    return true;
}

bool place_get(place_t *place, const char *id, const char *text)
{
    uint64_t row, number;
    place->begun = true;
    if (!ring_id_read(id, place->ring_id) || !read_number(&text, 0, &place->next_sequence) ||
        !read_number(&text, ' ', &place->next_mark))
        return false;
    place->has_account = !strncmp(text, " =", 2);
    if (place->has_account && (text++, !read_number(&text, '=', &place->account_start) ||
                                           !read_number(&text, ':', &place->account_missed)))
        return false;
    while (*text) {
        if (!read_number(&text, ' ', &row) || !read_number(&text, ':', &number) ||
            row >= SLOTRING_WRITERS_MAX || !note_number(place, (uint16_t)row, number))
            return false;
    }
    return true;
}

bool place_copy(place_t *to, const place_t *from)
{
    uint64_t *numbers = NULL;
    if (from->writers > 0) {
        numbers = malloc(from->writers * sizeof *numbers);
        if (!numbers)
            return false;
        memcpy(numbers, from->next_number, from->writers * sizeof *numbers);
    }
    place_free(to);
    *to = *from;
    to->next_number = numbers;
    return true;
}
