/* SPDX-License-Identifier: Apache-2.0 */
/* What attaching, observing and removing do with a segment. */
#ifndef SR_SEGMENT_H
#define SR_SEGMENT_H

#include "handle.h"

int sr__segment_check(slotring_t *ring, const char *name, sr__header_t *header, slotring_error_t *error);
int sr__segment_bind(slotring_t *ring, const sr__header_t *header, uint32_t option_flags,
                     slotring_error_t *error);
uint32_t sr__map_flags(uint32_t option_flags);
/* Can this process have so large a ring at all? */
int sr__address_space_check(const char *name, uint64_t size, slotring_error_t *error);
bool sr__segment_is_to_go(slotring_t *ring, const sr__header_t *header);
/* Is it the lock file that the ring was made with? */
bool sr__locks_are_its(const slotring_t *ring, sr__locks_t *locks, const sr__header_t *header);

#endif
