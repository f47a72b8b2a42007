/* SPDX-License-Identifier: Apache-2.0 */
/* What copies of messages and of records have in common. */
#ifndef SR_COPY_CHECK_H
#define SR_COPY_CHECK_H

#include "slotring/slotring.h"

#define SR__COPY_LOOKS 16 /* a slot that is retired or reinstated meanwhile has only to be looked at again */

int sr__copy_check(const void *buffer, uint64_t size, uint64_t length); /* E_SIZE, E_INVALID */

/* The struct names no slot that could be given back. */
static inline void sr__copy_info(slotring_slot_t *info)
{
    info->data = NULL;
    for (int i = 0; i < 4; i++)
        info->internal[i] = 0;
}

#endif
