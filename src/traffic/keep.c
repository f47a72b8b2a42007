/* SPDX-License-Identifier: Apache-2.0 */
/* Tickets that travel by another way: the sender holds the message, and ends this hold by the ticket. */
#include "base/error.h"
#include "members/enter.h"
#include "protocol/counters.h"
#include "protocol/hold.h"
#include "protocol/kept.h"
#include "traffic/record_ticket.h"
#include "traffic/ticket.h"

/* A record is held with all others of its slot, so its ticket alone does not say whose hold is to end. */
static int check(slotring_t *ring, const slotring_ticket_t *ticket)
{
    int failed = sr__enter(ring);
    if (!failed)
        failed = sr__ticket_check(&ring->member.view, ticket);
    if (!failed && sr__is_record_ticket(ticket))
        failed = sr__error(SLOTRING_E_INVALID,
                           "a record is not held by its ticket alone; use slotring_acquire_for_read");
    return failed;
}

int slotring_hold(slotring_t *ring, const slotring_ticket_t *ticket)
{
    int failed = check(ring, ticket);
    if (failed)
        return failed;
    sr__member_t *member = &ring->member;
    uint32_t held;
    if (!sr__kept_prepare(member))
        return sr__plain(SLOTRING_E_NO_MEMORY);
    failed = sr__hold_acquire(member, ticket->slot, ticket->sequence, &held);
    if (failed)
        return sr__hold_refused(member, ticket->slot, failed);
    if (sr__is_block(sr__slot(&member->view, ticket->slot))) {
        sr__hold_drop(member, held);
        return sr__block_refused(ring, ticket->sequence);
    }
    sr__kept_add(member, held);
    return 0;
}

int slotring_release_ticket(slotring_t *ring, const slotring_ticket_t *ticket)
{
    uint32_t held;
    int failed = check(ring, ticket);
    if (failed)
        return failed;
    if (!sr__kept_remove(&ring->member, ticket->slot, ticket->sequence, &held))
        return sr__plain(SLOTRING_E_NOT_HELD);
    sr__hold_drop(&ring->member, held);
    return 0;
}
