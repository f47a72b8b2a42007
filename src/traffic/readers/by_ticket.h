/* SPDX-License-Identifier: Apache-2.0 */
/* A reader that is read by ticket: it is given what the tickets name that a queue brings, and its cursor follows the highest of
 * them, less a window. */
#ifndef SR_BY_TICKET_H
#define SR_BY_TICKET_H

#include "handle.h"

int sr__by_ticket_make(slotring_reader_t *reader, uint32_t window); /* 0 or E_NO_MEMORY */
void sr__by_ticket_free(slotring_reader_t *reader);

/* A message was given, and is held: the cursor follows. */
void sr__by_ticket_given(slotring_reader_t *reader, uint64_t sequence);
/* Producers wait for the reader no more, and it knows: on to the first message that is there and was not given. How many were
 * missed. */
uint64_t sr__by_ticket_lose(slotring_reader_t *reader);

#endif
