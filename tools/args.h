/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments of a command: popt finds the options, these functions judge the values. Every error names the option
 * and the value, and is reported here; the caller only returns. */
#ifndef SLOTRING_TOOL_ARGS_H
#define SLOTRING_TOOL_ARGS_H

#include <popt.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct args {
    poptContext context;
    const char **operands; /* what is not an option; NULL at the end */
    int count;
} args_t;

/* Shape of a command's arguments. */
typedef struct args_shape {
    const char *command;  /* "write" */
    const char *operands; /* for --help: "NAME [FILE...]" */
    const char *about;    /* for --help: what the command does, and examples; lines end with \n */
    int least, most;      /* operands; most < 0: any number */
} args_shape_t;

/* Parses. 0: go on. Otherwise return args_result(): --help was given and printed, a shell asked for the options, or an error was reported. The
 * texts of options belong to the table's variables, which are static and live as long as the program. */
int args_parse(args_t *args, const args_shape_t *shape, struct poptOption *table, int argc,
               const char **argv);
int args_result(void);
void args_free(args_t *args);

/* The last lines of each command's table. */
#define ARGS_HELP                                                                         \
    {                                                                                     \
        "help", 'h', POPT_ARG_NONE, NULL, ARGS_HELP_VALUE, "Show this help and end", NULL \
    }
enum {
    ARGS_HELP_VALUE = 1
};

/* Values. `text` NULL: the option was not given and *value stays. False: reported. */
bool args_size(const char *option, const char *text, uint64_t least, uint64_t most, uint64_t *value);
bool args_number(const char *option, const char *text, uint64_t least, uint64_t most, uint64_t *value);
/* Seconds with up to nine decimals, in nanoseconds. */
bool args_seconds(const char *option, const char *text, int64_t *nanoseconds);

typedef struct args_choice {
    const char *word;
    uint32_t value;
} args_choice_t;

/* choices end with word NULL. */
bool args_choose(const char *option, const char *text, const args_choice_t *choices, uint32_t *value);

bool args_budget(const char *option, const char *text, uint64_t *messages, uint64_t *ns);

#endif
