/* SPDX-License-Identifier: Apache-2.0 */
/* A call inside this process that stops after any of its instructions: the processor traps after each of them, and a
 * handler counts. Whatever the handler does then is done beside a call that stands still, as another thread would do
 * it; afterwards the call goes on, or never does. step.h is for other processes. */
#ifndef TEST_TRAP_H
#define TEST_TRAP_H

#include <stdbool.h>
#include <stdint.h>

enum trap_answer {
    TRAP_NEXT,   /* one more instruction */
    TRAP_GO_ON,  /* to the end, without further traps */
    TRAP_ABANDON /* it stands still for ever */
};

/* False where the processor, or whatever plays it, has no such traps (*why says so): skip the test. */
bool trap_possible(const char **why);

typedef void (*trap_run_fn)(void *context);
typedef enum trap_answer (*trap_stop_fn)(void *context, unsigned long done);

/* Calls `run`, and `each` before each of its instructions, with how many are over. False: it was abandoned. */
bool trap_run(trap_run_fn run, trap_stop_fn each, void *context);

/* Where the instructions of a call lie. Another call that does the same can be brought to its n-th one at once, by a
 * breakpoint, which is a hundred times faster. */
typedef struct trap_trace {
    unsigned long count, capacity;
    uintptr_t *addresses;
} trap_trace_t;
/* The same as trap_run, and records; `each` may be NULL. */
bool trap_record(trap_run_fn run, trap_stop_fn each, void *context, trap_trace_t *trace);
void trap_forget(trap_trace_t *trace);
/* Calls `run`, and `stop` before instruction n of the trace. False: it was abandoned. */
bool trap_run_to(trap_run_fn run, const trap_trace_t *trace, unsigned long n, trap_stop_fn stop,
                 void *context);

#endif
