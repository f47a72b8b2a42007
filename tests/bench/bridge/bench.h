/* SPDX-License-Identifier: Apache-2.0 */
/* The bridge beside plain TCP and the bare engine: the same messages on three ways from one process to another, on one machine. */
#ifndef BENCH_BRIDGE_BENCH_H
#define BENCH_BRIDGE_BENCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jetstream/jetstream.h"

#define LATENCIES 4096u

/* What the processes of a run share. */
typedef struct shared {
    _Atomic uint32_t ready;       /* processes that are */
    _Atomic bool stop;            /* the run is over */
    _Atomic int64_t began, ended; /* by the clock: the first message begins, the last one is there */
    _Atomic uint32_t arrived;
    int64_t latency[LATENCIES]; /* of a paced run, ns */
} shared_t;

typedef struct bench {
    shared_t *shared;
    size_t size;    /* of a message, at least 8 */
    uint64_t count; /* of messages */
    /* What the ways without a bridge hand over at once: as many messages as the bridge puts into an entry, or a piece of a large message. */
    size_t unit;
    uint64_t units;
    int64_t pace_ns; /* 0: as fast as they go. Else a message each pace_ns, alone, and its latency is taken */
    int64_t pack_ns; /* of the bridge */
    uint32_t under_way;
    const char *url;
    int listener; /* of TCP */
    uint16_t port;
} bench_t;

#define HELPERS 2u

typedef struct way {
    const char *name;
    void (*prepare)(bench_t *b);
    void (*receive)(bench_t *b);
    void (*send)(bench_t *b);
    void (*help[HELPERS])(bench_t *b); /* halves of the bridge; NULL: none */
    void (*clean)(bench_t *b);
} way_t;

extern const way_t tcp_way, bare_way, bridge_way;

/* Ends the measurement with a word, unless it is true. */
void need(bool is_true, const char *what);
void is_ready(bench_t *b);
bool is_over(const bench_t *b);
/* Waits until message n is due, and stamps it. */
void stamp(bench_t *b, uint64_t n, void *bytes);
/* So many messages have arrived, of which this is the first. */
void take_stamp(bench_t *b, const void *bytes);
void has_ended(bench_t *b);

#endif
