/* SPDX-License-Identifier: Apache-2.0 */
/* Records: messages that lie one after the other in a slot, which is then called a block. Each begins at a multiple of
 * 8 bytes:
 *
 *   header, 8 bytes | the message, and up to 7 bytes to a multiple of 8 | its time | its tag | its checksum, 8 bytes each
 *
 *   header: committed:1 | end:1 | has a time:1 | has a tag:1 | freed:1 | has a checksum:1 | small tag:26 | length:32, from
 *   the lowest bit
 *
 * A header is 0 until its record is committed, and never again after that. `end` says that no record follows; so does
 * a rest of less than 8 bytes. Only the writer stores headers, and who repairs it; `freed` is set by anybody.
 */
#ifndef SR_RECORD_H
#define SR_RECORD_H

#include <string.h>

#include "base/compiler.h"
#include "handle.h"

#define SR__RECORD_COMMITTED UINT64_C(1)
#define SR__RECORD_END UINT64_C(2)
#define SR__RECORD_HAS_TIME UINT64_C(4)
#define SR__RECORD_HAS_TAG UINT64_C(8)
#define SR__RECORD_FREED UINT64_C(16)
#define SR__RECORD_HAS_SUM UINT64_C(32)
#define SR__RECORD_HAS_REST (SR__RECORD_HAS_TIME | SR__RECORD_HAS_TAG | SR__RECORD_HAS_SUM)
#define SR__RECORD_TAG_SHIFT 6
#define SR__RECORD_TAG_LEAST (UINT64_C(1) << 26) /* a tag of its own from here on */
#define SR__RECORD_LENGTH_SHIFT 32
#define SR__RECORD_LENGTH_MAX UINT64_C(0xffffffff)
#define SR__RECORD_HEADER 8u

/* The part of a slot that records can take. */
static inline uint64_t sr__block_size(const sr__view_t *view)
{
    return view->slot_size & ~UINT64_C(7);
}

static inline uint8_t *sr__block_bytes(const sr__view_t *view, uint32_t slot)
{
    return view->payload + (uint64_t)slot * view->payload_stride;
}

static inline sr__word_t *sr__record_word(uint8_t *bytes, uint64_t place)
{
    return (sr__word_t *)(void *)(bytes + place);
}

static inline uint64_t sr__record_length(uint64_t header)
{
    return header >> SR__RECORD_LENGTH_SHIFT;
}

/* Bytes of a record, its header and the rest behind it included. Most records have no rest. */
static inline uint64_t sr__record_size(uint64_t header)
{
    uint64_t size = SR__RECORD_HEADER + ((sr__record_length(header) + 7) & ~UINT64_C(7));
    if (header & SR__RECORD_HAS_REST)
        size += (header & SR__RECORD_HAS_TIME ? 8u : 0u) + (header & SR__RECORD_HAS_TAG ? 8u : 0u) +
                (header & SR__RECORD_HAS_SUM ? 8u : 0u);
    return size;
}

static inline uint64_t sr__record_header(uint64_t length, uint64_t tag, bool has_time)
{
    bool own_tag = tag >= SR__RECORD_TAG_LEAST;
    return SR__RECORD_COMMITTED | (has_time ? SR__RECORD_HAS_TIME : 0) |
           (own_tag ? SR__RECORD_HAS_TAG : tag << SR__RECORD_TAG_SHIFT) | length << SR__RECORD_LENGTH_SHIFT;
}

/* Stores time and tag behind the message. Relaxed: the header that follows releases it. */
static inline void sr__record_rest(uint8_t *bytes, uint64_t place, uint64_t header, uint64_t time,
                                   uint64_t tag)
{
    uint64_t at = place + SR__RECORD_HEADER + ((sr__record_length(header) + 7) & ~UINT64_C(7));
    if (header & SR__RECORD_HAS_TIME) {
        sr__poke(sr__record_word(bytes, at), time);
        at += 8;
    }
    if (header & SR__RECORD_HAS_TAG)
        sr__poke(sr__record_word(bytes, at), tag);
}

/* The checksum of a record that has one, and lies in its block: behind all else. */
static inline uint64_t sr__record_sum(uint8_t *bytes, uint64_t place, uint64_t header)
{
    return sr__peek(sr__record_word(bytes, place + sr__record_size(header) - 8));
}

/* What stands behind the message of a record that lies in its block. */
static inline void sr__record_read_rest(uint8_t *bytes, uint64_t place, uint64_t header, uint64_t *time,
                                        uint64_t *tag)
{
    uint64_t at = place + SR__RECORD_HEADER + ((sr__record_length(header) + 7) & ~UINT64_C(7));
    *time = 0;
    *tag = (header >> SR__RECORD_TAG_SHIFT) & (SR__RECORD_TAG_LEAST - 1);
    if (header & SR__RECORD_HAS_TIME) {
        *time = sr__peek(sr__record_word(bytes, at));
        at += 8;
    }
    if (header & SR__RECORD_HAS_TAG)
        *tag = sr__peek(sr__record_word(bytes, at));
}

enum sr__record_sight {
    SR__RECORD_NONE, /* not committed yet */
    SR__RECORD_THERE,
    SR__RECORD_LAST,   /* nothing follows: the block is at its end */
    SR__RECORD_DAMAGED /* what the header says does not fit into the block */
};

/* What does the header at `place` of a block of `size` bytes say? */
SR__INLINE enum sr__record_sight sr__record_judge(uint64_t size, uint64_t place, uint64_t header)
{
    if (header == 0)
        return SR__RECORD_NONE;
    if (header & SR__RECORD_END)
        return SR__RECORD_LAST;
    if (!(header & SR__RECORD_COMMITTED) || sr__record_size(header) > size - place)
        return SR__RECORD_DAMAGED;
    return SR__RECORD_THERE;
}

/* What is at `place` of a block of `size` bytes? Acquire: who sees the header sees the record. */
SR__INLINE enum sr__record_sight sr__record_look(uint8_t *bytes, uint64_t size, uint64_t place,
                                                 uint64_t *header)
{
    if (size - place < SR__RECORD_HEADER)
        return SR__RECORD_LAST;
    *header = atomic_load_explicit(sr__record_word(bytes, place), memory_order_acquire);
    return sr__record_judge(size, place, *header);
}

/* The same for a caller that holds nothing: the slot may be another publication's by now, which the caller finds out
 * afterwards. */
SR__INLINE enum sr__record_sight sr__record_glance(uint8_t *bytes, uint64_t size, uint64_t place,
                                                   uint64_t *header)
{
    if (size - place < SR__RECORD_HEADER)
        return SR__RECORD_LAST;
    *header = sr__glance_acquire(sr__record_word(bytes, place));
    return sr__record_judge(size, place, *header);
}

/* The tag of such a record. Its header says that it lies in its block. */
static inline uint64_t sr__record_glance_tag(uint8_t *bytes, uint64_t place, uint64_t header)
{
    uint64_t at = place + SR__RECORD_HEADER + ((sr__record_length(header) + 7) & ~UINT64_C(7));
    if (!(header & SR__RECORD_HAS_TAG))
        return (header >> SR__RECORD_TAG_SHIFT) & (SR__RECORD_TAG_LEAST - 1);
    return sr__glance(sr__record_word(bytes, at + (header & SR__RECORD_HAS_TIME ? 8u : 0u)));
}

/* Makes the record at `place` visible; its message and the rest are there. next: where it ends. */
SR__INLINE void sr__record_commit(uint8_t *bytes, uint64_t size, uint64_t place, uint64_t next,
                                  uint64_t header)
{
    /* [record.clear] Stores 0 where the next header will be. Relaxed: the header that follows releases it, so who sees
     * this record does not take old bytes for the next one. */
    if (size - next >= SR__RECORD_HEADER)
        sr__poke(sr__record_word(bytes, next), 0);
    /* [record.commit] Stores the header: the linearisation point. A kill before it leaves nothing of the record, a kill
     * after it leaves the record whole. Release: pairs with sr__record_look. */
    atomic_store_explicit(sr__record_word(bytes, place), header, memory_order_release);
}

#endif
