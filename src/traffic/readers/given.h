/* SPDX-License-Identifier: Apache-2.0 */
/* Counting the records that a reader was given. */
#ifndef SR_GIVEN_H
#define SR_GIVEN_H

#include "handle.h"

void sr__count_given(slotring_reader_t *reader);

#endif
