/* SPDX-License-Identifier: Apache-2.0 */
/* A slot, without its payload: its word, what it has, and the links of a span. */
#ifndef SR_LAYOUT_SLOT_H
#define SR_LAYOUT_SLOT_H

#include "layout/participant.h"

/* slot word: owner:12 | state:4 | flags:2 | version:46, from the lowest bit. */
enum sr__slot_state {
    SR__FREE = 0,    /* anybody may claim it */
    SR__CLAIMED = 1, /* owner writes into it. Repair: FREE */
    SR__RECLAIM = 2, /* owner looks whether it is held. Repair: FREE or retired */
    SR__COMMIT =
        3, /* listed: at rest; else owner is listing it. Repair: PUBLISHED, or as RECLAIM, withdrawn */
    SR__PUBLISHED =
        4, /* at rest: retired or withdrawn, or its producer has left. Owner: nobody, or who pins it.
                          Repair: nobody */
    SR__PIECE =
        5, /* at rest: a part of a span, which goes with its head. Owner: nobody. Repair: by the head */
};

#define SR__RETIRED \
    (UINT64_C(1) << 16) /* out of the walk; who removes the last reason to keep it reclaims it */
#define SR__WITHDRAWN (UINT64_C(1) << 17) /* gone by ticket */
#define SR__VERSION_ONE (UINT64_C(1) << 18)

/* content word: kind:4 | writer:12 | block:48. */
enum sr__content_kind {
    SR__MESSAGE = 0, /* one message takes the slot */
    SR__BLOCK = 1,   /* records, one after the other: record.h */
    SR__OPEN_SPAN =
        2,        /* the head of a span that is being written: span.h. block: version of the claimed word */
    SR__SPAN = 4, /* the head of a span: its pieces go when it goes. No other kind has this bit */
};
#define SR__NO_WRITER 4095u /* as SLOTRING_WRITERS_MAX: no row has it */

typedef struct sr__slot {
    /* First 64 bytes: all that a message of a ring with up to 64 participants needs. */
    sr__word_t word;
    sr__word_t sequence; /* "pub" in the protocol: of its publication, or SR__NO_SEQUENCE */
    sr__word_t
        length; /* these five: written by the owner while CLAIMED. Of a block: bytes used, once it is closed */
    sr__word_t time;
    sr__word_t tag;
    sr__word_t producer; /* participant | incarnation << 12 */
    sr__word_t content;
    sr__word_t hold0; /* participants 0 to 63 that hold it */
    /* The next 64: what only a message of a writer has, and the checksum. */
    sr__word_t number; /* of the message, or of the block's first record, among those of its writer */
    sr__word_t sum;    /* of the message, with SR__FEATURE_SUMS; else 0. Written by the owner while CLAIMED */
    /* Of a span (span.h), written by the owner while CLAIMED: a link to the piece behind this slot, 0 behind the last; and
     * which span it is a part of: a link to the head, as that was claimed. Of the head: how far the freeing of its pieces is,
     * by who has the head CLAIMED, or repairs that. */
    sr__word_t next;
    sr__word_t part_of;
    sr__word_t freeing_current;
    sr__word_t freeing_following;
    /* A bit for each group of which the message is a dead letter, or is about to be one: it keeps the slot, as a hold bit does. */
    sr__word_t letters;
    /* Numbers of the writer, just below `number`, that no message has: it skipped them. Written as the five above. */
    sr__word_t skipped;
    /* Participants 64 and above that hold it: hold word w, from 1 on, lies at 128 + 8 (w - 1). */
} sr__slot_t;

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

/* CLAIMED -> PIECE: same version, no flags. */
static inline uint64_t sr__piece(uint64_t from)
{
    return (from & ~(SR__VERSION_ONE - 1)) | (uint64_t)SR__PIECE << 12 | SR__NOBODY;
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

/* What a slot's word and sequence say of publication `wanted`: may it be read there? For those who only look. Those who hold a slot
 * also change it: they take it back from RECLAIM, and pin it by its word, so hold.c and pin.c have switches of their own. */
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

/* -- links of a span: version:40 | slot + 1:24; 0: none. The version's six highest bits are left out. -- */

#define SR__LINK_SLOT UINT64_C(0xffffff)

static inline uint64_t sr__link(uint32_t slot, uint64_t word)
{
    return sr__version(word) << 24 | ((uint64_t)slot + 1);
}

/* Of a link that is not 0. */
static inline uint32_t sr__link_slot(uint64_t link)
{
    return (uint32_t)(link & SR__LINK_SLOT) - 1;
}

/* Is `word`, of the slot that the link names, of the version that was linked? */
static inline bool sr__link_fits(uint64_t link, uint64_t word)
{
    return (sr__version(word) << 24 | (link & SR__LINK_SLOT)) == link;
}

/* -- producers -- */

/* The word `producer` of a slot. */
static inline uint64_t sr__producer(uint32_t participant, uint64_t incarnation)
{
    return incarnation << 12 | participant;
}

static inline uint32_t sr__producer_number(uint64_t producer)
{
    return (uint32_t)(producer & 0xfff);
}

static inline uint64_t sr__producer_incarnation(uint64_t producer)
{
    return producer >> 12;
}

/* -- numbers of a writer -- */

/* Where what lies in a slot begins: with the numbers that were skipped. A damaged slot says what cannot be, and is met then as one
 * that skips nothing. */
static inline uint64_t sr__begin_of(uint64_t number, uint64_t skipped)
{
    return skipped <= number ? number - skipped : number;
}

/* -- content words -- */

#define SR__BLOCK_NUMBER (UINT64_MAX >> 16)

static inline uint64_t sr__content(enum sr__content_kind kind, uint32_t writer, uint64_t block)
{
    return block << 16 | (uint64_t)writer << 4 | kind;
}

/* One message, of no writer. */
#define SR__PLAIN_MESSAGE ((uint64_t)SR__NO_WRITER << 4 | SR__MESSAGE)

static inline uint32_t sr__content_kind(uint64_t content)
{
    return (uint32_t)content & 0xf;
}

static inline uint32_t sr__content_writer(uint64_t content)
{
    return (uint32_t)(content >> 4) & 0xfff;
}

static inline bool sr__content_has_writer(uint64_t content)
{
    return sr__content_writer(content) != SR__NO_WRITER;
}

static inline uint64_t sr__content_block(uint64_t content)
{
    return content >> 16;
}

#endif
