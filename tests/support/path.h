/* SPDX-License-Identifier: Apache-2.0 */
/* A victim goes along one path through one operation, and is killed after its n-th instruction, for every n. */
#ifndef TEST_PATH_H
#define TEST_PATH_H

#include "world.h"

typedef struct path {
    const char *what;
    uint32_t slots;
    bool keep;
    bool sleeps; /* waits for time: killed around its system calls rather than everywhere */
    void (*prepare)(world_t *world); /* before each round */
    role_fn victim;                  /* one operation between step_begin and step_end */
    bool (*disturb)(world_t *world); /* asked before each instruction until it says that it has acted */
    uint64_t messages;               /* what the victim publishes when nobody disturbs it */
} path_t;

/* The test: kills at every instruction of the path, or, in the time that a test has, at a comb of them. */
void kill_on_path(const path_t *path);
/* The same. `disturb` is asked once, just before the victim's store that makes `stored` true: so that the store comes too late. */
void kill_on_path_before(const path_t *path, bool (*stored)(world_t *world));
/* As kill_on_path in a ring that is made with these flags (of slotring_options_t). */
void kill_on_path_in(const path_t *path, uint32_t flags);

#endif
