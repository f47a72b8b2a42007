/* SPDX-License-Identifier: Apache-2.0 */
/* What the caller asks for: ring names, options, the choice of a backend. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/structs.h"
#include "members/options.h"
#include "members/reap.h"

void slotring_options_init(slotring_options_t *options)
{
    memset(options, 0, sizeof *options);
    options->struct_size = sizeof *options;
}

/* The names of this build's backends, for a sentence. */
static void backend_names(char *text, size_t size)
{
    size_t length = 0;
    text[0] = '\0';
    for (size_t i = 0; sr__backends[i] && length < size; i++)
        length +=
            (size_t)snprintf(text + length, size - length, "%s%s", i ? ", " : "", sr__backends[i]->name);
}

/* `name`; else the one that the environment's SLOTRING_BACKEND names, unless setuid; else the native one. */
const sr__backend_t *sr__backend_find(const char *name, slotring_error_t *error)
{
    const char *wanted = name ? name : sr__environment("SLOTRING_BACKEND");
    if (!name && wanted && !*wanted)
        wanted = NULL;
    for (size_t i = 0; sr__backends[i]; i++)
        if (!wanted || strcmp(sr__backends[i]->name, wanted) == 0)
            return sr__backends[i];
    char names[64];
    backend_names(names, sizeof names);
    sr__fail(error, SLOTRING_E_BACKEND, 0, "backend \"%.40s\"%s is not in this build; it has %s",
             wanted ? wanted : "", name ? "" : " (SLOTRING_BACKEND)", names);
    return NULL;
}

/* Length of the UTF-8 sequence at `at`, or 0: overlong forms, surrogates and values above 10ffff are refused. */
static size_t utf8_length(const unsigned char *at)
{
    if (at[0] < 0x80)
        return 1;
    size_t length = at[0] >= 0xc2 && at[0] <= 0xdf   ? 2
                    : (at[0] & 0xf0) == 0xe0         ? 3
                    : at[0] >= 0xf0 && at[0] <= 0xf4 ? 4
                                                     : 0;
    for (size_t i = 1; i < length; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) ||
        (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
        return 0;
    return length;
}

/* Is it printable UTF-8? Only then may a sentence quote it. */
static int check_text(const char *name, slotring_error_t *error)
{
    for (const unsigned char *at = (const unsigned char *)name; *at;) {
        size_t step = utf8_length(at);
        bool c1 = step == 2 && at[0] == 0xc2 && at[1] < 0xa0;
        if (step == 0)
            return sr__fail(error, SLOTRING_E_NAME, 0, "ring name has byte 0x%02x at %zu, which is not UTF-8",
                            *at, (size_t)(at - (const unsigned char *)name));
        if (*at < 0x20 || *at == 0x7f || c1)
            return sr__fail(error, SLOTRING_E_NAME, 0, "ring name has control character 0x%02x at %zu",
                            c1 ? at[1] : *at, (size_t)(at - (const unsigned char *)name));
        at += step;
    }
    return 0;
}

int sr__name_check(const char *name, slotring_error_t *error)
{
    if (!name || !*name)
        return sr__fail(error, SLOTRING_E_NAME, 0, "the ring name is %s; it must have 1 to %u bytes",
                        name ? "empty" : "NULL", SLOTRING_NAME_MAX);
    size_t length = strlen(name);
    if (length > SLOTRING_NAME_MAX)
        return sr__fail(error, SLOTRING_E_NAME, 0, "the ring name has %zu bytes; the limit is %u", length,
                        SLOTRING_NAME_MAX);
    int failed = check_text(name, error);
    if (failed)
        return failed;
    if (name[0] == '.')
        return sr__fail(error, SLOTRING_E_NAME, 0, "ring name \"%s\" starts with a dot, which is not allowed",
                        name);
    const char *slash = strpbrk(name, "/\\");
    if (slash)
        return sr__fail(error, SLOTRING_E_NAME, 0, "ring name \"%s\" has a '%c' in it, which is not allowed",
                        name, *slash);
    return 0;
}

static int check_range(const char *what, uint32_t value, uint32_t limit, slotring_error_t *error)
{
    if (value > limit)
        return sr__fail(error, SLOTRING_E_INVALID, 0,
                        "options.%s is %" PRIu32 "; the highest known is %" PRIu32, what, value, limit);
    return 0;
}

/* A private copy with the defaults that hold for every mode. */
int sr__options_check(const slotring_options_t *given, slotring_options_t *options, slotring_error_t *error)
{
    slotring_options_init(options);
    if (given) {
        int failed = sr__struct_take("options have", options, sizeof *options,
                                     offsetof(slotring_options_t, reserved), given, error);
        if (failed)
            return failed;
    }
    bool unknown = options->reserved32 != 0;
    for (size_t i = 0; i < sizeof options->reserved / sizeof options->reserved[0]; i++)
        unknown = unknown || options->reserved[i] != 0;
    if (unknown)
        return sr__fail(
            error, SLOTRING_E_INVALID, 0,
            "options.reserved is not zero: an option that this version does not know, or a struct that "
            "slotring_options_init did not prepare");
    int failed = check_range("mode", options->mode, SLOTRING_OBSERVE, error);
    if (!failed)
        failed = check_range("flags", options->flags, (SLOTRING_WIPE_UNUSED << 1) - 1, error);
    if (!failed)
        failed = check_range("when_full", options->when_full, SLOTRING_KEEP, error);
    if (!failed)
        failed = check_range("time_stamps", options->time_stamps, SLOTRING_TIME_MONOTONIC, error);
    if (!failed)
        failed = check_range("access", options->access, SLOTRING_ACCESS_ALL, error);
    if (options->lock_timeout_ns == 0)
        options->lock_timeout_ns = UINT64_C(5000000000);
    if (options->lock_timeout_ns > UINT64_C(1) << 60) /* 36 years; so that a deadline can be reckoned */
        options->lock_timeout_ns = UINT64_C(1) << 60;
    if (options->wait_slice_ns == 0)
        options->wait_slice_ns = UINT64_C(100000000);
    if (options->wait_slice_ns < SR__SLICE_LEAST_NS)
        options->wait_slice_ns = SR__SLICE_LEAST_NS;
    return failed;
}
