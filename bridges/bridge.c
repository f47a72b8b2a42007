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
    error->ring = 0;
    (void)vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    return code;
}

int bridge_fail_ring(bridge_error_t *error, const char *tried)
{
    slotring_error_t last;
    slotring_last_error(&last);
    (void)bridge_fail(error, BRIDGE_RING, "%s: %.400s", tried, last.text);
    error->ring = last.code;
    return BRIDGE_RING;
}

int bridge_fail_open(bridge_error_t *error, const char *name, const slotring_error_t *failure)
{
    (void)bridge_fail(error, BRIDGE_RING, "cannot open ring \"%s\": %.400s", name, failure->text);
    error->ring = failure->code;
    return BRIDGE_RING;
}

/* ---- What a half waits for -------------------------------------------------------------------------- */

static void tell(const bridge_waits_t *waits, const char *sentence)
{
    if (waits->say->say != NULL)
        waits->say->say(waits->say->user, sentence);
}

/* A full log or target is how a slow reader holds back what comes; it is news when it lasts. */
void bridge_waits_for(bridge_waits_t *waits, enum bridge_wait what, const char *whom, const char *why)
{
    char sentence[600];
    int64_t now = bridge_now_ns(),
            patience = what == BRIDGE_WAITS_FOR_LOG || what == BRIDGE_WAITS_FOR_TARGET ? SECOND : 0;
    if (waits->what != what) {
        waits->what = what;
        waits->since_ns = now;
        waits->was_said = false;
    }
    if (waits->was_said || now - waits->since_ns < patience)
        return;
    waits->was_said = true;
    (void)snprintf(sentence, sizeof sentence, "waits for %s: %.500s", whom, why);
    tell(waits, sentence);
}

void bridge_goes_on(bridge_waits_t *waits, enum bridge_wait what)
{
    if (waits->what != what)
        return;
    waits->what = BRIDGE_WAITS_NOT;
    if (waits->was_said)
        tell(waits, "goes on");
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
