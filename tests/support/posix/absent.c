/* SPDX-License-Identifier: Apache-2.0 */
/* Suites that are all about something that only Linux has: one visible skip each elsewhere. */
#if !defined(__linux__)

#include "support/absent.h"

ABSENT(step, "the steps are those of Linux's ptrace");
ABSENT(path_write, "the steps are those of Linux's ptrace");
ABSENT(path_read, "the steps are those of Linux's ptrace");
ABSENT(space, "what is free cannot be limited for a test, as by a small tmpfs");

#endif
