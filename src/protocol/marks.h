/* SPDX-License-Identifier: Apache-2.0 */
/* Marks beside the order. */
#ifndef SR_MARKS_H
#define SR_MARKS_H

#include "handle.h"

/* What a mark says. */
typedef struct sr__mark_copy {
    uint64_t number; /* in its class */
    uint64_t serial, place, run, value, time, offset, maker;
    uint32_t kind, size;
    uint8_t bytes[SR__MARK_BYTES];
} sr__mark_copy_t;

enum {
    SR__MARK_GONE = 1 /* it was displaced */
};

static inline bool sr__mark_is_pending(uint64_t place)
{
    return (place & SR__MARK_PENDING) != 0;
}

/* By SLOTRING_MARK_… */
static inline enum sr__mark_class sr__mark_class_of(uint32_t kind)
{
    return kind == SLOTRING_MARK_RUN_BEGIN || kind == SLOTRING_MARK_RUN_END ? SR__RUN_MARKS : SR__OTHER_MARKS;
}

/* Copies mark `number` of a class, which was counted. 0, SR__MARK_GONE, E_CORRUPT, or an observer's error. Its place may be
 * pending. */
int sr__mark_copy(sr__member_t *member, enum sr__mark_class class, uint64_t number, sr__mark_copy_t *copy);
/* Copies the last mark of a class. SR__MARK_GONE: there was none. */
int sr__mark_last(sr__member_t *member, enum sr__mark_class class, sr__mark_copy_t *copy);
/* The last mark of both classes. */
int sr__mark_latest(sr__member_t *member, sr__mark_copy_t *copy);
/* Gives it a place, if it has none. Not for an observer. */
void sr__mark_place(sr__member_t *member, enum sr__mark_class class, uint64_t number);
/* What the number of the publication at `position` has beyond it. SR__MARK_GONE: the marks of that time were displaced. */
int sr__mark_offset_at(sr__member_t *member, uint64_t position, uint64_t *offset);
/* The first publication with this number, or a higher one. SR__MARK_GONE: as above. */
int sr__mark_sequence_of(sr__member_t *member, uint64_t number, uint64_t *sequence);
/* As the caller of the library gets it. */
void sr__mark_give(const sr__mark_copy_t *copy, slotring_mark_t *out);
/* Makes a mark, in this handle's name, and wakes the readers; the caller has the process mutex. Fills in what the caller
 * does not know: number, serial, place, offset and maker. E_SIZE: there were as many as the ring can count. */
int sr__mark_make(sr__member_t *member, sr__mark_copy_t *mark);

#endif
