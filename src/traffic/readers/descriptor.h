/* SPDX-License-Identifier: Apache-2.0 */
/* A reader's descriptor, for event loops. */
#ifndef SR_DESCRIPTOR_H
#define SR_DESCRIPTOR_H

#include "handle.h"

/* Both only for a reader that has one, and whose look found nothing. It is not readable any more: then the caller looks once more,
 * and says what it found. False: it was not readable, so there is nothing to look for. */
bool sr__descriptor_lower(slotring_reader_t *reader);
/* found: it is readable again. Else it is as soon as there is something. */
void sr__descriptor_ask(slotring_reader_t *reader, bool found);
/* With the reader; also in a forked child. */
void sr__descriptor_end(slotring_reader_t *reader);

#endif
