/* SPDX-License-Identifier: Apache-2.0 */
/* The bare exchange: two processes hand one word to each other, with nothing around it. Half a round trip is
 * what messages are compared with. A message goes one way only, so the bare exchange has a line for each
 * direction. With both words on one line, the line itself goes back and forth and some processors pass it on
 * together with the right to write, which takes half as long and is no use to a message: shown for information.
 *
 * Each line has a home somewhere on the chip, chosen by its address, and one with a far home takes up to twice as
 * long as another. A ring uses many lines, so the exchange does too, one after the other; what counts is the median. */
#include "bench.h"

/* Short chunks, each on other lines: a process that is interrupted spoils a few of them and not the result. */
#define CHUNK_ROUNDS 100u
#define CHUNKS_MAX 4000u

typedef _Atomic uint64_t word_t;

/* The two words of a chunk, from the side that starts. */
static word_t *word_of(pair_t *pair, uint64_t chunk, bool first, bool same_line)
{
    exchange_t *exchange = &pair->exchanges[chunk % BENCH_EXCHANGES];
    if (first)
        return &exchange->left;
    return same_line ? &exchange->left_neighbour : &exchange->right;
}

static void bounce(pair_t *pair, bool same_line, double *result)
{
    static double chunks[CHUNKS_MAX];
    uint64_t count = pair->messages / CHUNK_ROUNDS, value = 0;
    pair_meet(pair, 0);
    for (uint64_t c = 0; c < count; c++) {
        word_t *mine = word_of(pair, c, true, same_line), *theirs = word_of(pair, c, false, same_line);
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

static void echo(pair_t *pair, bool same_line)
{
    uint64_t rounds = pair->messages;
    pair_meet(pair, 1);
    for (uint64_t value = 1; value <= rounds; value++) {
        uint64_t chunk = (value - 1) / CHUNK_ROUNDS;
        word_t *theirs = word_of(pair, chunk, true, same_line),
               *mine = word_of(pair, chunk, false, same_line);
        while (atomic_load_explicit(theirs, memory_order_acquire) != value)
            continue;
        atomic_store_explicit(mine, value, memory_order_release);
    }
}

static void bounce_own_lines(pair_t *pair)
{
    bounce(pair, false, &pair->results[0]);
}

static void echo_own_lines(pair_t *pair)
{
    echo(pair, false);
}

static void bounce_same_line(pair_t *pair)
{
    bounce(pair, true, &pair->results[1]);
}

static void echo_same_line(pair_t *pair)
{
    echo(pair, true);
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
