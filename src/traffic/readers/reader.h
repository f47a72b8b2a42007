/* SPDX-License-Identifier: Apache-2.0 */
/* Subscribing and leaving. */
#ifndef SR_READER_H
#define SR_READER_H

#include "handle.h"

void sr__reader_end(slotring_reader_t *reader, bool give_back);

#endif
