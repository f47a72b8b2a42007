/* SPDX-License-Identifier: Apache-2.0 */
#include "stream.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "host.h"
#include "output.h"

void stream_begin(stream_t *stream)
{
    if (stream->start_ns == 0)
        stream->start_ns = stream->end_ns = host_clock_ns();
}

void stream_count(stream_t *stream, uint64_t sequence, uint64_t bytes)
{
    if (stream->messages == 0)
        stream->first = sequence;
    stream->last = sequence;
    stream->messages++;
    stream->bytes += bytes;
    stream->end_ns = host_clock_ns();
}

static double seconds_of(const stream_t *stream)
{
    return (double)(stream->end_ns - stream->start_ns) * 1e-9;
}

static double rate_of(const stream_t *stream)
{
    return stream->end_ns > stream->start_ns ? (double)stream->bytes / seconds_of(stream) : -1;
}

void stream_sentence(const stream_t *stream, char *text, size_t size)
{
    int length =
        snprintf(text, size, "%s in %" PRIu64 " message%s, %s", out_bytes(stream->bytes).text,
                 stream->messages, stream->messages == 1 ? "" : "s", out_duration(seconds_of(stream)).text);
    if (rate_of(stream) >= 0 && stream->bytes > 0 && (size_t)length < size)
        snprintf(text + length, size - (size_t)length, ", %s", out_rate(rate_of(stream)).text);
}

void stream_json(const stream_t *stream, json_t *json)
{
    bool any = stream->messages > 0; /* a record whose slot is open has no sequence yet */
    json_object_set_new(json, "messages", out_json_count(stream->messages));
    json_object_set_new(json, "bytes", out_json_count(stream->bytes));
    json_object_set_new(json, "first_sequence",
                        any && stream->first != UINT64_MAX ? out_json_count(stream->first) : json_null());
    json_object_set_new(json, "last_sequence",
                        any && stream->last != UINT64_MAX ? out_json_count(stream->last) : json_null());
    json_object_set_new(json, "seconds", json_real(seconds_of(stream)));
    json_object_set_new(json, "bytes_per_second", out_json_rate(rate_of(stream)));
}
