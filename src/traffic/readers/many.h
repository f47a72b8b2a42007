/* SPDX-License-Identifier: Apache-2.0 */
/* Several readers, of any rings, for which one call waits. */
#ifndef SR_MANY_H
#define SR_MANY_H

#include "traffic/readers/readable.h"
#include "traffic/readers/wait_rings.h"

typedef struct sr__many {
    slotring_reader_t *const *given;
    uint32_t count, ready;
    int *results;           /* for each reader */
    int failed;             /* the first error that one of them had */
    slotring_error_t error; /* with its sentence */
    bool busy;              /* a look ended before it had seen all that is there */
    uint64_t started, deadline, checked, spin_ns, slice_ns;
    sr__readable_t *readers;
    sr__rings_t rings;
} sr__many_t;

/* Looks at all readers. True: the wait is over. sleeps: nothing is done between this look and the sleep. */
bool sr__many_look(sr__many_t *m, uint64_t now, bool sleeps);
/* Without waiting, so the readers' gathering does not matter. */
void sr__many_look_at_once(sr__many_t *m);

#endif
