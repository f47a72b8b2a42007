/* SPDX-License-Identifier: Apache-2.0 */
/* A reader in this process's memory. */
#ifndef SR_READER_H
#define SR_READER_H

#include "handle.h"

slotring_reader_t *sr__reader_make(slotring_t *ring, const sr__pressure_t *pressure); /* NULL: no memory */
void sr__reader_free(slotring_reader_t *reader);
void sr__reader_link(slotring_reader_t *reader); /* its handle knows it from now on, and ends it at close */
void sr__reader_end(slotring_reader_t *reader, bool give_back);

#endif
