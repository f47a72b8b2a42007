/* SPDX-License-Identifier: Apache-2.0 */
/* Is it the same object? */
#ifndef SR_IDENTITY_H
#define SR_IDENTITY_H

#include <stdbool.h>

#include "platform.h"

static inline bool sr__identity_equal(sr__identity_t a, sr__identity_t b)
{
    return a.device == b.device && a.object == b.object;
}

#endif
