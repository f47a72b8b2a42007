/* SPDX-License-Identifier: Apache-2.0 */
/* Between backend.c, which has the calls, and plan.c, which decides what becomes of them. */
#ifndef TEST_INJECT_PLAN_H
#define TEST_INJECT_PLAN_H

#include "inject.h"

/* The backends that are wrapped, in the order of sr__backends. */
extern const sr__backend_t *const plan_wrapped[];

/* The one that this process uses. */
const sr__backend_t *plan_real(void);

/* Counts the call; lets the intruder act; gives the code that it is to fail with, and fills `error`. */
int plan_failure(enum inject_call call, slotring_error_t *error);

bool plan_random_repeats(void);
/* Lets the time pass. False: nothing is to be waited for. */
bool plan_wait(uint64_t timeout_ns);
uint64_t plan_clock_ns(void);
void plan_sleep_ns(uint64_t duration_ns);

#endif
