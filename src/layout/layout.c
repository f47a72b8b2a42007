/* SPDX-License-Identifier: Apache-2.0 */
/* From sizes to offsets: where each part of a new ring lies. */
#include <inttypes.h>
#include <string.h>

#include "layout/plan.h"
#include "layout/stamps.h"
#include "platform.h"

static uint64_t round_up(uint64_t value, uint64_t unit)
{
    return (value + unit - 1) / unit * unit;
}

static uint32_t bits_for(uint64_t count)
{
    uint32_t bits = 0;
    while ((UINT64_C(1) << bits) < count)
        bits++;
    return bits;
}

uint64_t sr__layout_control_size(const sr__header_t *header)
{
    for (uint32_t i = 0; i < SR__PARTS; i++)
        if (header->parts[i].kind == SR__PART_PAYLOAD)
            return header->parts[i].offset;
    return header->segment_size;
}

uint64_t sr__layout_constant_size(const sr__header_t *header)
{
    uint64_t size = header->segment_size;
    for (uint32_t i = 0; i < SR__PARTS; i++) {
        const sr__part_t *part = &header->parts[i];
        bool grows = part->kind == SR__PART_ORDER || part->kind == SR__PART_FREE_MAP ||
                     part->kind == SR__PART_SLOTS || part->kind == SR__PART_PAYLOAD ||
                     (part->kind == SR__PART_TAKES && part->count > 0);
        if (grows && part->offset < size)
            size = part->offset;
    }
    return size;
}

static uint64_t add_part(sr__header_t *header, uint32_t *used, enum sr__part_kind kind, uint64_t offset,
                         uint64_t stride, uint64_t count)
{
    header->parts[(*used)++] = (sr__part_t){.kind = kind, .stride = stride, .offset = offset, .count = count};
    return round_up(offset + stride * count, SR__PAGE);
}

#define PAYLOAD_MAX (UINT64_C(1) << 60) /* bytes; no system maps more, and nothing below can overflow */
#define LARGEST_PAGE 65536u             /* to which a slot may be rounded up */

static int check_sizes(const sr__geometry_t *g, slotring_error_t *error)
{
    if (g->slot_size == 0 || g->slot_size > SLOTRING_SLOT_SIZE_MAX)
        return sr__fail(error, SLOTRING_E_SIZE, 0,
                        "slot_size is %" PRIu64 " bytes; it must be from 1 to %" PRIu64, g->slot_size,
                        SLOTRING_SLOT_SIZE_MAX);
    if (g->slot_size > g->total_size)
        return sr__fail(error, SLOTRING_E_SIZE, 0,
                        "slot_size (%" PRIu64 " bytes) is above total_size (%" PRIu64
                        " bytes): no slot fits; choose smaller slots or more memory",
                        g->slot_size, g->total_size);
    uint64_t slots = g->total_size / g->slot_size;
    if (slots > SLOTRING_SLOTS_MAX)
        return sr__fail(error, SLOTRING_E_SIZE, 0,
                        "total_size / slot_size = %" PRIu64 " slots; the limit is %u: choose larger slots",
                        slots, SLOTRING_SLOTS_MAX);
    uint64_t stride = round_up(g->slot_size, LARGEST_PAGE); /* slots * stride is below 2^64 */
    if (slots > PAYLOAD_MAX / stride)
        return sr__fail(error, SLOTRING_E_SIZE, 0,
                        "%" PRIu64 " slots of %" PRIu64 " bytes take %" PRIu64 " bytes; the limit is %" PRIu64
                        ": choose fewer or smaller slots",
                        slots, g->slot_size, slots * stride, PAYLOAD_MAX);
    if (g->participants == 0 || g->participants > SLOTRING_PARTICIPANTS_MAX)
        return sr__fail(error, SLOTRING_E_SIZE, 0, "max_participants is %" PRIu32 "; it must be from 1 to %u",
                        g->participants, SLOTRING_PARTICIPANTS_MAX);
    if (g->readers == 0 || g->readers > SLOTRING_READERS_MAX)
        return sr__fail(error, SLOTRING_E_SIZE, 0, "max_readers is %" PRIu32 "; it must be from 1 to %u",
                        g->readers, SLOTRING_READERS_MAX);
    if (g->writers > SLOTRING_WRITERS_MAX)
        return sr__fail(error, SLOTRING_E_SIZE, 0, "max_writers is %" PRIu32 "; it must be from 0 to %u",
                        g->writers, SLOTRING_WRITERS_MAX);
    if (g->groups > SLOTRING_GROUPS_MAX)
        return sr__fail(error, SLOTRING_E_SIZE, 0, "max_groups is %" PRIu32 "; it must be from 0 to %u",
                        g->groups, SLOTRING_GROUPS_MAX);
    return 0;
}

/* The words of all levels. A leaf word has 64 bits, each word above one for each of 64 words. */
uint64_t sr__layout_bitmap_words(uint64_t bits, uint32_t levels)
{
    uint64_t total = 0;
    for (uint32_t level = 0; level < levels; level++)
        total += bits = sr__layout_level_words(bits, 64);
    return total;
}

/* Up to the level that has one word. */
uint64_t sr__layout_withdrawn_words(uint64_t order_length, uint32_t *levels)
{
    uint64_t total = 0, bits = order_length > SR__WITHDRAWN_LEAST ? order_length : SR__WITHDRAWN_LEAST;
    *levels = 0;
    do {
        total += bits = sr__layout_level_words(bits, SR__WITHDRAWN_WIDTH);
        ++*levels;
    } while (bits > 1);
    return total;
}

/* What the rows that may be durable have acknowledged of each writer. */
uint64_t sr__layout_progress_words(uint32_t readers, uint32_t writers)
{
    return (uint64_t)(readers < SR__PROGRESS_ROWS ? readers : SR__PROGRESS_ROWS) * writers;
}

/* Take words of a group: as many as there are slots, or more. What a group still needs takes a slot at least, so its messages never
 * share a word. */
uint64_t sr__layout_takes(uint32_t slot_bits)
{
    return UINT64_C(1) << slot_bits;
}

/* A slot's control line, and its hold words beyond the first. */
uint64_t sr__layout_slot_stride(uint32_t participants)
{
    uint64_t more = (participants - 1) / 64;
    return round_up(sizeof(sr__slot_t) + more * 8, SR__LINE);
}

/* Each writer may have one slot open for ever, so there are fewer of them than slots: else they could block the ring. */
static uint32_t writers_of(const sr__geometry_t *g, uint64_t slots)
{
    return g->writers < slots ? g->writers : (uint32_t)(slots - 1);
}

static void plan_grant(const sr__geometry_t *g, sr__header_t *header)
{
    header->lossless_for = g->lossless_for;
    if (g->lossless_for != SLOTRING_LOSSLESS_FOR_ALL)
        header->largest_budget = sr__budget_or_default(g->budget_messages, g->budget_ns, header->slot_count);
    if (g->lossless_for != SLOTRING_LOSSLESS_FOR_GROUP)
        return;
    header->lossless_for = SLOTRING_LOSSLESS_FOR_OWNER; /* for who overlooks the bit */
    header->lossless_group = g->lossless_group;
    header->compat |= SR__COMPAT_LOSSLESS_GROUP;
}

int sr__layout_plan(const sr__geometry_t *g, uint64_t page_size, sr__header_t *header,
                    slotring_error_t *error)
{
    int failed = check_sizes(g, error);
    if (failed)
        return failed;
    uint64_t page = page_size > SR__PAGE ? page_size : SR__PAGE;
    uint64_t slots = g->total_size / g->slot_size;
    uint64_t alignment = g->page_aligned ? page : 64;
    uint64_t slot_stride = sr__layout_slot_stride(g->participants);

    memset(header, 0, sizeof *header);
    header->magic = SR__MAGIC;
    header->layout_version = SR__LAYOUT_VERSION;
    header->endian_mark = SR__ENDIAN_MARK;
    header->incompat = (g->checksums ? SR__FEATURE_SUMS : 0) | (g->hot ? SR__FEATURE_HOT : 0);
    header->fingerprint = sr__layout_fingerprint();
    header->slot_size = g->slot_size;
    header->slot_count = (uint32_t)slots;
    header->slot_bits = bits_for(slots);
    header->participants = g->participants;
    header->readers = g->readers;
    header->writers = writers_of(g, slots);
    header->when_full = g->when_full;
    header->time_stamps = g->time_stamps;
    header->access = g->access;
    header->meta_size = g->meta_size;
    plan_grant(g, header);
    header->holds = sr__holds_or_default(g->holds, header->slot_count);
    header->first_sequence = g->first_sequence;
    header->payload_alignment = (uint32_t)alignment;

    uint32_t used = 0, levels;
    uint64_t at = SR__PAGE, order = UINT64_C(1) << bits_for(2 * slots);
    at = add_part(header, &used, SR__PART_STATE, at, sizeof(sr__state_t), 1);
    at = add_part(header, &used, SR__PART_PARTICIPANTS, at, sizeof(sr__participant_t), g->participants);
    at = add_part(header, &used, SR__PART_SUBSCRIPTIONS, at, sizeof(sr__subscription_t), g->readers);
    at = add_part(header, &used, SR__PART_GROUPS, at, sizeof(sr__group_t), g->groups);
    at = add_part(header, &used, SR__PART_TAKES, at, 8, sr__layout_takes(header->slot_bits) * g->groups);
    at = add_part(header, &used, SR__PART_WRITERS, at, sizeof(sr__writer_t), header->writers);
    at = add_part(header, &used, SR__PART_MARKS, at, sizeof(sr__mark_t), SR__MARK_CLASSES * SR__MARK_ENTRIES);
    at = add_part(header, &used, SR__PART_OFFSETS, at, sizeof(sr__word_t), g->readers);
    at = add_part(header, &used, SR__PART_PROGRESS, at, 8,
                  sr__layout_progress_words(header->readers, header->writers));
    if (g->meta_size > 0)
        at = add_part(header, &used, SR__PART_META, at, SR__PAGE, 1);
    at = add_part(header, &used, SR__PART_ORDER, at, 8, order);
    at = add_part(header, &used, SR__PART_FREE_MAP, at, 8,
                  sr__layout_bitmap_words(slots, SR__FREE_MAP_LEVELS));
    at = add_part(header, &used, SR__PART_DEFERRED, at, 8,
                  sr__layout_bitmap_words(order, SR__DEFERRED_LEVELS));
    at = add_part(header, &used, SR__PART_WITHDRAWN, at, 8, sr__layout_withdrawn_words(order, &levels));
    at = add_part(header, &used, SR__PART_SLOTS, at, slot_stride, slots);
    at = round_up(at, page);
    at = add_part(header, &used, SR__PART_PAYLOAD, at, round_up(g->slot_size, alignment), slots);
    header->segment_size = round_up(at, page);
    return 0;
}
