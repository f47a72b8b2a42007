/* SPDX-License-Identifier: Apache-2.0 */
/* Results for people, or as one JSON object for programs. */
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"

static json_t *document; /* NULL: text */
static json_t *section;
static unsigned missed;

static void add(const char *key, json_t *value)
{
    if (json_object_set_new(section, key, value) != 0)
        fail("no memory for the report");
}

void report_open(bool json)
{
    if (!json)
        return;
    document = json_object();
    section = document;
}

void report_section(const char *key, const char *title)
{
    if (!document) {
        printf("\n%s\n", title);
        return;
    }
    json_t *object = json_object();
    section = document;
    add(key, object);
    section = object;
}

void report_text(const char *key, const char *text)
{
    if (document)
        add(key, json_string(text));
    else
        printf("  %-46s %s\n", key, text);
}

void report_spread(const char *key, const char *title, const char *unit, spread_t s)
{
    if (document)
        add(key,
            json_pack("{s:f,s:f,s:f,s:s}", "median", s.median, "min", s.low, "max", s.high, "unit", unit));
    else
        printf("  %-46s %10.3f %-18s (%.3f to %.3f)\n", title, s.median, unit, s.low, s.high);
}

void report_number(const char *key, const char *title, const char *unit, double number)
{
    if (document)
        add(key, json_pack("{s:f,s:s}", "value", number, "unit", unit));
    else
        printf("  %-46s %10.3f %s\n", title, number, unit);
}

void report_target(const char *key, const char *title, double number, bool at_least, double limit)
{
    bool met = at_least ? number >= limit : number <= limit;
    missed += !met;
    if (document)
        add(key, json_pack("{s:f,s:s,s:f,s:b}", "value", number, "must_be", at_least ? "at_least" : "at_most",
                           "limit", limit, "met", (int)met));
    else
        printf("  %-46s %10.3f, must be %s %.2f: %s\n", title, number, at_least ? "at least" : "at most",
               limit, met ? "met" : "MISSED");
}

unsigned report_close(void)
{
    if (document) {
        section = document;
        add("targets_missed", json_integer((json_int_t)missed));
        if (json_dumpf(document, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6)) != 0)
            fail("cannot write the report");
        json_decref(document);
    } else {
        printf("\n%s", missed ? "" : "All targets met.");
        if (missed)
            printf("%u target%s missed.", missed, missed == 1 ? "" : "s");
    }
    printf("\n");
    return missed;
}

void fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "slotring_bench: ");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n");
    va_end(arguments);
    exit(1);
}

void must(int code, const char *what)
{
    if (code == 0)
        return;
    slotring_error_t error;
    slotring_last_error(&error);
    fail("%s: %s (%s)", what, error.code == code ? error.text : slotring_strerror(code),
         slotring_error_name(code));
}
