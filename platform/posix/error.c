/* SPDX-License-Identifier: Apache-2.0 */
/* From the system's error numbers to the library's codes, by meaning. */
#define _POSIX_C_SOURCE 200809L /* for the strerror_r that fills a buffer */
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/fail.h"
#include "posix/posix_internal.h"

int sr__posix_code_of(int number)
{
    switch (number) {
    case 0:
        return 0;
    case EACCES:
    case EPERM:
    case EROFS:
        return SLOTRING_E_ACCESS;
    case ENOENT:
    case ENOTDIR:
        return SLOTRING_E_NOT_FOUND;
    case EEXIST:
        return SLOTRING_E_EXISTS;
    case ELOOP:
    case EISDIR:
    case ENXIO:
        return SLOTRING_E_NOT_A_RING;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return SLOTRING_E_NO_SPACE;
    case ENOMEM:
        return SLOTRING_E_NO_MEMORY;
    case ENAMETOOLONG:
        return SLOTRING_E_NAME;
    default:
        return SLOTRING_E_OS;
    }
}

static int fail(slotring_error_t *error, int failed, int number, const char *format, va_list arguments)
{
    char reason[128];

    if (strerror_r(number, reason, sizeof reason) != 0)
        snprintf(reason, sizeof reason, "error %d", number);
    return sr__fail_because(error, failed, number, reason, format, arguments);
}

int sr__posix_fail_os(slotring_error_t *error, int number, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int failed = fail(error, sr__posix_code_of(number), number, format, arguments);
    va_end(arguments);
    return failed;
}

int sr__posix_fail_as(slotring_error_t *error, int failed, int number, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    fail(error, failed, number, format, arguments);
    va_end(arguments);
    return failed;
}
