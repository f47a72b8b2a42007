/* SPDX-License-Identifier: Apache-2.0 */
/* A suite that is all about something that a system does not have: one visible skip. */
#ifndef TEST_ABSENT_H
#define TEST_ABSENT_H

#include "support/suite.h"

#define ABSENT(suite, reason)                                                                       \
    static void suite##_absent(void)                                                                \
    {                                                                                               \
        SKIP(reason);                                                                               \
    }                                                                                               \
    static const test_case_t suite##_cases[] = {{"all_of_it", suite##_absent, 0}, {NULL, NULL, 0}}; \
    extern const test_suite_t suite##_suite;                                                        \
    const test_suite_t suite##_suite = {#suite, suite##_cases, NULL}

#endif
