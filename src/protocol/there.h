/* SPDX-License-Identifier: Apache-2.0 */
/* Who has a subscription? The participant that owns it, or, if it is a group, its members. Nobody has a durable subscription
 * that its owner has left, nor a group without a member. */
#ifndef SR_THERE_H
#define SR_THERE_H

#include "handle.h"

/* Does somebody have the subscription in this row, living or not repaired yet? The system is not asked. word: its state. */
bool sr__somebody_has(const sr__view_t *view, uint32_t row, uint64_t word);

/* Does somebody have it who lives, as far as the system tells? */
bool sr__reader_is_there(sr__member_t *member, uint32_t row, uint64_t word);

#endif
