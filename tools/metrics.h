/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of rings for Prometheus: as text of its own form, or as OpenMetrics. */
#ifndef SLOTRING_TOOL_METRICS_H
#define SLOTRING_TOOL_METRICS_H

#include <stdbool.h>
#include <stddef.h>

#include "slotring/slotring.h"

typedef struct metrics_text {
    char *text; /* to free */
    size_t length, capacity;
    bool failed; /* out of memory */
} metrics_text_t;

/* Which rings: all of the folder, or those that are named. */
typedef struct metrics_wanted {
    slotring_options_t options;
    const char *const *names; /* ends with NULL; an empty list means all */
} metrics_wanted_t;

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"
#define METRICS_OPEN_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"

/* Looks at the rings, as an observer, and writes what it saw. False: out of memory. A ring that cannot be read is a metric itself. */
bool metrics_make(const metrics_wanted_t *wanted, bool open_metrics, metrics_text_t *out);

/* Serves it at http://ADDRESS/metrics until the program is asked to stop. Returns an exit code. */
int metrics_serve(const metrics_wanted_t *wanted, const char *address);

#endif
