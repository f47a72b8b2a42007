/* SPDX-License-Identifier: Apache-2.0 */
/* A reader, and whose it is. */
#ifndef SR_READERS_H
#define SR_READERS_H

#include "handle.h"
#include "protocol/seqlock.h"

/* Subscription `number`, and its owner: while it is the same subscription, it is the same participant's. 0, SR__LEFT or an
 * error. */
int sr__reader_read(slotring_t *ring, uint32_t number, sr__subscription_copy_t *subscription,
                    sr__participant_copy_t *owner);
/* For how long nobody has had it, at least 1 ns; 0: somebody has it. */
uint64_t sr__left_for(const slotring_t *ring, uint32_t number, const sr__subscription_copy_t *subscription);

#endif
