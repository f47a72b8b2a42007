/* SPDX-License-Identifier: Apache-2.0 */
/* A reader at a place where there is no message for it. */
#ifndef SR_BEHIND_H
#define SR_BEHIND_H

#include "handle.h"

/* There was no message, with `code`: what comes behind what has none, is not wanted, or is gone. */
int sr__deliver_behind(slotring_reader_t *reader, int code, slotring_slot_t *out);

#endif
