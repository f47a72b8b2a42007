/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of writers whose bytes, length and number follow from their tag: a few are empty, a few as large as a message
 * may be, most are small. */
#ifndef TEST_RECORDS_H
#define TEST_RECORDS_H

#include "ring.h"

slotring_writer_t *writer_open(slotring_t *ring);

/* Length of the message with this tag, 0 to `most` bytes. */
uint64_t record_length(uint64_t tag, uint64_t most);

/* Writes message `number` of `producer`, at most 4096 bytes. Returns what the library returns. */
int record_append(slotring_writer_t *writer, uint32_t producer, uint64_t number, uint64_t most,
                  int64_t timeout_ns);

/* Fails the test unless the slot has, whole, what its tag names, and lies inside its slot. */
void record_check(const slotring_slot_t *slot, uint64_t most);
/* The same of a message that may take several slots. */
void record_check_pieces(slotring_t *ring, const slotring_slot_t *slot, uint64_t most);

/* The next message must be there already, with this tag and this number of its writer. It is released. */
void record_take_now(slotring_reader_t *reader, uint64_t tag, uint64_t number, uint64_t most);

/* Messages of writers that this reader has missed, as the ring counts them. */
uint64_t records_missed(const slotring_reader_t *reader);
/* Messages that the ring has of row `writer`, in what is closed. */
uint64_t records_total(slotring_t *ring, uint32_t writer);
/* The row that a writer has; its handle. */
uint32_t writer_row(const slotring_writer_t *writer);
slotring_t *writer_ring(const slotring_writer_t *writer);
/* Does that writer have a slot open? */
bool records_open(slotring_t *ring, uint32_t writer);

#endif
