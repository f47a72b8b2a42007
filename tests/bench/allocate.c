/* SPDX-License-Identifier: Apache-2.0 */
/* Does allocate cost more in a ring of a million slots? It cannot cost nothing more, because control lines that
 * are spread over 128 MB are not in the cache: what is compared is how much the bare walk over the same lines
 * costs more. */
#include <stdio.h>

#include "bench.h"

typedef struct times {
    double call, step, walk_call,
        walk_step; /* ns: allocate alone; with giving back; the bare walk likewise */
} times_t;

typedef struct subject {
    pattern_t pattern;
    walk_t walk;
} subject_t;

static double time_calls(pattern_t *pattern, uint64_t steps)
{
    uint64_t sum = 0;
    slotring_slot_t slot;
    for (uint64_t i = 0; i < steps; i++) {
        uint64_t start = ticks_now();
        int code = slotring_allocate(pattern->ring, BENCH_MESSAGE, &slot);
        sum += ticks_now() - start;
        must(code, "allocate");
        pattern_give_back(pattern, &slot);
    }
    return ticks_to_ns(sum) / (double)steps;
}

static double time_steps(pattern_t *pattern, uint64_t steps)
{
    uint64_t start = ticks_now();
    pattern_steps(pattern, steps);
    return ticks_to_ns(ticks_now() - start) / (double)steps;
}

static times_t measure(subject_t *subject, uint64_t steps)
{
    times_t times;
    times.call = time_calls(&subject->pattern, steps);
    times.walk_call = walk_single(&subject->walk, steps);
    times.step = time_steps(&subject->pattern, steps);
    times.walk_step = walk_loop(&subject->walk, steps);
    return times;
}

static void open_subject(subject_t *subject, enum pattern_kind kind, uint32_t slots)
{
    pattern_open(&subject->pattern, kind, slots);
    walk_open(&subject->walk, slots, subject->pattern.order, subject->pattern.spare);
}

static void close_subject(subject_t *subject)
{
    walk_close(&subject->walk);
    pattern_close(&subject->pattern);
}

/* What a large ring may cost: what the small one does, and what the memory alone adds. */
static void report_target_of(const double *small, const double *large, const double *walk_more,
                             unsigned count)
{
    double ratio[64];
    for (unsigned r = 0; r < count; r++)
        ratio[r] = large[r] / (small[r] + walk_more[r]);
    spread_t spread = spread_of(ratio, count);
    report_spread("allocate_of_sum", "many slots / (few + bare walk's more)", "", spread);
    report_target("allocate_of_sum_target", "  target", spread.median, false, 1.3);
}

/* One line: at few slots, at many, and the bare walk at both. */
static void report_four(const char *key, const char *what, double *small, double *large, double *walk_small,
                        double *walk_large, unsigned count, bool is_target)
{
    double more[64], walk_more[64], ratio[64];
    char name[100], title[100];
    const char *const titles[] = {"few slots",       "many slots",   "bare walk, few",
                                  "bare walk, many", "more at many", "bare walk, more"};
    double *const values[] = {small, large, walk_small, walk_large, more, walk_more};
    for (unsigned r = 0; r < count; r++) {
        more[r] = large[r] - small[r];
        walk_more[r] = walk_large[r] - walk_small[r];
        ratio[r] = more[r] / walk_more[r];
    }
    spread_t spread = spread_of(ratio, count);
    for (unsigned i = 0; i < 6; i++) {
        snprintf(name, sizeof name, "%s_%s_%u", key, what, i);
        for (char *at = name; *at; at++)
            if (*at == '-' || *at == ' ')
                *at = '_';
        snprintf(title, sizeof title, "%s, %s", what, titles[i]);
        report_spread(name, title, "ns", spread_of(values[i], count));
    }
    snprintf(name, sizeof name, "%s_%s_ratio", key, what);
    snprintf(title, sizeof title, "%s, more / bare walk's more", what);
    report_spread(name, title, "", spread);
    snprintf(name, sizeof name, "%s_%s_target", key, what);
    if (!is_target)
        return;
    report_target(name, "  target", spread.median, false, 1.5);
    report_target_of(small, large, walk_more, count);
}

static void bench_pattern(const bench_config_t *config, enum pattern_kind kind)
{
    double call[4][64], step[4][64];
    subject_t small, large;
    char title[100];
    snprintf(title, sizeof title, "allocate, %s, at %u and at %u slots", pattern_name(kind),
             config->small_ring, config->large_ring);
    report_section(pattern_name(kind), title);
    open_subject(&small, kind, config->small_ring);
    open_subject(&large, kind, config->large_ring);
    uint64_t steps = (uint64_t)(1000000 * config->scale) + 1;
    for (unsigned r = 0; r < config->repeats; r++) {
        times_t few = measure(&small, steps), many = measure(&large, steps);
        double calls[] = {few.call, many.call, few.walk_call, many.walk_call};
        double all[] = {few.step, many.step, few.walk_step, many.walk_step};
        for (unsigned i = 0; i < 4; i++) {
            call[i][r] = calls[i];
            step[i][r] = all[i];
        }
    }
    report_four("allocate", "call", call[0], call[1], call[2], call[3], config->repeats, true);
    if (kind != RANDOM) /* there, giving back goes to another slot, which the bare walk does not */
        report_four("allocate", kind == ALL_FREE ? "with abort" : "with mark_ready", step[0], step[1],
                    step[2], step[3], config->repeats, false);
    close_subject(&large);
    close_subject(&small);
}

void bench_allocate(const bench_config_t *config)
{
    machine_pin(0, config->cpus[0]);
    for (enum pattern_kind kind = ALL_FREE; kind < PATTERNS; kind++)
        bench_pattern(config, kind);
}
