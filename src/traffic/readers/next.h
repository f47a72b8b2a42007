/* SPDX-License-Identifier: Apache-2.0 */
/* Delivery in order: what a reader's next call finds. */
#ifndef SR_NEXT_H
#define SR_NEXT_H

#include "handle.h"

/* Looks for the next message, and for news, and takes neither. What the reader does not want is passed over, and what is gone is
 * counted as missed. 0: slotring_next with timeout_ns 0 would give something. E_EMPTY: it would not; then it may not have
 * looked at all that is there (reader->unlooked). Else an error, which is told here. */
int sr__next_look(slotring_reader_t *reader);

#endif
