/* SPDX-License-Identifier: Apache-2.0 */
/* What the memory alone costs: shared memory of the size of all control lines, and one compare-and-swap on each
 * line that the pattern touches, in the same order. */
#define _GNU_SOURCE
#include <sys/mman.h>

#include "bench.h"

static uint64_t lap;      /* what the words hold that this lap has not reached yet */
static uint32_t position; /* in the order */

void walk_open(walk_t *walk, uint32_t slots, const uint32_t *order, uint32_t count)
{
    walk->order = order;
    walk->count = count;
    walk->size = (size_t)slots * BENCH_STRIDE;
    void *memory = mmap(NULL, walk->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        fail("no memory for a walk over %u lines", slots);
    walk->memory = memory;
    for (uint64_t i = 0; i < slots; i++)
        *(_Atomic uint64_t *)(void *)(walk->memory + i * BENCH_STRIDE) = 1;
    for (uint64_t i = 0; i < slots; i++)
        *(_Atomic uint64_t *)(void *)(walk->memory + i * BENCH_STRIDE) = 0;
}

void walk_close(walk_t *walk)
{
    munmap(walk->memory, walk->size);
}

static inline void walk_step(const walk_t *walk)
{
    uint64_t expected = lap;
    _Atomic uint64_t *word =
        (_Atomic uint64_t *)(void *)(walk->memory + (uint64_t)walk->order[position] * BENCH_STRIDE);
    if (!atomic_compare_exchange_strong(word, &expected, lap + 1))
        fail("the bare walk lost its way");
    if (++position == walk->count) {
        position = 0;
        lap++;
    }
}

/* Takes up a walk where its words stand: at the start of a lap. */
static void walk_resume(const walk_t *walk)
{
    lap = *(_Atomic uint64_t *)(void *)(walk->memory + (uint64_t)walk->order[0] * BENCH_STRIDE);
    position = 0;
}

static void walk_finish_lap(const walk_t *walk)
{
    while (position != 0)
        walk_step(walk);
}

double walk_loop(walk_t *walk, uint64_t steps)
{
    walk_resume(walk);
    uint64_t start = ticks_now();
    for (uint64_t i = 0; i < steps; i++)
        walk_step(walk);
    double ns = ticks_to_ns(ticks_now() - start) / (double)steps;
    walk_finish_lap(walk);
    return ns;
}

double walk_single(walk_t *walk, uint64_t steps)
{
    uint64_t sum = 0;
    walk_resume(walk);
    for (uint64_t i = 0; i < steps; i++) {
        uint64_t start = ticks_now();
        walk_step(walk);
        sum += ticks_now() - start;
    }
    walk_finish_lap(walk);
    return ticks_to_ns(sum) / (double)steps;
}
