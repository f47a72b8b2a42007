/* SPDX-License-Identifier: Apache-2.0 */
/* A ring that is looked at again and again, by its name: it may go, and be made again. */
#ifndef SLOTRING_TOOL_WATCH_H
#define SLOTRING_TOOL_WATCH_H

#include "snapshot.h"
#include "verdict.h"

typedef struct watch {
    const char *name; /* stays the caller's */
    slotring_options_t options;
    uint64_t owner;   /* the user, where it is known from the list of rings; else UINT64_MAX */
    slotring_t *ring; /* NULL while there is none */
    bool brief;       /* the ring is opened for each look alone: one of very many */
    snapshot_t now, before;
    bool has_now, has_before; /* of the same ring */
    int error; /* of the library, why there is no snapshot; 0: there is one, or another reason */
    int code;  /* the exit code for that */
    char error_text[SLOTRING_ERROR_TEXT_SIZE];
} watch_t;

void watch_begin(watch_t *watch, const char *name);
/* Looks once more; what was seen the last time is then the look before. EXIT_DONE, or watch->code, and nothing is reported. */
int watch_look(watch_t *watch);
/* Is there a rate to be had, by a second look a moment later? */
bool watch_moves(const watch_t *watch);
void watch_end(watch_t *watch);

/* Of the last look. */
void watch_verdict(const watch_t *watch, verdict_t *verdict);
/* One document for a ring; for one that is not there, `ring` is null and `error` says why. */
json_t *watch_json(const watch_t *watch);
/* The verdict, and all that is to be said of the ring. */
void watch_page(page_t *page, const void *watch);

#define WATCH_RATE_NS UINT64_C(100000000) /* between two looks that measure a rate */

#endif
