/* SPDX-License-Identifier: Apache-2.0 */
/* The backends of this build, and what is needed to choose one. The build defines SLOTRING_WITH_… for each folder of
 * platform/ that it compiles. */
#define _GNU_SOURCE
#include <stdlib.h>
#if !defined(_WIN32)
#include <unistd.h>
#endif

#include "platform.h"

#ifdef SLOTRING_WITH_POSIX
extern const sr__backend_t sr__posix_backend;
#endif
#ifdef SLOTRING_WITH_WIN32
extern const sr__backend_t sr__win32_backend;
#endif
#ifdef SLOTRING_WITH_APR
extern const sr__backend_t sr__apr_backend;
#endif

/* The native one first. */
const sr__backend_t *const sr__backends[] = {
#ifdef SLOTRING_WITH_POSIX
    &sr__posix_backend,
#endif
#ifdef SLOTRING_WITH_WIN32
    &sr__win32_backend,
#endif
#ifdef SLOTRING_WITH_APR
    &sr__apr_backend,
#endif
    NULL,
};

const char *sr__environment(const char *variable)
{
#if defined(__GLIBC__)
    return secure_getenv(variable);
#elif defined(_WIN32)
    return getenv(variable); /* programs do not run with others' rights than their caller's */
#else
    return getuid() == geteuid() && getgid() == getegid() ? getenv(variable) : NULL;
#endif
}
