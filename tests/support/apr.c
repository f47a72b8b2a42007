/* SPDX-License-Identifier: Apache-2.0 */
#include "apr.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

bool over_apr(void)
{
    const char *backend = getenv("SLOTRING_BACKEND");
    return backend != NULL && strcmp(backend, "apr") == 0;
}

#if defined(SLOTRING_WITH_APR) && defined(__linux__)

#include <apr_hash.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "apr/apr_internal.h"

#define OBJECTS "/dev/shm" /* where shm_open has them on Linux */
#define SIGNATURE_AT 64

void apr_entry_path(const char *directory, const char *name, char *path, size_t size)
{
    char file[sizeof SR__APR_PREFIX + SR__HASH_DIGITS];
    sr__apr_entry_name(name, file);
    (void)snprintf(path, size, "%s/%s", directory, file);
}

/* As APR 1 does it: two hashes of the path. */
static void name_object(const char *object, char *path, size_t size)
{
    apr_ssize_t length = APR_HASH_KEY_STRING;
    unsigned first = apr_hashfunc_default(object, &length), second = 0, a = 63689, b = 378551;
    for (const char *p = object; *p != 0; p++) {
        second = second * a + (unsigned)*p;
        a *= b;
    }
    (void)snprintf(path, size, OBJECTS "/ShM.%xH%x", first, second);
}

bool apr_object_path(const char *entry, char *path, size_t size)
{
    char text[8192] = "", object[4096];
    int file = open(entry, O_RDONLY | O_CLOEXEC);
    ssize_t got = file >= 0 ? read(file, text, sizeof text - 1) : -1;
    if (file >= 0)
        close(file);
    const char *line = got > 0 ? strstr(text, "\nobject ") : NULL;
    if (line == NULL || sscanf(line, "\nobject %4095[^\n]", object) != 1)
        return false;
    name_object(object, path, size);
    return true;
}

/* Each begins with whose it is. */
static bool belongs_to(const char *path, const char *directory)
{
    char text[1024] = "";
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = file >= 0 ? pread(file, text, sizeof text - 1, SIGNATURE_AT) : -1;
    if (file >= 0)
        close(file);
    const char *line = got > 0 && strncmp(text, "slotring-apr ", 13) == 0 ? strchr(text, '\n') : NULL;
    size_t length = strlen(directory);
    return line != NULL && strncmp(line + 1, directory, length) == 0 && line[1 + length] == '/';
}

unsigned apr_objects(const char *directory, bool remove)
{
    unsigned count = 0;
    DIR *listing = opendir(OBJECTS);
    for (struct dirent *entry; listing != NULL && (entry = readdir(listing)) != NULL;) {
        char path[600];
        (void)snprintf(path, sizeof path, OBJECTS "/%s", entry->d_name);
        if (strncmp(entry->d_name, "ShM.", 4) != 0 || !belongs_to(path, directory))
            continue;
        count++;
        if (remove)
            (void)unlink(path);
    }
    if (listing != NULL)
        closedir(listing);
    return count;
}

#else

void apr_entry_path(const char *directory, const char *name, char *path, size_t size)
{
    (void)directory, (void)name, (void)path, (void)size;
    FAIL("APR is not compiled in");
}

bool apr_object_path(const char *entry, char *path, size_t size)
{
    (void)entry, (void)path, (void)size;
    return false;
}

unsigned apr_objects(const char *directory, bool remove)
{
    (void)directory, (void)remove;
    return 0;
}

#endif
