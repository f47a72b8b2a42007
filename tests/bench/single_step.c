/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "single_step.h"

#include "bench.h"

#if defined(__x86_64__) && defined(__linux__)
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define CANNOT 2 /* exit status of a child that may not be traced */

typedef struct code {
    uint8_t bytes[16];
} code_t;

static code_t read_code(const counted_t *counted, uint64_t at)
{
    union {
        long words[2];
        code_t code;
    } read;
    for (unsigned i = 0; i < 2; i++)
        read.words[i] = ptrace(PTRACE_PEEKTEXT, counted->process, (void *)(at + 8 * i), NULL);
    return read.code;
}

/* The same instructions come again and again, and all children have the same ones. */
static const code_t *code_at(const counted_t *counted, uint64_t at)
{
    static struct {
        uint64_t at;
        code_t code;
    } known[16384];
    size_t place = at % (sizeof known / sizeof known[0]);
    if (known[place].at != at) {
        known[place].at = at;
        known[place].code = read_code(counted, at);
    }
    return &known[place].code;
}

static bool is_legacy_prefix(uint8_t byte)
{
    static const uint8_t prefixes[] = {0x66, 0x67, 0x2e, 0x36, 0x3e, 0x26, 0x64, 0x65, 0xf2, 0xf3};
    return memchr(prefixes, byte, sizeof prefixes) != NULL;
}

/* lock-prefixed, or an exchange with memory, which locks without the prefix, or mfence. */
static bool is_atomic(const code_t *code)
{
    unsigned i = 0;
    for (; i < 12; i++) {
        if (code->bytes[i] == 0xf0)
            return true;
        if (!is_legacy_prefix(code->bytes[i]))
            break;
    }
    if ((code->bytes[i] & 0xf0) == 0x40)
        i++;
    uint8_t opcode = code->bytes[i], next = code->bytes[i + 1];
    if (opcode == 0x86 || opcode == 0x87)
        return next >> 6 != 3;
    return opcode == 0x0f && next == 0xae && code->bytes[i + 2] == 0xf0;
}

static bool is_system_call(const code_t *code)
{
    return code->bytes[0] == 0x0f && code->bytes[1] == 0x05;
}

void counted_from_here(void)
{
    raise(SIGSTOP);
}

bool counted_start(counted_t *counted, void (*run)(const void *argument), const void *argument)
{
    int status;
    counted->process = fork();
    if (counted->process < 0)
        fail("cannot start a process");
    if (counted->process == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
            _exit(CANNOT);
        run(argument);
        _exit(1); /* the counter should have ended it */
    }
    if (waitpid(counted->process, &status, 0) != counted->process)
        fail("lost the counted process");
    if (WIFEXITED(status) && WEXITSTATUS(status) == CANNOT)
        return false;
    if (!WIFSTOPPED(status))
        fail("the counted process failed");
    if (ptrace(PTRACE_SETOPTIONS, counted->process, NULL,
               (void *)(PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD)) != 0)
        fail("a process cannot be traced");
    return true;
}

void counted_go_on(const counted_t *counted)
{
    int status;
    if (ptrace(PTRACE_CONT, counted->process, NULL, NULL) != 0 ||
        waitpid(counted->process, &status, 0) != counted->process || !WIFSTOPPED(status) ||
        WSTOPSIG(status) != SIGSTOP)
        fail("the counted process failed");
}

static struct user_regs_struct step(const counted_t *counted)
{
    int status;
    struct user_regs_struct registers;
    if (ptrace(PTRACE_SINGLESTEP, counted->process, NULL, NULL) != 0 ||
        waitpid(counted->process, &status, 0) != counted->process || !WIFSTOPPED(status))
        fail("cannot run the counted process step by step");
    if (ptrace(PTRACE_GETREGS, counted->process, NULL, &registers) != 0)
        fail("cannot read the registers of the counted process");
    return registers;
}

static size_t which(const counted_function_t *functions, size_t count, uint64_t at)
{
    size_t f = 0;
    while (f < count && (uint64_t)(uintptr_t)functions[f].entry != at)
        f++;
    return f;
}

size_t counted_next_call(const counted_t *counted, const counted_function_t *functions, size_t count,
                         call_counts_t *call)
{
    struct user_regs_struct registers;
    size_t found;
    do {
        registers = step(counted);
        found = which(functions, count, registers.rip);
    } while (found == count);
    uint64_t back = (uint64_t)ptrace(PTRACE_PEEKDATA, counted->process, (void *)registers.rsp, NULL);
    *call = (call_counts_t){0};
    while (registers.rip != back && call->instructions < COUNTED_AT_MOST) {
        const code_t *code = code_at(counted, registers.rip);
        call->instructions++;
        call->atomics += is_atomic(code);
        call->system_calls += is_system_call(code);
        registers = step(counted);
    }
    return found;
}

/* A system call stops twice: when it comes and when it goes. */
uint64_t counted_system_calls(const counted_t *counted, size_t count)
{
    uint64_t stops = 0;
    size_t running = count;
    for (size_t i = 0; i < count; i++)
        if (ptrace(PTRACE_SYSCALL, counted[i].process, NULL, NULL) != 0)
            fail("a process cannot be traced");
    while (running > 0) {
        int status, process = waitpid(-1, &status, __WALL);
        size_t which = 0;
        while (which < count && counted[which].process != process)
            which++;
        if (which == count || !WIFSTOPPED(status))
            fail("a process has failed");
        if (WSTOPSIG(status) == SIGSTOP) {
            running--;
            continue;
        }
        stops += WSTOPSIG(status) == (SIGTRAP | 0x80);
        if (ptrace(PTRACE_SYSCALL, process, NULL, NULL) != 0)
            fail("a process cannot be traced");
    }
    return stops / 2;
}

void counted_end(counted_t *counted)
{
    int status;
    kill(counted->process, SIGKILL);
    waitpid(counted->process, &status, 0);
}

#else

void counted_from_here(void) {}

bool counted_start(counted_t *counted, void (*run)(const void *argument), const void *argument)
{
    (void)counted;
    (void)run;
    (void)argument;
    return false;
}

void counted_go_on(const counted_t *counted)
{
    (void)counted;
}

size_t counted_next_call(const counted_t *counted, const counted_function_t *functions, size_t count,
                         call_counts_t *call)
{
    (void)counted;
    (void)functions;
    *call = (call_counts_t){0};
    return count;
}

uint64_t counted_system_calls(const counted_t *counted, size_t count)
{
    (void)counted;
    (void)count;
    return 0;
}

void counted_end(counted_t *counted)
{
    (void)counted;
}

#endif

static void stop_once(const void *argument)
{
    (void)argument;
    counted_from_here();
}

bool counted_possible(void)
{
    counted_t counted;
    bool possible = counted_start(&counted, stop_once, NULL);
    if (possible)
        counted_end(&counted);
    return possible;
}
