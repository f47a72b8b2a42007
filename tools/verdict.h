/* SPDX-License-Identifier: Apache-2.0 */
/* How a ring is doing, in one line, and what to do about it: a function of a snapshot and the one before. */
#ifndef SLOTRING_TOOL_VERDICT_H
#define SLOTRING_TOOL_VERDICT_H

#include <jansson.h>
#include <stdint.h>

#include "page.h"
#include "remedy.h"
#include "snapshot.h"

typedef enum verdict_kind {
    VERDICT_OK,
    VERDICT_IDLE,        /* producers are there, and nothing is published */
    VERDICT_SLOW,        /* producers wait for a reader again and again */
    VERDICT_WARNING,     /* somebody will block producers when the ring is full */
    VERDICT_BLOCKED,     /* producers wait for somebody */
    VERDICT_FULL,        /* the ring keeps what nobody has freed */
    VERDICT_GATE_SHUT,   /* no run is on, and none should begin */
    VERDICT_NO_PRODUCER, /* there was none so far */
    VERDICT_ENDED,       /* all producers have ended or died */
    VERDICT_UNUSED,      /* it goes with the next create, rm or gc --remove */
    VERDICT_REMOVED,
} verdict_kind_t;

typedef struct verdict {
    verdict_kind_t kind;
    char text[384]; /* behind the word of the kind */
    uint64_t
        since_ns; /* with VERDICT_BLOCKED and VERDICT_FULL: for how long a producer has waited; 0: none waits */
    char who[SLOTRING_CLIENT_NAME_MAX + 1]; /* whose fault it is; "": nobody's */
    uint64_t pid;                           /* of it; 0: none */
    remedies_t remedies;
} verdict_t;

/* `before` may be NULL: then there is no rate. `place` is as in remedies_t. Asks nobody and changes nothing. The verdict refers to
 * both while it lasts. */
void verdict_of(verdict_t *verdict, const snapshot_t *now, const snapshot_t *before, const char *place);
const char *verdict_word(verdict_kind_t kind); /* "BLOCKED" */
page_style_t verdict_style(verdict_kind_t kind);
/* The verdict on a line, and each remedy on two. */
void verdict_page(page_t *page, const verdict_t *verdict);
/* The same, of the ring of this name, beside others. */
void verdict_page_of(page_t *page, const verdict_t *verdict, const char *name);
json_t *verdict_json(const verdict_t *verdict);

#endif
