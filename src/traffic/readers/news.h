/* SPDX-License-Identifier: Apache-2.0 */
/* What a reader is told about the producers' streams. */
#ifndef SR_NEWS_H
#define SR_NEWS_H

#include "protocol/hold.h"

/* The sequence of what this reader gets next: behind what it has passed over since its last message. */
static inline uint64_t sr__reader_position(const slotring_reader_t *reader)
{
    if (reader->history_left == 0)
        return reader->cursor + reader->passed;
    if (reader->history_left == reader->passed)
        return reader->cursor;
    uint32_t slot = sr__held_slot(reader->history[reader->history_left - 1 - reader->passed]);
    return sr__load(&sr__slot(&reader->ring->member.view, slot)->sequence);
}

int sr__stream_look(slotring_reader_t *reader);
/* Is a death to be told before what comes next? */
static inline bool sr__death_is_due(const slotring_reader_t *reader)
{
    return reader->death_due != SR__NO_SEQUENCE && sr__reader_position(reader) >= reader->death_due;
}

/* Is a look due: has a stream changed since the last complete one? */
static inline bool sr__stream_is_due(const slotring_reader_t *reader)
{
    const sr__state_t *state = reader->ring->member.view.state;
    return sr__load(&state->stream_generation) != reader->stream_seen || sr__death_is_due(reader);
}

void sr__stream_baseline(slotring_reader_t *reader);

#endif
