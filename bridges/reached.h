/* SPDX-License-Identifier: Apache-2.0 */
/* How far each writer of the source is, at a place of the log: the number of its next message. Each entry begins with this, so whoever reads
 * it knows the place without the entries before. */
#ifndef BRIDGE_REACHED_H
#define BRIDGE_REACHED_H

#include "wire.h"

#define REACHED_ROWS 4095u /* SLOTRING_WRITERS_MAX */
#define REACHED_ROW_BYTES 16u

typedef struct reached {
    uint64_t next[REACHED_ROWS]; /* 0: nothing of this writer travelled */
    uint32_t high;               /* no row from here on has anything */
} reached_t;

/* Message `number` of this writer is there. `row` is below REACHED_ROWS. */
void reached_note(reached_t *reached, uint32_t row, uint64_t number);
static inline uint64_t reached_next(const reached_t *reached, uint32_t row)
{
    return row < reached->high ? reached->next[row] : 0;
}
/* As far as there, if that is further. */
void reached_merge(reached_t *reached, const reached_t *there);
/* Is one of them further than there? */
bool reached_exceeds(const reached_t *reached, const reached_t *there);

/* As the payload of WIRE_WRITERS: its size, and the bytes. */
size_t reached_size(const reached_t *reached);
void reached_put(uint8_t *to, const reached_t *reached);
/* False: no sender wrote that. */
bool reached_get(reached_t *reached, const uint8_t *bytes, uint64_t size);

/* Goes on behind this frame, whatever kind it has. False: no sender wrote that. */
bool reached_follow(reached_t *reached, const wire_frame_t *frame);

#endif
