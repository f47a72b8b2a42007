/* SPDX-License-Identifier: Apache-2.0 */
/* Rounds in a scene of a suite's own (path.h has them in the world of world.h): a victim is killed after its n-th
 * instruction, for every n; or stands somewhere, and who repairs after it is killed so. */
#ifndef TEST_ROUNDS_H
#define TEST_ROUNDS_H

#include <stdatomic.h>

#include "ring.h"
#include "step.h"

/* What the victim says of itself, in memory that outlives it. */
typedef struct progress {
    _Atomic uint64_t tried, done; /* messages before the call that publishes them, and after it */
} progress_t;

/* Of this round. There from rounds_begin to rounds_end. */
extern progress_t *progress;

typedef struct rounds {
    const char *what;
    const void *path; /* the test's own */
    slotring_t *ring; /* the survivor's */
    role_fn victim;
    bool sleeps;         /* killed around its system calls */
    role_fn second;      /* NULL; or rounds_repair, which is killed then */
    step_watch_fn stand; /* false: here the victim stands until the second one repairs */
    size_t ways;         /* in which a round can go; in the first one nothing happens beside the victim */
    void (*begin)(const void *path);
    /* While the victim stands. True: it is to go on to its end, before it is killed. */
    bool (*beside)(size_t way);
    /* Repairs, and checks. complete: the victim had come to its end, with nothing beside it. */
    void (*end)(const void *path, bool complete);
} rounds_t;

/* The role of who repairs after the victim, once that is dead. */
void rounds_repair(peer_t *test, const char *name);

void rounds_begin(void);
/* Kills on the path, as many times as there is time for, and says how many. */
void rounds_kill(const rounds_t *rounds);
void rounds_end(void);

#endif
