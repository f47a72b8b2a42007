/* SPDX-License-Identifier: Apache-2.0 */
/* What write and read count, and how they tell it at the end. */
#ifndef SLOTRING_TOOL_STREAM_H
#define SLOTRING_TOOL_STREAM_H

#include <jansson.h>
#include <stdint.h>

#include "slotring/slotring.h"

typedef struct stream {
    uint64_t messages, bytes;
    uint64_t first, last;      /* sequence numbers, once there are messages; UINT64_MAX: not known */
    uint64_t start_ns, end_ns; /* from the first message on, so that waiting for a start does not count */
} stream_t;

/* The stream begins to move now, unless it does already. */
void stream_begin(stream_t *stream);
/* One message is through. */
void stream_count(stream_t *stream, uint64_t sequence, uint64_t bytes);
/* "1 GiB in 1024 messages, 0.52 s, 1.9 GiB/s" */
void stream_sentence(const stream_t *stream, char *text, size_t size);
/* Adds messages, bytes, first and last sequence, seconds, bytes_per_second. */
void stream_json(const stream_t *stream, json_t *json);

#endif
