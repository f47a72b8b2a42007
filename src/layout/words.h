/* SPDX-License-Identifier: Apache-2.0 */
/* Packing and unpacking of the words that several processes change: slot words, order entries, subscription states,
 * stream words. Pure functions; layout.h has the formats. */
#ifndef SR_WORDS_H
#define SR_WORDS_H

#include <stdbool.h>

#include "layout/layout.h"

/* -- incarnations -- */

/* Is the participant entry with this incarnation in use? Attaching makes it odd, leaving and repair make it even. */
static inline bool sr__in_use(uint64_t incarnation)
{
    return incarnation % 2 == 1;
}

/* -- slot words -- */

static inline uint32_t sr__owner(uint64_t word)
{
    return (uint32_t)(word & 0xfff);
}

static inline uint32_t sr__slot_state(uint64_t word)
{
    return (uint32_t)(word >> 12) & 0xf;
}

static inline bool sr__is_retired(uint64_t word)
{
    return (word & SR__RETIRED) != 0;
}

static inline bool sr__is_withdrawn(uint64_t word)
{
    return (word & SR__WITHDRAWN) != 0;
}

static inline uint64_t sr__version(uint64_t word)
{
    return word >> 18;
}

/* `from` with another state and owner; version and flags stay. */
static inline uint64_t sr__with_state(uint64_t from, enum sr__slot_state state, uint32_t owner)
{
    return (from & ~UINT64_C(0xffff)) | (uint64_t)state << 12 | owner;
}

/* Committed by its producer: a publication if its number is in the order. */
static inline bool sr__is_committed(uint64_t word)
{
    return sr__slot_state(word) == SR__COMMIT || sr__slot_state(word) == SR__PUBLISHED;
}

/* FREE or RECLAIM -> CLAIMED(owner): a new version, no flags. */
static inline uint64_t sr__claimed(uint64_t from, uint32_t owner)
{
    return ((from + SR__VERSION_ONE) & ~(SR__VERSION_ONE - 1)) | (uint64_t)SR__CLAIMED << 12 | owner;
}

/* Any -> FREE: same version, no flags. */
static inline uint64_t sr__to_free(uint64_t from)
{
    return (from & ~(SR__VERSION_ONE - 1)) | (uint64_t)SR__FREE << 12 | SR__NOBODY;
}

/* Who holds a PUBLISHED slot by its word; NOBODY: it is not pinned. */
static inline uint32_t sr__pinner(uint64_t word)
{
    return sr__slot_state(word) == SR__PUBLISHED ? sr__owner(word) : SR__NOBODY;
}

/* Pinned -> PUBLISHED by nobody; flags and version stay. */
static inline uint64_t sr__unpinned(uint64_t from)
{
    return sr__with_state(from, SR__PUBLISHED, SR__NOBODY);
}

/* Any -> PUBLISHED and retired; withdrawn is kept, and so is a pin. */
static inline uint64_t sr__retired(uint64_t from)
{
    return sr__with_state(from, SR__PUBLISHED, sr__pinner(from)) | SR__RETIRED;
}

/* What a slot's word and sequence say of publication `wanted`: may it be read there? */
enum sr__presence {
    SR__ABSENT,
    SR__PRESENT,
    SR__PRESENT_IF_LISTED
};

static inline enum sr__presence sr__presence(uint64_t word, uint64_t sequence, uint64_t wanted)
{
    if (sequence != wanted || sr__is_withdrawn(word))
        return SR__ABSENT;
    switch (sr__slot_state(word)) {
    case SR__PUBLISHED:
    case SR__RECLAIM:
        return SR__PRESENT;
    case SR__COMMIT:
        return SR__PRESENT_IF_LISTED;
    default:
        return SR__ABSENT;
    }
}

/* -- order entries: lap + 1 above the slot; 0 is empty -- */

enum sr__entry_age {
    SR__OLDER = -1,
    SR__CURRENT = 0,
    SR__NEWER = 1
};

/* -- subscription states -- */

static inline uint64_t sr__subscription_word(enum sr__subscription_state state, uint32_t owner,
                                             uint32_t flags, uint32_t generation)
{
    return (uint64_t)generation << 32 | (uint64_t)(flags & 0xffff) << 16 | (uint64_t)owner << 4 | state;
}

static inline uint32_t sr__subscription_state(uint64_t word)
{
    return (uint32_t)word & 0xf;
}

static inline uint32_t sr__subscription_owner(uint64_t word)
{
    return (uint32_t)(word >> 4) & 0xfff;
}

static inline uint32_t sr__subscription_flags(uint64_t word)
{
    return (uint32_t)(word >> 16) & 0xffff;
}

static inline uint32_t sr__subscription_generation(uint64_t word)
{
    return (uint32_t)(word >> 32);
}

/* Does this subscription hold producers back? Unknown ways of doing so are treated as the strongest one. */
static inline bool sr__subscription_gates(uint64_t word)
{
    return sr__subscription_state(word) == SR__SUBSCRIPTION_ACTIVE &&
           (sr__subscription_flags(word) & (SR__SUBSCRIPTION_GATES | SR__SUBSCRIPTION_PINS)) != 0;
}

/* -- stream words: phase:4 | starts:20 | ends:20 | deaths:20 -- */

#define SR__STREAM_COUNT UINT64_C(0xfffff)

static inline uint32_t sr__stream_phase(uint64_t word)
{
    return (uint32_t)word & 0xf;
}

static inline uint32_t sr__stream_starts(uint64_t word)
{
    return (uint32_t)(word >> 4 & SR__STREAM_COUNT);
}

static inline uint32_t sr__stream_ends(uint64_t word)
{
    return (uint32_t)(word >> 24 & SR__STREAM_COUNT);
}

static inline uint32_t sr__stream_deaths(uint64_t word)
{
    return (uint32_t)(word >> 44 & SR__STREAM_COUNT);
}

/* The next word: `phase` entered, its count one higher. */
static inline uint64_t sr__stream_step(uint64_t word, enum sr__stream_phase phase)
{
    uint32_t shift = phase == SR__STREAMING ? 4 : phase == SR__ENDED ? 24 : 44;
    uint64_t count = (word >> shift) + 1;
    word &= ~(SR__STREAM_COUNT << shift) & ~UINT64_C(0xf);
    return word | (count & SR__STREAM_COUNT) << shift | phase;
}

#endif
