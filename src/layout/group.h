/* SPDX-License-Identifier: Apache-2.0 */
/* A group: several readers share one subscription. */
#ifndef SR_LAYOUT_GROUP_H
#define SR_LAYOUT_GROUP_H

#include "layout/participant.h"

/* The subscription of a group is a durable one that belongs to nobody. Each member has a subscription of its own, which says of
 * which group it is; no producer waits for that. */
typedef struct sr__group {
    sr__word_t
        row; /* the group's subscription + 1, by who makes the group, under the process mutex; 0: none yet */
    sr__word_t next;    /* everything below it was taken once. CASed forward by members */
    sr__word_t offered; /* bumped after messages were offered again */
    /* How often messages were given again, of all below `place`: total:28 | place:36. By CAS, by whoever moves the cursor. */
    sr__word_t redelivered;
    uint64_t reserved[12];
} sr__group_t;

/* What became of a message of a group: its take word, of which each group has one for 2^k messages, as many as there are slots or
 * more. lap:40 | tries:8 | state:4 | owner:12, from the lowest bit owner first. By CAS. The lap is 1 + the number of the message
 * div the number of words, so 0 is right at first: a word of an earlier lap says that nobody has had the message of this lap. */
enum sr__take_state {
    SR__TAKE_NONE = 0,    /* only in a word that is 0 */
    SR__TAKE_TAKEN = 1,   /* its owner has it in its hands. Repair: OFFERED, with one try more */
    SR__TAKE_OFFERED = 2, /* somebody had it, and did not acknowledge it. Owner: nobody */
    SR__TAKE_DONE = 3     /* acknowledged. Owner: nobody */
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

#endif
