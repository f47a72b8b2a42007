/* SPDX-License-Identifier: Apache-2.0 */
/* The names in a directory, read at once: whoever goes through them makes and removes files meanwhile. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "posix/registry/registry_internal.h"

char **sr__posix_scan(const char *directory, const char *prefix)
{
    size_t count = 0, room = 16;
    char **names = malloc(room * sizeof *names);
    DIR *listing = names ? opendir(directory) : NULL;

    for (const struct dirent *entry; listing && (entry = readdir(listing)) != NULL;) {
        if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
            continue;
        if (count + 1 == room) {
            char **more = realloc(names, 2 * room * sizeof *names);
            if (!more)
                break;
            names = more;
            room *= 2;
        }
        if ((names[count] = strdup(entry->d_name)) != NULL)
            count++;
    }
    if (!listing) {
        int number = errno;
        free(names);
        errno = names ? number : ENOMEM;
        return NULL;
    }
    closedir(listing);
    names[count] = NULL;
    return names;
}

void sr__posix_scan_free(char **names)
{
    for (char **name = names; name && *name; name++)
        free(*name);
    free(names);
}
