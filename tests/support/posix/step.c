/* SPDX-License-Identifier: Apache-2.0 */
/* step.h on POSIX: by ptrace. Victims are forked, so they have what the test has. */
#include "support/step.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/check.h"
#include "support/coverage.h"
#include "support/posix/system.h"
#include "support/posix/way.h"

const test_role_t step_roles[] = {{NULL, NULL}};

void step_share(const void *memory, size_t size)
{
    (void)memory;
    (void)size;
}

void step_begin(void)
{
    (void)raise(SIGSTOP);
}

void step_end(void)
{
    (void)raise(SIGSTOP);
    FAIL("step_end: nobody is tracing");
}

#if defined(__x86_64__)
#define STEP_HAS_BREAKPOINTS 1
#define NEXT_ADDRESS offsetof(struct user, regs.rip)
#elif defined(__i386__)
#define STEP_HAS_BREAKPOINTS 1
#define NEXT_ADDRESS offsetof(struct user, regs.eip)
#else
#define STEP_HAS_BREAKPOINTS 0
#endif

#if STEP_HAS_BREAKPOINTS

static uint64_t next_address(pid_t pid)
{
    errno = 0;
    long address = ptrace(PTRACE_PEEKUSER, pid, (void *)NEXT_ADDRESS, NULL);
    CHECK(errno == 0);
    return (unsigned long)address;
}

/* One hardware breakpoint: it changes no code, so nothing has to be put back. 0 takes it away. */
static void set_breakpoint(pid_t pid, uint64_t address)
{
    size_t registers = offsetof(struct user, u_debugreg);
    CHECK_SYSTEM(ptrace(PTRACE_POKEUSER, pid, (void *)(registers + 7 * sizeof(long)), NULL));
    CHECK_SYSTEM(ptrace(PTRACE_POKEUSER, pid, (void *)registers, (void *)(uintptr_t)address));
    if (address != 0)
        CHECK_SYSTEM(ptrace(PTRACE_POKEUSER, pid, (void *)(registers + 7 * sizeof(long)), (void *)1));
}
#else
static uint64_t next_address(pid_t pid)
{
    (void)pid;
    return 0;
}

static void set_breakpoint(pid_t pid, uint64_t address)
{
    (void)pid;
    (void)address;
    FAIL("there are no breakpoints on this processor");
}
#endif

typedef struct traced {
    role_fn victim;
    const char *argument;
    pid_t pid;
} traced_t;

static void traced_start(traced_t *traced)
{
    fflush(NULL);
    system_stay_here();
    pid_t pid = fork();
    CHECK_SYSTEM(pid);
    if (pid == 0) {
        check_in_helper("traced");
        coverage_apart();
        CHECK_SYSTEM(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
        traced->victim(NULL, traced->argument);
        _exit(0);
    }
    traced->pid = pid;
    int status;
    CHECK_SYSTEM(waitpid(pid, &status, 0));
    while (WIFSTOPPED(status) && WSTOPSIG(status) != SIGSTOP) { /* signals that come to it before */
        CHECK_SYSTEM(ptrace(PTRACE_CONT, pid, NULL, (void *)(long)WSTOPSIG(status)));
        CHECK_SYSTEM(waitpid(pid, &status, 0));
    }
    if (!WIFSTOPPED(status))
        FAIL("the victim ended (status %d) before step_begin", status);
    CHECK_SYSTEM(ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)(PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD)));
}

/* Who came to step_end last. */
static pid_t ended;

/* A tracer and its victim, which wake each other at each instruction, keep others from the processor for a second and more. */
static void let_others_run(void)
{
    static unsigned steps;
    if (++steps % 4096 == 0)
        sched_yield();
}

/* One unit on. False: it has come to step_end. */
static bool traced_step(traced_t *traced, enum step_unit unit)
{
    long deliver = 0;
    for (;;) {
        int status;
        CHECK_SYSTEM(unit == STEP_SYSTEM_CALLS
                         ? ptrace(PTRACE_SYSCALL, traced->pid, NULL, (void *)deliver)
                         : ptrace(PTRACE_SINGLESTEP, traced->pid, NULL, (void *)deliver));
        CHECK_SYSTEM(waitpid(traced->pid, &status, 0));
        let_others_run();
        if (!WIFSTOPPED(status))
            FAIL("the victim ended by itself (status %d) inside the operation", status);
        int signal_number = WSTOPSIG(status);
        if (signal_number == SIGSTOP) {
            ended = traced->pid;
            return false;
        }
        if (unit == STEP_INSTRUCTIONS && way_is_wanted())
            way_note(next_address(traced->pid));
        if (signal_number == (SIGTRAP | 0x80) || signal_number == SIGTRAP)
            return true;
        deliver = signal_number;
    }
}

static void traced_kill(traced_t *traced)
{
    int status;
    if (ended == traced->pid) {
        coverage_collect(ended);
        ended = 0;
    }
    CHECK_SYSTEM(kill(traced->pid, SIGKILL));
    do
        CHECK_SYSTEM(waitpid(traced->pid, &status, 0));
    while (WIFSTOPPED(status));
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    system_go_anywhere();
}

pid_t step_and_hold(role_fn victim, const char *argument, step_point_t point, bool *inside)
{
    traced_t traced = {.victim = victim, .argument = argument};
    traced_start(&traced);
    *inside = true;
    for (unsigned long n = 0; *inside && n < point.system_calls; n++)
        *inside = traced_step(&traced, STEP_SYSTEM_CALLS);
    for (unsigned long n = 0; *inside && n < point.instructions; n++)
        *inside = traced_step(&traced, STEP_INSTRUCTIONS);
    return traced.pid;
}

static void remember(step_trace_t *trace, uint64_t address)
{
    if (trace->count == trace->capacity) {
        trace->capacity = trace->capacity == 0 ? 4096 : 2 * trace->capacity;
        trace->addresses = realloc(trace->addresses, trace->capacity * sizeof *trace->addresses);
        CHECK(trace->addresses != NULL);
    }
    trace->addresses[trace->count++] = address;
}

pid_t step_record(role_fn victim, const char *argument, step_watch_fn watch, void *context,
                  step_trace_t *trace)
{
    traced_t traced = {.victim = victim, .argument = argument};
    memset(trace, 0, sizeof *trace);
    traced_start(&traced);
    do {
        if (watch != NULL)
            (void)watch(context, trace->count);
        remember(trace, next_address(traced.pid));
    } while (traced_step(&traced, STEP_INSTRUCTIONS));
    return traced.pid;
}

pid_t step_and_watch(role_fn victim, const char *argument, step_watch_fn go_on, void *context,
                     step_trace_t *trace)
{
    traced_t traced = {.victim = victim, .argument = argument};
    memset(trace, 0, sizeof *trace);
    traced_start(&traced);
    for (;;) {
        remember(trace, next_address(traced.pid));
        if (!go_on(context, trace->count - 1))
            return traced.pid;
        if (!traced_step(&traced, STEP_INSTRUCTIONS))
            FAIL("the victim came to its end before it stood where it was to stand");
    }
}

void step_forget(step_trace_t *trace)
{
    free(trace->addresses);
    memset(trace, 0, sizeof *trace);
}

pid_t step_start(role_fn victim, const char *argument)
{
    traced_t traced = {.victim = victim, .argument = argument};
    traced_start(&traced);
    return traced.pid;
}

/* Runs to the next breakpoint. False: it has come to step_end. */
static bool run_on(pid_t pid)
{
    long deliver = 0;
    for (;;) {
        int status;
        CHECK_SYSTEM(ptrace(PTRACE_CONT, pid, NULL, (void *)deliver));
        CHECK_SYSTEM(waitpid(pid, &status, 0));
        if (!WIFSTOPPED(status))
            FAIL("the victim ended by itself (status %d) inside the operation", status);
        if (WSTOPSIG(status) == SIGSTOP)
            ended = pid;
        if (WSTOPSIG(status) == SIGSTOP || WSTOPSIG(status) == SIGTRAP)
            return WSTOPSIG(status) == SIGTRAP;
        deliver = WSTOPSIG(status);
    }
}

bool step_go_to(pid_t held, const step_trace_t *trace, unsigned long from, unsigned long to)
{
    traced_t traced = {.pid = held};
    bool inside = true;
    if (!STEP_HAS_BREAKPOINTS || to - from < 4) {
        for (; inside && from < to; from++)
            inside = traced_step(&traced, STEP_INSTRUCTIONS);
        return inside;
    }
    /* one step first: whether a breakpoint stops an instruction that stands still already is the processor's secret */
    if (!traced_step(&traced, STEP_INSTRUCTIONS))
        return false;
    set_breakpoint(held, trace->addresses[to]);
    for (unsigned long n = from + 1; inside && n <= to; n++)
        if (trace->addresses[n] == trace->addresses[to])
            inside = run_on(held);
    set_breakpoint(held, 0);
    if (inside)
        CHECK_EQUAL(next_address(held), trace->addresses[to]);
    return inside;
}

void step_finish(pid_t held)
{
    while (run_on(held)) {
    }
}

void step_kill(pid_t held)
{
    traced_t traced = {.pid = held};
    traced_kill(&traced);
}

bool step_and_kill(role_fn victim, const char *argument, step_point_t point)
{
    bool inside;
    step_kill(step_and_hold(victim, argument, point, &inside));
    return inside;
}

bool step_possible(const char **why)
{
    pid_t pid = fork();
    CHECK_SYSTEM(pid);
    if (pid == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
            _exit(1);
        (void)raise(SIGSTOP);
        _exit(0);
    }
    int status;
    CHECK_SYSTEM(waitpid(pid, &status, WUNTRACED));
    bool stopped = WIFSTOPPED(status);
    bool possible = stopped && ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) == 0;
    *why = "processes cannot be traced here (ptrace is refused)";
    if (stopped) {
        if (possible) {
            CHECK_SYSTEM(waitpid(pid, &status, 0));
            possible = WIFSTOPPED(status);
        }
        (void)kill(pid, SIGKILL);
        while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
        }
    }
    return possible;
}
