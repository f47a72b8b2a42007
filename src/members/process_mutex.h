/* SPDX-License-Identifier: Apache-2.0 */
/* The process mutex of a ring. */
#ifndef SR_PROCESS_MUTEX_H
#define SR_PROCESS_MUTEX_H

#include "handle.h"

int sr__mutex_lock(slotring_t *ring, uint64_t timeout_ns, slotring_error_t *error);
void sr__mutex_unlock(slotring_t *ring);

#endif
