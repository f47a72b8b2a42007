/* SPDX-License-Identifier: Apache-2.0 */
/* The options that describe a new ring, from a JSON object: its fields are named as the options, without the dashes. */
#include "shape.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "output.h"

/* What the fields of the object before were turned into; the options point to it. */
static char *texts[64];
static size_t text_count;
static bool from_file;

bool ring_shape_is_from_file(void)
{
    return from_file;
}

static char **text_of(const struct poptOption *option)
{
    return option->argInfo == POPT_ARG_STRING ? option->arg : NULL;
}

static bool is_end(const struct poptOption *option)
{
    return !option->longName && !option->arg;
}

void ring_shape_clear(void)
{
    for (const struct poptOption *option = ring_shape_table; !is_end(option); option++) {
        char **text = text_of(option);
        if (text)
            *text = NULL;
        else
            *(int *)option->arg = 0;
    }
    while (text_count > 0)
        free(texts[--text_count]);
    from_file = false;
}

const char *ring_shape_first_given(void)
{
    for (const struct poptOption *option = ring_shape_table; !is_end(option); option++) {
        char **text = text_of(option);
        if (text ? *text != NULL : *(int *)option->arg != 0)
            return option->longName;
    }
    return NULL;
}

static const struct poptOption *find(const char *field)
{
    for (const struct poptOption *option = ring_shape_table; !is_end(option); option++)
        if (!strcmp(option->longName, field))
            return option;
    return NULL;
}

static bool unknown(const char *field)
{
    char known[1024] = "name, comment", safe[64];
    for (const struct poptOption *option = ring_shape_table; !is_end(option); option++) {
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, ", %s", option->longName);
    }
    out_safe_name(field, sizeof safe, safe);
    out_error("there is no field \"%s\"; the fields are %s", safe, known);
    return false;
}

/* As it would stand on the command line; an object or an array, such as a schema, as JSON. NULL: no memory. */
static char *in_words(const json_t *value)
{
    char number[64] = "";
    const char *text = json_is_string(value) ? json_string_value(value) : number;
    if (json_is_object(value) || json_is_array(value))
        return json_dumps(value, JSON_COMPACT);
    if (json_is_integer(value))
        snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value))
        snprintf(number, sizeof number, "%.9f", json_real_value(value));
    size_t size = strlen(text) + 1;
    char *copy = malloc(size);
    return copy ? memcpy(copy, text, size) : NULL;
}

static bool set_text(const struct poptOption *option, const json_t *value)
{
    bool structure = json_is_object(value) || json_is_array(value);
    char **text = text_of(option);
    if (structure ? strcmp(option->longName, "description") != 0
                  : !json_is_string(value) && !json_is_number(value)) {
        out_error("%s: text or a number is expected, as after --%s", option->longName, option->longName);
        return false;
    }
    *text = text_count < sizeof texts / sizeof *texts ? in_words(value) : NULL;
    if (*text)
        texts[text_count++] = *text;
    else
        out_error("%s: out of memory", option->longName);
    return *text != NULL;
}

static bool set_flag(const struct poptOption *option, const json_t *value)
{
    if (json_is_boolean(value))
        *(int *)option->arg = json_is_true(value);
    else
        out_error("%s: true or false is expected", option->longName);
    return json_is_boolean(value);
}

bool ring_shape_from_json(json_t *object)
{
    const char *field;
    json_t *value;
    ring_shape_clear();
    from_file = true;
    json_object_foreach(object, field, value)
    {
        const struct poptOption *option = find(field);
        if (!strcmp(field, "name") || !strcmp(field, "comment"))
            continue;
        if (!option)
            return unknown(field);
        if (!(text_of(option) ? set_text(option, value) : set_flag(option, value)))
            return false;
    }
    return true;
}
