/* SPDX-License-Identifier: Apache-2.0 */
/* What a member of a group is given, and acknowledges. */
#ifndef SR_MEMBER_GIVE_H
#define SR_MEMBER_GIVE_H

#include "traffic/readers/member.h"

/* One message, or a record of the block that it has. E_EMPTY: none now. */
int sr__member_give(slotring_reader_t *reader, slotring_slot_t *out);
/* Acknowledges what was given. 0 or E_EVICTED. */
int sr__member_release(slotring_reader_t *reader);

#endif
