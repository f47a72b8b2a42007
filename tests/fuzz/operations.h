/* SPDX-License-Identifier: Apache-2.0 */
/* Every operation of the public interface on a ring whose control words anybody may have written. */
#ifndef FUZZ_OPERATIONS_H
#define FUZZ_OPERATIONS_H

#include <stdbool.h>

#include "slotring/slotring.h"

#define FUZZ_SLOTS 8u
#define FUZZ_SLOT_SIZE 256u
#define FUZZ_PARTICIPANTS 8u
#define FUZZ_READERS 4u

/* What a handle has in hand while somebody changes the words of its ring. */
typedef struct in_hand {
    slotring_slot_t writing[2], held;
    slotring_reader_t *lossless, *lossy;
    slotring_writer_t *writer, *other_writer;
    slotring_slot_t reserved[2]; /* by these two: for a record, and a whole slot */
    bool is_reserved[2];
    bool is_writing[2], is_held;
} in_hand_t;

/* Short waits, so that none is taken for a loop without end. */
void fuzz_options(slotring_options_t *options, uint32_t mode);
void fuzz_publish(slotring_t *ring, unsigned count);
void fuzz_append(slotring_writer_t *writer);

void fuzz_take_in_hand(slotring_t *ring, in_hand_t *hand);
void fuzz_give_back(slotring_t *ring, in_hand_t *hand);

/* All that a participant can do, but for closing; all that an observer can. */
void fuzz_operate(slotring_t *ring, uint32_t reader_mode, uint32_t reader_start);
void fuzz_look(slotring_t *ring);

#endif
