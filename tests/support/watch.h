/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a test in a process of its own and watches it: nothing that it starts outlives it, and it ends in time. */
#ifndef TEST_WATCH_H
#define TEST_WATCH_H

#include <stdbool.h>

typedef struct watched {
    int status;         /* with which it exited; 1 if it did not */
    char ended_by[80];  /* what ended it otherwise, or "" */
    bool was_killed;    /* by the watcher, most likely */
    unsigned processes; /* that it had left running; they have been ended */
} watched_t;

/* Where processes do not fork, the test is run by "slotring_tests --watched NAME". */
#define WATCH_OPTION "--watched"

watched_t watch(const char *full_name, int (*run)(const char *full_name), unsigned seconds);

#endif
