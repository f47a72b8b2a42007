/* SPDX-License-Identifier: Apache-2.0 */
/* A view: where the parts of a ring lie in this process, and what stands where. */
#ifndef SR_VIEW_H
#define SR_VIEW_H

#include "base/compiler.h"
#include "base/crc32c.h"
#include "layout/layout.h"

typedef struct sr__view {
    sr__state_t *state;
    sr__participant_t *participants;
    sr__subscription_t *subscriptions;
    sr__group_t *groups;
    sr__word_t *takes; /* of all groups: 2^slot_bits of each */
    sr__writer_t *writers;
    sr__mark_t *marks;
    sr__word_t *offsets;  /* of each subscription */
    sr__word_t *progress; /* of each row that may be durable, a word for each writer */
    sr__word_t *order;
    sr__word_t *free_map[SR__FREE_MAP_LEVELS];
    sr__word_t *deferred[SR__DEFERRED_LEVELS];
    sr__word_t *withdrawn[SR__WITHDRAWN_LEVELS_MAX];
    uint8_t *slots;
    uint8_t *payload; /* NULL for an observer */
    /* private copies of the header, checked once; nothing below is read from the segment again */
    uint64_t slot_stride, payload_stride, slot_size;
    uint64_t order_mask; /* order length - 1 */
    uint64_t slot_mask;
    uint32_t order_bits; /* log2 of the order's length */
    uint32_t slot_bits;
    uint32_t slot_count, participant_count, subscription_count, group_count, writer_count;
    uint32_t free_map_words[SR__FREE_MAP_LEVELS];
    uint32_t deferred_words[SR__DEFERRED_LEVELS];
    uint32_t withdrawn_levels, withdrawn_shift; /* withdrawn_shift: log2 of the publications of a lap */
    uint32_t hold_words;                        /* of a slot */
    /* Bits of `holders` that name its words, without the first. Instead of that: may slots be dead letters? */
    uint64_t hold_groups;
    uint32_t lag;  /* how far `tail` and `frontier` may stay behind, so that not every message moves them */
    bool keep;     /* when_full == SLOTRING_KEEP */
    bool hot;      /* SLOTRING_HOT_SLOTS */
    uint8_t *meta; /* the owner's description; NULL if the ring has none */
    sr__crc32c_t *sum; /* NULL: the ring's messages have no checksums */
    sr__header_t header;
} sr__view_t;

void sr__view_bind(sr__view_t *view, const sr__header_t *header, uint8_t *memory, bool with_payload);

static inline sr__slot_t *sr__slot(const sr__view_t *view, uint32_t index)
{
    return (sr__slot_t *)(void *)(view->slots + (uint64_t)index * view->slot_stride);
}

/* The hold word for participants 64 w … 64 w + 63. */
static inline sr__word_t *sr__hold_word(sr__slot_t *slot, uint32_t w)
{
    return w == 0 ? &slot->hold0 : (sr__word_t *)(void *)((uint8_t *)(slot + 1) + (uint64_t)(w - 1) * 8);
}

static inline uint64_t sr__entry(const sr__view_t *view, uint64_t sequence, uint32_t slot)
{
    return ((sequence >> view->order_bits) + 1) << view->slot_bits | slot;
}

/* An entry of the order is the lap + 1 above the slot; 0 is empty. Compared with the publication that is looked for: */
enum sr__entry_age {
    SR__OLDER = -1,
    SR__CURRENT = 0,
    SR__NEWER = 1
};

static inline enum sr__entry_age sr__entry_age(const sr__view_t *view, uint64_t entry, uint64_t sequence)
{
    uint64_t lap = entry >> view->slot_bits, wanted = (sequence >> view->order_bits) + 1;
    return lap < wanted ? SR__OLDER : lap > wanted ? SR__NEWER : SR__CURRENT;
}

/* Which slot an entry names. Bounded: a damaged entry gives slot_count. */
static inline uint32_t sr__entry_slot(const sr__view_t *view, uint64_t entry)
{
    uint64_t slot = entry & view->slot_mask;
    return slot < view->slot_count ? (uint32_t)slot : view->slot_count;
}

/* Which entry of the order `sequence` has. */
static inline uint32_t sr__order_position(const sr__view_t *view, uint64_t sequence)
{
    return (uint32_t)(sequence & view->order_mask);
}

static inline sr__word_t *sr__order_at(const sr__view_t *view, uint64_t sequence)
{
    return &view->order[sequence & view->order_mask];
}

/* The lines that a message needs first: the control line, and the first one of the payload. */
static inline void sr__prefetch_message(const sr__view_t *view, uint32_t slot)
{
    if (slot >= view->slot_count)
        return;
    sr__prefetch_to_read(sr__slot(view, slot));
    sr__prefetch_to_read(view->payload + (uint64_t)slot * view->payload_stride);
}

static inline void sr__prefetch_to_fill(const sr__view_t *view, uint32_t slot)
{
    if (slot >= view->slot_count)
        return;
    sr__prefetch_to_write(sr__slot(view, slot));
    sr__prefetch_to_write(view->payload + (uint64_t)slot * view->payload_stride);
}

/* One of the two for the slot that is listed at `sequence`, if one is. */
static inline void sr__prefetch_listed(const sr__view_t *view, uint64_t sequence,
                                       void (*prefetch)(const sr__view_t *view, uint32_t slot))
{
    uint64_t entry = atomic_load_explicit(sr__order_at(view, sequence), memory_order_relaxed);
    if (sr__entry_age(view, entry, sequence) == SR__CURRENT)
        prefetch(view, sr__entry_slot(view, entry));
}

/* Is anybody attached as `participant`, which may be any number? */
static inline bool sr__is_attached(const sr__view_t *view, uint32_t participant)
{
    return participant < view->participant_count &&
           sr__in_use(sr__load(&view->participants[participant].incarnation));
}

/* Raises a high-water mark: an entry at or above it was never used. */
static inline void sr__raise_high(sr__half_t *high, uint32_t to)
{
    uint32_t seen = atomic_load_explicit(high, memory_order_seq_cst);
    while (seen < to && !atomic_compare_exchange_weak_explicit(high, &seen, to, memory_order_seq_cst,
                                                               memory_order_seq_cst))
        ;
}

/* Entries at or above these were never used. */
static inline uint32_t sr__participants_high(const sr__view_t *view)
{
    uint32_t high = atomic_load_explicit(&view->state->participants_high, memory_order_seq_cst);
    return high < view->participant_count ? high : view->participant_count;
}

static inline uint32_t sr__subscriptions_high(const sr__view_t *view)
{
    uint32_t high = atomic_load_explicit(&view->state->readers_high, memory_order_seq_cst);
    return high < view->subscription_count ? high : view->subscription_count;
}

/* How many rows may be durable. */
static inline uint32_t sr__durable_rows(const sr__view_t *view)
{
    return view->writer_count == 0 || view->subscription_count < SR__PROGRESS_ROWS ? view->subscription_count
                                                                                   : SR__PROGRESS_ROWS;
}

/* What such a row has acknowledged of a writer. */
static inline sr__word_t *sr__progress(const sr__view_t *view, uint32_t row, uint32_t writer)
{
    return &view->progress[(uint64_t)row * view->writer_count + writer];
}

static inline uint32_t sr__writers_high(const sr__view_t *view)
{
    uint32_t high = atomic_load_explicit(&view->state->writers_high, memory_order_seq_cst);
    return high < view->writer_count ? high : view->writer_count;
}

/* [view.listed] Does the order have publication `sequence` in `slot`? */
static inline bool sr__is_listed(const sr__view_t *view, uint64_t sequence, uint32_t slot)
{
    return sr__load(sr__order_at(view, sequence)) == sr__entry(view, sequence, slot);
}

/* Is slot `index`, with this word and sequence, its owner's to write? COMMIT alone does not say so: its publication
 * may be in the order already. */
static inline bool sr__is_being_written(const sr__view_t *view, uint32_t index, uint64_t word,
                                        uint64_t sequence)
{
    if (sr__slot_state(word) == SR__COMMIT)
        return sequence == SR__NO_SEQUENCE || !sr__is_listed(view, sequence, index);
    return sr__slot_state(word) == SR__CLAIMED;
}

/* [view.held] Does anybody hold the slot? */
static inline bool sr__is_held(const sr__view_t *view, sr__slot_t *slot)
{
    if (sr__load(&slot->hold0) != 0)
        return true;
    if (view->hold_groups == 0)
        return false;
    if ((view->hold_groups & 1) && sr__load(&slot->letters) != 0)
        return true;
    /* Loaded after the slot's word was changed: a holder that is not seen here attached later, and then sees the
     * word. Up to the last group in use, which are usually all: a step is five instructions, and picking them out
     * takes ten. */
    uint64_t groups = sr__load(&view->state->holders) & view->hold_groups & ~UINT64_C(1), held = 0;
    if (groups == 0)
        return false;
    const sr__word_t *more = sr__hold_word(slot, 1);
    for (groups >>= 1; groups; groups >>= 1)
        held |= sr__load(more++);
    return held != 0;
}

#endif
