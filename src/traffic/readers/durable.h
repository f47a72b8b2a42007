/* SPDX-License-Identifier: Apache-2.0 */
/* What a durable subscription remembers of its reader: how far it has acknowledged. */
#ifndef SR_DURABLE_H
#define SR_DURABLE_H

#include "handle.h"

/* Notes what was acknowledged of each writer, as the reader has it. */
void sr__durable_acknowledge(slotring_reader_t *reader);
/* The same, and then the cursor to `to`. */
void sr__durable_move(slotring_reader_t *reader, uint64_t to);
/* Moves the cursor alone. */
void sr__durable_cursor(slotring_reader_t *reader, uint64_t to);
/* The end of a release: 0, or E_EVICTED, since the subscription has another owner by now. */
int sr__durable_release(slotring_reader_t *reader);

#endif
