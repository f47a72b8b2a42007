/* SPDX-License-Identifier: Apache-2.0 */
/* A start in the past. */
#ifndef SR_PAST_H
#define SR_PAST_H

#include "handle.h"

int sr__past_begin(slotring_reader_t *reader);

#endif
