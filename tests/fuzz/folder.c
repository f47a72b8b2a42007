/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "folder.h"

#include <dirent.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char path[256];

static void folder_remove(void)
{
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", path);
    if (system(command) != 0)
        perror(path);
}

void folder_make(void)
{
    if (path[0])
        return;
    const char *parent =
        getenv("SLOTRING_FUZZ_FOLDER"); /* removed by whoever made it, when this process cannot */
    snprintf(path, sizeof path, "%s/slotring-fuzz.XXXXXX", parent ? parent : "/dev/shm");
    if (!mkdtemp(path) || setenv("SLOTRING_DIR", path, 1) != 0)
        abort();
    atexit(folder_remove);
}

/* "\nobject /NAME" in the one that has "\nname NAME\n". */
static bool object_of(const char *entry, const char *name, char *object, size_t size)
{
    char text[512], line[300];
    FILE *file = fopen(entry, "r");
    size_t got = file ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file)
        fclose(file);
    text[got] = 0;
    snprintf(line, sizeof line, "\nname %s\n", name);
    const char *at = strstr(text, line) ? strstr(text, "\nobject /") : NULL;
    return at && snprintf(object, size, "/dev/shm/%.*s", (int)strcspn(at + 9, "\n"), at + 9) > 0;
}

void folder_memory(const char *name, char *file, size_t size)
{
    char entry[sizeof path + 256 + 1];
    DIR *listing = opendir(path);
    snprintf(file, size, "%s/slotring.%s", path, name);
    for (struct dirent *found; listing && (found = readdir(listing)) != NULL;) {
        snprintf(entry, sizeof entry, "%s/%s", path, found->d_name);
        if (strncmp(found->d_name, "slotring-posix.", 15) == 0 && object_of(entry, name, file, size))
            break;
    }
    if (listing)
        closedir(listing);
}

const char *folder_path(void)
{
    return path;
}

/* Nobody else is there whom the library could wait for: what it sleeps would be most of a run. */
int nanosleep(const struct timespec *time, struct timespec *left)
{
    (void)time, (void)left;
    return 0;
}

int sched_yield(void)
{
    return 0;
}
