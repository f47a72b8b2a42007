/* SPDX-License-Identifier: Apache-2.0 */
/* One operation with one failure, and what must hold afterwards. */
#ifndef TEST_INJECT_HARNESS_H
#define TEST_INJECT_HARNESS_H

#include "stage.h"

/* What this process has of the system, by the books and as the system has it. */
typedef struct possessions {
    unsigned books[KINDS];
    unsigned descriptors, mappings; /* 0 where the system does not say */
} possessions_t;

void possessions_count(possessions_t *have);
void possessions_check(const possessions_t *before);

/* Sets the stage, arms `plan`, does the operation, disarms, checks the code by `allowed` and its sentence; does it again
 * unless it had succeeded, which must then work; uses the ring, clears the stage, and checks that nothing is left.
 * Returns what the operation gave with the plan. `counts`: NULL, or how often each call was made. */
typedef bool (*allowed_fn)(const operation_t *operation, const inject_plan_t *plan, int result);
int harness_run(const operation_t *operation, const inject_plan_t *plan, allowed_fn allowed,
                unsigned counts[INJECT_CALLS]);

/* Is this one of the cases that are tried? All of them, or by SLOTRING_TEST_SCALE a part of them. */
bool harness_chosen(void);

/* Does slotring.h allow this result, or is it what the operation gives anyway? */
bool harness_documented(const operation_t *operation, int result);

#endif
