/* SPDX-License-Identifier: Apache-2.0 */
/* Suites that are all about something that Windows does not have: one visible skip each. */
#include "support/suite.h"

#define ABSENT(suite, reason)                                                                       \
    static void suite##_absent(void)                                                                \
    {                                                                                               \
        SKIP(reason);                                                                               \
    }                                                                                               \
    static const test_case_t suite##_cases[] = {{"all_of_it", suite##_absent, 0}, {NULL, NULL, 0}}; \
    extern const test_suite_t suite##_suite;                                                        \
    const test_suite_t suite##_suite = {#suite, suite##_cases, NULL}

ABSENT(fork, "processes do not fork here");
ABSENT(space, "what is free cannot be limited for a test, as by a small tmpfs");
ABSENT(access, "there is one user only to try it with, and rights are described otherwise");
ABSENT(guard, "there is one user only to try it with, and rights are described otherwise");
ABSENT(namespace, "there are no such namespaces");
ABSENT(squat, "there are no such links, and sections have no place in a file system");
