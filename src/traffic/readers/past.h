/* SPDX-License-Identifier: Apache-2.0 */
/* A start in the past. */
#ifndef SR_PAST_H
#define SR_PAST_H

#include "handle.h"

int sr__past_from_oldest(slotring_reader_t *reader, uint64_t first);
int sr__past_from_last(slotring_reader_t *reader, uint64_t first);
int sr__past_from_sequence(slotring_reader_t *reader, uint64_t first);
/* Holds what is there of the publications from `first` on to `end`, newest first, until one is gone. How many are gone, and how
 * many of the others the reader does not want. In a ring with hot slots all are gone. */
int sr__past_hold(slotring_reader_t *reader, uint64_t end, uint64_t first, uint64_t *gone,
                  uint64_t *passed_over);

#endif
