/* SPDX-License-Identifier: Apache-2.0 */
/* What is wanted, by the number of a message and its tag. */
#ifndef SR_WANTS_H
#define SR_WANTS_H

#include "handle.h"

/* By the number alone: of a publication its sequence, of a message of a writer its number there. */
static inline bool sr__wants_number(const sr__wanted_t *wanted, uint64_t number)
{
    return wanted->every <= 1 || number % wanted->every == 0;
}

static inline bool sr__wants(const sr__wanted_t *wanted, uint64_t number, uint64_t tag)
{
    return sr__wants_number(wanted, number) && (tag & wanted->mask) == wanted->match;
}

#endif
