/* SPDX-License-Identifier: Apache-2.0 */
/* What a reader missed since the last mark of a run. */
#ifndef SR_MISSED_H
#define SR_MISSED_H

#include "handle.h"

/* It is going to count something as missed. missed: publications that its account says so far. */
void sr__missed_note(slotring_reader_t *reader, uint64_t missed);

#endif
