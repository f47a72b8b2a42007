/* SPDX-License-Identifier: Apache-2.0 */
/* The ways in which calls of the data path are counted in rings of several sizes (sizes.c). */
#ifndef SLOTRING_BENCH_SIZES_H
#define SLOTRING_BENCH_SIZES_H

#include "bench.h"
#include "single_step.h"

#define CALLS_MAX 8u
#define TURNS_MAX 9u /* the end of the order and the frontier move at each eighth */
#define NO_READER -1
#define HOT_SLOTS 3u /* beside the values of when_full: overwrites, and has hot slots */

typedef struct scene {
    slotring_t *ring;
    slotring_reader_t *reader;
    slotring_writer_t *writer;
    uint32_t slots, turn;
    slotring_slot_t one; /* that is held */
    slotring_ticket_t ticket;
} scene_t;

typedef struct way {
    const char *name;
    uint32_t when_full; /* of the ring, or HOT_SLOTS */
    int reader;         /* mode */
    unsigned turns;
    void (*begin)(scene_t *scene);  /* once */
    void (*before)(scene_t *scene); /* each turn */
    void (*turn)(scene_t *scene);
    counted_function_t calls[CALLS_MAX];                 /* of a turn, in this order */
    void (*options)(slotring_reader_options_t *options); /* NULL, or what the reader wants besides its mode */
    bool rare; /* a ring has few such subscriptions, and a crowd takes their places */
} way_t;

extern const way_t ways[]; /* of every reader: lossless, or lossy, of all messages */
extern const size_t way_count;
extern const way_t kinds[]; /* of other kinds of readers and of messages */
extern const size_t kind_count;

#define KIND_NAME "counted" /* of a subscription that may outlive its process */

#define CALL(function) #function, (function_t)slotring_##function

/* Up to the last one of eight, a lap and more: see sizes_ways.c. */
void begin_full(scene_t *scene);
void nothing(scene_t *scene);
void stream(scene_t *scene);

#endif
