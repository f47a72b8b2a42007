/* SPDX-License-Identifier: Apache-2.0 */
/* Getting a slot to write into. */
#ifndef SR_CLAIM_H
#define SR_CLAIM_H

#include "handle.h"

int sr__claim(sr__member_t *member, uint32_t *slot, uint64_t *word);
uint64_t sr__walk_skip(sr__view_t *view,
                       uint64_t sequence); /* the first one at or above it that may be in the walk */

#endif
