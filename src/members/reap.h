/* SPDX-License-Identifier: Apache-2.0 */
/* Looking for the dead. */
#ifndef SR_REAP_H
#define SR_REAP_H

#include "handle.h"

#define SR__ASKED_AT_ATTACH 64u /* participants */
/* The shortest slice between two looks after the dead, and the shortest sleep. */
#define SR__SLICE_LEAST_NS UINT64_C(100000)
int sr__reap(slotring_t *ring, uint32_t most, slotring_recovery_t *recovery,
             slotring_error_t *error);  /* mutex held by caller */
bool sr__reap_if_due(slotring_t *ring); /* true: it repaired somebody or found hidden slots */
bool sr__reap_if_due_at(slotring_t *ring, uint64_t now);
uint64_t sr__reap_due_in(slotring_t *ring, uint64_t now); /* ns until then; never 0 */
/* As part of something else: what fails is logged, once for each handle. */
void sr__reap_quietly(slotring_t *ring, uint32_t most);

#endif
