/* SPDX-License-Identifier: Apache-2.0 */
/* Every public call that takes a handle, for handles that may not be used: no call takes anything, waits, or looks further. */
#ifndef TEST_EVERY_CALL_H
#define TEST_EVERY_CALL_H

#include "slotring/slotring.h"

/* Each of them gives `code`. Not slotring_close, which a forked child may call. */
void every_call_of_ring(slotring_t *ring, int code);
void every_call_of_reader(slotring_reader_t *reader, int code);
void every_call_of_writer(slotring_writer_t *writer, int code);

#endif
