/* SPDX-License-Identifier: Apache-2.0 */
/* Groups of participant entries that may hold slots. */
#ifndef SR_HOLDERS_H
#define SR_HOLDERS_H

#include "handle.h"

void sr__participant_left(sr__view_t *view, uint32_t p); /* its entry is free */
void sr__holders_trim(sr__view_t *view);                 /* the caller holds the process mutex */
bool sr__holders_may_shrink(const sr__member_t *member); /* now that this handle has left */

#endif
