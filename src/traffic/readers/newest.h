/* SPDX-License-Identifier: Apache-2.0 */
/* The newest message, for a reader that wants no other. */
#ifndef SR_NEWEST_H
#define SR_NEWEST_H

#include "handle.h"

/* Moves the cursor to the newest publication that has something for this reader. */
void sr__skip_to_newest(slotring_reader_t *reader);

#endif
