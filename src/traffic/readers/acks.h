/* SPDX-License-Identifier: Apache-2.0 */
/* What a durable reader has acknowledged above its cursor, as its next owner finds it. */
#ifndef SR_ACKS_H
#define SR_ACKS_H

#include "handle.h"

/* Was the publication acknowledged, by this reader or by one before it? */
static inline bool sr__acks_has(const slotring_reader_t *reader, uint64_t sequence)
{
    return reader->has_acks &&
           sr__acks_have(sr__number(sr__load(&reader->subscription->acks)), reader->cursor, sequence);
}

/* May it be acknowledged before older ones? */
static inline bool sr__acks_reach(const slotring_reader_t *reader, uint64_t sequence)
{
    return reader->has_acks && sequence - reader->cursor < SR__ACKS_WINDOW;
}

void sr__acks_note(slotring_reader_t *reader, uint64_t sequence);
/* The cursor goes from `from` to `to`: all below that is acknowledged, or missed. */
void sr__acks_move(slotring_reader_t *reader, uint64_t from, uint64_t to);
/* The same beyond all that may be acknowledged, of which some is missed. */
void sr__acks_leave(slotring_reader_t *reader, uint64_t to);
/* A subscription begins; it has a new owner, whose cursor is known. */
void sr__acks_begin(slotring_reader_t *reader);
void sr__acks_take_over(slotring_reader_t *reader);

#endif
