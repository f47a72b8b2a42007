/* SPDX-License-Identifier: Apache-2.0 */
/* Is this a ticket of this ring? Whether what it names is still there is another question. */
#include <inttypes.h>

#include "base/error.h"
#include "traffic/record_ticket.h"
#include "traffic/ticket.h"

SR__APART int check_flags(const sr__view_t *view, const slotring_ticket_t *ticket)
{
    if (!sr__is_record_ticket(ticket))
        return sr__error(SLOTRING_E_INVALID,
                         "the ticket has flags %08" PRIx32 " that this version does not know", ticket->flags);
    if (sr__content_writer(ticket->flags) >= view->writer_count)
        return sr__error(SLOTRING_E_INVALID,
                         "the ticket names a record of writer %" PRIu32 "; the ring has %" PRIu32 " writers",
                         sr__content_writer(ticket->flags), view->writer_count);
    return 0;
}

int sr__ticket_check(const sr__view_t *view, const slotring_ticket_t *ticket)
{
    if (!ticket)
        return sr__error(SLOTRING_E_INVALID, "ticket is NULL");
    if (memcmp(ticket->ring_id, view->header.ring_id, sizeof ticket->ring_id) != 0)
        return sr__plain(SLOTRING_E_FOREIGN);
    if (ticket->slot >= view->slot_count)
        return sr__error(SLOTRING_E_INVALID, "the ticket names slot %" PRIu32 "; the last one is %" PRIu32,
                         ticket->slot, view->slot_count - 1);
    if (ticket->sequence == SR__NO_SEQUENCE)
        return sr__error(SLOTRING_E_INVALID, "the ticket has no %s",
                         ticket->flags ? "number" : "sequence number");
    return ticket->flags == 0 ? 0 : check_flags(view, ticket);
}
