/* SPDX-License-Identifier: Apache-2.0 */
/* The bare exchange: two processes hand one word to each other, with nothing around it. Half a round trip is
 * what messages are compared with. A message goes one way only, so the bare exchange has a line for each
 * direction. With both words on one line, the line itself goes back and forth and some processors pass it on
 * together with the right to write, which takes half as long and is no use to a message: shown for information. */
#include "bench.h"

/* Short chunks and their median: a process that is interrupted spoils a few of them and not the result. */
#define CHUNK_ROUNDS 100u
#define CHUNKS_MAX 4000u

static void bounce(pair_t *pair, _Atomic uint64_t *mine, _Atomic uint64_t *theirs, double *result)
{
    static double chunks[CHUNKS_MAX];
    uint64_t count = pair->messages / CHUNK_ROUNDS, value = 0;
    pair_meet(pair, 0);
    for (uint64_t c = 0; c < count; c++) {
        uint64_t start = ticks_now();
        for (uint64_t i = 0; i < CHUNK_ROUNDS; i++) {
            value++;
            atomic_store_explicit(mine, value, memory_order_release);
            while (atomic_load_explicit(theirs, memory_order_acquire) != value)
                continue;
        }
        chunks[c] = ticks_to_ns(ticks_now() - start) / CHUNK_ROUNDS / 2;
    }
    *result = spread_of(chunks, count).median;
}

static void echo(pair_t *pair, _Atomic uint64_t *mine, _Atomic uint64_t *theirs)
{
    uint64_t rounds = pair->messages;
    pair_meet(pair, 1);
    for (uint64_t value = 1; value <= rounds; value++) {
        while (atomic_load_explicit(theirs, memory_order_acquire) != value)
            continue;
        atomic_store_explicit(mine, value, memory_order_release);
    }
}

static void bounce_own_lines(pair_t *pair)
{
    bounce(pair, &pair->left, &pair->right, &pair->results[0]);
}

static void echo_own_lines(pair_t *pair)
{
    echo(pair, &pair->right, &pair->left);
}

static void bounce_same_line(pair_t *pair)
{
    bounce(pair, &pair->left, &pair->left_neighbour, &pair->results[1]);
}

static void echo_same_line(pair_t *pair)
{
    echo(pair, &pair->left_neighbour, &pair->left);
}

line_time_t line_measure(const bench_config_t *config, pair_t *pair)
{
    uint64_t messages = pair->messages;
    uint64_t chunks = (uint64_t)(2000 * config->scale) + 1;
    pair->messages = (chunks < CHUNKS_MAX ? chunks : CHUNKS_MAX) * CHUNK_ROUNDS;
    pair_run(pair, config->cpus, bounce_own_lines, echo_own_lines);
    pair_run(pair, config->cpus, bounce_same_line, echo_same_line);
    pair->messages = messages;
    return (line_time_t){pair->results[0], pair->results[1]};
}
