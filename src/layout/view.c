/* SPDX-License-Identifier: Apache-2.0 */
/* Binds a validated header to memory: pointers to the parts and private copies of the geometry. */
#include "layout/view.h"
#include "layout/plan.h"
#include "platform.h"

static uint32_t log2_of(uint64_t power)
{
    uint32_t bits = 0;
    while (power >>= 1)
        bits++;
    return bits;
}

static void bind_bitmap(sr__word_t **level, uint32_t *counts, uint32_t levels, uint64_t bits, uint8_t *memory)
{
    sr__word_t *words = (sr__word_t *)(void *)memory;
    for (uint32_t l = 0; l < levels; l++) {
        bits = sr__layout_level_words(bits, 64);
        level[l] = words;
        counts[l] = (uint32_t)bits;
        words += bits;
    }
}

static void bind_withdrawn(sr__view_t *view, uint8_t *memory)
{
    uint64_t length = view->order_mask + 1,
             bits = length > SR__WITHDRAWN_LEAST ? length : SR__WITHDRAWN_LEAST;
    sr__word_t *words = (sr__word_t *)(void *)memory;
    view->withdrawn_shift = log2_of(bits);
    sr__layout_withdrawn_words(length, &view->withdrawn_levels);
    for (uint32_t l = 0; l < view->withdrawn_levels && l < SR__WITHDRAWN_LEVELS_MAX; l++) {
        bits = sr__layout_level_words(bits, SR__WITHDRAWN_WIDTH);
        view->withdrawn[l] = words;
        words += bits;
    }
}

static sr__crc32c_t *choose_sum(void)
{
    sr__crc32c_t *by_instruction = sr__crc32c_of_processor();
    return by_instruction ? by_instruction : sr__crc32c_by_tables;
}

void sr__view_bind(sr__view_t *view, const sr__header_t *header, uint8_t *memory, bool with_payload)
{
    view->header = *header;
    view->slot_count = header->slot_count;
    view->slot_size = header->slot_size;
    view->slot_bits = header->slot_bits;
    view->slot_mask = (UINT64_C(1) << header->slot_bits) - 1;
    view->participant_count = header->participants;
    view->subscription_count = header->readers;
    view->hold_words = (header->participants + 63) / 64;
    view->hold_groups = (UINT64_MAX >> (SR__SET_WORDS - view->hold_words)) & ~UINT64_C(1);
    view->keep = header->when_full == SLOTRING_KEEP;
    view->hot = (header->incompat & SR__FEATURE_HOT) != 0;
    view->sum = header->incompat & SR__FEATURE_SUMS ? choose_sum() : NULL;
    uint8_t *deferred = NULL, *withdrawn = NULL;
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
        case SR__PART_SUBSCRIPTIONS:
            view->subscriptions = at;
            break;
        case SR__PART_GROUPS:
            view->groups = at;
            view->group_count = (uint32_t)part->count;
            view->hold_groups |= part->count > 0;
            break;
        case SR__PART_TAKES:
            view->takes = at;
            break;
        case SR__PART_META:
            view->meta = at;
            break;
        case SR__PART_WRITERS:
            view->writers = at;
            view->writer_count = (uint32_t)part->count;
            break;
        case SR__PART_MARKS:
            view->marks = at;
            break;
        case SR__PART_OFFSETS:
            view->offsets = at;
            break;
        case SR__PART_PROGRESS:
            view->progress = at;
            break;
        case SR__PART_ORDER:
            view->order = at;
            view->order_mask = part->count - 1;
            view->order_bits = log2_of(part->count);
            view->lag = part->count >= 64 ? 8 : 1;
            break;
        case SR__PART_FREE_MAP:
            bind_bitmap(view->free_map, view->free_map_words, SR__FREE_MAP_LEVELS, view->slot_count, at);
            break;
        case SR__PART_DEFERRED:
            deferred = at;
            break;
        case SR__PART_WITHDRAWN:
            withdrawn = at;
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
    if (deferred) /* both are as long as the order */
        bind_bitmap(view->deferred, view->deferred_words, SR__DEFERRED_LEVELS, view->order_mask + 1,
                    deferred);
    if (withdrawn)
        bind_withdrawn(view, withdrawn);
}
