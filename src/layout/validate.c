/* SPDX-License-Identifier: Apache-2.0 */
/* Is this segment a ring that this library may use? Judged from a private copy of its first page and from the size
 * that the system gives; nothing is believed before it was compared. */
#include <inttypes.h>
#include <string.h>

#include "layout/plan.h"
#include "layout/stamps.h"
#include "layout/validate.h"
#include "platform.h"

static int check_stamps(const sr__header_t *h, const char *name, bool observe, slotring_error_t *error)
{
    uint64_t swapped = 0;
    for (int i = 0; i < 8; i++)
        swapped = swapped << 8 | (SR__MAGIC >> (8 * i) & 0xff);
    if (h->magic == swapped)
        return sr__fail(
            error, SLOTRING_E_ENDIAN, 0,
            "ring \"%s\" was made on a machine of the other byte order; it can only be used there", name);
    if (h->magic != SR__MAGIC)
        return sr__fail(error, SLOTRING_E_NOT_A_RING, 0,
                        "\"%s\" is not a slotring segment: it starts with %016" PRIx64
                        " instead of %016" PRIx64,
                        name, h->magic, SR__MAGIC);
    if (h->endian_mark != SR__ENDIAN_MARK)
        return sr__fail(error, SLOTRING_E_ENDIAN, 0,
                        "ring \"%s\" has endian mark %08" PRIx32 ", expected %08" PRIx32, name,
                        h->endian_mark, SR__ENDIAN_MARK);
    if (h->layout_version != SR__LAYOUT_VERSION)
        return sr__fail(error, SLOTRING_E_VERSION, 0,
                        "ring \"%s\" has layout version %" PRIu32
                        ", this library has %u: use one version for all, "
                        "or remove the ring",
                        name, h->layout_version, SR__LAYOUT_VERSION);
    if (h->checksum != sr__layout_checksum(h))
        return sr__fail(error, SLOTRING_E_CORRUPT, 0,
                        "ring \"%s\" is damaged: the checksum of its header is %016" PRIx64
                        ", it says %016" PRIx64,
                        name, sr__layout_checksum(h), h->checksum);
    if (h->fingerprint != sr__layout_fingerprint())
        return sr__fail(error, SLOTRING_E_VERSION, 0,
                        "ring \"%s\" has layout fingerprint %016" PRIx64 ", this library has %016" PRIx64,
                        name, h->fingerprint, sr__layout_fingerprint());
    if ((h->incompat & ~SR__FEATURES) != 0)
        return sr__fail(error, SLOTRING_E_FEATURE, 0,
                        "ring \"%s\" uses features %016" PRIx64
                        " that this version does not know: update this program",
                        name, h->incompat & ~SR__FEATURES);
    if (h->ro_compat != 0 && !observe)
        return sr__fail(error, SLOTRING_E_FEATURE, 0,
                        "ring \"%s\" uses features %016" PRIx64
                        " that this version does not know: it can only observe",
                        name, h->ro_compat);
    return 0;
}

static const sr__part_t *find_part(const sr__header_t *h, uint32_t kind)
{
    for (uint32_t i = 0; i < SR__PARTS; i++)
        if (h->parts[i].kind == kind)
            return &h->parts[i];
    return NULL;
}

static bool part_is(const sr__header_t *h, uint32_t kind, uint64_t stride, uint64_t count)
{
    const sr__part_t *part = find_part(h, kind);
    if (!part || part->stride != stride || part->count != count || part->object != 0 || part->flags != 0)
        return false;
    if (part->offset < SR__PAGE || part->offset % 64 != 0 || part->offset > h->segment_size)
        return false;
    return count == 0 || stride <= (h->segment_size - part->offset) / count;
}

/* The payload comes last: all the rest, known or not, lies before it. */
static bool control_before_payload(const sr__header_t *h, uint64_t payload)
{
    for (uint32_t i = 0; i < SR__PARTS; i++) {
        const sr__part_t *part = &h->parts[i];
        if (part->kind == SR__PART_NONE || part->kind == SR__PART_PAYLOAD)
            continue;
        if (part->offset < SR__PAGE || part->offset > payload)
            return false;
        if (part->count != 0 && part->stride > (payload - part->offset) / part->count)
            return false;
    }
    return true;
}

static bool parts_overlap(const sr__header_t *h)
{
    for (uint32_t i = 0; i < SR__PARTS; i++)
        for (uint32_t j = i + 1; j < SR__PARTS; j++) {
            const sr__part_t *a = &h->parts[i], *b = &h->parts[j];
            if (a->kind == SR__PART_NONE || b->kind == SR__PART_NONE)
                continue;
            if (a->kind == b->kind)
                return true;
            if (a->offset < b->offset + b->stride * b->count && b->offset < a->offset + a->stride * a->count)
                return true;
        }
    return false;
}

static bool parts_fit(const sr__header_t *h)
{
    const sr__part_t *order = find_part(h, SR__PART_ORDER), *slots = find_part(h, SR__PART_SLOTS);
    const sr__part_t *payload = find_part(h, SR__PART_PAYLOAD), *groups = find_part(h, SR__PART_GROUPS);
    if (!order || !slots || !payload || !groups)
        return false;
    uint64_t n = h->slot_count, l = order->count;
    uint32_t levels;
    if (l < 2 * n || (l & (l - 1)) != 0 || l > UINT64_C(1) << 26)
        return false;
    if (slots->stride % SR__LINE != 0 || slots->stride < sr__layout_slot_stride(h->participants) ||
        slots->stride > 4096)
        return false;
    if (payload->stride < h->slot_size || payload->stride % 64 != 0 || payload->stride > UINT64_C(1) << 41)
        return false;
    return part_is(h, SR__PART_STATE, sizeof(sr__state_t), 1) &&
           part_is(h, SR__PART_PARTICIPANTS, sizeof(sr__participant_t), h->participants) &&
           part_is(h, SR__PART_SUBSCRIPTIONS, sizeof(sr__subscription_t), h->readers) &&
           groups->count <= SLOTRING_GROUPS_MAX &&
           part_is(h, SR__PART_GROUPS, sizeof(sr__group_t), groups->count) &&
           part_is(h, SR__PART_TAKES, 8, sr__layout_takes(h->slot_bits) * groups->count) &&
           part_is(h, SR__PART_WRITERS, sizeof(sr__writer_t), h->writers) &&
           part_is(h, SR__PART_MARKS, sizeof(sr__mark_t), SR__MARK_CLASSES * SR__MARK_ENTRIES) &&
           part_is(h, SR__PART_OFFSETS, sizeof(sr__word_t), h->readers) &&
           part_is(h, SR__PART_PROGRESS, 8, sr__layout_progress_words(h->readers, h->writers)) &&
           part_is(h, SR__PART_ORDER, 8, l) &&
           part_is(h, SR__PART_FREE_MAP, 8, sr__layout_bitmap_words(n, SR__FREE_MAP_LEVELS)) &&
           part_is(h, SR__PART_DEFERRED, 8, sr__layout_bitmap_words(l, SR__DEFERRED_LEVELS)) &&
           part_is(h, SR__PART_WITHDRAWN, 8, sr__layout_withdrawn_words(l, &levels)) &&
           part_is(h, SR__PART_SLOTS, slots->stride, n) && part_is(h, SR__PART_PAYLOAD, payload->stride, n) &&
           (h->meta_size == 0 || part_is(h, SR__PART_META, SR__PAGE, 1)) &&
           control_before_payload(h, payload->offset) && !parts_overlap(h);
}

/* Whom producers wait for, and how long for the others. */
static bool grant_is_sane(const sr__header_t *h)
{
    uint32_t messages = sr__budget_messages(h->largest_budget), ms = sr__budget_ms(h->largest_budget);
    bool has_group = sr__has_lossless_group(h);
    if (has_group ? h->lossless_group == UINT32_MAX : h->lossless_group != 0)
        return false;
    if (h->lossless_for == SLOTRING_LOSSLESS_FOR_ALL)
        return h->largest_budget == 0 && !has_group;
    return h->lossless_for == SLOTRING_LOSSLESS_FOR_OWNER && messages >= 1 && ms >= 1 &&
           messages <= SR__BUDGET_MESSAGES_MAX && ms <= SR__BUDGET_MS_MAX;
}

static int check_geometry(const sr__header_t *h, const char *name, slotring_error_t *error)
{
    uint32_t bits = 0;
    while ((UINT64_C(1) << bits) < h->slot_count && bits < 32)
        bits++;
    bool sane = h->slot_count >= 1 && h->slot_count <= SLOTRING_SLOTS_MAX && h->slot_bits == bits &&
                h->slot_size >= 1 && h->slot_size <= SLOTRING_SLOT_SIZE_MAX && h->participants >= 1 &&
                h->participants <= SLOTRING_PARTICIPANTS_MAX && h->readers >= 1 &&
                h->readers <= SLOTRING_READERS_MAX && h->writers < h->slot_count &&
                h->writers <= SLOTRING_WRITERS_MAX && h->meta_size <= SLOTRING_DESCRIPTION_MAX &&
                h->segment_size <= UINT64_C(1) << 62 && h->first_sequence <= SLOTRING_NUMBER_MAX &&
                (h->when_full == SLOTRING_OVERWRITE || h->when_full == SLOTRING_KEEP) &&
                (h->when_full == SLOTRING_OVERWRITE || (h->incompat & SR__FEATURE_HOT) == 0) &&
                h->time_stamps >= SLOTRING_TIME_NONE && h->time_stamps <= SLOTRING_TIME_MONOTONIC &&
                grant_is_sane(h) && h->holds >= 1 && h->holds <= h->slot_count &&
                memchr(h->name, '\0', sizeof h->name) != NULL;
    if (!sane || !parts_fit(h))
        return sr__fail(error, SLOTRING_E_CORRUPT, 0,
                        "ring \"%s\" is damaged: its header describes %" PRIu32 " slots of %" PRIu64
                        " bytes in %" PRIu64 " bytes, which does not add up",
                        name, h->slot_count, h->slot_size, h->segment_size);
    return 0;
}

int sr__header_validate(const void *page, uint64_t segment_size, const char *name, bool observe,
                        slotring_error_t *error)
{
    const sr__header_t *h = page;
    int failed = check_stamps(h, name, observe, error);
    if (!failed)
        failed = check_geometry(h, name, error);
    if (!failed && segment_size < h->segment_size)
        failed =
            sr__fail(error, SLOTRING_E_TRUNCATED, 0,
                     "ring \"%s\" is cut short: its segment has %" PRIu64 " bytes, its header says %" PRIu64,
                     name, segment_size, h->segment_size);
    return failed;
}
