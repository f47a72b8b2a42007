/* SPDX-License-Identifier: Apache-2.0 */
/* How a test file presents itself: a table of tests, and a table of roles that helper processes play. */
#ifndef TEST_SUITE_H
#define TEST_SUITE_H

#include "process.h"

enum test_flags {
    TEST_THREADS = 1u << 0, /* label "threads": all that matters happens in one process on one mapping */
};

typedef struct test_case {
    const char *name;
    void (*run)(void);
    unsigned flags;
} test_case_t;

typedef struct test_role {
    const char *name;
    role_fn run;
} test_role_t;

typedef struct test_suite {
    const char *name;
    const test_case_t *cases; /* ends with a NULL name */
    const test_role_t *roles; /* the same; may be NULL */
} test_suite_t;

/* All suites, NULL at the end (suites.c). */
extern const test_suite_t *const test_suites[];

/* The one backend that a suite is about, or NULL: it is run over each. */
const char *suite_backend(const test_suite_t *suite);

/* "SUITE.NAME" of the running test. */
const char *test_name(void);

/* Ends the running test as skipped; return from the test function afterwards. */
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
void test_skip(const char *reason, ...);

#define SKIP(...)               \
    do {                        \
        test_skip(__VA_ARGS__); \
        return;                 \
    } while (0)

/* An iteration count, scaled by the environment's SLOTRING_TEST_SCALE in percent; at least 1. */
unsigned long scaled(unsigned long count);

/* 0, or by the environment's SLOTRING_TEST_THOROUGH: for how many seconds a test that tries a part of very many cases
 * is to try them all. */
unsigned long thorough_seconds(void);
/* How long a test goes on with its cases, in ns: so many milliseconds, in the scale of this run; or thorough_seconds(). */
int64_t time_to_try(unsigned long milliseconds);

#endif
