/* SPDX-License-Identifier: Apache-2.0 */
/* Assertions. The first that fails ends the test: in the test's main thread through CUnit, in other threads by
 * ending the thread (thread.h reports it at the join), in helper processes by ending the process with
 * CHECK_FAILED_STATUS, which process.h turns into a failure of the test. */
#ifndef TEST_CHECK_H
#define TEST_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "slotring/slotring.h"

#define CHECK_FAILED_STATUS 101

#define CHECK(condition) check_true((condition), #condition, __FILE__, __LINE__)
#define CHECK_EQUAL(actual, expected) \
    check_equal((uint64_t)(actual), (uint64_t)(expected), #actual, #expected, __FILE__, __LINE__)
#define CHECK_AT_LEAST(actual, least) \
    check_at_least((uint64_t)(actual), (uint64_t)(least), #actual, #least, __FILE__, __LINE__)
#define CHECK_STRING(actual, expected) check_string((actual), (expected), #actual, __FILE__, __LINE__)
#define CHECK_CONTAINS(text, part) check_contains((text), (part), #text, __FILE__, __LINE__)
/* For calls of the library: names the codes and shows the library's sentence. */
#define CHECK_OK(call) check_code((call), 0, #call, __FILE__, __LINE__)
#define CHECK_CODE(call, code) check_code((call), (code), #call, __FILE__, __LINE__)
/* For system calls: shows errno. */
#define CHECK_SYSTEM(call) check_system((long)(call), #call, __FILE__, __LINE__)

/* Says which row of a table is being checked; shown with every failure of this thread. "" ends it. */
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
void check_context(const char *format, ...);

void check_true(bool condition, const char *text, const char *file, int line);
void check_equal(uint64_t actual, uint64_t expected, const char *actual_text, const char *expected_text,
                 const char *file, int line);
void check_at_least(uint64_t actual, uint64_t least, const char *actual_text, const char *least_text,
                    const char *file, int line);
void check_string(const char *actual, const char *expected, const char *text, const char *file, int line);
void check_contains(const char *text, const char *part, const char *name, const char *file, int line);
void check_code(int actual, int expected, const char *call, const char *file, int line);
void check_system(long result, const char *call, const char *file, int line);

/* Reports a failure with a text of its own, and ends test, thread or process as above. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4), noreturn))
#endif
void check_fail(const char *file, int line, const char *format, ...);
#define FAIL(...) check_fail(__FILE__, __LINE__, __VA_ARGS__)

/* From now on this process is a helper. */
void check_in_helper(const char *role);

/* Of threads: whether one has failed, and its report. */
bool check_thread_failed(void);
const char *check_thread_report(void);

#endif
