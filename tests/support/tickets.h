/* SPDX-License-Identifier: Apache-2.0 */
/* A ring with one writer of records and one reader, and what a ticket of a record must and must not give. */
#ifndef TEST_TICKETS_H
#define TEST_TICKETS_H

#include "ring.h"

#define SLOTS 4u
#define SLOT_SIZE 1024u
#define LONGEST 40u /* bytes of a record here */
#define WRITER 7u   /* in the tags */

typedef struct tickets_scene {
    slotring_t *ring, *observer;
    slotring_writer_t *writer;
    slotring_reader_t *reader;
    uint64_t number; /* of the next message */
} tickets_scene_t;
extern tickets_scene_t scene;

slotring_writer_t *tickets_open_writer(slotring_t *ring);
void tickets_set_up_with(uint32_t when_full, uint32_t flags);
void tickets_set_up(void);
void tickets_close_writer(void);
void tickets_unsubscribe(void);
void tickets_tear_down(void);
/* Every second tag has words of its own in the block. */
uint64_t tickets_tag_of(uint64_t number);
void tickets_append_by(slotring_writer_t *writer, uint64_t number);
void tickets_append(void);
void tickets_check_record(const slotring_slot_t *slot, uint64_t number);
slotring_ticket_t tickets_next_ticket(slotring_reader_t *reader);
/* The ticket of a record that is written now. */
slotring_ticket_t tickets_append_one(void);
uint32_t tickets_fill_block(slotring_ticket_t *tickets, uint32_t count);
/* The writer goes on in another slot. The ticket of the first record there. */
slotring_ticket_t tickets_leave_block(void);
void tickets_check_copies(const slotring_ticket_t *ticket);
void tickets_check_good(const slotring_ticket_t *ticket);
void tickets_check_refused(const slotring_ticket_t *ticket, int code);

#endif
