/* SPDX-License-Identifier: Apache-2.0 */
#include "args.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "complete.h"
#include "exit_codes.h"
#include "near.h"
#include "output.h"
#include "slotring/slotring.h"

static int parse_result = EXIT_DONE;

int args_result(void)
{
    return parse_result;
}

static int refuse(args_t *args)
{
    parse_result = EXIT_USAGE;
    args_free(args);
    return 1;
}

static int show_help(args_t *args, const args_shape_t *shape)
{
    poptPrintHelp(args->context, stdout, 0);
    /* The parts of a command are on its page. */
    printf("\n%s\nMore: man slotring-%.*s\n", shape->about, (int)strcspn(shape->command, " "),
           shape->command);
    parse_result = out_finish(EXIT_DONE);
    args_free(args);
    return 1;
}

static bool count_operands(args_t *args, const args_shape_t *shape)
{
    args->operands = poptGetArgs(args->context);
    args->count = 0;
    while (args->operands && args->operands[args->count])
        args->count++;
    if (args->count >= shape->least && (shape->most < 0 || args->count <= shape->most))
        return true;
    if (args->count < shape->least)
        out_error("expects %s; try \"slotring %s --help\"", shape->operands, shape->command);
    else
        out_error("\"%s\" is one argument too many, expects %s; try \"slotring %s --help\"",
                  args->operands[shape->most], *shape->operands ? shape->operands : "none", shape->command);
    return false;
}

static void unknown_option(const char *option, const args_shape_t *shape, const struct poptOption *table)
{
    char meant[80] = "";
    near_t near;
    near_begin(&near, option + strspn(option, "-"));
    if (option[0] == '-' && option[1] == '-')
        near_consider_options(&near, table);
    if (near.best[0] && near_found(&near))
        snprintf(meant, sizeof meant, ", did you mean --%.60s?", near.best);
    out_error("unknown option %s%s; try \"slotring %s --help\"", option, meant, shape->command);
}

int args_parse(args_t *args, const args_shape_t *shape, struct poptOption *table, int argc, const char **argv)
{
    static char program[64];
    char usage[160];
    int code;
    if (complete_is_asked()) {
        complete_note(shape, table);
        return 1;
    }
    snprintf(program, sizeof program, "slotring %s", shape->command);
    snprintf(usage, sizeof usage, "[OPTION...] %s", shape->operands);
    argv[0] = program; /* which is what popt's help shows */
    args->context = poptGetContext(NULL, argc, argv, table, 0);
    if (!args->context) {
        out_error("out of memory");
        parse_result = EXIT_NO_SPACE;
        return 1;
    }
    poptSetOtherOptionHelp(args->context, usage);
    code = poptGetNextOpt(args->context);
    if (code == ARGS_HELP_VALUE)
        return show_help(args, shape);
    if (code < -1) {
        const char *option = poptBadOption(args->context, POPT_BADOPTION_NOALIAS);
        if (code == POPT_ERROR_BADOPT)
            unknown_option(option, shape, table);
        else
            out_error("%s: %s; try \"slotring %s --help\"", option, poptStrerror(code), shape->command);
        return refuse(args);
    }
    if (!count_operands(args, shape))
        return refuse(args);
    return 0;
}

void args_free(args_t *args)
{
    if (args->context)
        poptFreeContext(args->context);
    args->context = NULL;
}

/* ---- Values --------------------------------------------------------------------------------------- */

static const char *const size_help =
    "a whole number of bytes, or with K, M, G, T (KiB ... times 1024) or KB, MB, GB, TB (times 1000)";

/* A number as it was read. */
typedef struct number {
    uint64_t value;
    bool too_large; /* for 64 bits: beyond any limit */
} number_t;

/* Leading digits of *text, which moves behind them. False: none. */
static bool read_digits(const char **text, number_t *number)
{
    const char *at = *text;
    *number = (number_t){0, false};
    for (; *at >= '0' && *at <= '9'; at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        number->too_large = number->too_large || number->value > (UINT64_MAX - digit) / 10;
        number->value = number->value * 10 + digit;
    }
    if (at == *text)
        return false;
    *text = at;
    return true;
}

/* 0: no unit. */
static uint64_t unit_of(const char *text)
{
    static const char letters[] = "KMGT";
    const char *letter;
    uint64_t base, unit = 1;
    if (!strcmp(text, "") || !strcmp(text, "B"))
        return 1;
    letter = strchr(letters, *text == 'k' ? 'K' : *text);
    if (!letter)
        return 0;
    if (!text[1] || !strcmp(text + 1, "iB"))
        base = 1024;
    else if (!strcmp(text + 1, "B"))
        base = 1000;
    else
        return 0;
    for (const char *at = letters; at <= letter; at++)
        unit *= base;
    return unit;
}

static bool in_range(const char *option, const char *text, number_t number, uint64_t least, uint64_t most)
{
    if (!number.too_large && number.value >= least && number.value <= most)
        return true;
    out_error("%s %s: must be %" PRIu64 " to %" PRIu64, option, text, least, most);
    return false;
}

bool args_size(const char *option, const char *text, uint64_t least, uint64_t most, uint64_t *value)
{
    const char *at = text;
    number_t number;
    uint64_t unit;
    if (!text)
        return true;
    unit = read_digits(&at, &number) ? unit_of(at) : 0;
    if (unit == 0) {
        out_error("%s %s: expects %s", option, text, size_help);
        return false;
    }
    number.too_large = number.too_large || number.value > UINT64_MAX / unit;
    number.value *= unit;
    if (!in_range(option, text, number, least, most))
        return false;
    *value = number.value;
    return true;
}

bool args_number(const char *option, const char *text, uint64_t least, uint64_t most, uint64_t *value)
{
    const char *at = text;
    number_t number;
    if (!text)
        return true;
    if (!read_digits(&at, &number) || *at) {
        out_error("%s %s: expects a whole number, %" PRIu64 " to %" PRIu64, option, text, least, most);
        return false;
    }
    if (!in_range(option, text, number, least, most))
        return false;
    *value = number.value;
    return true;
}

bool args_seconds(const char *option, const char *text, int64_t *nanoseconds)
{
    const char *at = text;
    number_t whole = {0, false};
    uint64_t part = 0, unit = 1000000000u;
    bool good;
    if (!text)
        return true;
    good = read_digits(&at, &whole) && !whole.too_large && whole.value <= 1000000000u;
    if (good && *at == '.') {
        for (at++; *at >= '0' && *at <= '9' && unit > 1; at++) {
            unit /= 10;
            part += unit * (uint64_t)(*at - '0');
        }
    }
    if (!good || *at) {
        out_error("%s %s: expects seconds, such as 5 or 0.25, at most 1000000000 and with at most 9 decimals",
                  option, text);
        return false;
    }
    *nanoseconds = (int64_t)(whole.value * 1000000000u + part);
    return true;
}

bool args_choose(const char *option, const char *text, const args_choice_t *choices, uint32_t *value)
{
    char words[160];
    size_t length = 0;
    if (!text)
        return true;
    words[0] = '\0';
    for (const args_choice_t *choice = choices; choice->word; choice++) {
        if (!strcmp(choice->word, text)) {
            *value = choice->value;
            return true;
        }
        if (length < sizeof words)
            length += (size_t)snprintf(words + length, sizeof words - length, "%s%s", length ? ", " : "",
                                       choice->word);
    }
    out_error("%s %s: expects one of %s", option, text, words);
    return false;
}

/* N/S: messages, and seconds. NULL: nothing was given. */
bool args_budget(const char *option, const char *text, uint64_t *messages, uint64_t *ns)
{
    char number[24] = "";
    const char *slash = text ? strchr(text, '/') : NULL;
    int64_t seconds_ns = 0;
    if (!text)
        return true;
    size_t length = slash ? (size_t)(slash - text) : 0;
    if (length == 0 || length >= sizeof number) {
        out_error("%s %s: N/S is expected, messages and seconds, such as 25/0.1", option, text);
        return false;
    }
    memcpy(number, text, length);
    if (!args_number(option, number, 1, SLOTRING_BUDGET_MESSAGES_MAX, messages) ||
        !args_seconds(option, slash + 1, &seconds_ns))
        return false;
    if (seconds_ns <= 0 || (uint64_t)seconds_ns > SLOTRING_BUDGET_NS_MAX) {
        out_error("%s %s: the seconds must be above 0, and at most %llu", option, text,
                  (unsigned long long)(SLOTRING_BUDGET_NS_MAX / 1000000000));
        return false;
    }
    *ns = (uint64_t)seconds_ns;
    return true;
}
