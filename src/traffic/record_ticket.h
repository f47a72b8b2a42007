/* SPDX-License-Identifier: Apache-2.0 */
/* Records by ticket. */
#ifndef SR_RECORD_TICKET_H
#define SR_RECORD_TICKET_H

#include "handle.h"
#include "protocol/sum.h"
#include "slotring/slotring.h"

static inline bool sr__is_record_ticket(const slotring_ticket_t *ticket)
{
    return sr__content_kind(ticket->flags) == SLOTRING_KIND_RECORD;
}

/* Each for a ticket to a record that was checked (ticket.h). */
int sr__record_acquire(slotring_t *ring, const slotring_ticket_t *ticket, slotring_slot_t *slot);
int sr__record_free(slotring_t *ring, const slotring_ticket_t *ticket);
int sr__record_copy(slotring_t *ring, const slotring_ticket_t *ticket, void *buffer, uint64_t size,
                    slotring_slot_t *info);
int sr__record_copy_observed(slotring_t *ring, const slotring_ticket_t *ticket, void *buffer, uint64_t size,
                             slotring_slot_t *info);

/* The copy of a record against the checksum that stood behind it, in a ring that has checksums. 0 or E_CHECKSUM. */
int sr__record_compare(const sr__view_t *view, const slotring_ticket_t *ticket, const sr__summed_t *summed,
                       const void *buffer, bool has_sum, uint64_t noted);

/* For a ticket to a publication that is a block: the thread's last error. */
int sr__block_refused(const slotring_t *ring, uint64_t sequence);

static inline bool sr__is_block(const sr__slot_t *s)
{
    return sr__content_kind(sr__peek(&s->content)) == SR__BLOCK;
}

#endif
