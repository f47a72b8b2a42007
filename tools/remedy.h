/* SPDX-License-Identifier: Apache-2.0 */
/* What an operator can do about something that holds producers back: commands that can be run as they are printed. */
#ifndef SLOTRING_TOOL_REMEDY_H
#define SLOTRING_TOOL_REMEDY_H

#include <stdint.h>

#include "culprit.h"

typedef struct remedy {
    char what[64];      /* "continue it" */
    char command[1024]; /* for a POSIX shell */
    char cost[96];      /* "its 16 messages are lost"; "": nothing is lost */
} remedy_t;

enum {
    REMEDIES_MAX = 3
};

typedef struct remedies {
    remedy_t list[REMEDIES_MAX]; /* the gentlest first */
    uint32_t count;
    const snapshot_t *ring;
    const char *
        place; /* options that say where the ring is, as a shell reads them: " --directory '/run/my rings'" */
} remedies_t;

/* Adds "slotring" and `arguments`, with the name of the ring behind the first of them. */
void remedy_add(remedies_t *remedies, const char *what, const char *command, const char *arguments,
                const char *cost);
/* Adds the command that lets a process go on that is stopped or frozen. */
void remedy_to_continue(char *text, size_t size, uint32_t life, uint64_t pid);
void remedy_for_culprit(remedies_t *remedies, const culprit_t *culprit);
/* Adds a word as a shell reads it. */
void remedy_quote(char *text, size_t size, const char *word);

#endif
