/* SPDX-License-Identifier: Apache-2.0 */
/* The dead letters of a group: messages that were tried too often. */
#ifndef SR_LETTERS_H
#define SR_LETTERS_H

#include "protocol/group.h"

/* The message that this participant has taken, and that is due, becomes a dead letter: no member is given it. True: the group's cursor
 * has moved; *from: from where. */
bool sr__letters_bury(sr__member_t *member, uint32_t group, const sr__wanted_t *wanted,
                      const sr__take_t *take, uint64_t *from);
/* Who is about to take a letter away under the process mutex: the one with this sequence. False: it is not listed, or its
 * message is not dead yet. */
bool sr__letters_drop(sr__member_t *member, uint32_t group, uint64_t sequence);
/* Of all groups: what participant d was about to take away; and, under the process mutex (died), what is left of those that it was
 * about to forget, or to make. */
void sr__letters_repair(sr__member_t *member, uint32_t d, bool died);
/* The group is over, or not begun yet: no slot is kept for it any more. Under the process mutex. */
void sr__letters_clear(sr__member_t *member, uint32_t group, uint32_t as);
/* Is the message of a letter dead? Else another member will list it again: it is about to be one. */
bool sr__letter_is_dead(const sr__view_t *view, uint32_t group, uint64_t sequence);
/* Letters that went for a newer one. */
uint64_t sr__letters_lost(const sr__view_t *view, uint32_t group);

/* Is the letter in place `at` listed? Its slot, and its word: as long as the place has this word the slot has that message. */
static inline bool sr__letter_is_listed(const sr__view_t *view, uint32_t group, uint32_t at, uint64_t *word,
                                        uint32_t *slot)
{
    *word = sr__load(&view->groups[group].letters[at]);
    *slot = *word == 0 ? 0 : sr__letter_slot(*word);
    return *word != 0 && sr__letter_owner(*word) == SR__NOBODY && *slot < view->slot_count;
}

#endif
