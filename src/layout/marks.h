/* SPDX-License-Identifier: Apache-2.0 */
/* Marks beside the order, and the word that counts them. */
#ifndef SR_LAYOUT_MARKS_H
#define SR_LAYOUT_MARKS_H

#include <stdbool.h>

#include "layout/header.h"

/* Each class has a table of its own, so that user marks and gaps never displace the marks of runs. */
enum sr__mark_class {
    SR__RUN_MARKS = 0,
    SR__OTHER_MARKS = 1,
    SR__MARK_CLASSES = 2
};

#define SR__MARKS_KEPT 64u /* the last ones of a class; one more entry is being filled in */
#define SR__MARK_ENTRIES (SR__MARKS_KEPT + 1)
#define SR__MARK_BYTES 48u
#define SR__RUNS_MAX UINT64_C(0xffffff)
#define SR__OTHERS_MAX UINT64_C(0xffffffffff)
#define SR__MARK_PENDING \
    (UINT64_C(1) << 63) /* of a place: none yet. Below: the number of the mark in its class */

/* Mark n of its class is in entry n mod SR__MARK_ENTRIES. Its maker writes it under the process mutex, before it counts it;
 * `place` is then changed once, by anybody, by CAS from pending (protocol/marks.c). */
typedef struct sr__mark {
    sr__word_t place;  /* sequence of the first publication behind it */
    sr__word_t serial; /* how many marks of both classes were made before it */
    sr__word_t shape;  /* kind:8 | bytes:8 */
    sr__word_t run;
    sr__word_t value; /* of a gap: how many numbers are missing */
    sr__word_t time;
    sr__word_t offset; /* from its place on: number of a publication less its sequence */
    sr__word_t maker;  /* participant | incarnation << 12 */
    uint64_t reserved0;
    sr__word_t bytes[SR__MARK_BYTES / 8];
    uint64_t reserved;
} sr__mark_t;

/* -- marks: runs:24 | others:40 -- */

/* How many marks of a class there were. */
static inline uint64_t sr__marks_of(uint64_t word, enum sr__mark_class class)
{
    return class == SR__RUN_MARKS ? word >> 40 : word & SR__OTHERS_MAX;
}

static inline uint64_t sr__marks_total(uint64_t word)
{
    return sr__marks_of(word, SR__RUN_MARKS) + sr__marks_of(word, SR__OTHER_MARKS);
}

/* The word with one more of the class. */
static inline uint64_t sr__marks_and_one(uint64_t word, enum sr__mark_class class)
{
    return word + (class == SR__RUN_MARKS ? UINT64_C(1) << 40 : 1);
}

/* Is mark `number` still in its table, if there were `count` of its class? */
static inline bool sr__mark_is_kept(uint64_t number, uint64_t count)
{
    return number < count && count - number <= SR__MARKS_KEPT;
}

#endif
