/* SPDX-License-Identifier: Apache-2.0 */
/* A reader and the writers of records. */
#ifndef SR_RECORDS_H
#define SR_RECORDS_H

#include "traffic/readers/followed.h"

/* Records of one block that are given one after the other before the order, and other blocks, are looked at again. */
#define SR__RUN 64u

/* The next record of the block that gave the last one. False: there is none, or it is time to look around. */
bool sr__records_run(slotring_reader_t *reader, slotring_slot_t *out);
static inline bool sr__records_go_on(slotring_reader_t *reader, slotring_slot_t *out)
{
    return reader->run > 0 && sr__records_run(reader, out);
}

/* Does a reader that holds what it gives keep the block until its next call? */
bool sr__records_keep(const slotring_reader_t *reader);

/* The record that was given last comes next again. */
void sr__records_put_back(slotring_reader_t *reader, const slotring_slot_t *slot);
/* One record of the block in `slot`, which is listed with `sequence`, and stays while this runs. 0, SR__PASSED, error. */
int sr__records_ordered(slotring_reader_t *reader, uint32_t slot, uint64_t sequence, slotring_slot_t *out);
/* May there be a record in this block that the reader has not had? A look without a hold. */
bool sr__records_unread(const slotring_reader_t *reader, uint32_t writer, uint64_t block);
/* What was at the cursor is gone. */
void sr__records_jump(slotring_reader_t *reader);
/* For open_records.c. A block is begun, read record by record, and ended. */
void sr__records_begin_block(const sr__view_t *view, struct sr__followed *f, uint32_t slot, uint64_t block,
                             uint64_t number);
int sr__records_read(slotring_reader_t *reader, struct sr__followed *f, uint64_t sequence,
                     slotring_slot_t *out);
void sr__records_end_block(struct sr__followed *f);
/* The same for what is damaged: the rest is missed. */
void sr__records_give_up(struct sr__followed *f);

#endif
