/* SPDX-License-Identifier: Apache-2.0 */
/* A reader that producers do not wait for any more, and again. */
#ifndef SR_REVOKED_H
#define SR_REVOKED_H

#include "handle.h"

/* Has somebody changed the flags of this reader's subscription, or does it look at them itself? Else nothing is to be told. */
static inline bool sr__revoked_is_due(const slotring_reader_t *reader)
{
    return sr__load(&reader->subscription->state) != reader->quiet_word;
}

/* With nothing given by this call. 0: the reader goes on; E_REVOKED: producers wait for it no more, said once; E_EVICTED. */
int sr__revoked_look(slotring_reader_t *reader);

#endif
