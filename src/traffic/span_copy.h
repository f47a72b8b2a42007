/* SPDX-License-Identifier: Apache-2.0 */
/* Copying all bytes of a message, of one slot or of several. */
#ifndef SR_SPAN_COPY_H
#define SR_SPAN_COPY_H

#include "handle.h"

/* Copies a message that the caller holds. E_CORRUPT: a piece is not there. */
int sr__message_copy(const sr__view_t *view, uint32_t head, uint8_t *to, uint64_t length);
/* Copies one that an observer has looked at, and will look at again: head is its copy of the slot. A piece that is not there
 * is not an error: whole is false then, and the message has gone, or the ring is damaged. */
int sr__message_copy_observed(slotring_t *ring, uint32_t slot, const sr__slot_t *head, uint8_t *to,
                              uint64_t length, bool *whole);

#endif
