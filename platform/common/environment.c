/* SPDX-License-Identifier: Apache-2.0 */
/* The environment, which programs that run with others' rights than their caller's must not obey. */
#define _GNU_SOURCE
#include <stdlib.h>
#if !defined(_WIN32)
#include <unistd.h>
#endif

#include "platform.h"

const char *sr__environment(const char *variable)
{
#if defined(__linux__)
    return secure_getenv(variable);
#elif defined(_WIN32)
    return getenv(variable); /* programs do not run with others' rights than their caller's */
#else
    return issetugid() ? NULL : getenv(variable);
#endif
}
