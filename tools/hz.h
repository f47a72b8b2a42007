/* SPDX-License-Identifier: Apache-2.0 */
/* What slotring hz measures. */
#ifndef SLOTRING_TOOL_HZ_H
#define SLOTRING_TOOL_HZ_H

#include <jansson.h>

#include "page.h"
#include "sample.h"
#include "watch.h"

typedef struct hz {
    watch_t watch;
    sample_t sample;
    int64_t interval_ns;
    uint64_t count;
} hz_t;

/* A row for each writer that is open. */
void hz_add_writers(page_t *page, const hz_t *hz);
json_t *hz_writers_json(const hz_t *hz);

#endif
