/* SPDX-License-Identifier: Apache-2.0 */
/* What the test and its victim share: whoever has the turn writes. And what the victim's files share. */
#ifndef TEST_WIN32_STEP_VICTIM_H
#define TEST_WIN32_STEP_VICTIM_H

#include <windows.h>

#include <stdbool.h>
#include <stdint.h>

#define STEP_SHARED_MAX 8192

#if defined(__x86_64__)
#define NEXT_INSTRUCTION Rip
#define STACK_TOP Rsp
typedef DWORD64 address_t;
#else
#define NEXT_INSTRUCTION Eip
#define STACK_TOP Esp
typedef DWORD address_t;
#endif

enum step_order {
    ORDER_STEP, /* `count` units on */
    ORDER_RUN,  /* to step_end, without a stop */
};

typedef struct step_control {
    uint64_t victim;              /* the function: an offset in the program */
    uint64_t shared, shared_size; /* what it is to have as the test has it: likewise, and its contents */
    unsigned char bytes[STEP_SHARED_MAX];
    uint32_t order, unit;
    uint64_t count;
    bool at_end;
} step_control_t;

/* ---- step_calls.c: the program's calls of DLLs ------------------------------------------------------- */

/* From now on each call of a function that may change something outside this thread meets a fault. */
void calls_trap(unsigned char *image);
/* The function that is called where this fault is; 0: it is none of these. */
address_t calls_function(address_t fault);

#endif
