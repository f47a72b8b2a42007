/* SPDX-License-Identifier: Apache-2.0 */
/* A snapshot as lines of a page. */
#ifndef SLOTRING_TOOL_SNAPSHOT_TEXT_H
#define SLOTRING_TOOL_SNAPSHOT_TEXT_H

#include "page.h"
#include "snapshot.h"

/* `before` may be NULL: then rates are left out. */
void snapshot_page(page_t *page, const snapshot_t *now, const snapshot_t *before);
/* Of it, the tables: readers, participants and writers, the worst of each first. */
void snapshot_tables(page_t *page, const snapshot_t *now, const snapshot_t *before);

#endif
