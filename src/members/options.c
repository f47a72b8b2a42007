/* SPDX-License-Identifier: Apache-2.0 */
/* What the caller asks for: ring names, options, the choice of a backend. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/structs.h"
#include "base/utf8.h"
#include "members/options.h"
#include "members/reap.h"

void slotring_options_prepare(slotring_options_t *options, size_t struct_size, size_t slot_struct_size)
{
    sr__struct_prepare(options, struct_size, slot_struct_size);
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

/* Is it printable UTF-8? Only then may a sentence quote it. */
static int check_text(const char *name, slotring_error_t *error)
{
    for (const unsigned char *at = (const unsigned char *)name; *at;) {
        size_t step = sr__utf8_length(at);
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

static int check_numa_node(const slotring_options_t *options, slotring_error_t *error)
{
    bool asked = (options->flags & SLOTRING_ON_NUMA_NODE) != 0;
    if (!asked && options->numa_node != 0)
        return sr__fail(error, SLOTRING_E_INVALID, 0,
                        "options.numa_node is %" PRIu32
                        ", but options.flags is without SLOTRING_ON_NUMA_NODE",
                        options->numa_node);
    if (asked && options->numa_node == SLOTRING_NO_NUMA_NODE)
        return sr__fail(error, SLOTRING_E_INVALID, 0,
                        "options.numa_node is %" PRIu32
                        ", which stands for no node; leave SLOTRING_ON_NUMA_NODE out",
                        options->numa_node);
    return 0;
}

static int check_lossless_group(const slotring_options_t *o, slotring_error_t *error)
{
    if (o->lossless_for == SLOTRING_LOSSLESS_FOR_GROUP && o->lossless_group >= UINT32_MAX)
        return sr__fail(error, SLOTRING_E_INVALID, 0,
                        "options.lossless_group is %" PRIu64 "; the number of a group is below %u",
                        o->lossless_group, UINT32_MAX);
    if (o->lossless_for != SLOTRING_LOSSLESS_FOR_GROUP && o->lossless_group != 0)
        return sr__fail(error, SLOTRING_E_INVALID, 0,
                        "options.lossless_group is %" PRIu64
                        ", but lossless_for is not SLOTRING_LOSSLESS_FOR_GROUP",
                        o->lossless_group);
    return 0;
}

static int check_grant(const slotring_options_t *o, slotring_error_t *error)
{
    if (o->lossless_for == SLOTRING_LOSSLESS_FOR_ALL && (o->budget_messages != 0 || o->budget_ns != 0))
        return sr__fail(error, SLOTRING_E_INVALID, 0,
                        "options.budget_messages is %" PRIu64 " and budget_ns is %" PRIu64
                        ", but every reader may be lossless without a budget: set lossless_for",
                        o->budget_messages, o->budget_ns);
    if (o->budget_messages > SLOTRING_BUDGET_MESSAGES_MAX)
        return sr__fail(error, SLOTRING_E_INVALID, 0,
                        "options.budget_messages is %" PRIu64 "; it can be %u at most", o->budget_messages,
                        SLOTRING_BUDGET_MESSAGES_MAX);
    if (o->budget_ns > SLOTRING_BUDGET_NS_MAX)
        return sr__fail(error, SLOTRING_E_INVALID, 0,
                        "options.budget_ns is %" PRIu64 "; it can be %" PRIu64 " at most", o->budget_ns,
                        SLOTRING_BUDGET_NS_MAX);
    return 0;
}

static int check_proxy(const slotring_options_t *o, slotring_error_t *error)
{
    bool proxy = (o->flags & SLOTRING_PROXY) != 0;
    if (proxy && o->mode == SLOTRING_OBSERVE)
        return sr__fail(error, SLOTRING_E_INVALID, 0,
                        "options.flags has SLOTRING_PROXY, and options.mode is SLOTRING_OBSERVE: an observer "
                        "publishes for nobody");
    if (!proxy && (o->origin_pid != 0 || o->origin_incarnation != 0))
        return sr__fail(error, SLOTRING_E_INVALID, 0,
                        "options.origin_pid is %" PRIu64 " and origin_incarnation is %" PRIu64
                        ", but options.flags is without SLOTRING_PROXY",
                        o->origin_pid, o->origin_incarnation);
    return 0;
}

#define ABSENCE_NS_MAX ((UINT64_C(1) << 30) * 1000000)

static int check_absence(const slotring_options_t *options, slotring_error_t *error)
{
    if (options->absence_ns <= ABSENCE_NS_MAX || options->absence_ns == SLOTRING_FOR_EVER)
        return 0;
    return sr__fail(error, SLOTRING_E_INVALID, 0,
                    "options.absence_ns is %" PRIu64 "; it can be %" PRIu64 " at most, or SLOTRING_FOR_EVER",
                    options->absence_ns, ABSENCE_NS_MAX);
}

static int check_description(const slotring_options_t *options, slotring_error_t *error)
{
    if (options->description_size > SLOTRING_DESCRIPTION_MAX)
        return sr__fail(error, SLOTRING_E_SIZE, 0, "the description has %" PRIu64 " bytes; the limit is %u",
                        options->description_size, SLOTRING_DESCRIPTION_MAX);
    if (options->description_size > 0 && !options->description)
        return sr__fail(error, SLOTRING_E_INVALID, 0,
                        "options.description is NULL, and description_size is %" PRIu64,
                        options->description_size);
    return 0;
}

bool sr__has_lineage(const slotring_options_t *options)
{
    static const uint8_t none[16];
    return memcmp(options->lineage_id, none, sizeof none) != 0;
}

static int check_first_sequence(const slotring_options_t *options, slotring_error_t *error)
{
    if (options->first_sequence > SLOTRING_NUMBER_MAX)
        return sr__fail(error, SLOTRING_E_SIZE, 0,
                        "options.first_sequence is %" PRIu64 "; the limit is %" PRIu64,
                        options->first_sequence, SLOTRING_NUMBER_MAX);
    if (options->first_sequence != 0 && !sr__has_lineage(options))
        return sr__fail(error, SLOTRING_E_INVALID, 0,
                        "options.first_sequence is %" PRIu64
                        ", and options.lineage_id is zero: of which ring is the new one a copy?",
                        options->first_sequence);
    return 0;
}

/* A private copy with the defaults that hold for every mode. */
int sr__options_check(const slotring_options_t *given, slotring_options_t *options, slotring_error_t *error)
{
    slotring_options_prepare(options, sizeof *options, 0);
    if (given) {
        int failed = sr__struct_take("options have", options, sizeof *options,
                                     offsetof(slotring_options_t, reserved), given, error);
        if (failed)
            return failed;
    }
    bool unknown = false;
    for (size_t i = 0; i < sizeof options->reserved / sizeof options->reserved[0]; i++)
        unknown = unknown || options->reserved[i] != 0;
    if (unknown)
        return sr__fail(
            error, SLOTRING_E_INVALID, 0,
            "options.reserved is not zero: an option that this version does not know, or a struct that "
            "slotring_options_init did not prepare");
    int failed = sr__slot_struct_check("options have", &options->slot_struct_size, error);
    if (!failed)
        failed = check_range("mode", options->mode, SLOTRING_OBSERVE, error);
    if (!failed)
        failed = check_range("flags", options->flags, (SLOTRING_PROXY << 1) - 1, error);
    if (!failed)
        failed = check_proxy(options, error);
    if (!failed)
        failed = check_numa_node(options, error);
    if (!failed)
        failed = check_range("when_full", options->when_full, SLOTRING_KEEP, error);
    if (!failed)
        failed = check_range("time_stamps", options->time_stamps, SLOTRING_TIME_MONOTONIC, error);
    if (!failed)
        failed = check_range("access", options->access, SLOTRING_ACCESS_ALL, error);
    if (!failed)
        failed = check_range("lossless_for", options->lossless_for, SLOTRING_LOSSLESS_FOR_GROUP, error);
    if (!failed)
        failed = check_lossless_group(options, error);
    if (!failed)
        failed = check_grant(options, error);
    if (!failed)
        failed = check_absence(options, error);
    if (!failed)
        failed = check_description(options, error);
    if (!failed)
        failed = check_first_sequence(options, error);
    if (!failed && (options->flags & SLOTRING_HOT_SLOTS) && options->when_full == SLOTRING_KEEP)
        failed = sr__fail(
            error, SLOTRING_E_INVALID, 0,
            "SLOTRING_HOT_SLOTS does not go with when_full SLOTRING_KEEP: a ring with hot slots lets "
            "a message go when it was read, a ring that keeps does so when it was freed");
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
