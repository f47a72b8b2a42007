/* SPDX-License-Identifier: Apache-2.0 */
/* Which messages a reader wants. The others are passed over: the reader is not given them, and does not touch their bytes. */
#ifndef SR_WANTED_H
#define SR_WANTED_H

#include "protocol/wants.h"

/* How many of the numbers from `from` up to `to` it wants, if each has the right tag. */
static inline uint64_t sr__wanted_between(const sr__wanted_t *wanted, uint64_t from, uint64_t to)
{
    if (wanted->every <= 1)
        return to - from;
    return (to + wanted->every - 1) / wanted->every - (from + wanted->every - 1) / wanted->every;
}

/* Is `sequence`, which is listed in `slot`, a publication of no writer that this reader does not want? A look without a hold:
 * what it says of another publication's words is thrown away. */
bool sr__is_unwanted(const slotring_reader_t *reader, uint32_t slot, uint64_t sequence);

/* The same for what this reader holds, or what stays for it; not for a block, in which each record is judged. */
bool sr__is_unwanted_held(const slotring_reader_t *reader, uint32_t slot, uint64_t sequence);

#endif
