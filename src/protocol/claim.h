/* SPDX-License-Identifier: Apache-2.0 */
/* Getting a slot to write into. */
#ifndef SR_CLAIM_H
#define SR_CLAIM_H

#include "handle.h"

int sr__claim(sr__member_t *member, uint32_t *slot, uint64_t *word);
bool sr__claim_free(sr__member_t *member, uint32_t *slot,
                    uint64_t *word); /* a free one, and no other. False: there is none */

#endif
