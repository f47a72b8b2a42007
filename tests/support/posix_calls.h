/* SPDX-License-Identifier: Apache-2.0 */
/* What some tests call of POSIX directly. On Windows such a test begins with NEEDS_POSIX, which skips it there; what it
 * calls after that is declared so that it compiles, and fails. */
#ifndef TEST_POSIX_CALLS_H
#define TEST_POSIX_CALLS_H

#if defined(_WIN32)

#include "support/win32/posix_calls.h"
#define NEEDS_POSIX(what) SKIP("Windows has no %s", what)

#else

#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>
#define NEEDS_POSIX(what) ((void)(what))

#endif
#endif
