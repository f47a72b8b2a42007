/* SPDX-License-Identifier: Apache-2.0 */
/* Does a participant live? */
#ifndef SR_LIFE_H
#define SR_LIFE_H

#include "protocol/seqlock.h"

bool sr__participant_is_dead(sr__member_t *member, uint32_t participant, slotring_error_t *unknown);
uint32_t sr__life_of(sr__member_t *member, uint32_t participant, const sr__participant_copy_t *copy);

#endif
