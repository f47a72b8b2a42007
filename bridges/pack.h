/* SPDX-License-Identifier: Apache-2.0 */
/* The entry that a sender is filling: frames until it is full, or old enough. Each entry can be read alone: it says who the producers of
 * its messages are, for the receiver that reads it may have begun after the others were acknowledged. */
#ifndef BRIDGE_PACK_H
#define BRIDGE_PACK_H

#include "reached.h"

#define PACK_PRODUCERS 64u
/* An entry of this size takes any frame; of a large message a part. */
#define PACK_LEAST 8192u

typedef struct pack_producer {
    uint32_t index;
    uint32_t proxy; /* 1: index, incarnation and pid are those of its own source */
    uint64_t incarnation, pid;
    char name[WIRE_NAME_SIZE];
} pack_producer_t;

typedef struct pack {
    uint8_t *bytes;
    size_t capacity, used;
    wire_header_t header;
    pack_producer_t producers[PACK_PRODUCERS];
    uint32_t producer_count;
    uint32_t own;     /* frames that say where it begins */
    int64_t since_ns; /* when the first frame behind them came */
} pack_t;

bool pack_make(pack_t *pack, size_t capacity);
void pack_free(pack_t *pack);

/* Empties it. What lies before its frames is `place`, and so far each writer is. False: too many writers for an entry of this size. */
bool pack_begin(pack_t *pack, const wire_place_t *place, const reached_t *reached);
static inline bool pack_is_empty(const pack_t *pack)
{
    return pack->header.frames == pack->own;
}

/* Adds a frame with its payload; false: there is no room. */
bool pack_add(pack_t *pack, const wire_frame_t *frame);
/* Adds a frame of a kind that has messages, as much of `left` payload bytes as there is room for (of a whole one all or none).
 * Returns where these bytes go, and how many; NULL: there is no room. */
uint8_t *pack_reserve(pack_t *pack, wire_frame_t *frame, uint64_t left);
/* Place of the producer in this entry; adds it if it is new. UINT32_MAX: there is no room. */
uint32_t pack_producer(pack_t *pack, const pack_producer_t *who);
/* Writes the header. */
void pack_end(pack_t *pack, const wire_place_t *place, uint32_t flags);

#endif
