/* SPDX-License-Identifier: Apache-2.0 */
/* Names, sizes and options at their limits and past them; each refusal names the value and the limit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/files.h"
#include "support/posix_calls.h"
#include "support/ring.h"
#include "support/suite.h"

static int open_named(const char *name, slotring_error_t *error)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 2, 64);
    slotring_t *ring = NULL;
    memset(error, 0, sizeof *error);
    int code = slotring_open(&ring, name, &options, error);
    CHECK((code == 0) == (ring != NULL));
    CHECK_EQUAL(error->code, code);
    if (code == 0) {
        CHECK_STRING(ring_info(ring).name, name);
        ring_keep(name);
        CHECK_OK(slotring_close(ring));
        CHECK_OK(slotring_unlink(name, SLOTRING_UNLINK_IF_UNUSED, NULL, error));
    }
    check_nothing_left();
    return code;
}

static void good_names(void)
{
    static const char *const rows[] = {
        "a",
        "A b c",
        "ring.1",
        "a..b",
        "-x",
        "~",
        "%s%n",
        "trailing.",
        "trailing space ",
        "*?[]{}$`'\"<>|:;&",
        "\xc3\xa4\xc3\xb6\xc3\xbc",             /* äöü */
        "\xe6\x97\xa5\xe6\x9c\xac",             /* two ideographs */
        "\xf0\x9f\x8c\x8d",                     /* four bytes */
        "e\xcc\x81",                            /* e and a combining accent */
        "\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80", /* the first and the last ones of three bytes */
        "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",     /* and of four */
        "\xc2\xa0\xdf\xbf",                     /* and of two */
    };
    slotring_error_t error;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_context("\"%s\"", rows[i]);
        CHECK_OK(open_named(rows[i], &error));
    }
}

static void names_are_bytes(void)
{
    /* the same letter in two encodings, and in two cases, are four rings */
    static const char *const names[] = {"\xc3\xa9", "e\xcc\x81", "x", "X"};
    slotring_t *rings[4];
    for (int i = 0; i < 4; i++)
        rings[i] = ring_create(names[i], 2, 64);
    slotring_list_entry_t list[8];
    uint32_t count = 0;
    CHECK_OK(slotring_list(NULL, list, 8, &count, NULL));
    CHECK_EQUAL(count, 4);
    for (int i = 0; i < 4; i++) {
        CHECK_OK(slotring_close(rings[i]));
        CHECK_OK(slotring_unlink(names[i], SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
    }
    check_nothing_left();
}

static void bad_names(void)
{
    static const char *const rows[] = {
        "",
        "a/b",
        "/a",
        "a/",
        "..",
        ".",
        ".hidden",
        "a\\b",
        "a\nb",
        "a\x01",
        "a\x7f",
        "\t",
        "\xff",
        "a\xc3",
        "\xc0\xaf",
        "\xed\xa0\x80",
        "\x80",
        "a\x1b[31m",
        "\xc2\x85",
        "\xf4\x90\x80\x80",
        "a/\x1b[31m",
        ".\x1b[31m",
        "a\\\r",
        "../../etc/passwd",
        "\xe0\x9f\xbf",
        "\xf0\x8f\xbf\xbf",
        "\xed\xbf\xbf",
        "\xf5\x80\x80\x80",
        "\xc2\x80",
        "\xe2\x82",
        "\xe2\x28\xa1",
        "\xf0\x9f\x8c",
    };
    slotring_error_t error;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_context("row %zu", i);
        CHECK_CODE(open_named(rows[i], &error), SLOTRING_E_NAME);
        CHECK(strlen(error.text) > 10);
        for (const char *c = error.text; *c != 0; c++) /* the sentence is safe to print */
            CHECK((unsigned char)*c >= 0x20 && *c != 0x7f);
        CHECK_CODE(slotring_unlink(rows[i], SLOTRING_UNLINK_FORCE, NULL, &error), SLOTRING_E_NAME);
    }
    slotring_t *ring = NULL;
    CHECK_CODE(slotring_open(&ring, NULL, NULL, &error), SLOTRING_E_NAME);
    CHECK_CODE(slotring_unlink(NULL, SLOTRING_UNLINK_FORCE, NULL, &error), SLOTRING_E_NAME);
    check_nothing_left();
}

/* What the ring is like cannot be asked for otherwise when it is there already. */
static void other_ways_than_the_ring_has(void)
{
    for (uint32_t has = 1; has <= 2; has++) {
        slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 100);
        slotring_error_t error;
        slotring_t *another = NULL;
        options.when_full = has;
        options.time_stamps = has;
        slotring_t *ring = ring_open_with(ring_name(), &options);
        options.mode = SLOTRING_ATTACH;
        another = ring_open_with(ring_name(), &options); /* the same is fine */
        CHECK_OK(slotring_close(another));
        options.when_full = 3 - has;
        CHECK_CODE(slotring_open(&another, ring_name(), &options, &error), SLOTRING_E_GEOMETRY);
        CHECK_CONTAINS(error.text, has == SLOTRING_KEEP ? "keeps when full, asked for is that it overwrites"
                                                        : "overwrites when full, asked for is that it keeps");
        options.when_full = 0;
        options.time_stamps = 3 - has;
        CHECK_CODE(slotring_open(&another, ring_name(), &options, &error), SLOTRING_E_GEOMETRY);
        CHECK_CONTAINS(error.text, "time stamps");
        ring_remove(ring, ring_name());
    }
}

/* Started again with another size after a crash: the sentence says what the ring has, and what to do. */
static void another_geometry_comes_with_the_remedy(void)
{
    static const struct {
        uint64_t slots, size;
        uint32_t when_full, time_stamps;
    } rows[] = {{8, 100, 0, 0}, {4, 200, 0, 0}, {0, 0, SLOTRING_KEEP, 0}, {0, 0, 0, SLOTRING_TIME_COARSE}};
    slotring_t *ring = ring_create(ring_name(), 4, 100), *again = NULL;
    CHECK_OK(slotring_close(ring));
    for (uint32_t mode = SLOTRING_CREATE_OR_ATTACH; mode <= SLOTRING_ATTACH; mode += SLOTRING_ATTACH)
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            slotring_options_t options = ring_options(mode, rows[i].slots, rows[i].size);
            slotring_error_t error;
            options.when_full = rows[i].when_full;
            options.time_stamps = rows[i].time_stamps;
            check_context("mode %u, row %zu", (unsigned)mode, i);
            CHECK_CODE(slotring_open(&again, ring_name(), &options, &error), SLOTRING_E_GEOMETRY);
            CHECK_CONTAINS(error.text, "pass 0");
            CHECK_CONTAINS(error.text, "slotring rm");
            CHECK_CONTAINS(error.text, "SLOTRING_WIPE_UNUSED");
        }
    check_context("%s", "");
    slotring_options_t options = ring_options(SLOTRING_CREATE, 8, 200); /* the remedy works */
    slotring_error_t error;
    if (ring_persists()) {
        CHECK_CODE(slotring_open(&again, ring_name(), &options, &error), SLOTRING_E_EXISTS);
        CHECK_CONTAINS(error.text, "SLOTRING_WIPE_UNUSED");
        options.flags = SLOTRING_WIPE_UNUSED;
        again = ring_open_with(ring_name(), &options);
    } else {
        again = ring_attach(ring_name());
    }
    ring_remove(again, ring_name());
}

/* Asked for where nothing is created, it would be forgotten, or remove what is to be attached. */
static void wiping_goes_with_creation_alone(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100), *another = NULL;
    static const uint32_t modes[] = {SLOTRING_CREATE_OR_ATTACH, SLOTRING_ATTACH, SLOTRING_OBSERVE};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        slotring_options_t options = ring_options(modes[i], 0, 0);
        slotring_error_t error;
        options.flags = SLOTRING_WIPE_UNUSED;
        CHECK_CODE(slotring_open(&another, ring_name(), &options, &error), SLOTRING_E_INVALID);
        CHECK_CONTAINS(error.text, "SLOTRING_WIPE_UNUSED");
        CHECK_CONTAINS(error.text, "SLOTRING_CREATE");
    }
    CHECK_EQUAL(ring_stats(ring).participants, 1);
    ring_remove(ring, ring_name());
}

static void length_of_names(void)
{
    char name[400];
    slotring_error_t error;
    static const size_t lengths[] = {1, 2, 199, 200, 201, 255, 256, 399};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        memset(name, 'n', sizeof name);
        name[lengths[i]] = 0;
        check_context("%zu bytes", lengths[i]);
        if (lengths[i] <= SLOTRING_NAME_MAX) {
            CHECK_OK(open_named(name, &error));
            continue;
        }
        CHECK_CODE(open_named(name, &error), SLOTRING_E_NAME);
        char number[32];
        (void)snprintf(number, sizeof number, "%zu", lengths[i]);
        CHECK_CONTAINS(error.text, number);
        CHECK_CONTAINS(error.text, "200");
    }
    check_context("%s", "");
    for (size_t i = 0; i < 66; i++) /* 198 bytes of three-byte characters, then one more: 201 */
        memcpy(name + 3 * i, "\xe6\x97\xa5", 3);
    name[198] = 0;
    CHECK_OK(open_named(name, &error));
    memcpy(name + 198, "\xe6\x97\xa5", 4);
    CHECK_CODE(open_named(name, &error), SLOTRING_E_NAME);
}

static void sizes(void)
{
    static const struct {
        uint64_t total, slot;
        int code;
        uint64_t slots; /* expected */
        const char *said;
    } rows[] = {
        {1, 1, 0, 1, ""},
        {7, 1, 0, 7, ""},
        {64, 64, 0, 1, ""},
        {127, 64, 0, 1, ""},
        {128, 64, 0, 2, ""},
        {63, 64, SLOTRING_E_SIZE, 0, "64"},
        {1, UINT64_C(1) << 40, SLOTRING_E_SIZE, 0, "1099511627776"},
        {0, (UINT64_C(1) << 40) + 1, SLOTRING_E_SIZE, 0, "1099511627777"},
        {UINT64_MAX, 1, SLOTRING_E_SIZE, 0, "16777215"},
        {UINT64_MAX, UINT64_MAX, SLOTRING_E_SIZE, 0, "18446744073709551615"},
        {0, UINT64_MAX, SLOTRING_E_SIZE, 0, "18446744073709551615"},
        {16777216, 1, SLOTRING_E_SIZE, 0, "16777215"},
        {UINT64_C(1) << 63, UINT64_C(1) << 40, SLOTRING_E_SIZE, 0, "1152921504606846976: choose"},
        {UINT64_MAX, UINT64_C(1) << 40, SLOTRING_E_SIZE, 0,
         "18446742974197923840 bytes; the limit is 1152921504606846976"},
        {UINT64_C(1) << 60, UINT64_C(1) << 40, -1, 0, ""}, /* the largest of all */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_context("row %zu: %llu / %llu", i, (unsigned long long)rows[i].total,
                      (unsigned long long)rows[i].slot);
        slotring_options_t options = ring_options(SLOTRING_CREATE, 0, rows[i].slot);
        options.total_size = rows[i].total;
        slotring_t *ring = NULL;
        slotring_error_t error = {0};
        int code = slotring_open(&ring, ring_name(), &options, &error);
        if (rows[i].code == 0) {
            CHECK_OK(code);
            CHECK_EQUAL(ring_info(ring).slot_count, rows[i].slots);
            ring_remove(ring, ring_name());
            continue;
        }
        if (rows[i].code != -1)
            CHECK_EQUAL(code, rows[i].code);
        CHECK(code == SLOTRING_E_SIZE || code == SLOTRING_E_NO_SPACE || code == SLOTRING_E_ADDRESS_SPACE);
        CHECK(ring == NULL);
        CHECK_CONTAINS(error.text, rows[i].said);
        check_nothing_left();
    }
}

/* One option set to a wrong value: which, and the code. */
static void wrong_option(size_t offset, size_t size, uint64_t value, int code, const char *said)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 2, 64);
    memcpy((char *)&options + offset, &value, size); /* little-endian or not: the low bytes come first … */
    if (size == 4) {
        uint32_t narrow = (uint32_t)value; /* … unless told otherwise */
        memcpy((char *)&options + offset, &narrow, size);
    }
    slotring_t *ring = NULL;
    slotring_error_t error = {0};
    check_context("option at %zu = %llu", offset, (unsigned long long)value);
    int result = slotring_open(&ring, ring_name(), &options, &error);
    if (result == 0)
        (void)slotring_close(ring);
    CHECK_CODE(result, code);
    CHECK_CONTAINS(error.text, said);
    check_nothing_left();
    check_context("%s", "");
}

#define WRONG(field, value, code, said)                                                                \
    wrong_option(offsetof(slotring_options_t, field), sizeof((slotring_options_t *)0)->field, (value), \
                 (code), (said))

static void wrong_options(void)
{
    WRONG(mode, 4, SLOTRING_E_INVALID, "4");
    WRONG(mode, UINT32_MAX, SLOTRING_E_INVALID, "");
    WRONG(flags, 1u << 31, SLOTRING_E_INVALID, "");
    WRONG(flags, 1u << 10, SLOTRING_E_INVALID, "");
    WRONG(when_full, 3, SLOTRING_E_INVALID, "3");
    WRONG(time_stamps, 4, SLOTRING_E_INVALID, "4");
    WRONG(access, 5, SLOTRING_E_INVALID, "5");
    WRONG(max_participants, 4096, SLOTRING_E_SIZE, "4095");
    WRONG(max_readers, 4096, SLOTRING_E_SIZE, "4095");
    WRONG(max_readers, UINT32_MAX, SLOTRING_E_SIZE, "4294967295");
    WRONG(max_writers, 4096, SLOTRING_E_SIZE, "4095");
    WRONG(reserved[0], 1, SLOTRING_E_INVALID, "");
    WRONG(absence_ns, SLOTRING_FOR_EVER - 1, SLOTRING_E_INVALID, "absence_ns");
    WRONG(struct_size, 0, SLOTRING_E_INVALID, "");
    WRONG(struct_size, 8, SLOTRING_E_INVALID, "");
    WRONG(group, (uint64_t)(uintptr_t) "no-such-group", SLOTRING_E_INVALID, "no-such-group");
    WRONG(backend, (uint64_t)(uintptr_t) "no-such-backend", SLOTRING_E_BACKEND, "no-such-backend");
    WRONG(directory, (uint64_t)(uintptr_t) "/no/such/directory", SLOTRING_E_NOT_FOUND, "/no/such/directory");
}

/* An option wins over the environment, and the environment over the default. */
static void backend_of_the_environment(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 64);
    slotring_t *ring;
    slotring_error_t error;
    slotring_t *first = ring_create(ring_name(), 4, 64);
    slotring_info_t info = ring_info(first);
    const char *own = info.backend;
    ring_remove(first, ring_name());
    CHECK_SYSTEM(setenv("SLOTRING_BACKEND", "no-such-backend", 1));
    CHECK_CODE(slotring_open(&ring, ring_name_of("b"), &options, &error), SLOTRING_E_BACKEND);
    CHECK_CONTAINS(error.text, "no-such-backend");
    CHECK_CONTAINS(error.text, "SLOTRING_BACKEND");
    CHECK_CONTAINS(error.text, own);
    options.backend = own;
    ring = ring_open_with(ring_name_of("b"), &options);
    CHECK_STRING(ring_info(ring).backend, own);
    CHECK_SYSTEM(setenv("SLOTRING_BACKEND", own, 1));
    ring_remove(ring, ring_name_of("b"));
}

static void limits_that_hold(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 2, 64);
    options.max_participants = SLOTRING_PARTICIPANTS_MAX;
    options.max_readers = SLOTRING_READERS_MAX;
    options.max_writers = SLOTRING_WRITERS_MAX;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    CHECK_EQUAL(ring_info(ring).max_participants, SLOTRING_PARTICIPANTS_MAX);
    CHECK_EQUAL(ring_info(ring).max_readers, SLOTRING_READERS_MAX);
    slotring_ticket_t ticket = publish(ring, 1, 1);
    read_once(ring, &ticket);
    ring_remove(ring, ring_name());
    options.max_participants = options.max_readers = 1;
    ring = ring_open_with(ring_name(), &options);
    slotring_t *second = NULL;
    slotring_error_t error;
    options.mode = SLOTRING_ATTACH;
    CHECK_CODE(slotring_open(&second, ring_name(), &options, &error), SLOTRING_E_PARTICIPANTS);
    CHECK_CONTAINS(error.text, "1");
    CHECK_OK(slotring_close(ring));
    ring = ring_attach(ring_name());
    ring_remove(ring, ring_name());
}

static void long_client_names_are_cut(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 2, 64);
    char name[100];
    memset(name, 'c', sizeof name);
    name[99] = 0;
    options.client_name = name;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    slotring_participant_t list[2];
    uint32_t count = 0;
    CHECK_OK(slotring_participants(ring, list, 2, &count));
    CHECK_EQUAL(count, 1);
    CHECK_EQUAL(strlen(list[0].name), SLOTRING_CLIENT_NAME_MAX);
    ring_remove(ring, ring_name());
}

static void an_older_programs_options(void)
{
    /* a program that was built with fewer options than the library knows passes a smaller struct */
    slotring_options_t options = ring_options(SLOTRING_CREATE, 2, 64);
    memset(&options.reserved, 0xff, sizeof options.reserved); /* not the library's to look at */
    options.struct_size = offsetof(slotring_options_t, reserved);
    slotring_t *ring = ring_open_with(ring_name(), &options);
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"good_names", good_names, 0},
    {"names_are_bytes", names_are_bytes, 0},
    {"bad_names", bad_names, 0},
    {"other_ways_than_the_ring_has", other_ways_than_the_ring_has, 0},
    {"another_geometry_comes_with_the_remedy", another_geometry_comes_with_the_remedy, 0},
    {"wiping_goes_with_creation_alone", wiping_goes_with_creation_alone, 0},
    {"length_of_names", length_of_names, 0},
    {"sizes", sizes, 0},
    {"wrong_options", wrong_options, 0},
    {"backend_of_the_environment", backend_of_the_environment, 0},
    {"limits_that_hold", limits_that_hold, 0},
    {"long_client_names_are_cut", long_client_names_are_cut, 0},
    {"an_older_programs_options", an_older_programs_options, 0},
    {NULL, NULL, 0},
};

const test_suite_t name_suite = {"name", cases, NULL};
