/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <CUnit/CUnit.h>
#include <CUnit/TestRun.h>
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "thread.h"

static const char *helper_role; /* NULL in the test's own process */
static _Thread_local char context[160];

static pthread_mutex_t report_lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_int thread_failed; /* an int: not every processor exchanges single bytes */
static char thread_report[1024];

void check_context(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(context, sizeof context, format, arguments);
    va_end(arguments);
}

void check_in_helper(const char *role)
{
    helper_role = role;
}

bool check_thread_failed(void)
{
    return atomic_load(&thread_failed) != 0;
}

const char *check_thread_report(void)
{
    return thread_report;
}

void check_fail(const char *file, int line, const char *format, ...)
{
    char text[900];
    int used = context[0] == 0 ? 0 : snprintf(text, sizeof text, "[%s] ", context);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text + used, sizeof text - (size_t)used, format, arguments);
    va_end(arguments);
    if (helper_role != NULL) {
        fprintf(stderr, "%s:%d: in helper process %d (%s): %s\n", file, line, (int)getpid(), helper_role,
                text);
        _exit(CHECK_FAILED_STATUS);
    }
    if (!thread_is_first()) {
        pthread_mutex_lock(&report_lock);
        if (atomic_exchange(&thread_failed, 1) == 0)
            (void)snprintf(thread_report, sizeof thread_report, "%s:%d: in a thread: %s", file, line, text);
        pthread_mutex_unlock(&report_lock);
        pthread_exit(NULL);
    }
    pthread_mutex_lock(&report_lock);
    if (check_thread_failed()) /* what fails here is most likely what comes of that */
        fprintf(stderr, "%s\n", thread_report);
    pthread_mutex_unlock(&report_lock);
    (void)CU_assertImplementation(CU_FALSE, (unsigned)line, text, file, "", CU_TRUE);
    abort(); /* not reached: CUnit has jumped out of the test */
}

void check_true(bool condition, const char *text, const char *file, int line)
{
    if (!condition)
        check_fail(file, line, "not so: %s", text);
}

void check_equal(uint64_t actual, uint64_t expected, const char *actual_text, const char *expected_text,
                 const char *file, int line)
{
    if (actual != expected)
        check_fail(file, line, "%s is %llu, expected %s = %llu", actual_text, (unsigned long long)actual,
                   expected_text, (unsigned long long)expected);
}

void check_at_least(uint64_t actual, uint64_t least, const char *actual_text, const char *least_text,
                    const char *file, int line)
{
    if (actual < least)
        check_fail(file, line, "%s is %llu, expected at least %s = %llu", actual_text,
                   (unsigned long long)actual, least_text, (unsigned long long)least);
}

void check_string(const char *actual, const char *expected, const char *text, const char *file, int line)
{
    if (actual == NULL || strcmp(actual, expected) != 0)
        check_fail(file, line, "%s is \"%s\", expected \"%s\"", text, actual == NULL ? "(null)" : actual,
                   expected);
}

void check_contains(const char *text, const char *part, const char *name, const char *file, int line)
{
    if (text == NULL || strstr(text, part) == NULL)
        check_fail(file, line, "%s is \"%s\", which does not say \"%s\"", name,
                   text == NULL ? "(null)" : text, part);
}

void check_code(int actual, int expected, const char *call, const char *file, int line)
{
    if (actual == expected)
        return;
    slotring_error_t error = {0};
    slotring_last_error(&error);
    check_fail(file, line, "%s gave %s, expected %s (%s)", call,
               actual == 0 ? "success" : slotring_error_name(actual),
               expected == 0 ? "success" : slotring_error_name(expected),
               actual != 0 && error.code == actual ? error.text : "no text");
}

void check_system(long result, const char *call, const char *file, int line)
{
    if (result == -1)
        check_fail(file, line, "%s: %s", call, strerror(errno));
}
