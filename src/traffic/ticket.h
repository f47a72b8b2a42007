/* SPDX-License-Identifier: Apache-2.0 */
/* Tickets as values. */
#ifndef SR_TICKET_H
#define SR_TICKET_H

#include <string.h>

#include "layout/view.h"
#include "platform.h"
#include "slotring/slotring.h"

SR__INLINE void sr__ticket_make(const sr__view_t *view, uint64_t sequence, uint32_t slot,
                                slotring_ticket_t *ticket)
{
    memcpy(ticket->ring_id, view->header.ring_id, sizeof ticket->ring_id);
    ticket->sequence = sequence;
    ticket->slot = slot;
    ticket->flags = 0;
}

/* flags: kind:4 | writer:12 | low bits of the block's number:16 */
SR__INLINE void sr__record_ticket(const sr__view_t *view, uint32_t writer, uint32_t slot, uint64_t block,
                                  uint64_t number, slotring_ticket_t *ticket)
{
    sr__ticket_make(view, number, slot, ticket);
    ticket->flags = SLOTRING_KIND_RECORD | writer << 4 | (uint32_t)(block & 0xffff) << 16;
}

/* Of the message that is listed in the slot now. An observer has a fresh copy of the slot. */
int sr__ticket_at(slotring_t *ring, uint32_t index, slotring_ticket_t *ticket);
int sr__ticket_check(const sr__view_t *view, const slotring_ticket_t *ticket);

#endif
