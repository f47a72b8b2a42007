/* SPDX-License-Identifier: Apache-2.0 */
/* A reader that lets messages gather. */
#ifndef SR_GATHERING_H
#define SR_GATHERING_H

#include "traffic/wait.h"

/* For those who wait for several readers at once, step by step. Is there a first message, or news? */
bool sr__gather_begins(const slotring_reader_t *reader);
/* Are there enough messages, or is there a reason to wait no longer? The gathered event is armed. pressed: sr__gather_pressed, as
 * the gathering began. */
bool sr__gather_is_over(const slotring_reader_t *reader, uint64_t pressed);

/* Waits as sr__wait_for does, but until reader->wake_messages messages are there, or reader->wake_ns after the first one was
 * noticed. */
int sr__gather(slotring_reader_t *reader, const sr__wait_t *wanted, int64_t timeout_ns);

#endif
