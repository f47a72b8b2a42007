/* SPDX-License-Identifier: Apache-2.0 */
/* Holding a publication. */
#ifndef SR_HOLD_H
#define SR_HOLD_H

#include "handle.h"

/* hold count: number:42 | is it open:1 | clearing:1 | count:20, from the highest bit */
#define SR__COUNT UINT64_C(0xfffff)
#define SR__CLEARING (UINT64_C(1) << 20)       /* a thread is clearing the shared bit */
#define SR__NUMBER_IS_OPEN (UINT64_C(1) << 21) /* the acquire with this number is not released yet */
#define SR__NUMBER_ONE (UINT64_C(1) << 22)
#define SR__NUMBER (~(SR__COUNT | SR__CLEARING)) /* with the flag */
#define SR__HELD_BY_WORD (UINT32_C(1) << 31)     /* in *held, beside the slot: pinned */
static inline uint32_t sr__held_slot(uint32_t held)
{
    return held & ~SR__HELD_BY_WORD;
}
/* Holds what has `sequence`; *held goes to sr__hold_drop. E_STALE, E_BUSY, E_NO_MEMORY: nothing is held. */
int sr__hold_acquire(sr__member_t *member, uint32_t slot, uint64_t sequence, uint32_t *held);
/* The same for what was withdrawn and is listed there, for a reader that producers wait for. */
int sr__hold_withdrawn(sr__member_t *member, uint32_t slot, uint64_t sequence, uint32_t *held);
/* The same for a block that was open when its slot was claimed with this word: held, it stays. */
int sr__hold_open_block(sr__member_t *member, uint32_t slot, uint64_t claimed, uint32_t *held);
/* The same for a block of records, be it open or closed; `content`: the low 32 bits of its content word. */
int sr__hold_block(sr__member_t *member, uint32_t slot, uint32_t content, uint32_t *held);
void sr__hold_drop(sr__member_t *member, uint32_t held);
/* The same for a caller that may copy `key`: one close per open succeeds. */
int sr__hold_open(sr__member_t *member, uint32_t slot, uint64_t sequence, uint64_t key[2]);
int sr__hold_block_open(sr__member_t *member, uint32_t slot, uint32_t content, uint64_t key[2]);
bool sr__hold_close(sr__member_t *member, uint32_t slot, const uint64_t key[2]);
uint64_t sr__hold_open_count(sr__member_t *member); /* a look at every slot */
int sr__hold_refused(sr__member_t *member, uint32_t slot,
                     int code); /* the thread's last error; counts E_STALE */

/* For hold_block.c: a hold of this handle, whatever is in the slot. */
int sr__hold_take(sr__member_t *member, uint32_t slot, uint64_t *number);
bool sr__hold_give_up(sr__member_t *member, uint32_t slot, uint64_t number);
int sr__hold_note(sr__member_t *member, uint32_t held, uint64_t key[2]); /* without a number: in taken.c */

#endif
