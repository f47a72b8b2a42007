/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes and numbers of a message, as a terminal and JSON may have them. */
#ifndef SLOTRING_TOOL_ESCAPE_H
#define SLOTRING_TOOL_ESCAPE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

typedef struct escape {
    char text[8];
} escape_t;

/* The next character as it may be shown: what is not UTF-8 or steers a terminal becomes \xNN, and a backslash becomes two. Ends of
 * lines and tabs stay. Returns how many of the `left` bytes it stands for. */
size_t escape_next(const unsigned char *at, size_t left, escape_t *piece);

/* The same for many bytes. */
json_t *json_of_bytes(const unsigned char *bytes, size_t size);
json_t *json_of_hex(const unsigned char *bytes, size_t size);
/* A text, if JSON's integers of 64 bits with a sign cannot have it. */
json_t *json_of_number(uint64_t value);

#endif
