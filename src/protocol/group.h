/* SPDX-License-Identifier: Apache-2.0 */
/* A group: several members share one subscription, and each message goes to one of them. */
#ifndef SR_GROUP_H
#define SR_GROUP_H

#include "handle.h"

/* A message that a member has in its hands. */
typedef struct sr__take {
    uint64_t sequence, word; /* word: as this member set it */
} sr__take_t;

/* Of a member, all 0 at first: how far it has looked for what was offered again, and what it passes over. */
typedef struct sr__search {
    uint64_t seen,
        begun; /* the group's count of offers, plus 1: at the last look that was complete, and at this one */
    uint64_t at, end;           /* of this one */
    const sr__wanted_t *wanted; /* NULL: the group wants all */
    /* What was passed over since the cursor was last moved for it, at most SR__PASSED_AT_ONCE. */
    uint32_t passed;
} sr__search_t;

#define SR__PASSED_AT_ONCE 64u /* producers may be waiting for their slots */

/* The take word of message `sequence`. Neighbours in time lie on different lines, since different members change them. */
SR__INLINE sr__word_t *sr__take_at(const sr__view_t *view, uint32_t group, uint64_t sequence)
{
    uint32_t bits = view->slot_bits;
    uint64_t mask = (UINT64_C(1) << bits) - 1, at = sequence & mask;
    if (bits >= 8)
        at = (at << 4 | at >> (bits - 4)) & mask;
    return &view->takes[((uint64_t)group << bits) + at];
}

static inline uint64_t sr__lap_of(const sr__view_t *view, uint64_t sequence)
{
    return ((sequence >> view->slot_bits) + 1) & SR__TAKE_LAP;
}

/* How many laps is `word` ahead of message `sequence`? Negative: nobody has had that message yet. */
static inline int64_t sr__laps_ahead(const sr__view_t *view, uint64_t word, uint64_t sequence)
{
    uint64_t ahead = (sr__take_lap(word) - sr__lap_of(view, sequence)) & SR__TAKE_LAP;
    return ahead <= SR__TAKE_LAP / 2 ? (int64_t)ahead : (int64_t)ahead - (int64_t)SR__TAKE_LAP - 1;
}

/* After how many tries a message goes to the dead letters; 0: never. */
static inline uint32_t sr__group_tries(const sr__view_t *view, uint32_t group)
{
    return (uint32_t)sr__peek(&view->groups[group].limits) & 0xff;
}

/* How many of them stay. */
static inline uint32_t sr__group_letters(const sr__view_t *view, uint32_t group)
{
    uint32_t letters = (uint32_t)(sr__peek(&view->groups[group].limits) >> 8) & 0xff;
    return letters < SR__LETTERS ? letters : SR__LETTERS;
}

/* Is the message with this take word not for a member, but for the dead letters? */
static inline bool sr__take_is_due(const sr__view_t *view, uint32_t group, uint64_t word)
{
    uint32_t limit = sr__group_tries(view, group);
    return limit > 0 && sr__take_tries(word) >= limit;
}

/* Takes a message for this participant, or with only_look says whether there is one. What is due (sr__take_is_due) it takes in any case:
 * it is to be buried. What the group does not want it passes over on the way. 0, without one taken word 0; E_EMPTY: there is none, and
 * *sequence is the end of the order; E_BUSY: it has passed over enough for once. If search->passed is not 0 afterwards, the
 * caller moves the cursor (sr__group_settle). */
int sr__group_take(sr__member_t *member, uint32_t group, sr__search_t *search, bool only_look,
                   sr__take_t *take);
/* Acknowledges a message. False: this participant was taken for dead. */
bool sr__group_done(sr__member_t *member, uint32_t group, const sr__take_t *take);
/* Moves the group's cursor over what is acknowledged. A member passes over what it finds there and does not want (wanted; else NULL).
 * *from: the cursor before. Has it moved? */
bool sr__group_settle(sr__member_t *member, uint32_t group, const sr__wanted_t *wanted, uint64_t *from);
/* Gives a message back that was not acknowledged. Then sr__group_say_offered, and a wake-up for publications. */
void sr__group_offer(sr__member_t *member, uint32_t group, const sr__take_t *take);
void sr__group_say_offered(sr__member_t *member, uint32_t group);
/* All that participant d has in its hands goes to others. */
void sr__groups_repair(sr__member_t *member, uint32_t d);
/* How often messages were given again: of those that are behind the cursor. */
uint64_t sr__group_redelivered(const sr__view_t *view, uint32_t group);

#endif
