/* SPDX-License-Identifier: Apache-2.0 */
/* Who may wait while it holds a part of a span. */
#ifndef SR_TOKEN_H
#define SR_TOKEN_H

#include "handle.h"

bool sr__token_take(sr__member_t *member); /* false: somebody has it, perhaps another thread of this handle */
void sr__token_give(sr__member_t *member);
void sr__token_repair(sr__member_t *member, uint32_t dead);

#endif
