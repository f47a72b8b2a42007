/* SPDX-License-Identifier: Apache-2.0 */
/* From the system's error numbers to the library's codes, by meaning. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/fail.h"
#include "win32/win32_internal.h"

#ifndef ERROR_DISK_QUOTA_EXCEEDED /* not in every header */
#define ERROR_DISK_QUOTA_EXCEEDED 1295
#endif

int sr__win32_code_of(DWORD number)
{
    switch (number) {
    case ERROR_SUCCESS:
        return 0;
    case ERROR_ACCESS_DENIED:
    case ERROR_PRIVILEGE_NOT_HELD:
    case ERROR_WRITE_PROTECT:
    case ERROR_SHARING_VIOLATION:
        return SLOTRING_E_ACCESS;
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_DRIVE:
    case ERROR_BAD_NETPATH:
    case ERROR_BAD_NET_NAME:
    case ERROR_DIRECTORY:
        return SLOTRING_E_NOT_FOUND;
    case ERROR_ALREADY_EXISTS:
    case ERROR_FILE_EXISTS:
        return SLOTRING_E_EXISTS;
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL:
    case ERROR_DISK_QUOTA_EXCEEDED:
    case ERROR_COMMITMENT_LIMIT:
    case ERROR_PAGEFILE_QUOTA:
        return SLOTRING_E_NO_SPACE;
    case ERROR_NOT_ENOUGH_MEMORY:
    case ERROR_OUTOFMEMORY:
        return SLOTRING_E_NO_MEMORY;
    case ERROR_FILENAME_EXCED_RANGE:
    case ERROR_INVALID_NAME:
    case ERROR_BUFFER_OVERFLOW:
        return SLOTRING_E_NAME;
    default:
        return SLOTRING_E_OS;
    }
}

/* The system's text without the end of line that it has. */
static void reason_of(DWORD number, char *reason, size_t size)
{
    wchar_t text[200];
    DWORD flags = FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS | FORMAT_MESSAGE_MAX_WIDTH_MASK;
    DWORD length = FormatMessageW(flags, NULL, number, 0, text, sizeof text / sizeof text[0], NULL);

    while (length > 0 && (text[length - 1] <= L' ' || text[length - 1] == L'.'))
        length--;
    if (length == 0) {
        snprintf(reason, size, "error %lu", (unsigned long)number);
        return;
    }
    text[length] = L'\0';
    sr__win32_narrow_into(text, reason, size);
}

int sr__win32_fail_call(slotring_error_t *error, DWORD number, const char *call)
{
    char reason[200];

    reason_of(number, reason, sizeof reason);
    return sr__fail(error, SLOTRING_E_OS, (int)number, "%s: %s", call, reason);
}

int sr__win32_fail_os(slotring_error_t *error, DWORD number, const char *format, ...)
{
    char reason[200];
    va_list arguments;

    reason_of(number, reason, sizeof reason);
    va_start(arguments, format);
    int failed = sr__fail_because(error, sr__win32_code_of(number), (int)number, reason, format, arguments);
    va_end(arguments);
    return failed;
}
