/* SPDX-License-Identifier: Apache-2.0 */
/* The begin and the end of this handle's stream. */
#ifndef SR_END_STREAM_H
#define SR_END_STREAM_H

#include "handle.h"
#include "protocol/stream.h"

/* Why this handle publishes no more: it told the end of its producer. */
int sr__producer_is_over(const slotring_t *ring);

/* Opens the stream of this handle before its first claim. */
static inline int sr__producer_begin(slotring_t *ring)
{
    if (sr__stream_phase(sr__load(&ring->member.self->stream)) == SR__STREAMING)
        return 0;
    if (atomic_load_explicit(&ring->told_end, memory_order_relaxed))
        return sr__producer_is_over(ring);
    sr__stream_open(&ring->member);
    return 0;
}

#endif
