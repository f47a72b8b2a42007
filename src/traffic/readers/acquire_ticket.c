/* SPDX-License-Identifier: Apache-2.0 */
/* The call that gives a reader by ticket a message. The acquire comes first, and then the place of the message counts: what lies
 * below the cursor may go at once. */
#include "base/error.h"
#include "members/enter.h"
#include "traffic/readers/by_ticket.h"
#include "traffic/readers/revoked.h"
#include "traffic/ticket.h"
#include "traffic/verify.h"

/* May the reader be asked for this ticket? */
static int check(slotring_reader_t *reader, const slotring_ticket_t *ticket, const slotring_slot_t *slot)
{
    int failed = sr__reader_enter_any(reader);
    if (failed)
        return failed;
    if (!reader->by_ticket)
        return sr__error(SLOTRING_E_STATE,
                         "this reader is read in order (slotring_next); one that is read by ticket has "
                         "SLOTRING_BY_TICKET in its options");
    if (!slot)
        return sr__error(SLOTRING_E_INVALID, "slot is NULL");
    failed = sr__ticket_check(&reader->ring->member.view, ticket);
    if (!failed && ticket->flags != 0)
        return sr__error(
            SLOTRING_E_INVALID,
            "the ticket names a record by its writer's number, which is no place in the order that "
            "a reader by ticket could follow; slotring_acquire_for_read gives the record");
    return failed;
}

int slotring_reader_acquire_ticket(slotring_reader_t *reader, const slotring_ticket_t *ticket,
                                   slotring_slot_t *slot)
{
    int failed = check(reader, ticket, slot);
    if (!failed && sr__revoked_is_due(reader))
        failed = sr__revoked_look(reader);
    if (failed)
        return failed;
    uint64_t sequence = ticket->sequence; /* the ticket may lie inside *slot */
    failed = slotring_acquire_for_read(reader->ring, ticket, slot);
    if (failed)
        return failed; /* what a ticket names that is refused is no message of this ring: the cursor stays */
    sr__subscription_t *subscription = reader->subscription;
    sr__poke(&subscription->bytes_read, sr__peek(&subscription->bytes_read) + slot->length);
    sr__by_ticket_given(reader, sequence);
    return reader->verifies ? sr__verify(&reader->ring->member.view, slot) : 0;
}
