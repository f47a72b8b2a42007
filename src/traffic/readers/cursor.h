/* SPDX-License-Identifier: Apache-2.0 */
/* Moving a reader's cursor on, with its account. */
#ifndef SR_CURSOR_H
#define SR_CURSOR_H

#include "handle.h"

/* To `to`. Of what lies between, so much was missed, and so much is not wanted; the rest was delivered. */
void sr__cursor_move(slotring_reader_t *reader, uint64_t to, uint64_t missed, uint64_t passed_over);
/* The same, of a reader that is not durable, and its room is announced. */
void sr__cursor_go(slotring_reader_t *reader, uint64_t to, uint64_t missed, uint64_t passed_over);
/* What was at the cursor is gone; newer: its entry in the order is another lap's. */
void sr__cursor_jump(slotring_reader_t *reader, bool newer);
/* The publication behind what has come to its end is damaged: over it, too, as missed. */
void sr__cursor_miss(slotring_reader_t *reader);
/* What was at the cursor is lost by damage: on to the first that may still be there. */
void sr__cursor_lose(slotring_reader_t *reader);
/* Over what has come to its end since the last time. */
void sr__cursor_settle(slotring_reader_t *reader);
/* The same, and over what is still out, and held: that counts as delivered from here on. */
void sr__cursor_leave_out(slotring_reader_t *reader);

#endif
