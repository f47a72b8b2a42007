/* SPDX-License-Identifier: Apache-2.0 */
/* Removing a ring. */
#ifndef SR_UNLINK_H
#define SR_UNLINK_H

#include "handle.h"

enum {
    SR__UNLINK_IF_DUE = SLOTRING_UNLINK_FORCE + 1 /* only if removal was asked for, and nobody is left */
};
#define SR__IN_USE 1 /* of SR__UNLINK_IF_DUE alone: E_BUSY, and who uses it is known */
int sr__unlink(const char *name, int how, const slotring_options_t *options, slotring_error_t *error);
bool sr__remove_is_ordered(const sr__view_t *view); /* is the ring to go with its last user? */
int sr__remove_when_unused(slotring_t *ring);       /* by an attached handle: now, or with the last user */
bool sr__remove_if_due(slotring_t *ring);           /* the caller holds the process mutex */
int sr__remove_names(slotring_t *ring, slotring_error_t *error); /* the caller holds the process mutex */
bool sr__others_live(slotring_t *ring, char *who, size_t size);  /* `who`: their names, for an error */

#endif
