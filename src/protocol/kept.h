/* SPDX-License-Identifier: Apache-2.0 */
/* Holds of this handle that are ended by a ticket, without a slot struct. */
#ifndef SR_KEPT_H
#define SR_KEPT_H

#include "handle.h"

bool sr__kept_prepare(sr__member_t *member); /* before the first one; false: no memory */
void sr__kept_drop(sr__member_t *member);    /* as the handle ends: the memory */
/* `held`, of sr__hold_acquire, is ended by a ticket from now on. */
void sr__kept_add(sr__member_t *member, uint32_t held);
/* Takes one such hold of publication `sequence` away; *held goes to sr__hold_drop. False: there is none. */
bool sr__kept_remove(sr__member_t *member, uint32_t slot, uint64_t sequence, uint32_t *held);
uint64_t sr__kept_count(sr__member_t *member); /* a look at every slot */

#endif
