/* SPDX-License-Identifier: Apache-2.0 */
/* Holding a publication. */
#ifndef SR_HOLD_H
#define SR_HOLD_H

#include "handle.h"

/* In *held, beside the slot: pinned; not by ticket. */
#define SR__HELD_BY_WORD (UINT32_C(1) << 31)
#define SR__HELD_UNCOUNTED (UINT32_C(1) << 30)
static inline uint32_t sr__held_slot(uint32_t held)
{
    return held & ~(SR__HELD_BY_WORD | SR__HELD_UNCOUNTED);
}
/* Holds what has `sequence` by ticket; *held goes to sr__hold_drop. E_STALE, E_BUSY, E_NO_MEMORY, E_HOLDS (the handle holds as much
 * as it may): nothing is held. */
int sr__hold_acquire(sr__member_t *member, uint32_t slot, uint64_t sequence, uint32_t *held);
/* The same, uncounted, and so never E_HOLDS: for as long as a call takes, or for a reader, which counts it itself. */
int sr__hold_uncounted(sr__member_t *member, uint32_t slot, uint64_t sequence, uint32_t *held);
/* Uncounted too: what was withdrawn and is listed there, for a reader that producers wait for. */
int sr__hold_withdrawn(sr__member_t *member, uint32_t slot, uint64_t sequence, uint32_t *held);
/* Uncounted too: a block that was open when its slot was claimed with this word. Held, the block stays. */
int sr__hold_open_block(sr__member_t *member, uint32_t slot, uint64_t claimed, uint32_t *held);
/* Uncounted too: a block of records, be it open or closed; `content`: the low 32 bits of its content word. */
int sr__hold_block(sr__member_t *member, uint32_t slot, uint32_t content, uint32_t *held);
void sr__hold_drop(sr__member_t *member, uint32_t held);
/* The same for a caller that may copy `key`: one close per open succeeds. */
int sr__hold_open(sr__member_t *member, uint32_t slot, uint64_t sequence, uint64_t key[2]);
int sr__hold_block_open(sr__member_t *member, uint32_t slot, uint32_t content, uint64_t key[2]);
bool sr__hold_close(sr__member_t *member, uint32_t slot, const uint64_t key[2]);
int sr__hold_refused(sr__member_t *member, uint32_t slot,
                     int code); /* the thread's last error; counts E_STALE */

/* For hold_block.c and mark_ready.c: an uncounted hold of this handle, whatever is in the slot; and how it becomes one by ticket, when
 * `slots` are counted for it already. E_NO_MEMORY: it is as it was, and they are not counted any more. */
int sr__hold_take(sr__member_t *member, uint32_t slot, uint64_t *number);
void sr__hold_give_up(sr__member_t *member, uint32_t slot, uint64_t number);
int sr__hold_settle(sr__member_t *member, uint32_t slot, uint64_t slots);
/* The hold, and what was counted for it, goes: of a slot that nobody else can have a ticket of. */
void sr__hold_unsettle(sr__member_t *member, uint32_t slot, uint64_t slots);
int sr__hold_note(sr__member_t *member, uint32_t held, uint64_t key[2]); /* without a number: in taken.c */

#endif
