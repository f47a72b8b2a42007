/* SPDX-License-Identifier: Apache-2.0 */
/* Text as UTF-8. Names from shared memory may be anything. */
#include "base/utf8.h"

#include <stdbool.h>
#include <string.h>

/* Length of the UTF-8 sequence at `at`, or 0: overlong forms, surrogates and values above 10ffff are refused. */
size_t sr__utf8_length(const unsigned char *at)
{
    if (at[0] < 0x80)
        return 1;
    size_t length = at[0] >= 0xc2 && at[0] <= 0xdf   ? 2
                    : (at[0] & 0xf0) == 0xe0         ? 3
                    : at[0] >= 0xf0 && at[0] <= 0xf4 ? 4
                                                     : 0;
    for (size_t i = 1; i < length; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) ||
        (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
        return 0;
    return length;
}

/* Does a terminal show it, and obey nothing? */
static bool is_printable(const unsigned char *at, size_t length)
{
    bool c1 = length == 2 && at[0] == 0xc2 && at[1] < 0xa0;
    return length > 0 && at[0] >= 0x20 && at[0] != 0x7f && !c1;
}

void sr__utf8_printable(const char *given, size_t size, char *text)
{
    size_t at = 0;
    while (at < size && given[at]) {
        unsigned char next[4] = {0};
        memcpy(next, given + at, size - at < sizeof next ? size - at : sizeof next);
        size_t length = sr__utf8_length(next);
        if (is_printable(next, length)) {
            memcpy(text + at, given + at, length);
            at += length;
        } else {
            text[at++] = '?';
        }
    }
    text[at] = '\0';
}
