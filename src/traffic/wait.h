/* SPDX-License-Identifier: Apache-2.0 */
/* Blocked calls. */
#ifndef SR_WAIT_H
#define SR_WAIT_H

#include "handle.h"

/* Repeats attempt(context) until it gives something other than `again`, or timeout_ns have passed. `watch`: NULL, or
 * a word that changes when an attempt has a chance. E_REMOVED, if *told is 0 and somebody else has taken the ring's
 * files; then *told is 1. */
int sr__wait_for(slotring_t *ring, enum sr__event_kind kind, int again, int64_t timeout_ns,
                 int (*attempt)(void *context), void *context, const sr__word_t *watch,
                 _Atomic uint32_t *told);

#endif
