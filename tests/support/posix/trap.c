/* SPDX-License-Identifier: Apache-2.0 */
/* trap.h on Linux: the trap flag of x86, set and cleared in what a signal handler returns to; and breakpoints, one byte
 * of the program each. */
#if defined(__linux__)

#include "support/trap.h"

#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "support/check.h"
#include "support/posix/way.h"

#if defined(__x86_64__) || defined(__i386__)

#if defined(__x86_64__)
#define NEXT_INSTRUCTION REG_RIP
#else
#define NEXT_INSTRUCTION REG_EIP
#endif
#define TRAP_FLAG 0x100
#define BREAKPOINT 0xcc

static struct {
    trap_stop_fn each;
    void *context;
    trap_trace_t *trace; /* to record, or NULL */
    unsigned long done;
    volatile sig_atomic_t inside, stepping; /* the call is at work; it is to be trapped at each instruction */
    uintptr_t breakpoint;                   /* or there, once it has come there `left` times */
    unsigned long left;
    unsigned char covered;
    sigjmp_buf out;
} traps;

static void put_byte(uintptr_t address, unsigned char byte)
{
    *(volatile unsigned char *)address = byte;
}

static void remember(trap_trace_t *trace, uintptr_t address)
{
    if (trace->count == trace->capacity)
        FAIL("a call has more than %lu instructions", trace->capacity);
    trace->addresses[trace->count++] = address;
}

static enum trap_answer on_step(uintptr_t next)
{
    if (traps.trace != NULL)
        remember(traps.trace, next);
    way_note(next);
    unsigned long done = traps.done++;
    return traps.each != NULL ? traps.each(traps.context, done) : TRAP_NEXT;
}

/* At the breakpoint, or one instruction behind it: then it is set again. */
static enum trap_answer on_breakpoint(greg_t *next, greg_t *flags)
{
    if (*flags & TRAP_FLAG) {
        *flags &= ~(greg_t)TRAP_FLAG;
        put_byte(traps.breakpoint, BREAKPOINT);
        return TRAP_NEXT;
    }
    put_byte(traps.breakpoint, traps.covered);
    *next = (greg_t)traps.breakpoint;
    if (--traps.left > 0) {
        *flags |= TRAP_FLAG;
        return TRAP_NEXT;
    }
    traps.breakpoint = 0;
    return traps.each(traps.context, traps.done);
}

static void on_trap(int number, siginfo_t *information, void *interrupted)
{
    greg_t *registers = ((ucontext_t *)interrupted)->uc_mcontext.gregs;
    (void)number;
    (void)information;
    if (traps.breakpoint != 0) {
        if (on_breakpoint(&registers[NEXT_INSTRUCTION], &registers[REG_EFL]) == TRAP_ABANDON)
            siglongjmp(traps.out, 1);
        return;
    }
    enum trap_answer answer = TRAP_NEXT;
    if (traps.stepping && traps.inside)
        answer = on_step((uintptr_t)registers[NEXT_INSTRUCTION]);
    if (answer == TRAP_ABANDON)
        siglongjmp(traps.out, 1);
    if (answer == TRAP_GO_ON)
        traps.stepping = 0;
    registers[REG_EFL] =
        traps.stepping ? registers[REG_EFL] | TRAP_FLAG : registers[REG_EFL] & ~(greg_t)TRAP_FLAG;
}

static bool run_trapped(trap_run_fn run, void *context, bool stepping)
{
    struct sigaction action, before;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_trap;
    action.sa_flags = SA_SIGINFO;
    CHECK_SYSTEM(sigaction(SIGTRAP, &action, &before));
    bool abandoned = sigsetjmp(traps.out, 1) != 0;
    if (!abandoned) {
        traps.stepping = stepping;
        if (stepping)
            CHECK_SYSTEM(raise(SIGTRAP)); /* from the first one on there is one at each instruction */
        if (traps.breakpoint != 0) /* not before: what is used up to here may be what is to be stopped */
            put_byte(traps.breakpoint, BREAKPOINT);
        traps.inside = 1;
        run(context);
        traps.inside = 0;
        traps.stepping = 0;
        if (traps.breakpoint != 0) { /* it went another way */
            put_byte(traps.breakpoint, traps.covered);
            traps.breakpoint = 0;
        }
        __asm__ volatile("nop"); /* trapped, if it still was, and the last one */
    }
    traps.inside = traps.stepping = 0;
    CHECK_SYSTEM(sigaction(SIGTRAP, &before, NULL));
    return !abandoned;
}

bool trap_run(trap_run_fn run, trap_stop_fn each, void *context)
{
    memset(&traps, 0, sizeof traps);
    traps.each = each;
    traps.context = context;
    return run_trapped(run, context, true);
}

bool trap_record(trap_run_fn run, trap_stop_fn each, void *context, trap_trace_t *trace)
{
    memset(&traps, 0, sizeof traps);
    traps.each = each;
    traps.context = context;
    traps.trace = trace;
    trace->count = 0;
    trace->capacity = 65536; /* now: the call may be one that allocates */
    trace->addresses = malloc(trace->capacity * sizeof *trace->addresses);
    CHECK(trace->addresses != NULL);
    return run_trapped(run, context, true);
}

void trap_forget(trap_trace_t *trace)
{
    free(trace->addresses);
    memset(trace, 0, sizeof *trace);
}

/* Code that can be changed. The pages stay so. */
static bool open_code(uintptr_t address)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    return mprotect((void *)(address & ~(page - 1)), page, PROT_READ | PROT_WRITE | PROT_EXEC) == 0;
}

static struct {
    trap_stop_fn stop;
    unsigned long at;
} one;

static enum trap_answer stop_at_one(void *context, unsigned long done)
{
    return done < one.at ? TRAP_NEXT : one.stop(context, done);
}

bool trap_run_to(trap_run_fn run, const trap_trace_t *trace, unsigned long n, trap_stop_fn stop,
                 void *context)
{
    uintptr_t address = trace->addresses[n];
    memset(&traps, 0, sizeof traps);
    traps.context = context;
    if (!open_code(address)) { /* not allowed here */
        one.stop = stop;
        one.at = n;
        return trap_run(run, stop_at_one, context);
    }
    traps.each = stop;
    traps.done = n;
    for (unsigned long i = 0; i <= n; i++)
        traps.left += trace->addresses[i] == address;
    traps.covered = *(volatile unsigned char *)address;
    traps.breakpoint = address;
    return run_trapped(run, context, false);
}

static void do_nothing(void *context)
{
    (void)context;
}

static enum trap_answer count(void *context, unsigned long done)
{
    *(unsigned long *)context = done + 1;
    return TRAP_NEXT;
}

bool trap_possible(const char **why)
{
    unsigned long counted = 0;
    (void)trap_run(do_nothing, count, &counted);
    *why = "whatever plays the processor here does not trap after each instruction";
    return counted > 0;
}

#else

bool trap_possible(const char **why)
{
    *why = "this processor has no flag for a trap after each instruction";
    return false;
}

bool trap_run(trap_run_fn run, trap_stop_fn each, void *context)
{
    (void)each;
    run(context);
    return true;
}

bool trap_record(trap_run_fn run, trap_stop_fn each, void *context, trap_trace_t *trace)
{
    (void)trace;
    return trap_run(run, each, context);
}

void trap_forget(trap_trace_t *trace)
{
    (void)trace;
}

bool trap_run_to(trap_run_fn run, const trap_trace_t *trace, unsigned long n, trap_stop_fn stop,
                 void *context)
{
    (void)trace;
    (void)n;
    return trap_run(run, stop, context);
}

#endif

#endif
