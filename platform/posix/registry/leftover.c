/* SPDX-License-Identifier: Apache-2.0 */
/* What the killed left, and removing: an entry becomes a journal again, by one rename, and then goes the way of every
 * journal that nobody has locked: its object first, itself last. A kill in between leaves it to the next one. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "posix/registry/registry_internal.h"

#define WHAT "what is left of a ring"

/* Doing it twice is fine. */
int sr__posix_journal_remove(const sr__place_t *place, const char *journal, slotring_error_t *error)
{
    sr__entry_t entry;
    int number = 0;

    if (sr__posix_entry_read(place, journal, true, NULL, &entry, NULL) == 0)
        number = sr__posix_object_unlink(entry.object, entry.owner);
    if (number != 0)
        return sr__posix_fail_os(error, number, "cannot remove the shared memory that %s names", journal);
    return sr__posix_file_unlink(journal, WHAT, error);
}

/* A creator at work has its journal locked. */
static void clean_journal(const sr__place_t *place, const char *path)
{
    sr__lock_file_t journal;

    if (sr__posix_lock_file_open(place, path, SR__LOCK_FILE_OPEN, WHAT, &journal, NULL) != 0)
        return;
    if (sr__posix_lock_file_lock(&journal, false) == 0 && sr__posix_path_is(path, journal.identity))
        sr__posix_journal_remove(place, path, NULL);
    sr__posix_lock_file_close(&journal);
}

/* `rest`: the file's name behind its hash. */
static void clean_file(const sr__place_t *place, const char *file, const char *rest, const char *deaths)
{
    bool is_own = strncmp(file, strrchr(place->segment_path, '/') + 1, (size_t)(rest - file)) == 0;
    char *path = sr__posix_join(place->directory, "", file);

    if (path && strncmp(rest, ".new.", 5) == 0)
        clean_journal(place, path);
    else if (path && is_own && strncmp(rest, ".lock.", 6) == 0 && !(deaths && strcmp(deaths, path) == 0))
        sr__posix_deaths_clean(path); /* those of a ring that is gone, unless somebody of it lives */
    free(path);
}

void sr__posix_clean(const sr__place_t *place)
{
    /* The list first: a mutex file that is made meanwhile has death locks that are not in it. */
    char **files = sr__posix_scan(place->directory, SR__ENTRY_PREFIX);
    char digits[SR__HASH_DIGITS + 1];
    const char *rest;
    struct stat status;
    char *deaths = NULL;

    if (files && *files && lstat(place->lock_path, &status) == 0)
        deaths = sr__posix_deaths_path(place, sr__posix_identity_of(&status), status.st_uid);
    for (char **file = files; file && *file; file++)
        if (sr__posix_hash_of(*file, digits, &rest))
            clean_file(place, *file, rest, deaths);
    sr__posix_scan_free(files);
    free(deaths);
}

/* Who may not remove the object may not remove the entry. */
int sr__posix_segment_may_unlink(sr__place_t *place, slotring_error_t *error)
{
    struct stat status;
    int failed = sr__posix_file_may_unlink(place->segment_path, "the ring's entry", error);

    if (failed != 0 || geteuid() == 0 || lstat(place->segment_path, &status) != 0 ||
        status.st_uid == geteuid())
        return failed;
    return sr__fail(
        error, SLOTRING_E_ACCESS, EACCES,
        "cannot remove the ring of %s: it belongs to user %u, and only that user and root may remove "
        "it; this one is %u",
        place->segment_path, (unsigned)status.st_uid, (unsigned)geteuid());
}

int sr__posix_segment_unlink(sr__place_t *place, slotring_error_t *error)
{
    char id[SR__ID_DIGITS + 1];
    int failed = sr__posix_segment_may_unlink(place, error);

    if (failed != 0)
        return failed;
    char *journal = sr__posix_new_id(id) ? sr__posix_journal_path(place, id) : NULL;
    if (!journal)
        return sr__fail(error, SLOTRING_E_OS, 0, "no name for what is left of %s", place->segment_path);
    if (rename(place->segment_path, journal) == 0)
        failed = sr__posix_journal_remove(place, journal, error);
    else if (errno != ENOENT)
        failed = sr__posix_fail_os(error, errno, "cannot remove the ring's entry %s", place->segment_path);
    free(journal);
    if (failed == 0) /* who was killed while creating one has left a journal */
        sr__posix_clean(place);
    return failed;
}

void sr__posix_remove_stale(sr__place_t *place)
{
    if (sr__posix_path_exists(place->segment_path) && !sr__posix_segment_exists(place))
        sr__posix_segment_unlink(place, NULL);
}
