/* SPDX-License-Identifier: Apache-2.0 */
/* A durable subscription that its owner leaves. */
#ifndef SR_LEFT_H
#define SR_LEFT_H

#include "handle.h"

/* Makes nobody the owner of a durable subscription whose state is `word`. By its owner d, or by who repairs that. False: the
 * state is another one by now. */
bool sr__subscription_leave(sr__member_t *member, sr__subscription_t *subscription, uint64_t word,
                            uint32_t d);

#endif
