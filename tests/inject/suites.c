/* SPDX-License-Identifier: Apache-2.0 */
#include "support/suite.h"

extern const test_suite_t inject_suite;
extern const test_suite_t odd_system_suite;
extern const test_suite_t cut_suite;
extern const test_suite_t cancelled_suite;

const test_suite_t *const test_suites[] = {
    &inject_suite, &odd_system_suite, &cut_suite, &cancelled_suite, NULL,
};

const char *suite_backend(const test_suite_t *suite)
{
    (void)suite;
    return NULL;
}
