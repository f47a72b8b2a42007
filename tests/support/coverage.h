/* SPDX-License-Identifier: Apache-2.0 */
/* For victims that are killed at an arbitrary instruction, in the build of ci/coverage (tests/coverage/counters.c says
 * why); elsewhere nothing. */
#ifndef TEST_COVERAGE_H
#define TEST_COVERAGE_H

#include <sys/types.h>

#ifdef SLOTRING_COVERAGE
/* In the victim: what it counts is its own from here on, and goes with it ... */
void coverage_apart(void);
/* ... unless whoever traces it takes it over, when it has come to its end. */
void coverage_collect(pid_t victim);
#else
static inline void coverage_apart(void) {}

static inline void coverage_collect(pid_t victim)
{
    (void)victim;
}
#endif

#endif
