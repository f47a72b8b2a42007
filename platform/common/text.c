/* SPDX-License-Identifier: Apache-2.0 */
/* Small texts: hashed, taken apart, made of bytes, read as numbers. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"

#define OTHER_START UINT64_C(0x84222325cbf29ce4)

uint64_t sr__text_hash(const char *text, uint64_t start)
{
    return sr__hash(start, text, strlen(text));
}

void sr__text_hash_digits(const char *text, char digits[SR__HASH_DIGITS + 1])
{
    snprintf(digits, SR__HASH_DIGITS + 1, "%016llx%016llx",
             (unsigned long long)sr__text_hash(text, SR__HASH_START),
             (unsigned long long)sr__text_hash(text, OTHER_START));
}

const char *sr__text_line(char **text, const char *key)
{
    char *start = *text;
    char *end = strchr(start, '\n');
    size_t skip = strlen(key);

    if (!end || strncmp(start, key, skip) != 0 || start[skip] != ' ')
        return NULL;
    *end = '\0';
    *text = end + 1;
    return start + skip + 1;
}

bool sr__text_is_hex(const char *text, size_t count)
{
    return strlen(text) == count && strspn(text, "0123456789abcdef") == count;
}

void sr__text_hex(const uint8_t *bytes, size_t count, char *text)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < count; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    text[2 * count] = '\0';
}

bool sr__text_id(const char *text, uint32_t *id)
{
    char *end;

    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0 || *end || value >= UINT32_MAX)
        return false;
    *id = (uint32_t)value;
    return true;
}
