/* SPDX-License-Identifier: Apache-2.0 */
/* Suites that are all about something that Windows does not have: one visible skip each. */
#include "support/absent.h"

ABSENT(fork, "processes do not fork here");
ABSENT(step, "the steps are those of ptrace");
ABSENT(path_write, "the steps are those of ptrace");
ABSENT(path_read, "the steps are those of ptrace");
ABSENT(space, "what is free cannot be limited for a test, as by a small tmpfs");
ABSENT(access, "there is one user only to try it with, and rights are described otherwise");
