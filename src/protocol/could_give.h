/* SPDX-License-Identifier: Apache-2.0 */
/* How many slots would a walk give? */
#ifndef SR_COULD_GIVE_H
#define SR_COULD_GIVE_H

#include "handle.h"

/* Would so many become free if all went that may be overwritten? A look, which holds nothing. */
bool sr__claim_could_give(sr__member_t *member, uint64_t slots);

#endif
