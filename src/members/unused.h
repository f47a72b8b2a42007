/* SPDX-License-Identifier: Apache-2.0 */
/* A ring that is to go with its last user, looked at from outside. */
#ifndef SR_UNUSED_H
#define SR_UNUSED_H

#include "handle.h"

/* 1: it is to go, and nobody who uses it lives; 0: not so; UINT32_MAX: an observer who cannot know. */
uint32_t sr__is_unused(slotring_t *ring);
/* The same by an observer's snapshot of the participants, whether the ring is to go or not. */
uint32_t sr__all_dead(slotring_t *ring);

#endif
