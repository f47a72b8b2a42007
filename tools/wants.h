/* SPDX-License-Identifier: Apache-2.0 */
/* Where slotring read begins, and what it wants: the options of its subscription. */
#ifndef SLOTRING_TOOL_WANTS_H
#define SLOTRING_TOOL_WANTS_H

#include <stdbool.h>

#include "slotring/slotring.h"

/* As given on the command line, for popt: a text, or NULL; a flag, or 0. */
typedef struct wants {
    char *budget, *last, *from, *every, *tag, *durable, *group, *tries, *letters, *wake_messages, *wake_time;
    int lossy, latest, oldest, verify, marks;
} wants_t;

/* False: they cannot be read, or do not go together; that is reported. */
bool wants_read(const wants_t *given, slotring_reader_options_t *options);

#endif
