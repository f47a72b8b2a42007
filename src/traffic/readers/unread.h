/* SPDX-License-Identifier: Apache-2.0 */
/* How many messages are there for a reader. */
#ifndef SR_UNREAD_H
#define SR_UNREAD_H

#include "handle.h"

/* At least how many, `most` at most. Nothing is held meanwhile. What is withdrawn counts, and what is moved from an open
 * block to the order at this moment may count twice. */
uint64_t sr__unread(const slotring_reader_t *reader, uint64_t most);

#endif
