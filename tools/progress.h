/* SPDX-License-Identifier: Apache-2.0 */
/* The line on a terminal that shows how a long stream gets on: bytes, rate and, where the size is known, the
 * time left. Silent when standard error is not a terminal. */
#ifndef SLOTRING_TOOL_PROGRESS_H
#define SLOTRING_TOOL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct progress {
    bool shown;     /* standard error is a terminal, and it was not asked to be quiet */
    bool drawn;     /* there is a line to wipe */
    uint64_t total; /* bytes to come in all; 0: not known */
    uint64_t start_ns, last_ns, last_bytes;
    double rate; /* bytes a second, smoothed */
} progress_t;

void progress_start(progress_t *progress, bool quiet);
/* So many bytes are through. Cheap: draws a few times a second. */
void progress_show(progress_t *progress, uint64_t bytes);
/* Says what is being waited for; an empty text wipes the line. */
void progress_say(progress_t *progress, const char *text);
/* Wipes the line, before anything else is written to standard error. */
void progress_wipe(progress_t *progress);

#endif
