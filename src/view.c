/* SPDX-License-Identifier: Apache-2.0 */
/* Binds a validated header to memory: pointers to the parts and private copies of the geometry. */
#include "core.h"

static uint32_t log2_of(uint64_t power)
{
    uint32_t bits = 0;
    while (power >>= 1)
        bits++;
    return bits;
}

static void bind_hints(sr__view_t *view, uint8_t *memory)
{
    uint64_t bits = view->slot_count;
    sr__word_t *words = (sr__word_t *)(void *)memory;
    for (uint32_t level = 0; level < SR__HINT_LEVELS; level++) {
        bits = (bits + 63) / 64;
        view->hints[level] = words;
        view->hint_words[level] = (uint32_t)bits;
        words += bits;
    }
}

void sr__view_bind(sr__view_t *view, const sr__header_t *header, uint8_t *memory, bool with_payload)
{
    view->header = *header;
    view->slot_count = header->slot_count;
    view->slot_size = header->slot_size;
    view->slot_bits = header->slot_bits;
    view->slot_mask = (UINT64_C(1) << header->slot_bits) - 1;
    view->participant_count = header->participants;
    view->row_count = header->readers;
    view->hold_words = (header->participants + 63) / 64;
    view->keep = header->when_full == SLOTRING_KEEP;
    for (uint32_t i = 0; i < SR__PARTS; i++) {
        const sr__part_t *part = &header->parts[i];
        if (part->kind == SR__PART_NONE)
            continue;
        void *at = memory + part->offset;
        switch (part->kind) {
        case SR__PART_STATE:
            view->state = at;
            break;
        case SR__PART_PARTICIPANTS:
            view->participants = at;
            break;
        case SR__PART_ROWS:
            view->rows = at;
            break;
        case SR__PART_GROUPS:
            view->groups = at;
            view->group_count = (uint32_t)part->count;
            break;
        case SR__PART_ORDER:
            view->order = at;
            view->order_mask = part->count - 1;
            view->order_bits = log2_of(part->count);
            view->lag = part->count >= 64 ? 8 : 1;
            break;
        case SR__PART_HINTS:
            bind_hints(view, at);
            break;
        case SR__PART_SLOTS:
            view->slots = at;
            view->slot_stride = part->stride;
            break;
        case SR__PART_PAYLOAD:
            view->payload = with_payload ? at : NULL;
            view->payload_stride = part->stride;
            break;
        default:
            break;
        }
    }
}
