/* SPDX-License-Identifier: Apache-2.0 */
/* What the memory alone costs: shared memory of the size of all control lines, and one compare-and-swap on each
 * line that the pattern touches, in the same order. */
#define _GNU_SOURCE
#include <sys/mman.h>

#include "bench.h"

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
    _Atomic uint64_t *word =
        (_Atomic uint64_t *)(void *)(walk->memory + (uint64_t)walk->order[position] * BENCH_STRIDE);
    uint64_t seen = atomic_load_explicit(word, memory_order_relaxed);
    if (!atomic_compare_exchange_strong(word, &seen, seen + 1))
        fail("somebody else is on the bare walk");
    if (++position == walk->count)
        position = 0;
}

double walk_loop(walk_t *walk, uint64_t steps)
{
    position = 0;
    uint64_t start = ticks_now();
    for (uint64_t i = 0; i < steps; i++)
        walk_step(walk);
    double ns = ticks_to_ns(ticks_now() - start) / (double)steps;
    return ns;
}

double walk_single(walk_t *walk, uint64_t steps)
{
    uint64_t sum = 0;
    position = 0;
    for (uint64_t i = 0; i < steps; i++) {
        uint64_t start = ticks_now();
        walk_step(walk);
        sum += ticks_now() - start;
    }
    return ticks_to_ns(sum) / (double)steps;
}
