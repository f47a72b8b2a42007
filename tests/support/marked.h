/* SPDX-License-Identifier: Apache-2.0 */
/* A ring, and a second handle of it, whose readers are told of marks. */
#ifndef TEST_MARKED_H
#define TEST_MARKED_H

#include "ring.h"

#define SLOTS 8u

extern slotring_t *marked_ring, *marked_other;

void marked_begin(void);
void marked_end(void);
slotring_reader_options_t marked_asks(uint32_t mode);
slotring_reader_t *marked_subscribe_asking(uint32_t mode);
void marked_publish_up_to(uint64_t sequence);
void marked_mark_user(uint64_t value);
void marked_mark_run(uint32_t kind, uint64_t run);
slotring_mark_t marked_expect_told(slotring_reader_t *reader);
void marked_expect_mark(slotring_reader_t *reader, uint64_t value);
void marked_expect_message(slotring_reader_t *reader, uint64_t number);
void marked_expect_nothing(slotring_reader_t *reader);

#endif
