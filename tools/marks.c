/* SPDX-License-Identifier: Apache-2.0 */
#include "marks.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "output.h"

const char *mark_kind(uint32_t kind)
{
    switch (kind) {
    case SLOTRING_MARK_RUN_BEGIN:
        return "begin";
    case SLOTRING_MARK_RUN_END:
        return "end";
    case SLOTRING_MARK_USER:
        return "user";
    case SLOTRING_MARK_GAP:
        return "gap";
    default:
        return "unknown";
    }
}

#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
static void
add(char *text, size_t size, const char *format, ...)
{
    size_t length = strlen(text);
    va_list values;
    va_start(values, format);
    vsnprintf(text + length, size - length, format, values);
    va_end(values);
}

/* The bytes of a mark as text: up to the first zero. */
static void add_text(char *text, size_t size, const slotring_mark_t *mark)
{
    char bytes[SLOTRING_MARK_BYTES_MAX + 1] = "", safe[sizeof bytes];
    memcpy(bytes, mark->bytes, mark->size < sizeof mark->bytes ? mark->size : sizeof mark->bytes);
    out_safe_name(bytes, sizeof safe, safe);
    if (safe[0])
        add(text, size, ", \"%s\"", safe);
}

void mark_sentence(const slotring_mark_t *mark, char *text, size_t size)
{
    text[0] = '\0';
    if (mark->kind == SLOTRING_MARK_RUN_BEGIN || mark->kind == SLOTRING_MARK_RUN_END)
        add(text, size, "run %" PRIu64 " %ss", mark->run, mark_kind(mark->kind));
    else if (mark->kind == SLOTRING_MARK_GAP)
        add(text, size, "a gap of %" PRIu64, mark->gap);
    else
        add(text, size, "a user mark with value %" PRIu64, mark->value);
    add(text, size, " before sequence %" PRIu64, mark->place);
    add_text(text, size, mark);
    if (mark->not_told > 0)
        add(text, size, " (%" PRIu64 " marks before it are gone)", mark->not_told);
}

/* As text, if it is text; else as hexadecimal digits under another name. */
static void add_bytes(json_t *json, const slotring_mark_t *mark)
{
    char hex[2 * SLOTRING_MARK_BYTES_MAX + 1] = "";
    uint32_t size = mark->size < sizeof mark->bytes ? mark->size : (uint32_t)sizeof mark->bytes;
    json_t *text = size > 0 ? json_stringn((const char *)mark->bytes, size) : json_null();
    for (uint32_t i = 0; !text && i < size; i++)
        snprintf(hex + 2 * i, 3, "%02x", mark->bytes[i]);
    json_object_set_new(json, "text_hex", text ? json_null() : json_string(hex));
    json_object_set_new(json, "text", text ? text : json_null());
}

json_t *mark_json(const slotring_mark_t *mark)
{
    json_t *json = json_object();
    json_object_set_new(json, "number", out_json_count(mark->number));
    json_object_set_new(json, "kind", json_string(mark_kind(mark->kind)));
    json_object_set_new(json, "place", out_json_count(mark->place));
    json_object_set_new(json, "run", out_json_count(mark->run));
    json_object_set_new(json, "value", out_json_count(mark->value));
    json_object_set_new(json, "gap", out_json_count(mark->gap));
    json_object_set_new(json, "offset", out_json_count(mark->offset));
    json_object_set_new(json, "time_ns", out_json_count(mark->time_ns));
    json_object_set_new(json, "participant", out_json_count(mark->participant));
    json_object_set_new(json, "not_told", out_json_count(mark->not_told));
    add_bytes(json, mark);
    return json;
}
