/* SPDX-License-Identifier: Apache-2.0 */
/* Error codes as text, the last error of each thread, and the log callback. */
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static _Thread_local slotring_error_t last_error;

/* A callback with its user pointer. Never changed and never freed, so that whoever logs just now calls the one with the
 * other's; the same pair is made once. */
typedef struct log_target {
    slotring_log_callback callback;
    void *user;
    struct log_target *next;
} log_target_t;

static log_target_t *_Atomic log_targets; /* all that were made */
static log_target_t *_Atomic log_target;  /* NULL: silent */

const char *slotring_strerror(int code)
{
    switch (code) {
    case SLOTRING_OK:
        return "success";
#define SR__TEXT(name, number, text) \
    case number:                     \
        return text;
        SLOTRING_ERROR_MAP(SR__TEXT)
#undef SR__TEXT
    default:
        return "unknown error code";
    }
}

const char *slotring_error_name(int code)
{
    switch (code) {
    case SLOTRING_OK:
        return "SLOTRING_OK";
#define SR__NAME(name, number, text) \
    case number:                     \
        return "SLOTRING_E_" #name;
        SLOTRING_ERROR_MAP(SR__NAME)
#undef SR__NAME
    default:
        return "SLOTRING_E_?";
    }
}

int sr__set_last(int code, int os_code, const char *text)
{
    last_error.code = code;
    last_error.os_code = os_code;
    size_t length = strlen(text);
    if (length >= sizeof last_error.text)
        length = sizeof last_error.text - 1;
    memmove(last_error.text, text, length);
    last_error.text[length] = '\0';
    return code;
}

int sr__plain(int code)
{
    return sr__set_last(code, 0, slotring_strerror(code));
}

int sr__error(int code, const char *format, ...)
{
    char text[SLOTRING_ERROR_TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return sr__set_last(code, 0, text);
}

int sr__fail(slotring_error_t *error, int code, int os_code, const char *format, ...)
{
    char text[SLOTRING_ERROR_TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    sr__set_last(code, os_code, text);
    if (error)
        *error = last_error;
    return code;
}

void slotring_last_error(slotring_error_t *error)
{
    if (error)
        *error = last_error;
}

static log_target_t *target_of(slotring_log_callback callback, void *user)
{
    log_target_t *first = atomic_load_explicit(&log_targets, memory_order_acquire), *target;
    for (target = first; target; target = target->next)
        if (target->callback == callback && target->user == user)
            return target;
    target = malloc(sizeof *target);
    if (!target)
        return NULL;
    *target = (log_target_t){callback, user, first};
    /* Release: who finds it finds it complete. */
    while (!atomic_compare_exchange_weak_explicit(&log_targets, &target->next, target, memory_order_release,
                                                  memory_order_relaxed))
        ;
    return target;
}

void slotring_set_log(slotring_log_callback callback, void *user)
{
    log_target_t *target = callback ? target_of(callback, user) : NULL;
    if (callback && !target) {
        sr__plain(SLOTRING_E_NO_MEMORY);
        return;
    }
    atomic_store_explicit(&log_target, target, memory_order_release); /* with what it points to */
}

void sr__log(const char *format, ...)
{
    const log_target_t *target = atomic_load_explicit(&log_target, memory_order_acquire);
    if (!target)
        return;
    char text[SLOTRING_ERROR_TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    target->callback(target->user, text);
}

const char *slotring_version(void)
{
    return SLOTRING_VERSION_STRING;
}
