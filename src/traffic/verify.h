/* SPDX-License-Identifier: Apache-2.0 */
/* Is a message what its producer published? All for a ring that has sums (sum.h). */
#ifndef SR_VERIFY_H
#define SR_VERIFY_H

#include "protocol/sum.h"
#include "slotring/slotring.h"

/* 0 or E_CHECKSUM: the bytes of a copy, and what `slot` says of that message, against what is noted. */
int sr__compare_sum(const sr__view_t *view, const slotring_slot_t *slot, const void *bytes, uint64_t noted);
/* E_CHECKSUM: there is none. */
int sr__no_sum(const slotring_slot_t *slot);
/* Both for a message in the ring that the caller has, by what stands beside it there. */
int sr__verify(const sr__view_t *view, const slotring_slot_t *slot);

#endif
