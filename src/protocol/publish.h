/* SPDX-License-Identifier: Apache-2.0 */
/* Publication. */
#ifndef SR_PUBLISH_H
#define SR_PUBLISH_H

#include "handle.h"

int sr__publish(sr__member_t *member, uint32_t slot, uint64_t claimed, uint64_t *sequence);

#endif
