/* SPDX-License-Identifier: Apache-2.0 */
/* Error codes as text, the last error of each thread, and the log callback. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core.h"

static _Thread_local slotring_error_t last_error;

static _Atomic(slotring_log_callback) log_callback;
static void *_Atomic log_user;

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

void slotring_set_log(slotring_log_callback callback, void *user)
{
    /* The user pointer is stored first; release and acquire of the callback make it visible with it. */
    atomic_store_explicit(&log_user, user, memory_order_relaxed);
    atomic_store_explicit(&log_callback, callback, memory_order_release);
}

void sr__log(const char *format, ...)
{
    slotring_log_callback callback = atomic_load_explicit(&log_callback, memory_order_acquire);
    if (!callback)
        return;
    char text[SLOTRING_ERROR_TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    callback(atomic_load_explicit(&log_user, memory_order_relaxed), text);
}

const char *slotring_version(void)
{
    return SLOTRING_VERSION_STRING;
}
