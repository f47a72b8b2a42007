/* SPDX-License-Identifier: Apache-2.0 */
/* What the machine can do at best, by one process: memory written, copied and read, and atomic instructions. The
 * other limits are measured by two processes: the bare line before and after each measurement, and bare shared
 * memory and the bare futex as a peer (peer_bare.c). Prints one JSON object. */
#define _GNU_SOURCE
#include <jansson.h>
#include <popt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../bench.h"

#define BYTES (UINT64_C(64) << 20) /* as much as the buffers of the comparison */

typedef double (*loop_fn)(void *a, void *b, uint64_t steps); /* ns */

static volatile uint64_t sink; /* keeps what is read */

static double fill_memory(void *a, void *b, uint64_t steps)
{
    (void)b;
    uint64_t start = ticks_now();
    for (uint64_t i = 0; i < steps; i++) {
        memset(a, (int)i & 0xff, BYTES);
        atomic_signal_fence(memory_order_seq_cst);
    }
    return ticks_to_ns(ticks_now() - start);
}

static double copy_memory(void *a, void *b, uint64_t steps)
{
    uint64_t start = ticks_now();
    for (uint64_t i = 0; i < steps; i++) {
        memcpy(a, b, BYTES);
        atomic_signal_fence(memory_order_seq_cst);
    }
    return ticks_to_ns(ticks_now() - start);
}

static double read_memory(void *a, void *b, uint64_t steps)
{
    (void)b;
    uint64_t start = ticks_now();
    for (uint64_t i = 0; i < steps; i++) {
        const uint64_t *words = a;
        uint64_t sum = 0;
        for (uint64_t k = 0; k < BYTES / 8; k++)
            sum += words[k];
        sink = sum;
    }
    return ticks_to_ns(ticks_now() - start);
}

static double compare_and_swap(void *a, void *b, uint64_t steps)
{
    (void)b;
    _Atomic uint64_t *word = a;
    uint64_t value = atomic_load(word), start = ticks_now();
    for (uint64_t i = 0; i < steps; i++)
        if (atomic_compare_exchange_strong(word, &value, value + 1))
            value++;
    return ticks_to_ns(ticks_now() - start);
}

static double fetch_and_add(void *a, void *b, uint64_t steps)
{
    (void)b;
    _Atomic uint64_t *word = a;
    uint64_t start = ticks_now();
    for (uint64_t i = 0; i < steps; i++)
        atomic_fetch_add(word, 1);
    return ticks_to_ns(ticks_now() - start);
}

typedef struct limit {
    const char *key, *title, *unit;
    loop_fn loop;
    double steps, per_step; /* bytes, or 0: the time of one step is the figure */
} limit_t;

static const limit_t limits[] = {
    {"memset", "memset of 64 MiB of shared memory", "GB/s", fill_memory, 8, (double)BYTES},
    {"memcpy", "memcpy of 64 MiB of shared memory (bytes copied)", "GB/s", copy_memory, 8, (double)BYTES},
    {"read", "reading 64 MiB of shared memory", "GB/s", read_memory, 8, (double)BYTES},
    {"cas", "one compare-and-swap, line at hand", "ns", compare_and_swap, 4e6, 0},
    {"add", "one fetch-and-add, line at hand", "ns", fetch_and_add, 4e6, 0},
};

static json_t *measure(const limit_t *limit, double scale, void *a, void *b)
{
    double results[5];
    uint64_t steps = (uint64_t)(limit->steps * scale) + 1;
    limit->loop(a, b, steps / 4 + 1); /* warm up */
    for (unsigned i = 0; i < 5; i++) {
        double ns = limit->loop(a, b, steps);
        results[i] = limit->per_step > 0 ? limit->per_step * (double)steps / ns : ns / (double)steps;
    }
    return json_pack("{s:s,s:s,s:s,s:f}", "key", limit->key, "title", limit->title, "unit", limit->unit,
                     "value", spread_of(results, 5).median);
}

static void *shared_memory(void)
{
    void *memory =
        mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED)
        fail("no %llu bytes of shared memory", (unsigned long long)BYTES);
    memset(memory, 1, BYTES);
    return memory;
}

int main(int argc, const char **argv)
{
    double scale = 1;
    const struct poptOption table[] = {
        {"scale", 's', POPT_ARG_DOUBLE, &scale, 0, "times as many steps as usual", "FACTOR"},
        POPT_AUTOHELP POPT_TABLEEND};
    poptContext context = poptGetContext(NULL, argc, argv, table, 0);
    int code = poptGetNextOpt(context), cpus[2];
    if (code < -1 || poptPeekArg(context) || !(scale > 0 && scale <= 1000))
        fail("limits wants --scale above 0 and at most 1000, and nothing else");
    ticks_calibrate();
    if (machine_two_cpus(cpus))
        machine_pin(0, cpus[1]);
    void *a = shared_memory(), *b = shared_memory();
    json_t *figures = json_array();
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
        json_array_append_new(figures, measure(&limits[i], scale, a, b));
    json_t *object = json_pack("{s:o}", "figures", figures);
    if (!object || json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(8)) != 0 ||
        putchar('\n') == EOF)
        fail("cannot write the result");
    json_decref(object);
    poptFreeContext(context);
    return 0;
}
