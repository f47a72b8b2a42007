/* SPDX-License-Identifier: Apache-2.0 */
/* A call that waits without taking anything puts back what it found. */
#ifndef SR_PUT_BACK_H
#define SR_PUT_BACK_H

#include "handle.h"

/* The message that the reader was given last, and that its caller has not had. The reader holds nothing afterwards. */
void sr__put_back(slotring_reader_t *reader, const slotring_slot_t *slot);

#endif
