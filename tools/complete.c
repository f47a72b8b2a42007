/* SPDX-License-Identifier: Apache-2.0 */
#include "complete.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exit_codes.h"
#include "output.h"
#include "topics.h"

static bool asked;
static const args_shape_t *noted_shape;
static const struct poptOption *noted_table;

bool complete_is_asked(void)
{
    return asked;
}

void complete_note(const args_shape_t *shape, const struct poptOption *table)
{
    noted_shape = shape;
    noted_table = table;
}

/* A command says what its options are when it parses them, and then does nothing. One that has parts is asked for the part. */
static bool ask(const command_t *command, const char *part)
{
    const char *words[] = {command->name, part, NULL};
    asked = true;
    noted_shape = NULL;
    command->run(part != NULL ? 2 : 1, words);
    asked = false;
    return noted_shape != NULL;
}

static bool is_included(const struct poptOption *option)
{
    return (option->argInfo & POPT_ARG_MASK) == POPT_ARG_INCLUDE_TABLE;
}

static bool is_last(const struct poptOption *option)
{
    return !option->longName && !option->shortName && !option->arg;
}

static void print_options(const struct poptOption *table)
{
    for (; !is_last(table); table++)
        if (is_included(table))
            print_options(table->arg);
        else if (table->longName)
            printf("--%s\t%s\n", table->longName, table->descrip ? table->descrip : "");
}

/* The option that a word gives, as --name or as -n. */
static const struct poptOption *find_option(const struct poptOption *table, const char *word)
{
    for (; !is_last(table); table++) {
        const struct poptOption *found = is_included(table) ? find_option(table->arg, word) : NULL;
        if (found)
            return found;
        if (is_included(table))
            continue;
        if (word[1] == '-' && table->longName && strcmp(word + 2, table->longName) == 0)
            return table;
        if (word[1] == table->shortName && word[1] != '-' && word[1] && !word[2])
            return table;
    }
    return NULL;
}

static bool takes_value(const struct poptOption *option)
{
    return option && (option->argInfo & POPT_ARG_MASK) != POPT_ARG_NONE;
}

static void print_values(const struct poptOption *option)
{
    const char *what = option->argDescrip ? option->argDescrip : "";
    if (strstr(what, "FILE"))
        printf(":files\n");
    else if (strstr(what, "DIR"))
        printf(":folders\n");
}

/* The folder that was named among the words, for the names of its rings. */
static const char *folder_of(const char *const *words, int count)
{
    for (int i = 0; i + 1 < count; i++)
        if (strcmp(words[i], "-d") == 0 || strcmp(words[i], "--directory") == 0)
            return words[i + 1];
    return NULL;
}

static void print_rings(const char *folder)
{
    slotring_options_t options;
    slotring_list_entry_t *list;
    uint32_t count, capacity;
    slotring_options_init(&options);
    options.directory = folder;
    if (slotring_list(&options, NULL, 0, &capacity, NULL) < 0 || capacity == 0 ||
        (list = calloc(capacity, sizeof *list)) == NULL)
        return;
    if (slotring_list(&options, list, capacity, &count, NULL) == 0)
        for (uint32_t i = 0; i < count && i < capacity; i++)
            printf("%s\tring\n", list[i].name);
    free(list);
}

static void print_commands(const command_t *commands, size_t count, bool for_help)
{
    for (size_t i = 0; i < count; i++)
        printf("%s\t%s\n", commands[i].name, commands[i].summary);
    if (for_help)
        for (const topic_t *topic = topics; topic->name; topic++)
            printf("%s\t%s\n", topic->name, topic->summary);
    else
        printf("help\thelp on a command or a topic\n--help\tthe commands\n--version\tthe version\n");
}

/* How many words in front of the last one are operands. */
static int operands_before(const char *const *words, int count)
{
    int operands = 0;
    for (int i = 1; i < count - 1; i++) {
        if (words[i][0] != '-')
            operands++;
        else if (takes_value(find_option(noted_table, words[i])) && strcmp(words[i], "--wait") != 0)
            i++;
    }
    return operands;
}

/* Does it begin with "one|two|three", which are the parts of a command? */
static bool names_parts(const char *operands)
{
    return operands[strcspn(operands, "| ")] == '|';
}

static void print_parts(const char *operands)
{
    size_t all = strcspn(operands, " ");
    for (size_t at = 0, length; at < all; at += length + 1) {
        length = strcspn(operands + at, "| ");
        printf("%.*s\tpart\n", (int)length, operands + at);
    }
}

static void print_for_command(const char *const *words, int count)
{
    if (count > 2 && strchr(noted_shape->command, ' ') != NULL) { /* words[1] is the part */
        words++;
        count--;
    }
    const char *current = words[count - 1], *before = words[count - 2];
    const struct poptOption *option = count > 2 && before[0] == '-' ? find_option(noted_table, before) : NULL;
    if (takes_value(option))
        print_values(option);
    else if (current[0] == '-')
        print_options(noted_table);
    else if (operands_before(words, count) == 0 && names_parts(noted_shape->operands))
        print_parts(noted_shape->operands);
    else if (operands_before(words, count) == 0 && strstr(noted_shape->operands, "NAME"))
        print_rings(folder_of(words, count));
    else if (strstr(noted_shape->operands, "FILE"))
        printf(":files\n");
    else if (strstr(noted_shape->operands, "NAME..."))
        print_rings(folder_of(words, count));
}

int complete(const command_t *commands, size_t count, const char *const *words, int word_count)
{
    if (word_count <= 1) {
        print_commands(commands, count, false);
        return out_finish(EXIT_DONE);
    }
    const char *part = word_count > 2 && words[1][0] != '-' ? words[1] : NULL;
    if (strcmp(words[0], "help") == 0 && word_count == 2)
        print_commands(commands, count, true);
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[0], commands[i].name) == 0 && ask(&commands[i], part))
            print_for_command(words, word_count);
    return out_finish(EXIT_DONE);
}
