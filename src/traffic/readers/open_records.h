/* SPDX-License-Identifier: Apache-2.0 */
/* Giving the records of the blocks that writers have open. */
#ifndef SR_OPEN_RECORDS_H
#define SR_OPEN_RECORDS_H

#include "handle.h"

/* One record that is not listed yet. 0, E_EMPTY, SR__LOOK_ORDER, error. */
int sr__open_records_give(slotring_reader_t *reader, uint64_t cursor, slotring_slot_t *out);
/* NULL, or where the next record will be. */
const sr__word_t *sr__open_records_watch(const slotring_reader_t *reader);

#endif
