/* SPDX-License-Identifier: Apache-2.0 */
/* Payload that knows itself: every byte follows from who wrote it and the how-manieth it is, and so does the
 * length. A reader that finds another byte has been given a torn or a wrong message. */
#ifndef TEST_PATTERN_H
#define TEST_PATTERN_H

#include <stdint.h>

#include "slotring/slotring.h"

/* slot.tag of message `number` of producer `producer`. */
uint64_t pattern_tag(uint32_t producer, uint64_t number);
uint32_t pattern_producer(uint64_t tag);
uint64_t pattern_number(uint64_t tag);

/* Length of the message with this tag, 1 to `capacity` bytes. */
uint64_t pattern_length(uint64_t tag, uint64_t capacity);

void pattern_fill(void *data, uint64_t length, uint64_t tag);
/* Index of the first wrong byte; `length` when all are right. */
uint64_t pattern_verify(const void *data, uint64_t length, uint64_t tag);

/* Fails the test unless the slot holds, whole, the message that its tag names. */
void pattern_check(const slotring_slot_t *slot);

#endif
