/* SPDX-License-Identifier: Apache-2.0 */
/* A group: several readers share one subscription. */
#ifndef SR_LAYOUT_GROUP_H
#define SR_LAYOUT_GROUP_H

#include "layout/participant.h"

#define SR__LETTERS 8u /* places for dead letters: as SLOTRING_LETTERS_MAX */

/* The subscription of a group is a durable one that belongs to nobody. Each member has a subscription of its own, which says of
 * which group it is; no producer waits for that. */
typedef struct sr__group {
    sr__word_t
        row; /* the group's subscription + 1, by who makes the group, under the process mutex; 0: none yet */
    sr__word_t next;    /* everything below it was taken once. CASed forward by members */
    sr__word_t offered; /* bumped after messages were offered again */
    /* How often messages were given again, of all below `place`: total:28 | place:36. By CAS, by whoever moves the cursor. */
    sr__word_t redelivered;
    sr__word_t dead_lettered; /* likewise: messages that were tried too often */
    sr__word_t limits;        /* tries:8 | letters:8, by who makes the group; 0: no limit */
    sr__word_t passed_over;   /* total:52 | place:12, see protocol/group_pass.h. By CAS, likewise */
    uint64_t reserved[9];
    /* The dead letters, in any order: slot + 1:24 | for a newer one:1 | sequence:27 | owner:12. Owner: nobody, or who is taking
     * the letter away, and then whether for a newer one. 0: the place is empty. By CAS. */
    sr__word_t letters[SR__LETTERS];
    /* How many letters went from this place for a newer one: total:28 | place:36, the sequence of the last one + 1. By who is taking
     * that one away. */
    sr__word_t gone[SR__LETTERS];
} sr__group_t;

/* What became of a message of a group: its take word, of which each group has one for 2^k messages, as many as there are slots or
 * more. lap:40 | tries:8 | state:4 | owner:12, from the lowest bit owner first. By CAS. The lap is 1 + the number of the message
 * div the number of words, so 0 is right at first: a word of an earlier lap says that nobody has had the message of this lap. */
enum sr__take_state {
    SR__TAKE_NONE = 0,    /* only in a word that is 0 */
    SR__TAKE_TAKEN = 1,   /* its owner has it in its hands. Repair: OFFERED, with one try more */
    SR__TAKE_OFFERED = 2, /* somebody had it, and did not acknowledge it. Owner: nobody */
    SR__TAKE_DONE = 3,    /* acknowledged. Owner: nobody */
    SR__TAKE_DEAD = 4,    /* done, as a dead letter. Owner: nobody */
    SR__TAKE_PASSED = 5   /* nobody had it, and nobody will: the group does not want it. Owner: nobody */
};
#define SR__TRIES_MAX 255u

/* -- take words of groups: lap:40 | tries:8 | state:4 | owner:12 -- */

static inline uint64_t sr__take_word(uint64_t lap, uint32_t tries, enum sr__take_state state, uint32_t owner)
{
    return lap << 24 | (uint64_t)(tries < SR__TRIES_MAX ? tries : SR__TRIES_MAX) << 16 |
           (uint64_t)state << 12 | owner;
}

static inline uint32_t sr__take_owner(uint64_t word)
{
    return (uint32_t)word & 0xfff;
}

static inline uint32_t sr__take_state(uint64_t word)
{
    return (uint32_t)(word >> 12) & 0xf;
}

static inline uint32_t sr__take_tries(uint64_t word)
{
    return (uint32_t)(word >> 16) & 0xff;
}

/* Is the message done with? */
static inline bool sr__take_is_over(uint64_t word)
{
    return sr__take_state(word) >= SR__TAKE_DONE && sr__take_state(word) <= SR__TAKE_PASSED;
}

#define SR__TAKE_LAP (UINT64_MAX >> 24)

static inline uint64_t sr__take_lap(uint64_t word)
{
    return word >> 24;
}

/* -- a group's total: total:28 | place:36 -- */

#define SR__PLACE_BITS 36
#define SR__PLACE_MASK ((UINT64_C(1) << SR__PLACE_BITS) - 1)

static inline uint64_t sr__total_word(uint64_t total, uint64_t place)
{
    return total << SR__PLACE_BITS | (place & SR__PLACE_MASK);
}

static inline uint64_t sr__total_of(uint64_t word)
{
    return word >> SR__PLACE_BITS;
}

/* -- places of dead letters: slot + 1:24 | for a newer one:1 | sequence:27 | owner:12 -- */

#define SR__LETTER_FOR_NEWER (UINT64_C(1) << 39)
#define SR__LETTER_SEQUENCE ((UINT64_C(1) << 27) - 1)

static inline uint64_t sr__letter_word(uint32_t slot, uint64_t sequence, uint32_t owner)
{
    return ((uint64_t)slot + 1) << 40 | (sequence & SR__LETTER_SEQUENCE) << 12 | owner;
}

static inline uint32_t sr__letter_owner(uint64_t word)
{
    return (uint32_t)word & 0xfff;
}

/* Of a word that is not 0. It may be any number. */
static inline uint32_t sr__letter_slot(uint64_t word)
{
    return (uint32_t)(word >> 40) - 1;
}

static inline bool sr__letter_is_of(uint64_t word, uint64_t sequence)
{
    return (word >> 12 & SR__LETTER_SEQUENCE) == (sequence & SR__LETTER_SEQUENCE);
}

/* This one, as `owner` takes it away. */
static inline uint64_t sr__letter_going(uint64_t word, uint32_t owner, bool for_newer)
{
    return (word & ~(SR__LETTER_FOR_NEWER | UINT64_C(0xfff))) | (for_newer ? SR__LETTER_FOR_NEWER : 0) |
           owner;
}

/* -- limits of a group: letters:8 above tries:8 -- */

static inline uint64_t sr__limits_word(uint32_t tries, uint32_t letters)
{
    return (uint64_t)letters << 8 | tries;
}

#endif
