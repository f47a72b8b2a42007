/* SPDX-License-Identifier: Apache-2.0 */
/* Has somebody else taken the ring's files? */
#ifndef SR_NAMES_H
#define SR_NAMES_H

#include "handle.h"

uint32_t sr__names_look(slotring_t *ring);   /* a set of sr__names */
bool sr__names_were_taken(slotring_t *ring); /* by somebody else than this library */
bool sr__ring_is_removed(slotring_t *ring);  /* by whomever */
void sr__names_watch(slotring_t *ring, uint64_t now);
bool sr__names_are_news(slotring_t *ring, _Atomic uint32_t *told);

#endif
