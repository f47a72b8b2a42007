/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SR_FROZEN_H
#define SR_FROZEN_H

#include <stdbool.h>

/* Is the process frozen with its container (Linux's control groups)? False also where that cannot be seen. */
bool sr__is_frozen(long pid);

#endif
