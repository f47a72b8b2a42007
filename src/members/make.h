/* SPDX-License-Identifier: Apache-2.0 */
/* A handle's memory, and what the platform keeps for it. */
#ifndef SR_MAKE_H
#define SR_MAKE_H

#include "handle.h"

slotring_t *sr__ring_make(const slotring_options_t *options, const char *name, slotring_error_t *error,
                          int *failed);
void sr__ring_drop_segment(slotring_t *ring);      /* all that hangs on one segment: for another try */
void sr__ring_free(slotring_t *ring);              /* a handle that nobody was given */
void sr__ring_bury(slotring_t *ring, bool forked); /* a handle that its user may still try to use */
void sr__bury(void *object); /* frees it after 255 others, so that late calls are noticed */

#endif
