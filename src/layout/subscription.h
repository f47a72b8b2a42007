/* SPDX-License-Identifier: Apache-2.0 */
/* A subscription: what a reader, a durable subscription or a group has in shared memory. */
#ifndef SR_LAYOUT_SUBSCRIPTION_H
#define SR_LAYOUT_SUBSCRIPTION_H

#include "layout/account.h"
#include "layout/acks.h"
#include "layout/participant.h"

/* subscription state word: state:4 | owner:12 | flags:16 | generation:32 */
enum sr__subscription_state {
    SR__SUBSCRIPTION_FREE = 0,
    SR__SUBSCRIPTION_JOIN = 1,
    SR__SUBSCRIPTION_ACTIVE = 2
};
enum sr__subscription_flags {
    SR__SUBSCRIPTION_GATES = 1u << 0,   /* nothing at or above its cursor is reclaimed: a lossless reader */
    SR__SUBSCRIPTION_PINS = 1u << 1,    /* reserved */
    SR__SUBSCRIPTION_REVOKED = 1u << 2, /* its reader is to be told that producers wait for it no more */
    SR__SUBSCRIPTION_GROUP = 1u << 3,   /* durable: a group, which belongs to nobody; else: a member of one */
    SR__SUBSCRIPTION_STARTING = 1u << 4, /* its start is being found: its account says nothing yet */
    SR__SUBSCRIPTION_LOSSY = 1u << 5,    /* its reader was told that */
    SR__SUBSCRIPTION_DURABLE = 1u << 6,  /* it outlives its owner, by its name: takeover.c */
    SR__SUBSCRIPTION_BY_HAND = 1u << 7,  /* with one of the two: the ring's owner wanted that */
    SR__SUBSCRIPTION_ARM = 1u << 8, /* how often it was armed again: the eight highest bits, which wrap */
};
#define SR__SUBSCRIPTION_ARMS 0xff00u
/* Of those that hold producers back, and may do so again. */
#define SR__SUBSCRIPTION_IN_SET (SR__SUBSCRIPTION_GATES | SR__SUBSCRIPTION_REVOKED | SR__SUBSCRIPTION_LOSSY)

/* Rows that may be durable in a ring with writers: each has a word for each of these. */
#define SR__PROGRESS_ROWS 64u

typedef struct sr__subscription {
    /* line 0: state by CAS, of a reader that can be revoked by producers, too; the rest by the reader alone, but for
     * revoked_at */
    sr__word_t state;
    /* sequence:52 | generation:12. The generation is that of a durable subscription, else 0: whose subscription was taken
     * over meanwhile moves the cursor no more. */
    sr__word_t cursor;
    /* Of a durable subscription: when it was left, on the monotonic clock, and by which process. By its owner, or by who
     * repairs that, before the owner is nobody. */
    sr__word_t left_at;
    sr__word_t left_by;
    uint64_t reserved0[3];
    sr__word_t bytes_read;
    sr__word_t
        lost; /* messages that it missed by its latest revocation. SR__LOST_TOLD: of a durable one, and it was told */
    /* marks:24 | messages:40, records too: what it had missed before it first missed something after so many marks of runs */
    sr__word_t missed_before;
    sr__word_t mask; /* it wants the tags that, under this mask, are `match` */
    sr__word_t match;
    sr__word_t budget; /* 0: it has none */
    sr__half_t every;  /* it wants the numbers that this divides; 0 and 1: all */
    sr__half_t
        revoked_at;     /* seconds of the clock, plus 1. Stored before REVOKED, by who sets that; 0: never */
    sr__word_t records; /* that it was given, and that it missed */
    sr__word_t records_missed;
    /* line 1 */
    char name[48];
    sr__word_t group; /* of a group, and of a member of one: the group's number + 1; else 0 */
    sr__word_t records_passed_over;
    sr__half_t latest; /* 1: it wants the newest message only */
    /* Both by producers alone: when one last found it in its way (milliseconds of the clock); and since when, and at which
     * cursor, its present time runs. A stall: time:32 | tag:8 | sequence:24; the tag tells which reader, and which of its
     * arms. 0: it has not begun. CAS */
    sr__half_t seen;
    sr__word_t stall;
    /* Of a durable subscription, by its owner, CAS: what is acknowledged above the cursor (acks.h); and a cursor at which that says
     * nothing any more, numbered as the cursor. 0: it does. */
    sr__word_t acks;
    sr__word_t acks_until;
    /* Of a durable subscription, by its owner, CAS, numbered as the cursor: below which serial number its owners are done with all marks,
     * + 1. 0: none of them was told of marks. */
    sr__word_t marks;
    /* For people, by its reader once it has begun: flags and window of its options. 0 before. */
    sr__half_t flags;
    sr__half_t window;
    uint64_t reserved1[2];
    /* line 2 */
    sr__account_words_t accounts[2];
} sr__subscription_t;

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

/* Has it found its start? Then it gets what is published from now on, and its account is right. */
static inline bool sr__subscription_has_started(uint64_t word)
{
    return sr__subscription_state(word) == SR__SUBSCRIPTION_ACTIVE &&
           (sr__subscription_flags(word) & SR__SUBSCRIPTION_STARTING) == 0;
}

/* Is it one that its owner has left, and that its next owner takes over? */
static inline bool sr__subscription_is_left(uint64_t word)
{
    return sr__subscription_state(word) == SR__SUBSCRIPTION_ACTIVE &&
           (sr__subscription_flags(word) & SR__SUBSCRIPTION_DURABLE) != 0 &&
           sr__subscription_owner(word) == SR__NOBODY;
}

/* Of a group, and of a member of one. */
static inline bool sr__subscription_is_group(uint64_t word)
{
    const uint32_t both = SR__SUBSCRIPTION_GROUP | SR__SUBSCRIPTION_DURABLE;
    return sr__subscription_state(word) == SR__SUBSCRIPTION_ACTIVE &&
           (sr__subscription_flags(word) & both) == both;
}

static inline bool sr__subscription_is_member(uint64_t word)
{
    const uint32_t both = SR__SUBSCRIPTION_GROUP | SR__SUBSCRIPTION_DURABLE;
    return sr__subscription_state(word) == SR__SUBSCRIPTION_ACTIVE &&
           (sr__subscription_flags(word) & both) == SR__SUBSCRIPTION_GROUP;
}

/* Does this subscription hold producers back? Unknown ways of doing so are treated as the strongest one. */
static inline bool sr__subscription_gates(uint64_t word)
{
    return sr__subscription_state(word) == SR__SUBSCRIPTION_ACTIVE &&
           (sr__subscription_flags(word) & (SR__SUBSCRIPTION_GATES | SR__SUBSCRIPTION_PINS)) != 0;
}

/* Is it the same subscription of the same reader? Its flags may have changed. */
static inline bool sr__subscription_same(uint64_t word, uint64_t other)
{
    return ((word ^ other) & ~(UINT64_C(0xffff) << 16)) == 0;
}

/* The same for who only looks: a group goes on when a member joins, which changes its generation. */
static inline bool sr__subscription_goes_on(uint64_t word, uint64_t other)
{
    return sr__subscription_same(word, other) ||
           (sr__subscription_is_group(word) && sr__subscription_is_group(other));
}

static inline uint64_t sr__subscription_with(uint64_t word, uint32_t flags)
{
    return sr__subscription_word(sr__subscription_state(word), sr__subscription_owner(word), flags,
                                 sr__subscription_generation(word));
}

/* Producers wait for it no more, and its reader does not know yet. */
static inline uint64_t sr__subscription_revoked(uint64_t word)
{
    uint32_t flags = sr__subscription_flags(word) & ~(uint32_t)SR__SUBSCRIPTION_GATES;
    return sr__subscription_with(word, flags | SR__SUBSCRIPTION_REVOKED);
}

/* The ring's owner wants that. in_place: only its gate protects what its reader has in its hands, so it stays until the reader
 * knows. */
static inline uint64_t sr__subscription_revoked_by_hand(uint64_t word, bool in_place)
{
    uint32_t flags = sr__subscription_flags(word) | SR__SUBSCRIPTION_REVOKED | SR__SUBSCRIPTION_BY_HAND;
    return sr__subscription_with(word, in_place ? flags : flags & ~(uint32_t)SR__SUBSCRIPTION_GATES);
}

/* Its reader knows. */
static inline uint64_t sr__subscription_lossy(uint64_t word)
{
    uint32_t flags =
        sr__subscription_flags(word) & ~(uint32_t)(SR__SUBSCRIPTION_GATES | SR__SUBSCRIPTION_REVOKED);
    return sr__subscription_with(word, flags | SR__SUBSCRIPTION_LOSSY);
}

/* Producers wait for it again. The count of arms makes it another word than before the revocation. */
static inline uint64_t sr__subscription_armed(uint64_t word)
{
    uint32_t flags = sr__subscription_flags(word),
             arms = (flags + SR__SUBSCRIPTION_ARM) & SR__SUBSCRIPTION_ARMS;
    flags &= ~(uint32_t)(SR__SUBSCRIPTION_LOSSY | SR__SUBSCRIPTION_BY_HAND | SR__SUBSCRIPTION_ARMS);
    return sr__subscription_with(word, flags | SR__SUBSCRIPTION_GATES | arms);
}

/* Which copy of a subscription's account counts. */
static inline const sr__account_words_t *sr__account_of(const sr__subscription_t *subscription, uint64_t word)
{
    const sr__account_words_t *both = subscription->accounts;
    if ((sr__subscription_flags(word) & SR__SUBSCRIPTION_DURABLE) == 0)
        return &both[0];
    uint32_t first = (uint32_t)sr__load(&both[0].generation),
             second = (uint32_t)sr__load(&both[1].generation);
    return first - second < UINT32_C(0x80000000) ? &both[0] : &both[1];
}

#endif
