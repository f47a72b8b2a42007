/* SPDX-License-Identifier: Apache-2.0 */
/* A message that slotring read has received, on its way out. An error is a number of the system; 0: none. */
#ifndef SLOTRING_TOOL_RECEIVED_H
#define SLOTRING_TOOL_RECEIVED_H

#include "receive.h"

/* Writes a message to the output, or into the buffer before it. *lost: a piece of it is not there. */
int received_put(receiver_t *receiver, const slotring_slot_t *slot, bool *lost);
/* Writes out what is buffered. */
int received_flush(receiver_t *receiver);
/* A line for the file of times. */
void received_note_timing(receiver_t *receiver, const slotring_slot_t *slot);
/* Empties what the output had, now that there is a subscription: a reader that is refused leaves it as it is. */
int received_empty_files(receiver_t *receiver);
/* Is a release an acknowledgement? Then a message that is not written must come again. */
bool received_is_durable(const receiver_t *receiver);
/* Reports an error of the output. Returns the exit code. */
int received_report(receiver_t *receiver, int error);

#endif
