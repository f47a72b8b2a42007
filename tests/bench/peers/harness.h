/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the harness share. */
#ifndef SLOTRING_BENCH_HARNESS_H
#define SLOTRING_BENCH_HARNESS_H

#include "../bench.h"
#include "peer.h"

#define PROCESSES_MAX 64u
#define PERCENTILES 10u

extern const double percentiles[PERCENTILES];

enum work {
    WORK_STREAM,   /* as fast as it goes, lossless */
    WORK_PINGPONG, /* one message there, one back: half of the round trip */
    WORK_PACED,    /* at a fixed rate; each latency counts from when the message was due */
};

typedef struct run {
    enum work work;
    bool touched;
    double seconds;      /* measured; a fifth more is run before, to warm up */
    double rate;         /* messages a second, of the paced work */
    shape_t there, back; /* `back`: of the ping-pong only */
    int cpus[2];
} run_t;

/* Shared by the processes of a run; each field is written by one of them. */
typedef struct outcome {
    double rate;                 /* messages a second: median of stretches of some milliseconds */
    double mean_rate;            /* over the whole time */
    double latency[PERCENTILES]; /* ns, at `percentiles` */
    uint64_t messages;
} outcome_t;

typedef struct team {
    _Alignas(128) _Atomic uint32_t arrived;
    uint32_t processes;
    outcome_t outcomes[PROCESSES_MAX];
} team_t;

/* -- team.c: processes that start together; when one fails all end -- */

typedef void (*member_fn)(const run_t *run, team_t *team, unsigned number);
void team_run(const run_t *run, team_t *team, uint32_t processes, member_fn member);
team_t *team_new(void);
/* Waits until all are here; `round` counts from 1. */
void team_meet(team_t *team, uint32_t round);

/* -- stream.c, latency.c -- */

void stream_member(const run_t *run, team_t *team, unsigned number);
void pingpong_member(const run_t *run, team_t *team, unsigned number);
void paced_member(const run_t *run, team_t *team, unsigned number);

/* What happens on both sides before the first message and after the last one. */
void *team_open_sender(team_t *team, const shape_t *shape, unsigned number);
void *team_open_receiver(team_t *team, const shape_t *shape, unsigned number);
void team_finish(team_t *team);

uint64_t ticks_of_seconds(double seconds);

#endif
