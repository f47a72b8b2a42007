/* SPDX-License-Identifier: Apache-2.0 */
/* Publication. */
#ifndef SR_PUBLISH_H
#define SR_PUBLISH_H

#include "handle.h"

/* Makes the slot COMMIT that this handle claimed, and lists it. E_STATE: it is not CLAIMED any more. */
int sr__publish(sr__member_t *member, uint32_t slot, uint64_t claimed, uint64_t *sequence);
/* Lists a slot that is COMMIT and is not listed. */
int sr__list(sr__member_t *member, uint32_t slot, uint32_t as, uint64_t *sequence);

#endif
