/* SPDX-License-Identifier: Apache-2.0 */
/* The messages that a reader with a window has out, from several calls: each is released by itself. The cursor stays below the
 * oldest of them, so the gate of a reader that reads in place protects them all. Any other reader holds each of them
 * (out_holds.h). Nothing of this is in shared memory but the hold bits. */
#ifndef SR_WINDOW_H
#define SR_WINDOW_H

#include "handle.h"

/* 0 or E_NO_MEMORY. The reader's pressure says whether it holds what is out. */
int sr__window_make(slotring_reader_t *reader, uint32_t size);
void sr__window_free(slotring_reader_t *reader);

/* May the reader be given something? Else E_STATE: it has messages out, without a window or with a full one. */
int sr__may_be_given(slotring_reader_t *reader);
/* E_EMPTY; or E_STATE, when the reader has had all of its past, and has not released it. */
int sr__window_has_past(const slotring_reader_t *reader);
/* What comes next is damaged or gone, so the cursor is to move over it, and something is out: E_STATE. */
int sr__window_before_damage(const slotring_reader_t *reader);
bool sr__window_is_full(const slotring_reader_t *reader);
uint32_t sr__window_out(const slotring_reader_t *reader); /* messages that are not released */

/* A message was given, or was put back. passed: what reader->passed was before. */
void sr__window_note(slotring_reader_t *reader, const slotring_slot_t *slot, uint32_t passed);
void sr__window_put_back(slotring_reader_t *reader);
/* Number of the oldest message of this writer that is not released; of the next one, if none is out. */
uint64_t sr__window_unreleased(const slotring_reader_t *reader, uint32_t writer);
/* How many records are out, and their bytes. */
uint64_t sr__window_records(const slotring_reader_t *reader, uint64_t *bytes);

#define SR__NOT_OUT UINT32_MAX
/* Which of the messages that are out this is, from the oldest on. */
uint32_t sr__window_find(const slotring_reader_t *reader, const slotring_slot_t *slot);
/* Of one of these: the sequence; its writer and its number there. */
void sr__window_what(const slotring_reader_t *reader, uint32_t nth, uint64_t *sequence, uint32_t *writer,
                     uint64_t *number);
void sr__window_release(slotring_reader_t *reader, uint32_t first, uint32_t last); /* of them; last is out */
/* How many of `passed` lie before the oldest message that is out, and before the next mark that the reader is not done with; from here on
 * these count as left. */
uint32_t sr__window_leave(slotring_reader_t *reader);
/* How many count as left, since the reader began; and with those behind which it is. Without a window both are 0: nothing is out when a
 * mark is told. */
uint64_t sr__window_left(const slotring_reader_t *reader);
uint64_t sr__window_place(const slotring_reader_t *reader);
/* What is out, and is held, is to count as left with all that lies before what comes next. Takes time for each of these. */
void sr__window_leave_out(slotring_reader_t *reader);
/* Nothing is out any more. Nothing was: E_NOT_HELD. */
int sr__window_empty(slotring_reader_t *reader);

#endif
