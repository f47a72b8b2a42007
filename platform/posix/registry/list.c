/* SPDX-License-Identifier: Apache-2.0 */
/* The rings of a registry, by the real names in their entries; and what the killed left of theirs. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "posix/registry/registry_internal.h"

static bool is_own(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0 && (status.st_uid == geteuid() || geteuid() == 0);
}

/* A lock file without a ring is a creator at work, or what a killed one left; an entry without an object is what a
 * restart of the machine left. The mutex tells. */
static void remove_leftover(sr__place_t *place)
{
    sr__locks_t *locks = NULL;
    bool entry = is_own(place->segment_path);

    if ((entry || is_own(place->lock_path)) && sr__posix_locks_open(place, entry, NULL, &locks, NULL) == 0 &&
        sr__posix_mutex_lock(locks, 0, NULL) == 0) {
        if (sr__posix_locks_are_named(place, locks) && !sr__posix_segment_exists(place))
            sr__posix_locks_unlink(place, NULL);
        sr__posix_mutex_unlock(locks);
    }
    sr__posix_locks_close(locks);
}

/* The name in an entry, if it can be that of this file; whose it is does not matter to who only lists. */
static bool read_name(const sr__place_t *place, const char *digits, sr__entry_t *entry)
{
    char hash[SR__HASH_DIGITS + 1];

    if (sr__posix_entry_read(place, place->segment_path, false, NULL, entry, NULL) != 0)
        return false;
    sr__text_hash_digits(entry->name, hash);
    return strcmp(hash, digits) == 0;
}

/* `rest` is the end of a folder of death locks. Is it that of the mutex file that stands? To clean is to go through all of
 * the directory, which each ring is not to cost. */
static bool is_of_today(const sr__place_t *place, const char *rest)
{
    struct stat status;
    char *deaths = lstat(place->lock_path, &status) == 0
                       ? sr__posix_deaths_path(place, sr__posix_identity_of(&status), status.st_uid)
                       : NULL;
    size_t size = deaths ? strlen(deaths) : 0;
    bool same = size > strlen(rest) && strcmp(deaths + size - strlen(rest), rest) == 0;

    free(deaths);
    return same;
}

static int look_at(const sr__place_t *registry, const char *digits, const char *rest,
                   int (*found)(void *user, const char *name), void *user)
{
    sr__place_t *place = sr__posix_place_of_hash(registry, digits);
    sr__entry_t entry;
    int stop = 0;

    if (!place)
        return 0;
    if (!sr__posix_segment_exists(place))
        remove_leftover(place);
    else if (!*rest && read_name(place, digits, &entry))
        stop = found(user, entry.name);
    if (strncmp(rest, ".new.", 5) == 0 || (strncmp(rest, ".lock.", 6) == 0 && !is_of_today(place, rest)))
        sr__posix_clean(place);
    sr__posix_place_close(place);
    return stop;
}

int sr__posix_list_names(sr__place_t *place, int (*found)(void *user, const char *name), void *user,
                         slotring_error_t *error)
{
    char digits[SR__HASH_DIGITS + 1];
    const char *rest;
    int stop = 0;
    char **files = sr__posix_scan(place->directory, SR__ENTRY_PREFIX);

    if (!files)
        return sr__posix_fail_os(error, errno, "cannot list the rings of %s", place->directory);
    for (char **file = files; *file && stop == 0; file++)
        if (sr__posix_hash_of(*file, digits, &rest))
            stop = look_at(place, digits, rest, found, user);
    sr__posix_scan_free(files);
    return 0;
}
