/* SPDX-License-Identifier: Apache-2.0 */
/* The rings of a directory, by their entries, which hold the real names; and what the killed left of theirs. An entry
 * that may not be read, or is none, has no name that could be told. */
#include <stdlib.h>
#include <string.h>

#include "apr/apr_internal.h"

#define PREFIX_SIZE (sizeof SR__APR_PREFIX - 1)

/* A lock file without a ring is a creator at work, or what a killed one left; an entry without an object is what a
 * restart of the machine left. The mutex tells. */
static void remove_leftover(sr__place_t *place)
{
    char *lock = sr__apr_lock_path(place);
    sr__locks_t *locks = NULL;

    if (lock && sr__apr_path_exists(lock) && sr__apr_locks_open(place, false, NULL, &locks, NULL) == 0 &&
        sr__apr_mutex_lock(locks, 0, NULL) == 0) {
        if (sr__apr_locks_are_named(place, locks) && !sr__apr_segment_exists(place))
            sr__apr_locks_unlink(place, NULL);
        sr__apr_mutex_unlock(locks);
    }
    sr__apr_locks_close(locks);
    free(lock);
}

static int look_at(const sr__place_t *directory, const char *hash, bool is_entry,
                   int (*found)(void *user, const char *name), void *user)
{
    sr__place_t *place = sr__apr_place_beside(directory, hash);
    sr__entry_t *entry = malloc(sizeof *entry);
    int stop = 0;

    if (place && entry && sr__apr_segment_exists(place)) {
        if (is_entry && sr__apr_entry_read(place, place->entry, entry, NULL) == 0)
            stop = found(user, entry->name);
    } else if (place && entry) {
        remove_leftover(place);
        sr__apr_clean(place);
    }
    free(entry);
    sr__apr_place_close(place);
    return stop;
}

int sr__apr_list_names(sr__place_t *place, int (*found)(void *user, const char *name), void *user,
                       slotring_error_t *error)
{
    char hash[SR__HASH_DIGITS + 1];
    apr_pool_t *pool = sr__apr_pool();
    apr_status_t status = APR_ENOMEM;
    char **files = pool ? sr__apr_scan(place->directory, SR__APR_PREFIX, pool, &status) : NULL;
    int stop = 0;

    if (files)
        for (; *files && stop == 0; files++)
            if (sr__apr_hash_of(*files, hash))
                stop = look_at(place, hash, (*files)[PREFIX_SIZE + SR__HASH_DIGITS] == '\0', found, user);
    if (pool)
        apr_pool_destroy(pool);
    if (status != APR_SUCCESS)
        return sr__apr_fail(error, status, "cannot list the rings of %s", place->directory);
    return 0;
}
