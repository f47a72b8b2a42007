/* SPDX-License-Identifier: Apache-2.0 */
/* What was deferred. */
#ifndef SR_DEFERRED_H
#define SR_DEFERRED_H

#include "layout/view.h"

void sr__deferred_mark(sr__view_t *view, uint64_t sequence);
void sr__deferred_clear(sr__view_t *view, uint64_t sequence);
bool sr__deferred_find(sr__view_t *view, uint64_t from, uint64_t *sequence);

#endif
