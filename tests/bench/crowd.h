/* SPDX-License-Identifier: Apache-2.0 */
/* Many participants of one ring, in processes of their own that do nothing, for what is counted in their presence. */
#ifndef SLOTRING_BENCH_CROWD_H
#define SLOTRING_BENCH_CROWD_H

#include <stdint.h>

#define CROWD_PROCESSES_MAX 64u

typedef struct crowd {
    int processes[CROWD_PROCESSES_MAX];
    unsigned count;
    int stay; /* they stay as long as this end of a pipe is open anywhere */
} crowd_t;

/* `handles` more participants of ring `name`, with a subscription each if `mode` is not -1. */
void crowd_come(crowd_t *crowd, const char *name, uint32_t handles, int mode);
void crowd_leave(crowd_t *crowd);

#endif
