/* SPDX-License-Identifier: Apache-2.0 */
#include "bridge.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "slotring/slotring.h"

#define MILLISECOND INT64_C(1000000)
#define SECOND INT64_C(1000000000)

int bridge_fail(bridge_error_t *error, int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    error->code = code;
    (void)vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    return code;
}

int bridge_fail_ring(bridge_error_t *error, const char *tried)
{
    slotring_error_t last;
    slotring_last_error(&last);
    return bridge_fail(error, BRIDGE_RING, "%s: %.400s", tried, last.text);
}

int64_t bridge_now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * SECOND + now.tv_nsec;
}

void bridge_sleep_ns(int64_t ns)
{
    struct timespec wait = {.tv_sec = (time_t)(ns / SECOND), .tv_nsec = (long)(ns % SECOND)};
    (void)nanosleep(&wait, NULL); /* a signal may end it: the caller then asks whether to stop */
}

int64_t bridge_backoff_ns(unsigned tries)
{
    return MILLISECOND << (tries < 6 ? tries : 6);
}
