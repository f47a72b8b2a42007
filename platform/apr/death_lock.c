/* SPDX-License-Identifier: Apache-2.0 */
/* Death locks: a file for each participant, locked for life by an open file of its own.
 *
 * APR can lock whole files only, and cannot ask whether one is locked without locking it. So a query takes a shared lock
 * for a moment: queries do not meet each other, and one that is in the way of a taker is told from a holder by a shared
 * lock of the taker's own.
 *
 * A file is removed only when its participant is nobody's any more: by locks_unlink and by cleaners when no participant
 * of the ring lives, and by the releaser when the ring is gone. So in a ring that is used, the lock of somebody who
 * died is a file that nobody has locked; a file that is missing was removed by hand, and says nothing.
 */
#include <apr_strings.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apr/apr_internal.h"
#include "common/fail.h"

#define WHAT "a participant's lock file"
#define TAKE_TURNS 100 /* of 100 microseconds: a query that lasts longer is of a stopped process */

struct sr__death_lock {
    sr__lock_file_t *file;
    sr__place_t *place;
    sr__identity_t mutex;
    char *path;
};

static int no_memory(slotring_error_t *error)
{
    return sr__fail(error, SLOTRING_E_NO_MEMORY, 0, "no memory for a death lock");
}

static char *path_of(const sr__place_t *place, sr__identity_t mutex, uint32_t index)
{
    size_t size = strlen(place->entry) + 48;
    char *path = malloc(size);

    if (path)
        snprintf(path, size, "%s.lock.%llx.%lu", place->entry, (unsigned long long)mutex.object,
                 (unsigned long)index);
    return path;
}

/* Only somebody's query is in the way. */
static int wait_for_queries(sr__lock_file_t *file, unsigned turn, slotring_error_t *error)
{
    int failed = sr__apr_lock_file_lock(file, true, error);

    if (failed == 0 && turn < TAKE_TURNS)
        sr__apr_sleep_ns(100000);
    return failed != 0 ? failed : turn < TAKE_TURNS ? 0 : SLOTRING_E_BUSY;
}

static int is_held(const sr__place_t *place, const char *path, slotring_error_t *error);

static int take_open(sr__death_lock_t *lock, slotring_error_t *error)
{
    for (unsigned turn = 0;; turn++) {
        int failed = sr__apr_lock_file_open(lock->place, lock->path, SR__LOCK_FILE_OPEN_OR_MAKE, WHAT,
                                            &lock->file, error);
        if (failed != 0)
            return failed == SLOTRING_E_NO_MEMORY ? failed : SLOTRING_E_OS;
        failed = sr__apr_lock_file_lock(lock->file, false, error);
        if (failed == 0 && sr__apr_path_is(lock->path, lock->file->identity))
            return 0;
        if (failed == SLOTRING_E_BUSY)
            failed = wait_for_queries(lock->file, turn, error);
        sr__apr_lock_file_close(
            lock->file); /* each turn has an open file of its own: no lock is ever converted */
        lock->file = NULL;
        if (failed != 0)
            return failed;
    }
}

/* Whether a mapping keeps the lock depends on the file system (overlays map another file than they open): tried, rather
 * than believed. Where it does not, the descriptor has to do. */
static int take(sr__death_lock_t *lock, slotring_error_t *error)
{
    int failed = take_open(lock, error);

    if (failed != 0 || !sr__apr_lock_file_hide(lock->file) || is_held(lock->place, lock->path, NULL) == 1)
        return failed;
    sr__apr_lock_file_close(lock->file);
    lock->file = NULL;
    return take_open(lock, error);
}

static void free_lock(sr__death_lock_t *lock)
{
    sr__apr_place_close(lock->place);
    free(lock->path);
    free(lock);
}

int sr__apr_death_lock_take(sr__locks_t *locks, uint32_t index, sr__death_lock_t **lock,
                            slotring_error_t *error)
{
    *lock = NULL;
    int failed = sr__check_death_lock(index, error);
    if (failed != 0)
        return failed;
    sr__death_lock_t *made = calloc(1, sizeof *made);
    if (!made)
        return no_memory(error);
    made->mutex = locks->file->identity;
    made->place = sr__apr_place_beside(locks->place, strrchr(locks->place->entry, '.') + 1);
    made->path = path_of(locks->place, made->mutex, index);
    failed = made->place && made->path ? take(made, error) : no_memory(error);
    if (failed != 0) {
        sr__apr_lock_file_close(made->file);
        free_lock(made);
        return failed;
    }
    *lock = made;
    return 0;
}

void sr__apr_death_lock_release(sr__death_lock_t *lock)
{
    if (!lock)
        return;
    char *path = sr__apr_lock_path(lock->place);
    /* Of a ring that is gone: our file goes, then the others' if nobody is left. Of two who do this at once, the last
     * to remove its own sees none but those of the dead. */
    bool gone = path && !sr__apr_path_is(path, lock->mutex);
    if (gone && sr__apr_path_is(lock->path, lock->file->identity))
        sr__apr_file_remove(lock->path, WHAT, NULL);
    if (gone)
        sr__apr_deaths_clean(lock->place, lock->mutex);
    free(path);
    sr__apr_lock_file_close(lock->file);
    free_lock(lock);
}

void sr__apr_death_lock_abandon(sr__death_lock_t *lock)
{
    if (!lock)
        return;
    sr__apr_lock_file_abandon(lock->file);
    free_lock(lock);
}

/* 1 held, 0 not, negative: error. No fork in between: a child would have the shared lock for as long as it lives. */
static int is_held(const sr__place_t *place, const char *path, slotring_error_t *error)
{
    sr__lock_file_t query = {.pool = sr__apr_pool()};

    if (!query.pool)
        return no_memory(error);
    sr__fork_forbid();
    int failed = sr__apr_file_peek(place, path, query.pool, &query.handle, &query.identity, error);
    if (failed == 0)
        failed = sr__apr_lock_file_lock(&query, true, error);
    apr_pool_destroy(query.pool);
    sr__fork_allow();
    return failed == SLOTRING_E_BUSY ? 1 : failed;
}

int sr__apr_death_lock_query(sr__locks_t *locks, uint32_t index, slotring_error_t *error)
{
    int failed = sr__check_death_lock(index, error);
    if (failed != 0)
        return failed;
    char *path = path_of(locks->place, locks->file->identity, index);
    if (!path)
        return no_memory(error);
    int held = is_held(locks->place, path, error);
    free(path);
    return held >= 0 || held == SLOTRING_E_NO_MEMORY ? held : SLOTRING_E_OS;
}

/* The whole paths of a mutex file's death locks, NULL at the end. */
static char **list_locks(const sr__place_t *place, sr__identity_t mutex, apr_pool_t *pool)
{
    char prefix[sizeof SR__APR_PREFIX + SR__HASH_DIGITS + 32];
    apr_status_t status;
    const char *base = strrchr(place->entry, '/');

    snprintf(prefix, sizeof prefix, "%s.lock.%llx.", base ? base + 1 : place->entry,
             (unsigned long long)mutex.object);
    char **files = sr__apr_scan(place->directory, prefix, pool, &status);

    for (char **file = files; file && *file; file++)
        *file = apr_pstrcat(pool, place->directory, "/", *file, NULL);
    return files;
}

bool sr__apr_deaths_held(const sr__place_t *place, sr__identity_t mutex)
{
    apr_pool_t *pool = sr__apr_pool();
    char **files = pool ? list_locks(place, mutex, pool) : NULL;
    bool held = !files; /* not known: yes */

    for (; files && *files && !held; files++)
        held = is_held(place, *files, NULL) == 1;
    if (pool)
        apr_pool_destroy(pool);
    return held;
}

/* Under its lock, so that nobody takes it who would then have one without a name. */
static void remove_lock(const sr__place_t *place, const char *path)
{
    sr__lock_file_t *file;

    if (sr__apr_lock_file_open(place, path, SR__LOCK_FILE_OPEN, WHAT, &file, NULL) != 0)
        return;
    if (sr__apr_lock_file_lock(file, false, NULL) == 0 && sr__apr_path_is(path, file->identity))
        sr__apr_file_remove(path, WHAT, NULL);
    sr__apr_lock_file_close(file);
}

void sr__apr_deaths_clean(const sr__place_t *place, sr__identity_t mutex)
{
    apr_pool_t *pool = sr__apr_pool();

    if (pool && !sr__apr_deaths_held(place, mutex))
        for (char **files = list_locks(place, mutex, pool); files && *files; files++)
            remove_lock(place, *files);
    if (pool)
        apr_pool_destroy(pool);
}
