/* SPDX-License-Identifier: Apache-2.0 */
/* A reader in this process's memory. */
#ifndef SR_READER_H
#define SR_READER_H

#include "handle.h"

/* Gives the holds and the subscription of a reader back. give_back: not in a forked child, nor after an eviction. */
void sr__reader_end(slotring_reader_t *reader, bool give_back);

#endif
