/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the benchmark share. Each measures one subject, always next to a bare measurement of the
 * same run, because only the ratio of the two says something on another machine or on another day. */
#ifndef SLOTRING_BENCH_H
#define SLOTRING_BENCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "slotring/slotring.h"

#define BENCH_MESSAGE 64u /* bytes of a small message */
#define BENCH_STRIDE 128u /* bytes from the control line of a slot to that of the next */

typedef struct bench_config {
    int cpus[2];
    unsigned repeats;                /* of each paired measurement */
    double scale;                    /* of the number of messages, round trips and laps */
    uint32_t small_ring, large_ring; /* slots */
} bench_config_t;

/* -- stats.c -- */

typedef struct spread {
    double median, low, high;
} spread_t;

/* Both sort `values`. */
spread_t spread_of(double *values, size_t count);
double percentile_of(double *values, size_t count, double percent);

/* -- clock.c -- */

/* Ticks of the finest clock; a reading is not moved across what stands before it. */
uint64_t ticks_now(void);
double ticks_to_ns(uint64_t ticks);
void ticks_calibrate(void);

/* -- report.c -- */

void report_open(bool json);
void report_section(const char *key, const char *title);
void report_text(const char *key, const char *text);
void report_spread(const char *key, const char *title, const char *unit, spread_t spread);
void report_number(const char *key, const char *title, const char *unit, double number);
/* A number with the limit that it has to keep. */
void report_target(const char *key, const char *title, double number, bool at_least, double limit);
/* How many targets were missed. */
unsigned report_close(void);

/* Ends the program with a sentence. */
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2), noreturn))
#endif
void fail(const char *format, ...);
/* Ends it unless `code` is 0. */
void must(int code, const char *what);

/* -- machine.c -- */

void machine_report(const bench_config_t *config);
/* The first two processors this process may run on; false if there is one only. */
bool machine_two_cpus(int cpus[2]);
/* process 0: this one */
void machine_pin(int process, int cpu);

/* -- pair.c: two processes, each on a processor of its own -- */

/* The words of the bare exchange, and the one beside it. */
typedef struct exchange {
    _Alignas(128) _Atomic uint64_t left;
    _Atomic uint64_t left_neighbour;
    _Alignas(128) _Atomic uint64_t right;
} exchange_t;

#define BENCH_EXCHANGES 64u

typedef struct pair {
    _Alignas(128) _Atomic uint32_t arrived[2];
    exchange_t exchanges[BENCH_EXCHANGES];
    _Alignas(128) double results[8];
    char ring[2][64];
    uint64_t messages;
    uint32_t batch;
} pair_t;

typedef void (*pair_fn)(pair_t *pair);

pair_t *pair_new(void);
void pair_delete(pair_t *pair);
/* Runs `first` and `second` at the same time and waits for both. */
void pair_run(pair_t *pair, const int cpus[2], pair_fn first, pair_fn second);
/* For both sides: goes on when the other one is here as well. */
void pair_meet(pair_t *pair, unsigned side);

/* -- rings.c -- */

/* Name of ring `number` of this run. */
void ring_name(char name[64], unsigned number);
/* Creates it; leaves no name behind, whatever happens, once ring_forget was called. */
slotring_t *ring_create(const char *name, uint32_t slots, uint64_t slot_size);
/* The same with these flags of slotring_options_t. */
slotring_t *ring_create_with(const char *name, uint32_t slots, uint64_t slot_size, uint32_t flags);
slotring_t *ring_attach(const char *name);
void ring_forget(const char *name);

/* -- line.c, paired.c, throughput.c, latency.c -- */

/* Nanoseconds that a word takes from one processor to the other: with a line for each direction, which is "the
 * line time"; and with both words on one line. */
typedef struct line_time {
    double own_lines, same_line;
} line_time_t;
line_time_t line_measure(const bench_config_t *config, pair_t *pair);

/* Repetitions of a measurement, each between two looks at the line time. */
typedef struct paired {
    double own_lines[64], same_line[64]; /* mean of the two looks, ns */
    double results[2][64];               /* pair->results[2] and [3], as the measurement left them */
    unsigned count, discarded;
} paired_t;
void paired_measure(const bench_config_t *config, pair_t *pair,
                    void (*measure)(const bench_config_t *config, pair_t *pair), paired_t *paired);

void bench_throughput(const bench_config_t *config);
void bench_latency(const bench_config_t *config);
void bench_many(const bench_config_t *config);

/* -- pattern.c: rings in the states that allocate is measured in -- */

enum pattern_kind {
    ALL_FREE,
    ALL_READY,
    MOSTLY_HELD,
    RANDOM,
    PATTERNS
};

typedef struct pattern {
    enum pattern_kind kind;
    slotring_t *ring, *holder;
    uint32_t slots;
    uint32_t spare;             /* slots that come round; RANDOM: allocations recorded */
    uint32_t *order;            /* and in which order */
    slotring_ticket_t *tickets; /* RANDOM: of what is published and not held, */
    uint32_t ready;             /* how many, */
    uint32_t random;            /* and what decides which one goes next */
} pattern_t;

const char *pattern_name(enum pattern_kind kind);
bool pattern_find(const char *name, enum pattern_kind *kind);
void pattern_open(pattern_t *pattern, enum pattern_kind kind, uint32_t slots);
void pattern_close(pattern_t *pattern);
/* Gives a slot back in the way that keeps the pattern. */
void pattern_give_back(pattern_t *pattern, slotring_slot_t *slot);
void pattern_steps(pattern_t *pattern, uint64_t steps);

/* -- walk.c: nothing but one compare-and-swap on each control line that the pattern touches -- */

typedef struct walk {
    uint8_t *memory;
    size_t size;
    const uint32_t *order;
    uint32_t count;
} walk_t;

/* Over `slots` lines, `count` steps in this order; a line may come several times. */
void walk_open(walk_t *walk, uint32_t slots, const uint32_t *order, uint32_t count);
void walk_close(walk_t *walk);
/* Nanoseconds a step: of a plain loop, and of the one CAS between two clock readings. */
double walk_loop(walk_t *walk, uint64_t steps);
double walk_single(walk_t *walk, uint64_t steps);

/* -- allocate.c, count.c, operations.c, ticket.c -- */

void bench_allocate(const bench_config_t *config);
void bench_count(const bench_config_t *config);
void bench_operations(const bench_config_t *config);
void bench_sizes(const bench_config_t *config);
void bench_looks(const bench_config_t *config);
void bench_crowds(const bench_config_t *config);
void bench_ticket(const bench_config_t *config);
void bench_spans(const bench_config_t *config);
/* `steps` steps of a pattern and nothing else, to run under an instruction counter. */
void count_mode(const char *pattern, uint32_t slots, uint64_t steps);

#endif
