/* SPDX-License-Identifier: Apache-2.0 */
/* Is a message gone, for a reader that producers do not wait for */
#ifndef SR_GONE_H
#define SR_GONE_H

#include "handle.h"

/* A look without a hold: what is there now may go before it is read. *newer: its entry in the order is another lap's. */
bool sr__is_gone(const slotring_reader_t *reader, uint64_t sequence, bool *newer);

#endif
