/* SPDX-License-Identifier: Apache-2.0 */
/* Which groups there are, and who is a member. */
#ifndef SR_GROUP_MEMBERS_H
#define SR_GROUP_MEMBERS_H

#include "handle.h"

/* A new group in this place: nobody knows it yet. Under the process mutex. */
void sr__group_begin(sr__view_t *view, uint32_t group, uint32_t row, uint64_t limits);
/* A group in use: its subscription. NULL: the place is free. */
const sr__subscription_t *sr__group_row(const sr__view_t *view, uint32_t group);
/* How many members it has: those of participant `of`, or, with NOBODY, all. */
uint32_t sr__group_members(const sr__view_t *view, uint32_t group, uint32_t of);
/* Is the subscription in this row a group with a member, living or not repaired yet? */
bool sr__group_row_has_members(const sr__view_t *view, uint32_t row);
/* Is the subscription in this row a group with a member whose participant lives, as far as the system tells? */
bool sr__group_works(sr__member_t *member, uint32_t row);

/* False: the group's state is not `word` any more. */
bool sr__group_join(sr__view_t *view, uint32_t row, uint64_t word);
void sr__group_note_left(sr__member_t *member, uint32_t group, uint32_t d);

#endif
