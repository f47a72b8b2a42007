/* SPDX-License-Identifier: Apache-2.0 */
/* Where a victim is killed: after every instruction of its operation, or after as many as there is time for. */
#ifndef TEST_COMB_H
#define TEST_COMB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct comb {
    const char *what;
    const void *path;          /* the test's own */
    unsigned long first, last; /* instructions after which it is killed */
    unsigned long count;       /* of the operation, for people */
    size_t ways;               /* in which a round can go */
    void (*round)(const void *path, unsigned long instruction, size_t way);
} comb_t;

#define COMB_KILLS_LEAST 3u /* or it has tried nothing */

/* Thorough: every instruction, in each way, as far as the time goes. Else a coarse comb over all of them, then the teeth
 * between, as far as the time goes, and the ways by turns. However slow the machine is, and if all the time is over already, it
 * kills COMB_KILLS_LEAST times. Gives the kills; *points: the instructions. */
unsigned long comb_kill(const comb_t *comb, bool thorough, int64_t end, unsigned long *points);

/* An operation that sleeps: it is killed at its system calls, and a little after each. round: false if the operation was
 * over before that. */
unsigned long comb_kill_around_system_calls(const char *what, const void *path, int64_t end,
                                            bool (*round)(const void *path, unsigned long call,
                                                          unsigned long after));

#endif
