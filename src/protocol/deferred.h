/* SPDX-License-Identifier: Apache-2.0 */
/* Publications that were withdrawn while a lossless reader still needed them. */
#ifndef SR_DEFERRED_H
#define SR_DEFERRED_H

#include "layout/view.h"
#include "protocol/bitmap.h"

static inline sr__bitmap_t sr__deferred_of(const sr__view_t *view)
{
    return (sr__bitmap_t){view->deferred, view->deferred_words, SR__DEFERRED_LEVELS,
                          (uint32_t)view->order_mask + 1};
}
void sr__deferred_mark(sr__view_t *view, uint64_t sequence);
void sr__deferred_clear(sr__view_t *view, uint64_t sequence);
bool sr__deferred_find(sr__view_t *view, uint64_t from, uint64_t *sequence);

#endif
