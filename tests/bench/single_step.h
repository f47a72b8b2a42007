/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a process one instruction at a time and counts what the calls of some functions execute, what they call
 * included. Linux on x86-64; elsewhere counted_start says that it cannot. */
#ifndef SLOTRING_BENCH_SINGLE_STEP_H
#define SLOTRING_BENCH_SINGLE_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef void (*function_t)(void);

typedef struct counted_function {
    const char *name;
    function_t entry;
} counted_function_t;

typedef struct call_counts {
    uint64_t instructions;
    uint64_t atomics; /* read-modify-writes, and fences, which cost as much */
    uint64_t system_calls;
} call_counts_t;

typedef struct counted {
    int process;
} counted_t;

/* A call that goes on for longer is not counted to its end. */
#define COUNTED_AT_MOST 5000000u /* instructions */

/* May processes be traced here? */
bool counted_possible(void);
/* Starts `run` in a child, up to its first counted_from_here. False where processes may not be traced. */
bool counted_start(counted_t *counted, void (*run)(const void *argument), const void *argument);
void counted_from_here(void);
/* Lets it run, uncounted and at full speed, to its next counted_from_here. */
void counted_go_on(const counted_t *counted);
/* Lets it run to the next call of one of the functions, and counts that. Returns which it was. */
size_t counted_next_call(const counted_t *counted, const counted_function_t *functions, size_t count,
                         call_counts_t *call);
/* Lets `count` of them run, at nearly full speed, each to its next counted_from_here. Returns how many system calls they
 * made, all together. */
uint64_t counted_system_calls(const counted_t *counted, size_t count);
void counted_end(counted_t *counted);

#endif
