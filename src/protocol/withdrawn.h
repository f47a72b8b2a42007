/* SPDX-License-Identifier: Apache-2.0 */
/* Which publications were freed. */
#ifndef SR_FREED_H
#define SR_FREED_H

#include "layout/view.h"

void sr__freed_mark(sr__view_t *view, uint64_t sequence);
uint64_t sr__freed_skip(const sr__view_t *view, uint64_t from, uint64_t limit);
bool sr__freed_may_be(const sr__view_t *view, uint64_t word, uint64_t end);

#endif
