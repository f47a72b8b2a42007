/* SPDX-License-Identifier: Apache-2.0 */
#include "registry.h"

#include "apr.h"
#include "check.h"

#if defined(SLOTRING_POSIX_REGISTRY)

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "posix/registry/registry_internal.h"

#define OBJECTS "/dev/shm" /* where shm_open has them on Linux */
#define IS_FOLDER_OF_OBJECTS (access(OBJECTS, F_OK) == 0)

bool over_registry(void)
{
    return true; /* whichever of the two backends it is */
}

bool locks_need_descriptors(void)
{
    return !over_apr();
}

void registry_entry_path(const char *directory, const char *name, char *path, size_t size)
{
    char digits[SR__HASH_DIGITS + 1];
    if (over_apr()) {
        apr_entry_path(directory, name, path, size);
        return;
    }
    sr__text_hash_digits(name, digits);
    (void)snprintf(path, size, "%s/" SR__ENTRY_PREFIX "%s", directory, digits);
}

bool registry_object_path(const char *entry, char *path, size_t size)
{
    char text[512] = "", object[40];
    if (over_apr())
        return apr_object_path(entry, path, size);
    int file = open(entry, O_RDONLY | O_CLOEXEC);
    ssize_t got = file >= 0 ? read(file, text, sizeof text - 1) : -1;
    if (file >= 0)
        close(file);
    const char *line = got > 0 ? strstr(text, "\nobject ") : NULL;
    if (line == NULL || sscanf(line, "\nobject %39[^\n]", object) != 1 || !IS_FOLDER_OF_OBJECTS)
        return false;
    (void)snprintf(path, size, OBJECTS "%s", object);
    return true;
}

/* "sr.", digits that stand for the directory, a point. */
unsigned registry_objects(const char *directory, bool remove)
{
    sr__place_t place = {.directory = realpath(directory, NULL)};
    char prefix[SR__OBJECT_SIZE], path[600];
    unsigned count = 0;
    if (over_apr() || place.directory == NULL) {
        free(place.directory);
        return over_apr() ? apr_objects(directory, remove) : 0;
    }
    sr__posix_object_name(&place, "", prefix);
    free(place.directory);
    DIR *listing = opendir(OBJECTS);
    for (struct dirent *entry; listing != NULL && (entry = readdir(listing)) != NULL;) {
        if (strncmp(entry->d_name, prefix + 1, strlen(prefix + 1)) != 0)
            continue;
        count++;
        (void)snprintf(path, sizeof path, OBJECTS "/%s", entry->d_name);
        if (remove)
            (void)unlink(path);
    }
    if (listing != NULL)
        closedir(listing);
    return count;
}

#else

bool over_registry(void)
{
    return over_apr();
}

bool locks_need_descriptors(void)
{
    return false;
}

void registry_entry_path(const char *directory, const char *name, char *path, size_t size)
{
    apr_entry_path(directory, name, path, size);
}

bool registry_object_path(const char *entry, char *path, size_t size)
{
    return over_apr() && apr_object_path(entry, path, size);
}

unsigned registry_objects(const char *directory, bool remove)
{
    return over_apr() ? apr_objects(directory, remove) : 0;
}

#endif
