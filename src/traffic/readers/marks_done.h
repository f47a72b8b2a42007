/* SPDX-License-Identifier: Apache-2.0 */
/* Which marks a durable reader is done with, as its next owner finds it. */
#ifndef SR_MARKS_DONE_H
#define SR_MARKS_DONE_H

#include "traffic/readers/tell.h"

/* A durable subscription begins. It has a new owner: 0, or E_CORRUPT. It has the first owner that is told of marks. */
void sr__marks_done_begin(slotring_reader_t *reader);
int sr__marks_done_take(slotring_reader_t *reader);
void sr__marks_done_start(slotring_reader_t *reader);

/* Room to note one more mark. 0 or E_NO_MEMORY. */
int sr__marks_done_reserve(slotring_reader_t *reader);
/* The reader goes on from the mark that it was told of last, if it has not yet. False: there is none. */
bool sr__marks_done_go_on(slotring_reader_t *reader);
/* The cursor has moved, and says that all before some marks is acknowledged. False: it says nothing of that. */
bool sr__marks_done_reach(slotring_reader_t *reader);

/* The reader's cursor is to move over so many publications of its window, of which `left` lie before: how many before the next mark
 * that it is not done with? */
static inline uint32_t sr__marks_done_limit(const slotring_reader_t *reader, uint64_t left, uint32_t passed)
{
    const struct sr__told *told = reader->told;
    bool before = told && told->waiting_count > 0 && told->waiting[0].before - left < passed;
    return before ? (uint32_t)(told->waiting[0].before - left) : passed;
}

#endif
