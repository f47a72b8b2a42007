/* SPDX-License-Identifier: Apache-2.0 */
/* Which publications were withdrawn. */
#ifndef SR_WITHDRAWN_H
#define SR_WITHDRAWN_H

#include "layout/view.h"

void sr__withdrawn_mark(sr__view_t *view, uint64_t sequence);
uint64_t sr__withdrawn_skip(const sr__view_t *view, uint64_t from, uint64_t limit);
uint64_t sr__walk_skip(sr__view_t *view,
                       uint64_t sequence); /* the first one at or above it that may be in the walk */
bool sr__withdrawn_may_be(const sr__view_t *view, uint64_t word, uint64_t end);

#endif
