/* SPDX-License-Identifier: Apache-2.0 */
/* How long a reader that finds nothing leaves its producer alone before it looks again. */
#ifndef SR_PACE_H
#define SR_PACE_H

#include "handle.h"

void sr__leave_producer_alone(slotring_reader_t *reader);

#endif
