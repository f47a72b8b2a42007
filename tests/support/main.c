/* SPDX-License-Identifier: Apache-2.0 */
/* slotring_tests: runs each test in a process of its own, under a watcher that ends it when it hangs, and that
 * fails it when it leaves processes or files behind. */
#include <CUnit/CUnit.h>
#include <CUnit/TestDB.h>
#include <CUnit/TestRun.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "platform.h"
#include "registry.h"
#include "ring.h"
#include "suite.h"
#include "support/posix_calls.h"
#include "watch.h"

#define EXIT_PASSED 0
#define EXIT_FAILED 1
#define EXIT_USAGE 2
#define EXIT_SKIPPED 77

static char running[128];
static bool skipped;

const char *test_name(void)
{
    return running;
}

void test_skip(const char *reason, ...)
{
    va_list arguments;
    va_start(arguments, reason);
    printf("SKIP %s: ", running);
    vprintf(reason, arguments);
    printf("\n");
    va_end(arguments);
    skipped = true;
}

unsigned long scaled(unsigned long count)
{
    const char *text = getenv("SLOTRING_TEST_SCALE");
    double percent = text != NULL && text[0] != 0 ? strtod(text, NULL) : 100.0;
    double result = (double)count * (percent > 0 ? percent : 100.0) / 100.0;
    return result < 1 ? 1 : (unsigned long)result;
}

unsigned long thorough_seconds(void)
{
    const char *text = getenv("SLOTRING_TEST_THOROUGH");
    return text != NULL ? strtoul(text, NULL, 10) : 0;
}

int64_t time_to_try(unsigned long milliseconds)
{
    unsigned long thorough = thorough_seconds();
    return thorough > 0 ? (int64_t)thorough * SECOND : (int64_t)scaled(milliseconds) * MILLISECOND;
}

static bool is_for(const test_suite_t *suite, const char *backend)
{
    return suite_backend(suite) == NULL || strcmp(suite_backend(suite), backend) == 0;
}

/* Every test over the native backend, then over each other one with its name in front. */
static int list_tests(void)
{
    for (size_t b = 0; sr__backends[b] != NULL; b++)
        for (size_t s = 0; test_suites[s] != NULL; s++)
            for (const test_case_t *test = test_suites[s]->cases;
                 is_for(test_suites[s], sr__backends[b]->name) && test->name != NULL; test++)
                printf("%s%s%s.%s%s\n", b == 0 ? "" : sr__backends[b]->name, b == 0 ? "" : ".",
                       test_suites[s]->name, test->name, test->flags & TEST_THREADS ? " threads" : "");
    return EXIT_PASSED;
}

/* "BACKEND.SUITE.NAME": from here on this process and its helpers use that backend. Returns the rest. */
static const char *choose_backend(const char *full_name)
{
    for (size_t b = 0; sr__backends[b] != NULL; b++) {
        size_t length = strlen(sr__backends[b]->name);
        if (strncmp(full_name, sr__backends[b]->name, length) == 0 && full_name[length] == '.') {
            (void)setenv("SLOTRING_BACKEND", sr__backends[b]->name, 1);
            return full_name + length + 1;
        }
    }
    return full_name;
}

/* "SUITE.NAME" to its test; NULL if there is none. */
static const test_case_t *find_test(const char *full_name)
{
    for (size_t s = 0; test_suites[s] != NULL; s++) {
        size_t length = strlen(test_suites[s]->name);
        if (strncmp(full_name, test_suites[s]->name, length) != 0 || full_name[length] != '.')
            continue;
        for (const test_case_t *test = test_suites[s]->cases; test->name != NULL; test++)
            if (strcmp(test->name, full_name + length + 1) == 0)
                return test;
    }
    return NULL;
}

/* In the test's own process: CUnit runs it. */
static int run_in_cunit(const test_case_t *test)
{
    if (CU_initialize_registry() != CUE_SUCCESS)
        return EXIT_FAILED;
    CU_pSuite suite = CU_add_suite("slotring", NULL, NULL);
    CU_pTest entry = suite != NULL ? CU_add_test(suite, running, test->run) : NULL;
    if (entry == NULL || CU_run_test(suite, entry) != CUE_SUCCESS)
        return EXIT_FAILED;
    for (CU_pFailureRecord failure = CU_get_failure_list(); failure != NULL; failure = failure->pNext)
        printf("%s:%u: %s\n", failure->strFileName, failure->uiLineNumber, failure->strCondition);
    unsigned failures = CU_get_number_of_failures();
    CU_cleanup_registry();
    return failures != 0 ? EXIT_FAILED : skipped ? EXIT_SKIPPED : EXIT_PASSED;
}

/* Turns the end of the test's process, and what it left, into the result. */
static int judge(watched_t end, double seconds)
{
    int result = end.status;
    if (result != EXIT_PASSED && result != EXIT_SKIPPED)
        result = EXIT_FAILED; /* a sanitizer's own code, too */
    if (end.ended_by[0] != 0)
        printf("ended by %s after %.1f s%s\n", end.ended_by, seconds,
               end.was_killed ? ": over the time limit?" : "");
    if (end.processes != 0 && result != EXIT_FAILED) {
        printf("the test left %u processes running\n", end.processes);
        result = EXIT_FAILED;
    }
    char names[600];
    unsigned files = directory_entries(directory_path(), names, sizeof names);
    if (files != 0 && result != EXIT_FAILED) {
        printf("the test left %u files in %s:%s\n", files, directory_path(), names);
        result = EXIT_FAILED;
    }
    unsigned objects = over_registry() ? registry_objects(directory_path(), true) : 0;
    if (objects != 0 && result != EXIT_FAILED) {
        printf("the test left %u objects in shared memory\n", objects);
        result = EXIT_FAILED;
    }
    directory_remove();
    printf("%s %s (%.2f s)\n",
           result == EXIT_PASSED    ? "PASS"
           : result == EXIT_SKIPPED ? "SKIPPED"
                                    : "FAIL",
           running, seconds);
    return result;
}

/* In the test's own process. */
static int run_watched(const char *full_name)
{
    const test_case_t *test = find_test(choose_backend(full_name));
    (void)snprintf(running, sizeof running, "%s", full_name);
    return test != NULL ? run_in_cunit(test) : EXIT_USAGE;
}

static int run_test(const char *full_name)
{
    const test_case_t *test = find_test(choose_backend(full_name));
    if (test == NULL) {
        fprintf(stderr, "slotring_tests: no test \"%s\"; --list shows them\n", full_name);
        return EXIT_USAGE;
    }
    (void)snprintf(running, sizeof running, "%s", full_name);
    int64_t start = now_ns();
    directory_make();
    watched_t end = watch(full_name, run_watched, process_time_limit_s());
    return judge(end, (double)(now_ns() - start) / SECOND);
}

/* All tests, or all of one suite, one after the other. */
static int run_all(const char *suite)
{
    unsigned passed = 0, failed = 0, skips = 0;
    for (size_t s = 0; test_suites[s] != NULL; s++) {
        const char *chosen = getenv("SLOTRING_BACKEND");
        if ((suite != NULL && strcmp(suite, test_suites[s]->name) != 0) ||
            !is_for(test_suites[s], chosen != NULL ? chosen : sr__backends[0]->name))
            continue;
        for (const test_case_t *test = test_suites[s]->cases; test->name != NULL; test++) {
            char name[128];
            (void)snprintf(name, sizeof name, "%s.%s", test_suites[s]->name, test->name);
            int result = run_test(name);
            passed += result == EXIT_PASSED;
            skips += result == EXIT_SKIPPED;
            failed += result == EXIT_FAILED;
        }
    }
    printf("%u passed, %u failed, %u skipped\n", passed, failed, skips);
    return failed != 0 || passed + skips == 0 ? EXIT_FAILED : EXIT_PASSED;
}

static int usage(FILE *where)
{
    fprintf(
        where,
        "usage: slotring_tests [SUITE | SUITE.NAME]   run all tests, a suite's, or one\n"
        "       slotring_tests BACKEND.SUITE.NAME     one over another backend than the native one\n"
        "       slotring_tests --list                 names and labels\n"
        "       slotring_tests --role NAME IN OUT ARGUMENT   what tests start as helper processes\n"
        "environment: SLOTRING_TEST_SCALE    iteration counts in percent (100)\n"
        "             SLOTRING_TEST_TIMEOUT  seconds after which a test is taken for hung (110)\n"
        "             SLOTRING_TEST_THOROUGH seconds that a test may take to try all cases instead of some\n"
        "             SLOTRING_BACKEND       the backend for all that follows\n"
        "exit: 0 passed, 1 failed, 77 skipped, 2 wrong usage\n");
    return where == stdout ? EXIT_PASSED : EXIT_USAGE;
}

int main(int argc, char **argv)
{
    (void)setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    if (argc == 1)
        return run_all(NULL);
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return usage(stdout);
    if (argc == 2 && strcmp(argv[1], "--list") == 0)
        return list_tests();
    if (argc == 6 && strcmp(argv[1], "--role") == 0)
        return peer_run_role(argv[2], (int)strtol(argv[3], NULL, 10), (int)strtol(argv[4], NULL, 10),
                             argv[5]);
    if (argc == 3 && strcmp(argv[1], WATCH_OPTION) == 0)
        return run_watched(argv[2]);
    if (argc == 2 && argv[1][0] != '-')
        return strchr(argv[1], '.') != NULL ? run_test(argv[1]) : run_all(argv[1]);
    return usage(stderr);
}
