/* SPDX-License-Identifier: Apache-2.0 */
/* What the killed left, and removing: an entry becomes a journal again, by one rename, and then goes the way of every
 * journal that nobody has locked: its object first, itself last. A kill in between leaves it to the next one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apr/apr_internal.h"

#define WHAT "what is left of a ring"

/* The object that a journal names, then the journal. Doing it twice is fine. */
static int remove_object(const sr__place_t *place, const char *journal, slotring_error_t *error)
{
    sr__place_t any = *place; /* also the entry of another name with the same hash, removed by force */
    sr__entry_t *entry = malloc(sizeof *entry);
    apr_pool_t *pool = sr__apr_pool();
    apr_status_t status = APR_SUCCESS;

    any.name = NULL;
    if (entry && pool && sr__apr_entry_read(&any, journal, entry, NULL) == 0)
        status = apr_shm_remove(entry->object, pool);
    if (pool)
        apr_pool_destroy(pool);
    free(entry);
    if (status != APR_SUCCESS && !APR_STATUS_IS_ENOENT(status))
        return sr__apr_fail(error, status, "cannot remove the object that %s names", journal);
    return sr__apr_file_remove(journal, WHAT, error);
}

/* A creator at work has its journal locked. */
static void clean_journal(const sr__place_t *place, const char *path)
{
    sr__lock_file_t *journal;

    if (sr__apr_lock_file_open(place, path, SR__LOCK_FILE_OPEN, WHAT, &journal, NULL) != 0)
        return;
    if (sr__apr_lock_file_lock(journal, false, NULL) == 0 && sr__apr_path_is(path, journal->identity))
        remove_object(place, path, NULL);
    sr__apr_lock_file_close(journal);
}

/* "slotring-apr.HASH.lock.INODE.INDEX": the death lock of a ring that is gone, unless INODE is the mutex file's. */
static void clean_death_lock(const sr__place_t *place, const char *inode, sr__identity_t mutex)
{
    char *end;
    unsigned long long object = strtoull(inode, &end, 16);

    if (*end == '.' && object != mutex.object)
        sr__apr_deaths_clean(place, (sr__identity_t){.device = mutex.device, .object = object});
}

/* `rest`: the file's name behind its hash. */
static void clean_file(const sr__place_t *place, const char *file, const char *rest, sr__identity_t mutex)
{
    const char *base = strrchr(place->entry, '/');
    char path[SR__APR_OBJECT_MAX];

    base = base ? base + 1 : place->entry;
    if (strncmp(rest, ".new.", 5) == 0 &&
        snprintf(path, sizeof path, "%s/%s", place->directory, file) < (int)sizeof path)
        clean_journal(place, path);
    else if (strncmp(rest, ".lock.", 6) == 0 && strncmp(file, base, (size_t)(rest - file)) == 0)
        clean_death_lock(place, rest + 6, mutex);
}

void sr__apr_clean(const sr__place_t *place)
{
    char hash[SR__HASH_DIGITS + 1];
    apr_pool_t *pool = sr__apr_pool();
    char *lock = sr__apr_lock_path(place);
    apr_status_t status;
    apr_finfo_t info;
    sr__identity_t mutex = {0, 0}; /* no file has the number 0 */

    if (pool && lock && sr__apr_locks_check(place, NULL) == 0) {
        /* The list first: a mutex file that is made meanwhile has death locks that are not in it. */
        char **files = sr__apr_scan(place->directory, SR__APR_PREFIX, pool, &status);
        if (sr__apr_look(lock, &info, pool) == APR_SUCCESS)
            mutex = sr__apr_identity_of(&info);
        for (; files && *files; files++)
            if (sr__apr_hash_of(*files, hash))
                clean_file(place, *files, *files + sizeof SR__APR_PREFIX - 1 + SR__HASH_DIGITS, mutex);
    }
    free(lock);
    if (pool)
        apr_pool_destroy(pool);
}

/* Who has opened a ring for writing is its owner: the others do not come so far. */
int sr__apr_segment_may_unlink(sr__place_t *place, slotring_error_t *error)
{
    (void)place, (void)error;
    return 0;
}

int sr__apr_segment_unlink(sr__place_t *place, slotring_error_t *error)
{
    char id[SR__APR_ID_DIGITS + 1], journal[SR__APR_OBJECT_MAX];
    apr_pool_t *pool = sr__apr_pool();

    if (!pool || !sr__apr_new_id(id) || !sr__apr_journal_path(place, id, journal, sizeof journal)) {
        if (pool)
            apr_pool_destroy(pool);
        return sr__fail(error, SLOTRING_E_OS, 0, "no name for what is left of %s", place->entry);
    }
    apr_status_t status = apr_file_rename(place->entry, journal, pool);
    apr_pool_destroy(pool);
    if (APR_STATUS_IS_ENOENT(status))
        return 0;
    bool full = APR_STATUS_IS_ENOSPC(status);
    if (status != APR_SUCCESS && !full)
        return sr__apr_fail(error, status, "cannot remove the ring's entry %s", place->entry);
    /* A full disk may have no room for another name: then in place. Killed half way, it is an entry without an object,
     * which sr__apr_remove_stale removes. */
    int failed = remove_object(place, full ? place->entry : journal, error);
    if (failed == 0) /* who was killed while creating one has left a journal */
        sr__apr_clean(place);
    return failed;
}

void sr__apr_remove_stale(sr__place_t *place)
{
    if (sr__apr_path_exists(place->entry) && !sr__apr_segment_exists(place))
        sr__apr_segment_unlink(place, NULL);
}
