/* SPDX-License-Identifier: Apache-2.0 */
/* Rings as stat may find them, and what it has to say of each. */
#ifndef SLOTRING_TEST_SITUATIONS_H
#define SLOTRING_TEST_SITUATIONS_H

#include "snapshot.h"

typedef struct situation {
    const char *name;
    snapshot_t (*make)(void);
    const char *verdict;     /* how it begins; with a $ at its end: all of it */
    const char *commands[4]; /* each of them, in order */
    const char *cost;        /* of the last of them; NULL: any */
    const char *who;         /* whose fault it is; NULL: nobody's */
    uint64_t pid, since_ns;
    bool alone; /* there was no look before */
} situation_t;

/* Lists of them; the last one has no name. */
extern const situation_t blocked_situations[], other_situations[];

/* What they are made of. */
extern slotring_participant_t participants[2];
extern slotring_reader_info_t readers[2];
extern slotring_blocker_t blockers[2];
/* A ring of 16 slots with a producer and a lossless reader that are both well. */
snapshot_t healthy(void);
/* Producers have waited for 2.6 s for the reader, which is in this state. */
snapshot_t blocked(uint32_t life);

#endif
