/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the files of a recording that follow each other: run.mcap is run-000001.mcap, run-000002.mcap … */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_disk.h"
#include "record.h"

#define DIGITS 6

/* Where the name without its folder begins, and where its suffix. */
static void split(const char *path, const char **name, const char **suffix)
{
    *name = path;
    for (const char *at = path; *at; at++)
        if (*at == '/' || *at == '\\')
            *name = at + 1;
    *suffix = strrchr(*name, '.');
    if (!*suffix || *suffix == *name)
        *suffix = *name + strlen(*name);
}

char *record_file_name(const char *path, uint32_t number)
{
    const char *name, *suffix;
    size_t size = strlen(path) + 16;
    char *made = malloc(size);
    split(path, &name, &suffix);
    if (made)
        snprintf(made, size, "%.*s-%0*" PRIu32 "%s", (int)(suffix - path), path, DIGITS, number, suffix);
    return made;
}

typedef struct numbers {
    const char *name, *suffix;
    uint32_t oldest, newest;
} numbers_t;

static void found(void *user, const char *name)
{
    numbers_t *numbers = user;
    size_t before = (size_t)(numbers->suffix - numbers->name);
    if (strncmp(name, numbers->name, before) != 0 || name[before] != '-')
        return;
    const char *at = name + before + 1;
    size_t digits = strspn(at, "0123456789");
    if (digits < DIGITS || digits > 9 || strcmp(at + digits, numbers->suffix) != 0)
        return;
    uint32_t number = (uint32_t)strtoul(at, NULL, 10);
    if (number == 0)
        return;
    if (numbers->oldest == 0 || number < numbers->oldest)
        numbers->oldest = number;
    if (number > numbers->newest)
        numbers->newest = number;
}

int record_file_numbers(const char *path, uint32_t *oldest, uint32_t *newest)
{
    numbers_t numbers = {0};
    split(path, &numbers.name, &numbers.suffix);
    int error = host_each_name(path, found, &numbers);
    *oldest = numbers.oldest;
    *newest = numbers.newest;
    return error;
}
