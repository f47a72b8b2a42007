/* SPDX-License-Identifier: Apache-2.0 */
#include "traffic/readers/pace.h"

#define DENSE_NS 600u /* a stream is dense when a message comes at least so often */

/* A reader that is at its producer's heels gets one message at a time, however dense the stream is: each look makes the
 * producer slower. So it stays away for a short moment now and then, and goes on with that if there are several then. */
#define PROBE_EVERY 256u /* so that fewer than one message of 100 is late by it */
#define PROBE_PART 12u   /* of the longest moment */

/* Nothing is there. Each look takes the order's line away from the producer, which needs it for the next message: when
 * messages come densely, waiting a moment and then reading several is faster for both. The moment grows as long as
 * what it gathers is worth it, and shrinks when it is not; with sparse messages there is none. It also shrinks when half
 * of the ring's slots filled meanwhile: a producer that has filled the rest waits for this reader. */
void sr__leave_producer_alone(slotring_reader_t *reader)
{
    slotring_t *ring = reader->ring;
    uint64_t waited_ns =
        ring->backoff_pauses ? (uint64_t)reader->backoff * SR__BACKOFF_NS / ring->backoff_pauses : 0;
    uint64_t slots = reader->cursor - reader->empty_at;
    if (reader->since_empty < 2 && reader->backoff == 0)
        reader->backoff = ++reader->looks % PROBE_EVERY == 0 ? ring->backoff_pauses / PROBE_PART : 0;
    else if (reader->since_empty < 2)
        reader->backoff = 0;
    else if (reader->since_empty * DENSE_NS < waited_ns || 2 * slots > ring->member.view.slot_count)
        reader->backoff /= 2;
    else
        reader->backoff =
            reader->backoff < ring->backoff_pauses / 2 ? 2 * reader->backoff + 1 : ring->backoff_pauses;
    reader->since_empty = 0;
    reader->empty_at = reader->cursor;
    for (uint32_t i = 0; i < reader->backoff; i++)
        ring->member.os->system.pause();
}
