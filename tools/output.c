/* SPDX-License-Identifier: Apache-2.0 */
#include "output.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "exit_codes.h"
#include "host.h"

static const char *current_command, *current_subject;
static bool document_lost; /* a JSON document could not be written, which was reported */

void out_set_command(const char *command)
{
    current_command = command;
}

void out_set_subject(const char *subject)
{
    current_subject = subject;
}

static char *kept; /* NULL: errors go to standard error */
static size_t kept_size;

void out_keep_errors(char *text, size_t size)
{
    kept = text;
    kept_size = size;
}

void out_error(const char *format, ...)
{
    va_list list;
    if (kept) {
        va_start(list, format);
        vsnprintf(kept, kept_size, format, list);
        va_end(list);
        return;
    }
    fprintf(stderr, "slotring%s%s: ", current_command ? " " : "", current_command ? current_command : "");
    if (current_subject)
        fprintf(stderr, "%s: ", current_subject);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
}

int out_finish(int code)
{
    int error;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return document_lost && code == EXIT_DONE ? EXIT_ERROR : code;
    error = host_last_error();
    if (host_is_broken_pipe(error))
        return EXIT_BROKEN_PIPE;
    out_error("cannot write to standard output: %s", host_error_text(error));
    return host_is_full(error) ? EXIT_NO_SPACE : EXIT_ERROR;
}

/* ---- Text ----------------------------------------------------------------------------------------- */

out_text_t out_bytes(uint64_t bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    out_text_t out;
    uint64_t whole = bytes;
    double value = (double)bytes;
    size_t unit = 0;
    while (value >= 1023.95 && unit < 6) {
        value /= 1024;
        unit++;
    }
    for (size_t i = 0; i < unit && whole % 1024 == 0; i++)
        whole /= 1024;
    if ((double)whole == value)
        snprintf(out.text, sizeof out.text, "%" PRIu64 " %s", whole, units[unit]);
    else
        snprintf(out.text, sizeof out.text, value < 99.95 ? "%.1f %s" : "%.0f %s", value, units[unit]);
    return out;
}

out_text_t out_rate(double bytes_per_second)
{
    out_text_t out =
        out_bytes(bytes_per_second >= 0 && bytes_per_second < 1e18 ? (uint64_t)bytes_per_second : 0);
    size_t length = strlen(out.text);
    snprintf(out.text + length, sizeof out.text - length, "/s");
    return out;
}

out_text_t out_count_per_second(double per_second)
{
    static const char *const units[] = {"", "k", "M", "G"};
    out_text_t out;
    size_t unit = 0;
    while (per_second >= 9999.5 && unit < 3) {
        per_second /= 1000;
        unit++;
    }
    snprintf(out.text, sizeof out.text, per_second < 9.95 && per_second > 0 ? "%.1f%s" : "%.0f%s", per_second,
             units[unit]);
    return out;
}

out_text_t out_per_second(double per_second)
{
    out_text_t out = out_count_per_second(per_second);
    size_t length = strlen(out.text);
    snprintf(out.text + length, sizeof out.text - length, "/s");
    return out;
}

out_text_t out_duration(double seconds)
{
    out_text_t out;
    if (seconds < 0.0995)
        snprintf(out.text, sizeof out.text, "%.1f ms", seconds * 1000);
    else if (seconds < 99.5)
        snprintf(out.text, sizeof out.text, "%.2f s", seconds);
    else if (seconds < 3600 * 10)
        snprintf(out.text, sizeof out.text, "%d min %02d s", (int)(seconds / 60), (int)seconds % 60);
    else if (seconds < 1e9)
        snprintf(out.text, sizeof out.text, "%d h %02d min", (int)(seconds / 3600), (int)(seconds / 60) % 60);
    else
        snprintf(out.text, sizeof out.text, "years");
    return out;
}

void out_append(char *text, size_t size, const char *format, ...)
{
    size_t length = strlen(text);
    va_list list;
    va_start(list, format);
    vsnprintf(text + length, size - length, format, list);
    va_end(list);
}

size_t out_character(const unsigned char *at, size_t left)
{
    uint32_t code;
    size_t length;
    if (at[0] < 0x80)
        return at[0] >= 0x20 && at[0] != 0x7f;
    length = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : at[0] >= 0xc2 ? 2 : 0;
    if (length == 0 || length > left || at[0] > 0xf4)
        return 0;
    code = at[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (at[i] & 0x3fu);
    }
    if (code < 0xa0 || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff)
        return 0;
    if ((length == 3 && code < 0x800) || (length == 4 && code < 0x10000))
        return 0;
    return length;
}

void out_safe_name(const char *name, size_t size, char *safe)
{
    size_t at = 0;
    while (at < size && name[at]) {
        size_t length = out_character((const unsigned char *)name + at, size - at);
        if (length == 0)
            safe[at++] = '?';
        else
            for (; length > 0; length--, at++)
                safe[at] = name[at];
    }
    safe[at < size ? at : size - 1] = '\0';
}

void out_cell(const char *text, int width)
{
    int shown = 0;
    for (const char *at = text; *at; at++)
        shown += (*at & 0xc0) != 0x80;
    printf("%s%*s", text, width > shown ? width - shown : 0, "");
}

/* ---- JSON ----------------------------------------------------------------------------------------- */

json_t *out_json_node(uint32_t node)
{
    return node == SLOTRING_NO_NUMA_NODE ? json_null() : json_integer((json_int_t)node);
}

json_t *out_json_count(uint64_t value)
{
    return value > INT64_MAX ? json_null() : json_integer((json_int_t)value);
}

json_t *out_json_text(const char *text, size_t size)
{
    char safe[SLOTRING_ERROR_TEXT_SIZE + 16];
    const char *end = memchr(text, '\0', size);
    json_t *plain = json_stringn(text, end ? (size_t)(end - text) : size);
    if (plain)
        return plain;
    out_safe_name(text, size < sizeof safe ? size : sizeof safe, safe);
    return json_string(safe);
}

json_t *out_json_id(const uint8_t id[16])
{
    char text[33];
    for (size_t i = 0; i < 16; i++)
        snprintf(text + 2 * i, 3, "%02x", id[i]);
    return json_string(text);
}

json_t *out_json_group(const slotring_info_t *info)
{
    return info->lossless_for == SLOTRING_LOSSLESS_FOR_GROUP ? out_json_count(info->lossless_group)
                                                             : json_null();
}

json_t *out_json_rate(double rate)
{
    return rate < 0 ? json_null() : json_real(rate);
}

void out_json_print(FILE *stream, json_t *document, bool compact)
{
    int failed = document ? json_dumpf(document, stream,
                                       JSON_REAL_PRECISION(12) | (compact ? JSON_COMPACT : JSON_INDENT(2)))
                          : -1;
    json_decref(document);
    if (failed == 0 && fputc('\n', stream) != EOF && fflush(stream) == 0)
        return;
    if (ferror(stream))
        return; /* out_finish sees it, or whoever closes the stream */
    out_error("cannot make the JSON document: out of memory");
    document_lost = true;
}
