/* SPDX-License-Identifier: Apache-2.0 */
/* Several rings at a glance: a line for each, the worst first. */
#ifndef SLOTRING_TOOL_OVERVIEW_H
#define SLOTRING_TOOL_OVERVIEW_H

#include "watch.h"

typedef struct overview_ring {
    watch_t watch;
    verdict_t verdict; /* of the last look, if watch.has_now */
    bool listed;       /* it was there when the rings were listed last */
    const char *name;  /* the caller's, or the copy */
    char copy[SLOTRING_NAME_MAX + 8];
} overview_ring_t;

typedef struct overview {
    const char *const *names; /* NULL: all that there are, which are listed at each look */
    overview_ring_t **rings;  /* sorted: the worst first */
    uint32_t count;
    const char *chosen; /* the name of the ring whose row is marked; NULL: none */
    char error_text[SLOTRING_ERROR_TEXT_SIZE];
} overview_t;

/* names: NULL, or those of the rings, and NULL at the end. They stay the caller's. */
void overview_begin(overview_t *overview, const char *const *names);
/* Looks at each ring. EXIT_DONE; or an exit code if the rings cannot be listed, and overview->error_text says why. That one of them
 * cannot be looked at is no failure: its row says why. */
int overview_look(overview_t *overview);
/* Is there a rate to be had, by a second look a moment later? */
bool overview_moves(const overview_t *overview);
/* The exit code of the first ring that was asked for by its name and could not be looked at. */
int overview_code(const overview_t *overview);
void overview_end(overview_t *overview);

/* Of the last look. The verdict on the worst ring, then the table. */
void overview_page(page_t *page, const void *overview);
json_t *overview_json(const overview_t *overview);

#endif
