/* SPDX-License-Identifier: Apache-2.0 */
/* Which slots became free last. */
#ifndef SR_RECENT_H
#define SR_RECENT_H

#include "layout/view.h"

void sr__recent_note(sr__view_t *view, uint32_t slot);
bool sr__recent_take(sr__view_t *view, uint32_t *slot);

#endif
