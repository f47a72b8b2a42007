/* SPDX-License-Identifier: Apache-2.0 */
/* Taking the slots of a span: all of them, or none. */
#ifndef SR_SPAN_TAKE_H
#define SR_SPAN_TAKE_H

#include "protocol/span.h"

/* How many slots `size` bytes take, or E_TOO_LARGE: the ring has fewer. */
int sr__span_size_check(const slotring_t *ring, uint64_t size, uint64_t *slots);
/* Claims `slots` slots, at least two, and chains them. Waits up to timeout_ns. E_FULL: timeout_ns is 0; E_TIMEOUT. */
int sr__span_take(slotring_t *ring, uint64_t slots, int64_t timeout_ns, sr__span_t *span);

#endif
