/* SPDX-License-Identifier: Apache-2.0 */
/* What a reader is told about the producers' streams. */
#ifndef SR_NEWS_H
#define SR_NEWS_H

#include "handle.h"

int sr__stream_look(slotring_reader_t *reader);
void sr__stream_baseline(slotring_reader_t *reader);

#endif
