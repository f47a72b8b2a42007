/* SPDX-License-Identifier: Apache-2.0 */
/* What was left for the walk. */
#ifndef SR_LEFT_H
#define SR_LEFT_H

#include "layout/view.h"

void sr__left_mark(sr__view_t *view, uint64_t sequence);
void sr__left_clear(sr__view_t *view, uint64_t sequence);
bool sr__left_find(sr__view_t *view, uint64_t from, uint64_t *sequence);

#endif
