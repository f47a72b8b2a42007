/* SPDX-License-Identifier: Apache-2.0 */
#include "escape.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"

size_t escape_next(const unsigned char *at, size_t left, escape_t *piece)
{
    size_t length = *at == '\n' || *at == '\t' ? 1 : out_character(at, left);
    if (*at == '\\') {
        snprintf(piece->text, sizeof piece->text, "\\\\");
        return 1;
    }
    if (length == 0) {
        snprintf(piece->text, sizeof piece->text, "\\x%02x", *at);
        return 1;
    }
    memcpy(piece->text, at, length);
    piece->text[length] = '\0';
    return length;
}

/* Without memory it is NULL, which out_json_print reports. */
json_t *json_of_bytes(const unsigned char *bytes, size_t size)
{
    char *text = malloc(4 * size + 1), *end = text;
    json_t *json;
    if (!text)
        return NULL;
    for (size_t i = 0; i < size;) {
        escape_t piece;
        i += escape_next(bytes + i, size - i, &piece);
        size_t length = strlen(piece.text);
        memcpy(end, piece.text, length);
        end += length;
    }
    json = json_stringn(text, (size_t)(end - text));
    free(text);
    return json;
}

json_t *json_of_hex(const unsigned char *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    char *text = malloc(2 * size + 1);
    json_t *json;
    if (!text)
        return NULL;
    for (size_t i = 0; i < size; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    json = json_stringn(text, 2 * size);
    free(text);
    return json;
}

json_t *json_of_number(uint64_t value)
{
    char text[24];
    if (value <= INT64_MAX)
        return json_integer((json_int_t)value);
    snprintf(text, sizeof text, "%" PRIu64, value);
    return json_string(text);
}
