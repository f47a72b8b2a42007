/* SPDX-License-Identifier: Apache-2.0 */
/* What a group does not want: it is passed over, and no member is given it. */
#ifndef SR_GROUP_PASS_H
#define SR_GROUP_PASS_H

#include "protocol/group.h"

/* Is message `sequence` one that the group does not want? Nobody has had it. A look without a hold: it says something only if the take
 * word of the message, which was loaded before, is the same afterwards. */
bool sr__group_is_unwanted(const sr__view_t *view, const sr__wanted_t *wanted, uint64_t sequence);
/* Passes over it, from the take word that was seen. By a member. False: somebody was faster. */
bool sr__group_pass(const sr__view_t *view, uint32_t group, uint64_t sequence, uint64_t word);
/* Does the group pass over anything? */
bool sr__group_selects(const sr__subscription_t *subscription);
/* Counts the message at the cursor, whose word is `at`, before the cursor passes it. False: the cursor has moved on, or others count. */
bool sr__group_count_passed(sr__group_t *group, const sr__word_t *cursor, uint64_t at, bool passed);
/* How many were passed over, of all below the cursor; *cursor: for which that is. An observer's error. */
int sr__group_passed_over(sr__member_t *member, uint32_t group, uint32_t row, uint64_t *cursor,
                          uint64_t *passed_over);

/* -- what was passed over: total:52 | place:12, of the message that was counted last + 1 -- */

#define SR__PASSED_PLACE_BITS 12
#define SR__PASSED_PLACE_MASK ((UINT64_C(1) << SR__PASSED_PLACE_BITS) - 1)

static inline uint64_t sr__passed_word(uint64_t total, uint64_t sequence)
{
    return total << SR__PASSED_PLACE_BITS | (sequence & SR__PASSED_PLACE_MASK);
}

static inline uint64_t sr__passed_total(uint64_t word)
{
    return word >> SR__PASSED_PLACE_BITS;
}

#endif
