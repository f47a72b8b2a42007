/* SPDX-License-Identifier: Apache-2.0 */
/* Kills a process at a chosen point inside an operation, without any help of the code under test: its system calls or
 * its instructions are counted from outside (ptrace) or by an exception handler of its own (Windows). */
#ifndef TEST_STEP_H
#define TEST_STEP_H

#include <stdbool.h>

#include "process.h"
#include "suite.h"

enum step_unit {
    STEP_SYSTEM_CALLS, /* stops before and after each; on Windows, each call of a DLL that is not the C library */
    STEP_INSTRUCTIONS,
};

typedef struct step_point {
    unsigned long system_calls; /* so many stops at system calls first, */
    unsigned long instructions; /* then so many instructions */
} step_point_t;

/* False where processes cannot be traced (*why says so): skip the test. */
bool step_possible(const char **why);

/* Starts a process that runs `victim`; kills it when it has come to `point` after its step_begin(). Returns true when
 * it was killed there, false when it came to step_end() before (it is killed then, too). It is gone. */
bool step_and_kill(role_fn victim, const char *argument, step_point_t point);

/* The same in two steps: the victim stands still at `point` (or at step_end, with *inside false) until step_kill. */
pid_t step_and_hold(role_fn victim, const char *argument, step_point_t point, bool *inside);
void step_kill(pid_t held);

/* The way of a victim from step_begin to step_end, instruction by instruction. Forked victims that do the same have
 * the same addresses, so others can be brought to its n-th instruction by a breakpoint, in one go; where processes do
 * not fork, instructions are counted. */
typedef struct step_trace {
    unsigned long count, capacity;
    uint64_t
        *addresses; /* of the next instruction, after 0, 1, 2 … of them; NULL where they are only counted */
} step_trace_t;
/* Asked before each instruction; `done` are over. False: the victim is to stand still here. */
typedef bool (*step_watch_fn)(void *context, unsigned long done);
/* Records the way to where `go_on` says false: there the victim stands still, with trace->count - 1 instructions over.
 * It must not come to its step_end before. */
pid_t step_and_watch(role_fn victim, const char *argument, step_watch_fn go_on, void *context,
                     step_trace_t *trace);
/* Records all of it, asking `watch` (may be NULL; its result is ignored) before each instruction. The victim stands still
 * at its step_end. */
pid_t step_record(role_fn victim, const char *argument, step_watch_fn watch, void *context,
                  step_trace_t *trace);
void step_forget(step_trace_t *trace);
/* A victim that stands still at its step_begin. */
pid_t step_start(role_fn victim, const char *argument);
/* From where `from` instructions of the trace are over to where `to` are. False: it went another way, to its end. */
bool step_go_to(pid_t held, const step_trace_t *trace, unsigned long from, unsigned long to);
/* Lets one that stands still run to its step_end, where it stands still again. */
void step_finish(pid_t held);

/* Memory of the program (a global variable) that victims are to have as the test has it when it starts them. */
void step_share(const void *memory, size_t size);
/* What a suite with victims has among its roles. */
extern const test_role_t step_roles[];

/* For the victim, around the operation. */
void step_begin(void);
void step_end(void);

#endif
