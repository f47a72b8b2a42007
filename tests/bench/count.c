/* SPDX-License-Identifier: Apache-2.0 */
/* How many instructions, and how many atomic ones, does one allocate execute at few slots and at many? Counted
 * exactly: time says little about a few instructions, and a benchmark should not say "about the same". */
#include "bench.h"

#include <stdio.h>

#include "single_step.h"

#define STEPS 512u /* of the pattern that are counted: several times round 64 slots */

typedef struct counts {
    double instructions[STEPS], atomics[STEPS];
} counts_t;

void count_mode(const char *name, uint32_t slots, uint64_t steps)
{
    enum pattern_kind kind;
    pattern_t pattern;
    if (!pattern_find(name, &kind))
        fail("no pattern \"%s\"; there are all-free, all-ready, 99-percent-held and random", name);
    pattern_open(&pattern, kind, slots);
    pattern_steps(&pattern, steps);
    pattern_close(&pattern);
}

typedef struct subject {
    enum pattern_kind kind;
    uint32_t slots;
} subject_t;

static void be_counted(const void *argument)
{
    const subject_t *subject = argument;
    pattern_t pattern;
    pattern_open(&pattern, subject->kind, subject->slots);
    counted_from_here();
    pattern_steps(&pattern, STEPS + 1);
}

/* False where processes may not be traced. */
static bool count(enum pattern_kind kind, uint32_t slots, counts_t *counts)
{
    subject_t subject = {kind, slots};
    const counted_function_t functions[] = {{"allocate", (function_t)slotring_allocate}};
    counted_t counted;
    if (!counted_start(&counted, be_counted, &subject))
        return false;
    for (unsigned i = 0; i < STEPS; i++) {
        call_counts_t call;
        counted_next_call(&counted, functions, 1, &call);
        counts->instructions[i] = (double)call.instructions;
        counts->atomics[i] = (double)call.atomics;
    }
    counted_end(&counted);
    return true;
}

static double mean_of(const double *values)
{
    double sum = 0;
    for (unsigned i = 0; i < STEPS; i++)
        sum += values[i];
    return sum / STEPS;
}

static void report_counts(const char *what, double *few, double *many)
{
    char name[64], title[100];
    double *const both[] = {few, many};
    double median[2], mean[2];
    for (unsigned i = 0; i < 2; i++) {
        mean[i] = mean_of(both[i]);
        spread_t spread = spread_of(both[i], STEPS);
        median[i] = spread.median;
        snprintf(name, sizeof name, "%s_%s", what, i ? "many" : "few");
        snprintf(title, sizeof title, "%s, %s slots: median", what, i ? "many" : "few");
        report_spread(name, title, "per call", spread);
        snprintf(name, sizeof name, "%s_mean_%s", what, i ? "many" : "few");
        snprintf(title, sizeof title, "%s, %s slots: mean", what, i ? "many" : "few");
        report_number(name, title, "per call", mean[i]);
    }
    snprintf(name, sizeof name, "%s_target", what);
    snprintf(title, sizeof title, "  target: more %s at many slots", what);
    report_target(name, title, median[1] - median[0], false, 0);
    snprintf(name, sizeof name, "%s_mean_more", what);
    snprintf(title, sizeof title, "  more in the mean");
    report_number(name, title, "per call", mean[1] - mean[0]);
}

void bench_count(const bench_config_t *config)
{
    for (enum pattern_kind kind = ALL_FREE; kind < PATTERNS; kind++) {
        static counts_t few, many;
        char key[64], title[100];
        snprintf(key, sizeof key, "count-%s", pattern_name(kind));
        snprintf(title, sizeof title, "Instructions of one allocate, %s, at %u and at %u slots",
                 pattern_name(kind), config->small_ring, config->large_ring);
        report_section(key, title);
        if (!count(kind, config->small_ring, &few) || !count(kind, config->large_ring, &many)) {
            report_text("skipped", "processes may not be traced here");
            continue;
        }
        report_counts("instructions", few.instructions, many.instructions);
        report_counts("atomics", few.atomics, many.atomics);
    }
}
