/* SPDX-License-Identifier: Apache-2.0 */
/* A ring of few slots, and messages larger than one, whose bytes follow from their tags. */
#ifndef TEST_SPANS_H
#define TEST_SPANS_H

#include "ring.h"

#define SLOTS 8u
#define SIZE 100u /* of a slot */
#define NO_WAIT 0

extern slotring_t *spans_ring;
extern slotring_reader_t *spans_reader;

void spans_set_up_with(uint32_t when_full);
void spans_set_up(void);
void spans_tear_down(void);
uint64_t spans_free_slots(void);
uint8_t *spans_bytes_of(uint64_t tag, uint64_t length);
void spans_fill(slotring_t *of, slotring_slot_t *slot, uint64_t length, uint64_t tag);
slotring_ticket_t spans_publish_span(uint64_t length, uint64_t tag);
void spans_check_span(slotring_t *of, const slotring_slot_t *slot, uint64_t length, uint64_t tag);
void spans_take_span(uint64_t length, uint64_t tag);

#endif
