/* SPDX-License-Identifier: Apache-2.0 */
/* How many instructions, and how many atomic ones, does one allocate execute? Counted exactly, by running a
 * child one instruction at a time: time says little about a few instructions, and a benchmark should not say
 * "about the same". */
#define _GNU_SOURCE
#include "bench.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

void count_mode(const char *name, uint32_t slots, uint64_t steps)
{
    enum pattern_kind kind;
    pattern_t pattern;
    if (!pattern_find(name, &kind))
        fail("no pattern \"%s\"; there are all-free, all-ready and 99-percent-held", name);
    pattern_open(&pattern, kind, slots);
    pattern_steps(&pattern, steps);
    pattern_close(&pattern);
}

#if defined(__x86_64__) && defined(__linux__)
#include <sys/user.h>

#define STEPS 512u /* of the pattern that are counted: several times round 64 slots */

typedef struct counts {
    double instructions[STEPS], atomics[STEPS];
} counts_t;

static bool is_legacy_prefix(uint8_t byte)
{
    static const uint8_t prefixes[] = {0x66, 0x67, 0x2e, 0x36, 0x3e, 0x26, 0x64, 0x65, 0xf2, 0xf3};
    return memchr(prefixes, byte, sizeof prefixes) != NULL;
}

/* lock-prefixed, or an exchange with memory, which locks without the prefix. Fences are not atomics, but they
 * cost as much and are counted with them. */
static bool is_atomic(pid_t child, uint64_t at)
{
    union {
        long words[2];
        uint8_t bytes[16];
    } code;
    for (unsigned i = 0; i < 2; i++)
        code.words[i] = ptrace(PTRACE_PEEKTEXT, child, (void *)(at + 8 * i), NULL);
    unsigned i = 0;
    for (; i < 12; i++) {
        if (code.bytes[i] == 0xf0)
            return true;
        if (!is_legacy_prefix(code.bytes[i]))
            break;
    }
    if ((code.bytes[i] & 0xf0) == 0x40)
        i++;
    uint8_t opcode = code.bytes[i], next = code.bytes[i + 1];
    if (opcode == 0x86 || opcode == 0x87)
        return next >> 6 != 3;
    return opcode == 0x0f && next == 0xae && code.bytes[i + 2] == 0xf0; /* mfence */
}

static void be_counted(enum pattern_kind kind, uint32_t slots)
{
    pattern_t pattern;
    pattern_open(&pattern, kind, slots);
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
        _exit(2);
    raise(SIGSTOP);
    pattern_steps(&pattern, STEPS + 1);
    _exit(1); /* the counter should have ended it */
}

static void step_child(pid_t child)
{
    int status;
    if (ptrace(PTRACE_SINGLESTEP, child, NULL, NULL) != 0 || waitpid(child, &status, 0) != child ||
        !WIFSTOPPED(status))
        fail("cannot run the counted process step by step");
}

static struct user_regs_struct registers_of(pid_t child)
{
    struct user_regs_struct registers;
    if (ptrace(PTRACE_GETREGS, child, NULL, &registers) != 0)
        fail("cannot read the registers of the counted process");
    return registers;
}

static void count_steps(pid_t child, counts_t *counts)
{
    for (unsigned i = 0; i < STEPS; i++) {
        struct user_regs_struct registers;
        uint64_t entry = (uint64_t)(uintptr_t)slotring_allocate, instructions = 0, atomics = 0;
        do {
            step_child(child);
            registers = registers_of(child);
        } while (registers.rip != entry);
        uint64_t back = (uint64_t)ptrace(PTRACE_PEEKDATA, child, (void *)registers.rsp, NULL);
        while (registers.rip != back) {
            instructions++;
            atomics += is_atomic(child, registers.rip);
            step_child(child);
            registers = registers_of(child);
        }
        counts->instructions[i] = (double)instructions;
        counts->atomics[i] = (double)atomics;
    }
}

/* False where processes may not be traced. */
static bool count(enum pattern_kind kind, uint32_t slots, counts_t *counts)
{
    int status;
    pid_t child = fork();
    if (child < 0)
        fail("cannot start a process");
    if (child == 0)
        be_counted(kind, slots);
    if (waitpid(child, &status, 0) != child)
        fail("lost the counted process");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
        return false;
    if (!WIFSTOPPED(status))
        fail("the counted process failed");
    count_steps(child, counts);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
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

#else

void bench_count(const bench_config_t *config)
{
    (void)config;
    report_section("count", "Instructions of one allocate");
    report_text("skipped", "only on Linux on x86-64; use instructions.sh");
}

#endif
