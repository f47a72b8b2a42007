/* SPDX-License-Identifier: Apache-2.0 */
/* The rings of a directory, by their segments' names; and what killed creators left of theirs. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "posix/files/files_internal.h"

/* The ring's name in a file's, or NULL. Whoever may write to the directory may have put anything there. */
static const char *ring_name(const char *file, const char *prefix)
{
    size_t skip = strlen(prefix);

    if (strncmp(file, prefix, skip) != 0)
        return NULL;
    const char *name = file + skip;
    size_t size = strlen(name);
    if (size == 0 || size > SLOTRING_NAME_MAX || *name == '.')
        return NULL;
    for (const char *at = name; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f || *at == '\\')
            return NULL;
    return name;
}

static bool is_own_file(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == geteuid();
}

/* A lock file without a segment is a creator at work, or what a killed one left. The mutex tells them
 * apart. */
static void remove_leftover(const sr__place_t *directory, const char *name)
{
    sr__place_t *place = sr__posix_place_copy(directory);
    sr__locks_t *locks = NULL;

    if (place && sr__posix_place_name(place, name) && !sr__posix_path_exists(place->segment_path) &&
        is_own_file(place->lock_path) && sr__posix_locks_open(place, false, NULL, &locks, NULL) == 0 &&
        sr__posix_mutex_lock(locks, 0, NULL) == 0) {
        if (sr__posix_locks_are_named(place, locks) && !sr__posix_path_exists(place->segment_path))
            sr__posix_locks_unlink(place, NULL);
        sr__posix_mutex_unlock(locks);
    }
    sr__posix_locks_close(locks);
    sr__posix_place_close(place);
}

int sr__posix_list_names(sr__place_t *place, int (*found)(void *user, const char *name), void *user,
                         slotring_error_t *error)
{
    DIR *directory = opendir(place->directory);
    int stop = 0;

    if (!directory)
        return sr__posix_fail_os(error, errno, "cannot list the rings of %s", place->directory);
    for (const struct dirent *entry; stop == 0 && (entry = readdir(directory)) != NULL;) {
        const char *name = ring_name(entry->d_name, SR__SEGMENT_PREFIX);
        const char *lock = ring_name(entry->d_name, SR__LOCK_PREFIX);
        if (name)
            stop = found(user, name);
        else if (lock)
            remove_leftover(place, lock);
    }
    closedir(directory);
    return 0;
}
