/* SPDX-License-Identifier: Apache-2.0 */
/* slotring_bench: what the ring costs, next to what the machine costs anyway. Not a test: numbers of a busy
 * machine are bad ones, and no test may fail for that. */
#include <popt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

typedef struct subject {
    const char *name;
    void (*run)(const bench_config_t *config);
    bool needs_two_cpus;
} subject_t;

static const subject_t subjects[] = {
    {"throughput", bench_throughput, true},
    {"latency", bench_latency, true},
    {"many", bench_many, true},
    {"allocate", bench_allocate, false},
    {"count", bench_count, false},
    {"operations", bench_operations, false},
    {"sizes", bench_sizes, false},
    {"crowds", bench_crowds, false},
    {"looks", bench_looks, false},
    {"ticket", bench_ticket, false},
    {"spans", bench_spans, true},
    {NULL, NULL, false},
};

typedef struct arguments {
    char *cpus, *only;
    int repeats, slots, json, strict, count;
    double scale;
} arguments_t;

static uint64_t number_from(const char *text, const char *what, uint64_t most)
{
    char *end;
    unsigned long long number = text ? strtoull(text, &end, 10) : 0;
    if (!text || *text == '-' || *end || end == text || number == 0 || number > most)
        fail("%s must be a number from 1 to %llu, not \"%s\"", what, (unsigned long long)most,
             text ? text : "");
    return number;
}

static void configure(bench_config_t *config, const arguments_t *arguments)
{
    if (!machine_two_cpus(config->cpus))
        config->cpus[1] = config->cpus[0];
    if (arguments->cpus && sscanf(arguments->cpus, "%d,%d", &config->cpus[0], &config->cpus[1]) != 2)
        fail("--cpus wants two processor numbers such as 0,1, not \"%s\"", arguments->cpus);
    if (arguments->repeats < 1 || arguments->repeats > 64)
        fail("--repeats must be 1 to 64, not %d", arguments->repeats);
    if (!(arguments->scale > 0 && arguments->scale <= 1000))
        fail("--scale must be above 0 and at most 1000");
    if (arguments->slots < 200 || (unsigned)arguments->slots > SLOTRING_SLOTS_MAX)
        fail("--slots must be 200 to %u, not %d", SLOTRING_SLOTS_MAX, arguments->slots);
    config->repeats = (unsigned)arguments->repeats;
    config->scale = arguments->scale;
    config->small_ring = 64;
    config->large_ring = (uint32_t)arguments->slots;
}

static void run_subjects(const bench_config_t *config, const char *only)
{
    bool found = false;
    for (const subject_t *subject = subjects; subject->name; subject++) {
        if (only && strcmp(only, subject->name) != 0)
            continue;
        found = true;
        if (subject->needs_two_cpus && config->cpus[0] == config->cpus[1]) {
            report_section(subject->name, subject->name);
            report_text("skipped", "needs two processors");
            continue;
        }
        subject->run(config);
        fflush(stdout);
    }
    if (!found)
        fail("no subject \"%s\"; there are throughput, latency, many, allocate, count, operations, sizes, "
             "crowds, "
             "looks, ticket "
             "and spans",
             only);
}

static void run_count_mode(poptContext context)
{
    const char *pattern = poptGetArg(context), *slots = poptGetArg(context), *steps = poptGetArg(context);
    if (!pattern || !slots || !steps)
        fail("--count-mode wants PATTERN SLOTS N");
    count_mode(pattern, (uint32_t)number_from(slots, "SLOTS", SLOTRING_SLOTS_MAX),
               number_from(steps, "N", UINT64_MAX / 4));
}

int main(int argc, const char **argv)
{
    arguments_t arguments = {.repeats = 7, .slots = 1000000, .scale = 1.0};
    const struct poptOption table[] = {
        {"only", 'o', POPT_ARG_STRING, &arguments.only, 0,
         "throughput, latency, many, allocate, count, operations, sizes, crowds, looks, ticket or spans",
         "SUBJECT"},
        {"repeats", 'r', POPT_ARG_INT | POPT_ARGFLAG_SHOW_DEFAULT, &arguments.repeats, 0,
         "repetitions of each paired measurement", "N"},
        {"scale", 's', POPT_ARG_DOUBLE, &arguments.scale, 0, "times as many messages and steps as usual",
         "FACTOR"},
        {"slots", 'n', POPT_ARG_INT | POPT_ARGFLAG_SHOW_DEFAULT, &arguments.slots, 0,
         "slots of the large ring", "N"},
        {"cpus", 'c', POPT_ARG_STRING, &arguments.cpus, 0, "the two processors to use", "A,B"},
        {"json", 'j', POPT_ARG_NONE, &arguments.json, 0, "one JSON object on standard output", NULL},
        {"strict", 0, POPT_ARG_NONE, &arguments.strict, 0, "exit with 1 when a target is missed", NULL},
        {"count-mode", 0, POPT_ARG_NONE, &arguments.count, 0,
         "N steps of PATTERN on a ring of SLOTS and no measurement: for instructions.sh", NULL},
        POPT_AUTOHELP POPT_TABLEEND};
    bench_config_t config;
    poptContext context = poptGetContext(NULL, argc, argv, table, 0);
    poptSetOtherOptionHelp(context, "[OPTION...] | --count-mode PATTERN SLOTS N");
    int code = poptGetNextOpt(context);
    if (code < -1)
        fail("%s: %s", poptBadOption(context, 0), poptStrerror(code));
    if (arguments.count) {
        run_count_mode(context);
        poptFreeContext(context);
        return 0;
    }
    if (poptPeekArg(context))
        fail("unexpected argument \"%s\"", poptPeekArg(context));
    configure(&config, &arguments);
    ticks_calibrate();
    report_open(arguments.json);
    machine_report(&config);
    run_subjects(&config, arguments.only);
    unsigned missed = report_close();
    poptFreeContext(context);
    free(arguments.only);
    free(arguments.cpus);
    return missed && arguments.strict;
}
