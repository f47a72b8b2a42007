/* SPDX-License-Identifier: Apache-2.0 */
/* From APR's status to the library's codes: by its predicates, never by equality. */
#include <apr_errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "apr/apr_internal.h"
#include "common/fail.h"

int sr__apr_code_of(apr_status_t status)
{
    if (status == APR_SUCCESS)
        return 0;
    if (APR_STATUS_IS_EACCES(status))
        return SLOTRING_E_ACCESS;
    if (APR_STATUS_IS_ENOENT(status) || APR_STATUS_IS_ENOTDIR(status))
        return SLOTRING_E_NOT_FOUND;
    if (APR_STATUS_IS_EEXIST(status))
        return SLOTRING_E_EXISTS;
    if (APR_STATUS_IS_ENOSPC(status))
        return SLOTRING_E_NO_SPACE;
    if (APR_STATUS_IS_ENOMEM(status))
        return SLOTRING_E_NO_MEMORY;
    if (APR_STATUS_IS_ENAMETOOLONG(status))
        return SLOTRING_E_NAME;
#ifdef EPERM /* no predicate of APR's covers these */
    if (status == EPERM || status == EROFS)
        return SLOTRING_E_ACCESS;
    if (status == ELOOP || status == EISDIR || status == ENXIO)
        return SLOTRING_E_NOT_A_RING;
    if (status == EFBIG)
        return SLOTRING_E_NO_SPACE;
#endif
    return SLOTRING_E_OS;
}

int sr__apr_fail_call(slotring_error_t *error, apr_status_t status, const char *call, const char *path)
{
    char reason[128];

    apr_strerror(status, reason, sizeof reason);
    return sr__fail(error, SLOTRING_E_OS, status, "%s %s: %s", call, path, reason);
}

int sr__apr_fail(slotring_error_t *error, apr_status_t status, const char *format, ...)
{
    char reason[256];
    va_list arguments;

    apr_strerror(status, reason, 128);
    const char *remedy = "";
    if (APR_STATUS_IS_ENOSPC(status))
        remedy = "; free some space there, or some of its inodes (df, df -i)";
#ifdef EROFS
    else if (status == EROFS)
        remedy = "; use a directory that can be written, such as /dev/shm";
#endif
    snprintf(reason + strlen(reason), sizeof reason - strlen(reason), "%s", remedy);
    va_start(arguments, format);
    int failed = sr__fail_because(error, sr__apr_code_of(status), status, reason, format, arguments);
    va_end(arguments);
    return failed;
}
