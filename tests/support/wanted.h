/* SPDX-License-Identifier: Apache-2.0 */
/* A ring, and a second handle of it, whose readers want some of the messages. */
#ifndef TEST_WANTED_H
#define TEST_WANTED_H

#include "ring.h"

#define SLOTS 16u

extern slotring_t *wanted_ring, *wanted_other;

void wanted_begin_slots(uint64_t slots);
void wanted_begin(void);
void wanted_end(void);
void wanted_publish_tag(uint64_t tag);
/* Messages whose tags are their sequences, plus `more`. */
void wanted_publish_up_to(uint64_t sequence, uint64_t more);
slotring_reader_options_t wanted_wants(uint32_t mode);
void wanted_expect(slotring_reader_t *reader, uint64_t tag);
void wanted_expect_nothing(slotring_reader_t *reader);
void wanted_expect_account(slotring_reader_t *reader, uint64_t delivered, uint64_t missed,
                           uint64_t passed_over, uint64_t pending);
void wanted_append(slotring_writer_t *writer, uint64_t tag, uint64_t size);

#endif
