/* SPDX-License-Identifier: Apache-2.0 */
/* One thread of this process at a time. */
#ifndef SR_ALONE_H
#define SR_ALONE_H

#include "platform.h"

/* Who is at it: the mark of the process whose thread it is; 0: nobody. */
typedef _Atomic uint64_t sr__alone_t;

/* False: another thread was at it until the deadline. True: no cancellation before sr__alone_end. `own`: the mark of
 * this process. */
bool sr__alone_begin(sr__alone_t *who, uint64_t own, const sr__backend_t *os, uint64_t deadline);
void sr__alone_end(sr__alone_t *who);

#endif
