/* SPDX-License-Identifier: Apache-2.0 */
/* Between UTF-8, which the library speaks, and UTF-16, which the system speaks. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "win32/win32_internal.h"

wchar_t *sr__win32_wide(const char *text)
{
    int size = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, NULL, 0);
    wchar_t *wide = size > 0 ? calloc((size_t)size, sizeof *wide) : NULL;

    if (wide && MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, wide, size) != size) {
        free(wide);
        return NULL;
    }
    return wide;
}

char *sr__win32_narrow(const wchar_t *text)
{
    int size = WideCharToMultiByte(CP_UTF8, 0, text, -1, NULL, 0, NULL, NULL);
    char *narrow = size > 0 ? calloc((size_t)size, 1) : NULL;

    if (narrow && WideCharToMultiByte(CP_UTF8, 0, text, -1, narrow, size, NULL, NULL) != size) {
        free(narrow);
        return NULL;
    }
    return narrow;
}

void sr__win32_narrow_into(const wchar_t *text, char *buffer, size_t size)
{
    char *narrow = sr__win32_narrow(text);
    size_t length = narrow ? strlen(narrow) : 0;

    if (length >= size) {
        length = size - 1;
        while (length > 0 && ((unsigned char)narrow[length] & 0xc0) == 0x80)
            length--; /* in the middle of a character */
    }
    if (length > 0)
        memcpy(buffer, narrow, length);
    buffer[length] = '\0';
    free(narrow);
}

wchar_t *sr__win32_environment(const wchar_t *variable)
{
    DWORD size = GetEnvironmentVariableW(variable, NULL, 0);
    wchar_t *value = size > 1 ? calloc(size, sizeof *value) : NULL;

    /* Another thread may have made it longer meanwhile. */
    if (value && GetEnvironmentVariableW(variable, value, size) >= size) {
        free(value);
        return NULL;
    }
    return value;
}

wchar_t *sr__win32_join(const wchar_t *first, ...)
{
    size_t size = wcslen(first) + 1;
    va_list pieces;

    va_start(pieces, first);
    for (const wchar_t *piece; (piece = va_arg(pieces, const wchar_t *)) != NULL;)
        size += wcslen(piece);
    va_end(pieces);
    wchar_t *joined = calloc(size, sizeof *joined);
    if (!joined)
        return NULL;
    wcscpy(joined, first);
    va_start(pieces, first);
    for (const wchar_t *piece; (piece = va_arg(pieces, const wchar_t *)) != NULL;)
        wcscat(joined, piece);
    va_end(pieces);
    return joined;
}
